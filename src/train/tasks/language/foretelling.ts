import { bootstrap } from '../../metrics/bootstrap.ts';
import type { Metrics, MetricValue } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import type { EncodedCorpus } from './encode.ts';

/** What counts, and how intervals are made. */
export interface ForetellingOptions {
  /** Tokens at the beginning of each text that do not count. */
  skip?: number;
  seed?: number;
  /** 0: no intervals. */
  resamples?: number;
}

/**
 * How well texts were foretold, given ln P of each of their tokens: `crossEntropy` (nats per token), `perplexity` and `bitsPerSymbol`, with
 * percentile bootstrap intervals over whole texts or, of fewer than 20, over blocks of neighbouring tokens (moving-block
 * bootstrap without overlap; Künsch 1989). `drawn` says in words which.
 */
export function foretelling(
  logs: readonly Float64Array[],
  encoded: EncodedCorpus,
  { skip = 0, seed = 42, resamples = 1000 }: ForetellingOptions = {},
): { readonly metrics: Metrics; readonly drawn: string } {
  const { list, whole, each } = blocksOf(encoded, skip);
  const nats = natsOf(logs, list);
  const letters = lettersOf(encoded, list);
  const scorer: Scorer = {
    names: ['crossEntropy', 'perplexity', 'bitsPerSymbol'],
    score(weights) {
      let [sum, tokens, symbols] = [0, 0, 0];
      list.forEach(({ from, to }, i) => {
        sum += weights[i]! * nats[i]!;
        tokens += weights[i]! * (to - from);
        symbols += weights[i]! * letters[i]!;
      });
      return [sum / tokens, Math.exp(sum / tokens), sum / Math.LN2 / symbols];
    },
  };
  return {
    metrics: measured(scorer, list.length, { seed, resamples }),
    drawn: whole ? 'texts' : `blocks of ${each} tokens`,
  };
}

/** By how many bits a symbol the second foretold the same texts worse than the first, with its interval on the same draws for both. */
export function bitsAhead(
  first: readonly Float64Array[],
  second: readonly Float64Array[],
  encoded: EncodedCorpus,
  { skip = 0, seed = 42, resamples = 1000 }: ForetellingOptions = {},
): MetricValue {
  const { list } = blocksOf(encoded, skip);
  const [ours, theirs] = [natsOf(first, list), natsOf(second, list)];
  const letters = lettersOf(encoded, list);
  const scorer: Scorer = {
    names: ['ahead'],
    score(weights) {
      let [sum, symbols] = [0, 0];
      list.forEach((_, i) => {
        sum += weights[i]! * (theirs[i]! - ours[i]!);
        symbols += weights[i]! * letters[i]!;
      });
      return [sum / Math.LN2 / symbols];
    },
  };
  return measured(scorer, list.length, { seed, resamples }).ahead!;
}

/** What the bootstrap draws: where each block begins and ends in its text. */
interface Blocks {
  readonly whole: boolean;
  readonly each: number;
  readonly list: readonly Block[];
}

interface Block {
  readonly sequence: number;
  readonly from: number;
  readonly to: number;
}

const enoughTexts = 20;

function blocksOf({ sequences, tokens }: EncodedCorpus, skip: number): Blocks {
  const whole = sequences.length >= enoughTexts;
  const each = whole ? Number.POSITIVE_INFINITY : Math.max(50, Math.ceil(tokens / 200));
  const list = sequences.flatMap(({ length }, sequence): Block[] => {
    const counted = length - skip;
    if (counted <= 0) return [];
    const count = Math.max(1, Math.round(counted / each));
    return Array.from({ length: count }, (_, i) => ({
      sequence,
      from: skip + Math.round((i * counted) / count),
      to: skip + Math.round(((i + 1) * counted) / count),
    }));
  });
  return { whole, each, list };
}

/** −ln P of each block. */
const natsOf = (logs: readonly Float64Array[], list: readonly Block[]): number[] =>
  list.map(
    ({ sequence, from, to }) => -logs[sequence]!.subarray(from, to).reduce((sum, log) => sum + log, 0),
  );

/** Characters of each block: its share of those of its text. */
const lettersOf = ({ symbols, sequences }: EncodedCorpus, list: readonly Block[]): number[] =>
  list.map(({ sequence, from, to }) => (symbols[sequence]! * (to - from)) / sequences[sequence]!.length);

/** The metrics of a scorer on all of its records, with intervals where resamples are asked for. */
export function measured(
  scorer: Scorer,
  count: number,
  options: { seed: number; resamples: number },
): Metrics {
  const values = scorer.score(new Float64Array(count).fill(1));
  const bounds = options.resamples > 0 ? bootstrap([scorer], count, options) : {};
  const finite = (x: number | undefined) => (x !== undefined && Number.isFinite(x) ? x : undefined);
  return Object.fromEntries(
    scorer.names.map((name, i) => {
      const [low, high] = [finite(bounds[name]?.low), finite(bounds[name]?.high)];
      const value = finite(values[i]) ?? null;
      return [name, { value, ...(low !== undefined && high !== undefined && { low, high }) }];
    }),
  );
}
