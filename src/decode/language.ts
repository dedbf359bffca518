import { dataError, usageError } from '../core/errors.ts';
import type { Scorer } from '../core/scorer.ts';
import type { DrawsAhead } from '../models/language/scorer.ts';
import { languageScorer } from '../models/language/scorer.ts';
import { type LanguageSpec, languageSpelling, specialTokens, tokenizerOf } from '../models/language/spec.ts';
import type { MarkovLanguage } from '../models/markov/language.ts';
import type { Model } from '../models/model.ts';
import type { CompileOptions } from '../runtime/compile.ts';
import { type BeamOptions, beam, type Hypothesis } from './beam.ts';
import type { Decoded, DecodingOptions } from './decoding.ts';
import { type Generated, type GenerateOptions, generate } from './generate.ts';

/** A network with its weights, or a Markov model, which is a scorer already. */
export type LanguageModel = Pick<Model<LanguageSpec>, 'spec' | 'weights'> | MarkovLanguage;
/** What the model itself knows need not be said. */
type Known = 'spelling' | 'context' | 'exact';

export type GenerateSequencesOptions = Omit<GenerateOptions<unknown, void>, Known> & CompileOptions;
export type LikelySequencesOptions = Omit<BeamOptions<unknown, void>, Known> & CompileOptions;

/**
 * Draws sequences from a language model; see `generate` for what the options mean. `length` counts tokens, the prompt's included; where
 * the model foretells ends it is the most. A prompt in letters is read by the model's own tokenizer. Tokens that stand for
 * no text (the unknown one) are never drawn.
 *
 * Throws as `generate` does, a data error for a prompt with what the tokenizer does not know, and a usage error for constraints where the
 * texts of tokens do not simply follow one another (words).
 * @example
 * for await (const { sequence, logProbability } of generateSequences(model, {
 *   prompt: 'ATG', length: 90, count: 10, seed: 3, sample: nucleus(0.9),
 *   where: [avoid('GAATTC'), gc({ min: 0.4, max: 0.6 }), endsWith('TAA')],
 * })) console.log(sequence, logProbability);
 */
export async function* generateSequences(
  model: LanguageModel,
  { device = 'auto', threads = 1, worker = false, ...options }: GenerateSequencesOptions,
): AsyncGenerator<Generated> {
  const known = knownOf(model.spec, options);
  const { scorer, close } = await opened(model, { device, threads, worker });
  try {
    const written = withoutTokens(scorer, specialTokens(model.spec));
    for await (const found of generate(written, { ...options, ...known })) yield spelled(model.spec, found);
  } finally {
    await close();
  }
}

/** The most probable sequences that beam search finds in a language model, the best first; see `beam` and `generateSequences`. */
export async function likelySequences(
  model: LanguageModel,
  { device = 'auto', threads = 1, worker = false, ...options }: LikelySequencesOptions,
): Promise<Hypothesis[]> {
  const known = knownOf(model.spec, options);
  const { scorer, close } = await opened(model, { device, threads, worker });
  try {
    const written = withoutTokens(scorer, specialTokens(model.spec));
    const found = await beam(written, { ...options, ...known });
    return found.map((hypothesis) => spelled(model.spec, hypothesis));
  } finally {
    await close();
  }
}

async function opened(
  model: LanguageModel,
  where: CompileOptions,
): Promise<{ scorer: Scorer<unknown>; close(): Promise<void> }> {
  if ('scorer' in model) return { scorer: model.scorer, close: async () => {} };
  const scorer = await languageScorer(model, where);
  return { scorer: scorer as Scorer<unknown>, close: () => scorer.close() };
}

/** What a text is made of. */
type Tokens = Pick<LanguageSpec, 'tokenizer'>;

/** The text as the tokenizer writes it: words are spaced. */
const spelled = <D extends Decoded>(spec: Tokens, found: D): D => ({
  ...found,
  sequence: tokenizerOf(spec).decode(found.tokens),
});

function knownOf(spec: Tokens, { prompt, where = [] }: Partial<DecodingOptions>) {
  const { spelling, joins } = languageSpelling(spec);
  if (where.length > 0 && !joins)
    throw usageError(
      `Constraints speak of letters, and a text is not what tokens of this model (${spec.tokenizer.kind}) spell one after the other. Train a model of letters, characters or codons.`,
    );
  if (prompt === undefined) return { spelling };
  return { spelling, prompt: typeof prompt === 'string' ? promptTokens(spec, prompt) : prompt };
}

function promptTokens(spec: Tokens, prompt: string): Int32Array {
  const tokenizer = tokenizerOf(spec);
  const tokens = tokenizer.encode(prompt);
  const { unknown } = tokenizer.special;
  const strange = unknown === undefined ? -1 : tokens.indexOf(unknown);
  if (strange < 0) return tokens;
  const offsets = tokenizer.offsets?.(prompt);
  const text = offsets && prompt.slice(offsets[2 * strange], offsets[2 * strange + 1]);
  throw dataError(
    `The prompt has ${text ? JSON.stringify(text) : 'something'} that the model never read, token ${strange + 1}; expected what its corpus holds. Change the prompt, or train the model on text that has it.`,
  );
}

/** The same model given that some tokens are not written. */
export function withoutTokens<State, Context>(
  scorer: Scorer<State, Context> & Partial<DrawsAhead<State>>,
  tokens: ReadonlySet<number>,
): Scorer<State, Context> & Partial<DrawsAhead<State>> {
  if (tokens.size === 0) return scorer;
  const { vocabulary, ahead, drawAhead } = scorer;
  return {
    ...(ahead &&
      drawAhead && {
        ahead,
        drawAhead: (request) => drawAhead({ ...request, excluded: [...request.excluded, ...tokens] }),
      }),
    vocabulary,
    end: scorer.end,
    start: (context) => scorer.start(context),
    advance: (state, token) => scorer.advance(state, token),
    async next(states) {
      const logs = Float64Array.from(await scorer.next(states));
      for (let row = 0; row < logs.length; row += vocabulary) {
        let left = 1;
        for (const token of tokens) {
          left -= Math.exp(logs[row + token]!);
          logs[row + token] = Number.NEGATIVE_INFINITY;
        }
        const shift = Math.log(Math.max(left, Number.MIN_VALUE));
        for (let i = row; i < row + vocabulary; i++) logs[i]! -= shift;
      }
      return logs;
    },
  };
}
