import { usageError } from '../../../core/errors.ts';
import type { RandomStream } from '../../../core/random.ts';
import { type Masking, maskings } from '../../../models/masked/spec.ts';
import type { MaskedVocabulary } from '../../../models/masked/vocabulary.ts';

/** What stands in the targets where nothing is asked. */
export const nothing = -100;

/** Neighbouring tokens that are hidden together, from `from` to before `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** A sequence as a network reads it, and what it is asked: the true token where one was hidden, −100 elsewhere. */
export interface MaskedSequence {
  readonly inputs: Int32Array;
  readonly targets: Int32Array;
  readonly runs: readonly Run[];
}

/** How often what is hidden is read as the mask, and as something random; else it is read as it is (Devlin et al. 2019). */
export interface Replacement {
  readonly mask: number;
  readonly random: number;
}
export const bertReplacement: Replacement = { mask: 0.8, random: 0.1 };

/** Runs of random length are no longer than this many times their mean (Joshi et al. 2020: a mean of 5, at most 10). */
const longest = 2;

type Vocabulary = Pick<
  MaskedVocabulary,
  'mask' | 'maskable' | 'choices' | 'overlap' | 'letters' | 'tokenizer'
>;

/**
 * A masking with its defaults filled in: runs of 5 tokens as their mean, words of 6 letters, or of as many as a token has. Throws a usage error for a share that is not
 * between 0 and 1, a length below 1, words that are no whole number of letters, and whole words of tokens that spell no letters.
 */
export function checkedMasking(
  { how = 'base', share = 0.15, length }: Partial<Masking>,
  { letters, alphabet }: Pick<MaskedVocabulary, 'letters' | 'alphabet'>,
): Masking {
  if (!maskings.includes(how))
    throw usageError(`masking: expected one of ${maskings.join(', ')}, received ${JSON.stringify(how)}.`);
  if (!(share > 0 && share < 1))
    throw usageError(`mask share: expected a share above 0 and below 1, such as 0.15, received ${share}.`);
  const usual = how === 'base' ? 1 : how === 'span' ? 5 : letters > 1 ? letters : 6;
  const used = length ?? usual;
  if (!(used >= 1 && used <= 1e6)) throw usageError(`mask length: expected at least 1, received ${used}.`);
  if (how === 'kmer' && !alphabet)
    throw usageError(
      'masking kmer hides whole words of letters; the tokens here spell no alphabet. Choose base or span, or another tokenizer.',
    );
  if (how === 'kmer' && (!Number.isInteger(used) || used < letters))
    throw usageError(
      `mask length: expected a whole number of letters, at least the ${letters} of a token, received ${used}.`,
    );
  return { how, share, length: used };
}

/** How many tokens a run of its kind has. */
function runLength({ how, length }: Masking, { letters, overlap }: Vocabulary, stream: RandomStream): number {
  if (how === 'base' || length === 1) return 1;
  // Tokens side by side hold `letters` each; overlapping ones share all but the first few.
  if (how === 'kmer') return overlap > 0 ? Math.max(1, length - letters + 1) : Math.round(length / letters);
  const drawn = 1 + Math.floor(Math.log(1 - stream.uniform()) / Math.log(1 - 1 / length));
  return Math.min(drawn, Math.round(longest * length));
}

/**
 * Draws what is hidden of a sequence: runs of tokens around random places, until `share` of those that may be hidden are, at least one. Where
 * tokens share letters, a hidden one takes all with it that overlap it, which count as hidden too; runs then keep so far apart that none
 * of them touches what another asks.
 */
export function drawRuns(
  tokens: ArrayLike<number>,
  masking: Masking,
  vocabulary: Vocabulary,
  stream: RandomStream,
): Run[] {
  const { maskable, overlap } = vocabulary;
  const order = Array.from({ length: tokens.length }, (_, t) => t).filter((t) => maskable[tokens[t]!]);
  const aim = Math.max(1, Math.round(masking.share * order.length));
  const blocked = Uint8Array.from(tokens, (token) => Number(!maskable[token]));
  const covered = blocked.slice();
  const runs: Run[] = [];
  let hidden = 0;
  for (const middle of stream.shuffle(order)) {
    if (hidden >= aim) break;
    if (blocked[middle]) continue;
    const room = Math.max(1, aim - hidden - 2 * overlap);
    const wanted = Math.min(room, runLength(masking, vocabulary, stream));
    const run = grown(middle, wanted, stream.below(wanted), blocked);
    runs.push(run);
    blocked.fill(1, Math.max(0, run.from - overlap), run.to + overlap);
    for (let t = Math.max(0, run.from - overlap); t < Math.min(tokens.length, run.to + overlap); t++) {
      if (covered[t]) continue;
      covered[t] = 1;
      hidden++;
    }
  }
  return runs.sort((a, b) => a.from - b.from);
}

/** The run of up to `wanted` free tokens that holds `middle`, `before` of them before it where there is room. */
function grown(middle: number, wanted: number, before: number, blocked: Uint8Array): Run {
  let from = middle;
  while (from > 0 && middle - from < before && !blocked[from - 1]) from--;
  let to = middle + 1;
  while (to < blocked.length && to - from < wanted && !blocked[to]) to++;
  while (from > 0 && to - from < wanted && !blocked[from - 1]) from--;
  return { from, to };
}

/**
 * Hides runs of a sequence. Of each run together it is drawn what is read in its place: the mask, random tokens, or what stands there; the
 * tokens that overlap a run of the first two kinds are read as the mask, so that they tell nothing.
 */
export function maskedSequence(
  tokens: Int32Array,
  masking: Masking,
  vocabulary: Vocabulary,
  stream: RandomStream,
  replacement: Replacement = bertReplacement,
): MaskedSequence {
  const { mask, maskable, choices, overlap } = vocabulary;
  const runs = drawRuns(tokens, masking, vocabulary, stream);
  const inputs = tokens.slice();
  const targets = new Int32Array(tokens.length).fill(nothing);
  for (const { from, to } of runs) {
    const drawn = stream.uniform();
    targets.set(tokens.subarray(from, to), from);
    if (drawn >= replacement.mask + replacement.random) continue;
    for (let t = Math.max(0, from - overlap); t < Math.min(tokens.length, to + overlap); t++)
      if (maskable[tokens[t]!]) inputs[t] = mask;
    if (drawn < replacement.mask) continue;
    for (let t = from; t < to; t++) inputs[t] = choices[stream.below(choices.length)]!;
  }
  return { inputs, targets, runs };
}
