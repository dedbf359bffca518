import { dna } from '../../data/alphabet.ts';
import { codingInterval, openReadingFrames } from '../../data/orf.ts';
import { bestChain, type ChainRules, type ScoredStretch } from '../../decode/gene-chain.ts';
import { input } from '../../graph/library.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import type { Weights } from '../../train/start.ts';
import { whole } from '../learn.ts';
import { withWeights } from '../network.ts';
import { edgeFrames } from './edges.ts';
import { type Contig, type Gene, hasStart, hasStop } from './gene.ts';
import { geneNetwork, lettersFrom } from './learn.ts';
import { geneReader, type ReaderShape } from './reader.ts';
import { learnedSteps } from './states.ts';

/** How genes are chosen out of the open reading frames. */
export interface FindOptions {
  readonly shape: ReaderShape;
  /** Bases of the shortest gene. */
  readonly minLength: number;
  /** Bases that neighbouring genes may share, of one strand and of two. */
  readonly overlap: readonly [same: number, opposite: number];
  /** Nats that a gene must be worth to be reported. */
  readonly least: number;
  /** Nats that every gene is given before they are chosen; 0 takes them as the network does. */
  readonly favour?: number;
  /** Whether genes that run off an end of a contig are looked for. */
  readonly edges?: boolean;
}

/** Bases that are answered for at once when a contig is read, and those read beside them. */
const span = 3000;
const beside = 300;
const perCodon = 6;

/** The scores of the codon at every base of a contig: forward inside, start, stop, and the same of the reverse strand. */
export interface GeneScorer {
  readonly score: (sequence: string, onPart?: (done: number) => void) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

const readerWeights = (weights: Weights): Map<string, Float32Array> =>
  new Map([...weights].flatMap(([path, w]) => (path.startsWith('reader.') ? [[path.slice(7), w]] : [])));

/** Compiles the reader with known weights: contigs of any length, in windows that overlap by `beside` bases on either side. */
export async function openScorer(
  shape: ReaderShape,
  weights: Weights,
  where: CompileOptions,
): Promise<GeneScorer> {
  const { model, constants } = withWeights(geneReader(shape, { flank: beside }), readerWeights(weights));
  const width = span + 2 * beside;
  const tokens = input('tokens', ['batch', width], 'int32');
  const program = await compile({ inputs: { tokens }, outputs: { codons: model(tokens) }, constants }, where);
  return {
    async score(sequence, onPart) {
      const letters = dna.encode(sequence);
      const all = new Float32Array(letters.length * perCodon);
      for (let from = 0; from < letters.length; from += span) {
        const { codons } = await program.run({
          tokens: whole([1, width], lettersFrom(letters, from - beside, width)),
        });
        const held = Math.min(span, letters.length - from);
        all.set((codons!.data as Float32Array).subarray(0, held * perCodon), from * perCodon);
        onPart?.((from + held) / letters.length);
      }
      return all;
    },
    release: () => program.release(),
  };
}

/** A start and a stop that fit together, scored as the chain scores its path through them, alone between intergenic steps. */
export function candidates(
  sequence: string,
  scores: Float32Array,
  steps: Float32Array,
  { shape, minLength, favour = 0 }: Pick<FindOptions, 'shape' | 'minLength' | 'favour'>,
): ScoredStretch[] {
  const sums = [0, 1].map((strand) => insideSums(scores, strand)) as [Float64Array, Float64Array];
  return openReadingFrames(sequence, { code: shape.code, starts: shape.starts, minLength }).flatMap((orf) => {
    const s = orf.strand === '+' ? 0 : 1;
    const at = (place: number, kind: number) => scores[place * perCodon + 3 * s + kind]!;
    const ends = steps[learnedSteps.begin(s)]! + steps[learnedSteps.finish(s)]! + at(orf.stop, 2) + favour;
    return orf.starts.map((start) => {
      const [low, high] = s === 0 ? [start, orf.stop] : [orf.stop, start];
      const inside = sums[s][high - 3]! - sums[s][low]!;
      return { ...codingInterval(orf, start), score: ends + at(start, 1) + inside };
    });
  });
}

/** Reading frames that run off the sequence: what lies beyond it costs and earns nothing, as at the ends of the windows that were learned from. */
export function edgeCandidates(
  sequence: string,
  scores: Float32Array,
  steps: Float32Array,
  { shape, minLength, favour = 0 }: Pick<FindOptions, 'shape' | 'minLength' | 'favour'>,
): (ScoredStretch & Gene)[] {
  const sums = [0, 1].map((strand) => insideSums(scores, strand)) as [Float64Array, Float64Array];
  return edgeFrames(sequence, { code: shape.code, starts: shape.starts, minLength }).map((gene) => {
    const s = gene.strand === '+' ? 0 : 1;
    const [first, last] = [gene.start, gene.end - 3];
    const [start, stop] = s === 0 ? [first, last] : [last, first];
    const own = (place: number, kind: number) => scores[place * perCodon + 3 * s + kind]!;
    const [left, right] = s === 0 ? [hasStart(gene), hasStop(gene)] : [hasStop(gene), hasStart(gene)];
    const before = left ? first : first - 3;
    const inside = sums[s][right ? last - 3 : last]! - (before < 0 ? 0 : sums[s][before]!);
    const score =
      favour +
      inside +
      (hasStart(gene) ? own(start, 1) : 0) +
      (hasStop(gene) ? own(stop, 2) : 0) +
      (left ? steps[learnedSteps.begin(s)]! : 0) +
      (right ? steps[learnedSteps.finish(s)]! : 0);
    return { ...gene, score };
  });
}

/** Sums of the inside scores of each frame, over codons up to and with the one at each base. Stops, which are inside of nothing, count as nothing. */
function insideSums(scores: Float32Array, strand: number): Float64Array {
  const sums = new Float64Array(scores.length / perCodon);
  for (let b = 0; b < sums.length; b++) {
    const own = scores[b * perCodon + 3 * strand]!;
    sums[b] = (b < 3 ? 0 : sums[b - 3]!) + (own < -5000 ? 0 : own);
  }
  return sums;
}

/** How the chain's learned steps tell neighbours from strangers: what follows within three bases pays for that in place of an end and a beginning. */
export function chainRules(steps: Float32Array, [same, opposite]: readonly [number, number]): ChainRules {
  const { begin, finish, touch, cover } = learnedSteps;
  const number = (strand: '+' | '-') => (strand === '+' ? 0 : 1);
  return {
    reach: 3,
    overlap: (left, right) => (left === right ? same : opposite),
    link: (left, right, gap) => {
      const [a, b] = [number(left), number(right)];
      return steps[gap < 0 ? cover(a, b) : touch(a, b)]! - steps[finish(a)]! - steps[begin(b)]!;
    },
  };
}

/**
 * The genes of a contig: the best chain of open reading frames under the network's scores, so that each one is a whole open reading frame whatever the network says. Unlike the chain's own best path, it
 * lets neighbours overlap, as they do in bacteria; where none may, it is that path.
 */
export async function findGenes(
  { sequence }: Pick<Contig, 'sequence'>,
  scorer: GeneScorer,
  weights: Weights,
  options: FindOptions,
  onPart?: (done: number) => void,
): Promise<Gene[]> {
  const steps = weights.get('chain.steps')!;
  const scores = await scorer.score(sequence, onPart);
  const found: (ScoredStretch & Gene)[] = candidates(sequence, scores, steps, options);
  if (options.edges) found.push(...edgeCandidates(sequence, scores, steps, options));
  const chosen = bestChain(found, chainRules(steps, options.overlap));
  return chosen.filter(({ score }) => score >= options.least);
}

/** The network as an ONNX file: tokens int32 [batch, 3600] → potentials of the chain over the 1,160 steps in their middle, and its parameters. */
export function genesOnnx(shape: ReaderShape, weights: Weights): Uint8Array {
  const { model, constants } = withWeights(geneNetwork(shape), weights);
  const tokens = input('tokens', ['batch', span + 2 * beside], 'int32');
  return exportOnnx({ inputs: { tokens }, outputs: { ...model(tokens) } }, constants, {
    letters: dna.letters,
  });
}
