import { usageError } from '../../core/errors.ts';
import { words } from './edit.ts';
import type { Scorer } from './scorers.ts';
import { ngramCounts, weightedCounts } from './text-scorer.ts';

/** Translations and, for each, one or more right ones. */
export interface TranslationPairs {
  readonly hypotheses: readonly string[];
  readonly references: readonly (string | readonly string[])[];
}

export interface BleuOptions {
  /** `13a`: punctuation and symbols stand alone, as in mteval-v13a; `none`: what white space separates. */
  tokenize?: '13a' | 'none';
  /** A precision of zero becomes 1/2, 1/4, … of a match (`exp`), or makes the score 0 (`none`). */
  smooth?: 'exp' | 'none';
  /** Only orders that the translations are long enough for count; meant for single sentences. */
  effectiveOrder?: boolean;
}

const orders = 4;
/** Lengths of translation and reference, then matches and totals of each order. */
const width = 2 + 2 * orders;

/**
 * BLEU of a whole set of translations, from 0 to 100 (Papineni et al. 2002), as sacreBLEU defines it (Post 2018): n-grams up to 4 clipped to
 * the reference that has the most of each, brevity penalty by the reference nearest in length.
 * Throws a usage error where the lists differ in length or a record has no reference.
 * @example bleu({ hypotheses: ['the cat sat'], references: ['the cat sat down'] }, { effectiveOrder: true })
 */
export function bleu(pairs: TranslationPairs, options: BleuOptions = {}): number {
  return bleuScorer(pairs, options).score(new Float64Array(pairs.hypotheses.length).fill(1))[0]!;
}

/** BLEU under any weighting of the records, for bootstrap intervals. */
export function bleuScorer(
  { hypotheses, references }: TranslationPairs,
  { tokenize = '13a', smooth = 'exp', effectiveOrder = false }: BleuOptions = {},
): Scorer {
  checkPairs('BLEU', { hypotheses, references });
  const split = tokenize === '13a' ? (text: string) => words(tokenize13a(text)) : words;
  const rows = hypotheses.map((text, i) => statistics(split(text), listOf(references[i]!).map(split)));
  return {
    names: ['bleu'],
    score: (weights) => [scoreOf(weightedCounts(rows, width, weights), { smooth, effectiveOrder })],
  };
}

/** One reference or several, as a list. */
export const listOf = (references: string | readonly string[]): readonly string[] =>
  typeof references === 'string' ? [references] : references;

export function checkPairs(metric: string, { hypotheses, references }: TranslationPairs): void {
  if (hypotheses.length !== references.length)
    throw usageError(
      `${metric}: expected a reference for each translation, received ${hypotheses.length} translations and ${references.length} references.`,
    );
  const bare = references.findIndex((truth) => listOf(truth).length === 0);
  if (bare >= 0) throw usageError(`${metric}: translation ${bare + 1} has no reference.`);
}

function statistics(hypothesis: readonly string[], references: readonly (readonly string[])[]): Float64Array {
  const row = new Float64Array(width);
  row[0] = hypothesis.length;
  row[1] = nearestLength(
    hypothesis.length,
    references.map(({ length }) => length),
  );
  for (let n = 1; n <= orders; n++) {
    const most = new Map<string, number>();
    for (const reference of references)
      for (const [gram, count] of ngramCounts(reference, n, ' '))
        most.set(gram, Math.max(count, most.get(gram) ?? 0));
    for (const [gram, count] of ngramCounts(hypothesis, n, ' ')) {
      row[2 * n]! += Math.min(count, most.get(gram) ?? 0);
      row[2 * n + 1]! += count;
    }
  }
  return row;
}

/** The nearest of the lengths; of two as near, the shorter. */
const nearestLength = (length: number, lengths: readonly number[]): number =>
  lengths.reduce((best, other) => {
    const nearer = Math.abs(other - length) - Math.abs(best - length);
    return nearer < 0 || (nearer === 0 && other < best) ? other : best;
  });

// BP · exp(mean of ln pₙ), BP = exp(min(0, 1 − r / c))
function scoreOf(
  sums: Float64Array,
  { smooth, effectiveOrder }: Required<Omit<BleuOptions, 'tokenize'>>,
): number {
  const [candidate, reference] = [sums[0]!, sums[1]!];
  let logs = 0;
  let counted = 0;
  let matched = 0;
  let halves = 1;
  for (let n = 1; n <= orders; n++) {
    const [matches, total] = [sums[2 * n]!, sums[2 * n + 1]!];
    matched += matches;
    if (total === 0) {
      if (!effectiveOrder) return 0;
      break;
    }
    counted = n;
    if (matches === 0 && smooth === 'none') return 0;
    if (matches === 0) halves *= 2;
    logs += Math.log(matches === 0 ? 1 / (halves * total) : matches / total);
  }
  if (matched === 0) return 0;
  return 100 * Math.exp(Math.min(0, 1 - reference / candidate) + logs / counted);
}

const entities: Readonly<Record<string, string>> = { '&quot;': '"', '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/**
 * The language-independent tokenisation of mteval-v13a, with spaces between tokens: symbols stand alone; a full stop or comma does unless
 * digits stand on both sides; a hyphen does after a digit.
 * @example tokenize13a('Costs $3.50, (net).') // 'Costs $ 3.50 , ( net ) .'
 */
export function tokenize13a(text: string): string {
  const plain = text.replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  // One after the other, as the original does: "&amp;lt;" comes out as "<".
  const read = Object.entries(entities).reduce(
    (line, [entity, sign]) => line.replaceAll(entity, sign),
    plain,
  );
  return ` ${read} `
    .replace(/[ !"#$%&()*+:;<=>?@/[\\\]^_`{|}~]/g, ' $& ')
    .replace(/([^0-9])([.,])/gu, '$1 $2 ')
    .replace(/([.,])([^0-9])/gu, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .replace(/\s+/gu, ' ')
    .trim();
}
