import { bootstrap } from '../../metrics/bootstrap.ts';
import { editDistance, errorRateScorer, words } from '../../metrics/edit.ts';
import type { Metrics } from '../../metrics/evaluation.ts';
import { eceScorer } from '../../metrics/probability.ts';
import { onceEach } from '../../metrics/ranking.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import { weightedRatio } from '../../metrics/text-scorer.ts';

/** How intervals are made. */
export interface TranscriptionMetricOptions {
  seed?: number;
  /** Bootstrap resamples of whole records (or groups of them); 0 gives no intervals. */
  resamples?: number | undefined;
  level?: number;
  /** What each record belongs to: whole groups are drawn. */
  groups?: readonly string[];
}

/** Written tokens: how sure the model was of each, whether it was right (1 or 0), and in which record. */
export interface SymbolJudgement {
  readonly confidences: Float64Array;
  readonly right: Uint8Array;
  readonly record: Int32Array;
}

const shareScorer = (name: string, values: Float64Array): Scorer => {
  const ones = new Float64Array(values.length).fill(1);
  return { names: [name], score: (weights) => [weightedRatio(values, ones, weights)] };
};

/**
 * Metrics of transcriptions, each with its bootstrap interval over records: cer, edits of characters over all of the truth; wer, the same of words, where the
 * truth has several words in a text or the tokens are words; exactMatch, the share that is right to the letter; editDistance, the mean number of edits of tokens; and with
 * `symbols` ece, how far the confidence in single tokens is from how often they are right.
 */
export function transcriptionMetrics(
  hypotheses: readonly string[],
  references: readonly string[],
  {
    tokens = (text) => [...text],
    symbols,
    seed = 42,
    resamples = 300,
    level = 0.95,
    groups,
  }: TranscriptionMetricOptions & {
    tokens?: (text: string) => readonly string[];
    symbols?: SymbolJudgement;
  } = {},
): Metrics {
  const split = (of: (text: string) => readonly string[]) => ({
    hypotheses: hypotheses.map(of),
    references: references.map(of),
  });
  const own = split(tokens);
  const hasWords = areWords(references, own.references);
  const scorers: Scorer[] = [
    errorRateScorer(
      'cer',
      split((text) => [...text]),
    ),
    ...(hasWords ? [errorRateScorer('wer', split(words))] : []),
    shareScorer(
      'exactMatch',
      Float64Array.from(references, (truth, i) => Number(truth === hypotheses[i])),
    ),
    shareScorer(
      'editDistance',
      Float64Array.from(own.references, (truth, i) => editDistance(truth, own.hypotheses[i]!)),
    ),
    ...(symbols && symbols.record.length > 0 ? [calibrationScorer(symbols)] : []),
  ];
  const bounds = bootstrap(scorers, references.length, { seed, resamples, level, groups });
  return Object.fromEntries(
    scorers.flatMap(({ names: [name], score }) => {
      const [value] = score(onceEach(references.length)) as [number];
      const { low, high } = bounds[name!]!;
      const bounded = Number.isFinite(value) && Number.isFinite(low);
      return [[name!, { value: Number.isFinite(value) ? value : null, ...(bounded && { low, high }) }]];
    }),
  );
}

/** Whether words mean something: some text has several, or words are what is written. */
function areWords(references: readonly string[], tokens: readonly (readonly string[])[]): boolean {
  if (references.some((truth) => /\s/.test(truth.trim()))) return true;
  const isWord = (truth: string, i: number) => words(truth).join('\n') === tokens[i]!.join('\n');
  return references.every(isWord) && references.some((truth) => [...truth].length > 1);
}

/** A record's tokens count as often as it is drawn. */
function calibrationScorer({ confidences, right, record }: SymbolJudgement): Scorer {
  const score = eceScorer(confidences, right);
  const spread = new Float64Array(record.length);
  return {
    names: ['ece'],
    score(weights) {
      record.forEach((r, i) => {
        spread[i] = weights[r]!;
      });
      return [score(spread)];
    },
  };
}
