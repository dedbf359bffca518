import { dna } from '../../data/alphabet.ts';
import type { GeneticCode } from '../../data/genetic-codes.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  add,
  concat,
  constant,
  gather,
  reshape,
  reverse,
  slice,
  split,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { gelu } from '../../nn/activations.ts';
import { lstmCell } from '../../nn/cells.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { dropout } from '../../nn/dropout.ts';
import { embedding } from '../../nn/embedding.ts';
import { kmerCount, kmers, oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { forbiddenScore } from '../../nn/structured/index.ts';

/** Sizes of the network, and what codons mean to it. */
export interface ReaderShape {
  readonly filters: number;
  readonly hidden: number;
  readonly dropout: number;
  readonly code: GeneticCode;
  readonly starts: readonly string[];
}

/** Numbers that stand for a codon. */
const codonSize = 16;
const kindCount = 3;

/** What each codon may not be, [65, inside · start · stop]; the last row is of codons with an unknown letter. */
function codonRules({ code, starts }: ReaderShape): number[] {
  const rows = Array.from({ length: 64 }, (_, id) => {
    const codon = [id >> 4, (id >> 2) & 3, id & 3].map((i) => dna.letters[i]).join('');
    const stop = code.stops.includes(codon);
    return [!stop, starts.includes(codon), stop];
  });
  return [...rows, [true, false, false]].flat().map((may) => (may ? 0 : forbiddenScore));
}

/**
 * Reads one strand: tokens[n, width] → a score for the codon that begins at each base as inside, start and stop of a gene, [n, width, 3]; `width` is a multiple of 3.
 *
 * Convolutions read the bases around each codon (ribosome binding sites). The three frames then go through one bidirectional LSTM as three sequences of
 * codons, so that what is learned in one frame holds in all. The start is judged by what stands around it alone: whether other starts lie before it is for the chain to weigh.
 */
const strandReader = (shape: ReaderShape) => {
  const { filters, hidden } = shape;
  const width = filters + codonSize;
  return module({
    params: {
      codons: embedding({ rows: kmerCount({ k: 3, letters: 4 }), size: codonSize }),
      scan: conv1d({ in: 4, out: filters, kernel: 7 }),
      wider: [1, 2].map(() => conv1d({ in: filters, out: filters, kernel: 7, dilation: 2 })),
      frames: recurrent(lstmCell(), { in: width, hidden, bidirectional: true }),
      drop: dropout({ rate: shape.dropout }),
      coding: linear({ in: 2 * hidden + filters, out: 2 }),
      start: linear({ in: width, out: 1 }),
    },
    apply: (own, tokens: Value) => {
      const [n, time] = tokens.shape as [Dim, number];
      const letters = oneHotInput(tokens, { table: dna.table(), size: dna.size });
      const first = gelu(own.scan(transpose(letters, [0, 2, 1])));
      const seen = transpose(
        own.wider.reduce((x, wider) => add(x, gelu(wider(x))), first),
        [0, 2, 1],
      );
      const lengths = constant([time], [1], 'int32');
      const { ids } = kmers(tokens, lengths, { k: 3, letters: dna.size });
      const around = concat([seen, own.codons(ids)], 2);
      const read = fromFrames(own.frames(toFrames(own.drop(around), width)).output, n, 2 * hidden);
      const [inside, stop] = split(own.coding(own.drop(concat([read, seen], 2))), 2, [1, 1]);
      const scores = concat([inside!, own.start(around), stop!], 2);
      return add(scores, gather(constant(codonRules(shape), [65, kindCount]), ids));
    },
  });
};

/** [n, time, width] → [time / 3, 3 n, width]: every frame a sequence of codons. */
function toFrames(x: Value, width: number): Value {
  const [n, time] = x.shape as [Dim, number];
  const apart = reshape(x, [n, time / 3, 3, width]);
  return reshape(transpose(apart, [1, 0, 2, 3]), [time / 3, dimMul(n, 3), width]);
}

/** The way back. */
function fromFrames(y: Value, n: Dim, width: number): Value {
  const [steps] = y.shape as [number];
  const apart = reshape(y, [steps, n, 3, width]);
  return reshape(transpose(apart, [1, 0, 2, 3]), [n, 3 * steps, width]);
}

/**
 * Reads both strands with one reader: tokens[batch, flank + span + flank] → scores[batch, span, 2 strands · 3 kinds] of the codon that occupies each base and the two
 * after it, on the forward strand and on the reverse one. `flank`: bases on either side that are read but not answered for.
 */
export const geneReader = (shape: ReaderShape, { flank }: { flank: number }) =>
  module({
    params: { strand: strandReader(shape) },
    apply: (own, tokens: Value) => {
      const [batch, width] = tokens.shape as [Dim, number];
      const complement = constant(Array.from(dna.complement!), [dna.complement!.length], 'int32');
      const other = gather(complement, reverse(tokens, 1));
      const both = own.strand(concat([tokens, other], 0));
      const [forward, backward] = split(both, 0, [batch, batch]);
      // The codon at b, b + 1, b + 2 begins at width − 3 − b of the other strand.
      const [from, to] = [flank, width - flank];
      return concat([slice(forward!, 1, from, to), slice(reverse(backward!, 1), 1, from + 2, to + 2)], 2);
    },
  });

/** Scores of codons[batch, span, 2 · 3] as the chain steps over them: [batch, span / 3, 2 strands · 3 frames · 3 kinds]. */
export function chainSteps(codons: Value): Value {
  const [batch, span] = codons.shape as [Dim, number];
  const apart = reshape(codons, [batch, span / 3, 3, 2, kindCount]);
  return reshape(transpose(apart, [0, 1, 3, 2, 4]), [batch, span / 3, 18]);
}
