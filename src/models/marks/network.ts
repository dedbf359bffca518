import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { type Dim, dimMul } from '../../graph/dims.ts';
import { add, concat, constant, input, max, mean, reshape, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation, activations } from '../../nn/activations.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { dropout } from '../../nn/dropout.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module } from '../../nn/module.ts';
import {
  type ConfigOf,
  choice,
  configure,
  type Options,
  probability,
  whole,
} from '../architectures/options.ts';
import { marksBodies } from './bodies.ts';
import { type MarksSpec, priorOf } from './spec.ts';

/** A padded batch of windows. */
export interface MarksInputs {
  /** Letters bin by bin, int32 [batch, bins, letters of a bin]; padding where a sequence ends within a bin. */
  readonly tokens: Value;
  /** Bins of each window, int32 [batch]. */
  readonly lengths: Value;
  /** Tracks as the network reads them (`scaledTrack`), float32 [batch, bins, tracks]. */
  readonly tracks?: Value;
}

const ownOptions = {
  motifs: whole(
    64,
    'Filters that read the letters; 0: the share of each letter in a bin is all that is read.',
    {
      min: 0,
    },
  ),
  motifWidth: whole(15, 'Letters that each filter reads.'),
  motifActivation: choice('relu', Object.keys(activations) as ActivationName[], 'What follows the filters.'),
  pool: choice('max', ['max', 'mean'], 'What is kept of a filter in a bin: its best match, or the mean.'),
  dropout: probability(0.2, 'Dropout on what the body reads and on what it gives.'),
};
type OwnConfig = ConfigOf<typeof ownOptions>;

/** What can be set in a model of marks: how letters are read, its body, and dropout. */
export function marksOptions(architecture: string): Options {
  if (!Object.hasOwn(marksBodies, architecture))
    throw usageError(
      `There is no model of marks "${architecture}"; choose ${Object.keys(marksBodies).join(', ')}.`,
    );
  return { ...ownOptions, ...marksBodies[architecture]!.options };
}

/** A model of marks as a module: windows → logits [batch, bins, marks]. Padding never changes a result. */
export interface MarksNetwork extends Module<[MarksInputs], Value> {
  /** Complete and plain. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Letters bin by bin → [batch, bins, width]: motifs where they match best, and the share of each letter. */
function letterReader({ alphabet: { name, letters }, bin }: MarksSpec, config: OwnConfig) {
  const alphabet = alphabetByName(name, letters);
  const [table, size] = [Array.from(alphabet.table()), alphabet.size];
  const { motifs, motifWidth, motifActivation, pool } = config;
  const layers = module({
    params: { scan: motifs > 0 ? conv1d({ in: size, out: motifs, kernel: motifWidth }) : undefined },
    apply: (own, tokens: Value) => {
      const [batch, bins] = tokens.shape as [Dim, Dim];
      const rows = oneHotInput(tokens, { table, size });
      const shares = mean(rows, 2);
      if (!own.scan) return shares;
      const flat = transpose(reshape(rows, [batch, dimMul(bins, bin), size]), [0, 2, 1]);
      const found = activation(motifActivation)(own.scan(flat));
      const inBins = reshape(found, [batch, motifs, bins, bin]);
      const kept = transpose(pool === 'max' ? max(inBins, 3) : mean(inBins, 3), [0, 2, 1]);
      return concat([kept, shares], 2);
    },
  });
  return { width: motifs + size, layers };
}

/**
 * The module that a spec describes: filters read the letters, what they find is pooled to bins, tracks go beside, a body reads the bins in
 * their order, and each bin has one logit a mark. Without weights it says the share of each mark (its mean, of a signal). Throws a usage
 * error for an unknown body and for options that it does not have or accept.
 */
export function marksNetwork(spec: MarksSpec): MarksNetwork {
  const { architecture, marks, tracks } = spec;
  const config = configure(architecture, marksOptions(architecture), spec.config);
  const own = config as unknown as OwnConfig;
  const reader = letterReader(spec, own);
  const { width, layers } = marksBodies[architecture]!.build(reader.width + tracks.length, config);
  const prior = marks.map(priorOf);
  const network = module({
    params: {
      reader: reader.layers,
      body: layers,
      drop: dropout({ rate: own.dropout }),
      head: linear({ in: width, out: marks.length }),
    },
    apply: (parts, { tokens, lengths, tracks: beside }: MarksInputs): Value => {
      const letters = parts.reader(tokens);
      const read = beside ? concat([letters, beside], 2) : letters;
      const x = zeroPadding(parts.drop(read), lengths, 1);
      return add(parts.head(parts.drop(parts.body(x, lengths))), constant(prior, [marks.length]));
    },
  });
  return { ...network, config };
}

/** The inputs that a graph of marks begins with, with named dimensions. */
export const marksInputs = ({ bin, tracks }: Pick<MarksSpec, 'bin' | 'tracks'>): MarksInputs => ({
  tokens: input('tokens', ['batch', 'bins', bin], 'int32'),
  lengths: input('lengths', ['batch'], 'int32'),
  ...(tracks.length > 0 && { tracks: input('tracks', ['batch', 'bins', tracks.length]) }),
});
