import { usageError } from '../../core/errors.ts';
import { beamEach, type Constraint } from '../../decode/index.ts';
import {
  type TrainedTranslator,
  type TranslationState,
  translationScorer,
} from '../../models/translator/scorer.ts';
import { targetSpelling, translatorTokenizers } from '../../models/translator/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { TextRecord } from './translation-data.ts';

/** How translations are looked for. */
export interface DecodeOptions {
  /** Hypotheses of the beam search; 1 is greedy search. */
  beam?: number;
  /** α of Wu et al. 2016; above 0 it favours longer translations. */
  lengthPenalty?: number;
  /** β of Wu et al. 2016, for networks that attend; above 0 it favours translations that looked at the whole source. */
  coverage?: number;
  /** Tokens of a translation at most; by default what the lengths seen in training make likely. */
  length?: number;
  /** Texts that are translated at once. */
  batchSize?: number;
  /** What a translation must be, in the letters that its tokens spell. */
  where?: readonly Constraint[];
}

/** A text and its translation. */
export interface Translated {
  readonly id: string;
  readonly source: string;
  readonly translation: string;
  readonly sourceTokens: Int32Array;
  readonly tokens: Int32Array;
  /** ln P of the translation, its end included. */
  readonly logProbability: number;
  /** Whether it came to its end; false where it was cut at the limit. */
  readonly ended: boolean;
}

/** Translates, text after text. */
export interface Translator {
  /** In the order of the texts; some are held in memory at a time. */
  translate(
    texts: AsyncIterable<TextRecord> | Iterable<TextRecord>,
    options?: DecodeOptions,
  ): AsyncGenerator<Translated>;
  close(): Promise<void>;
}

/** What a translator's training record says of lengths. */
export interface SeenLengths {
  /** Tokens of the longest target. */
  readonly longestTarget?: unknown;
  /** The most target tokens for one source token. */
  readonly mostPerToken?: unknown;
}

/**
 * Opens a translator for use; `close` frees the runtime's memory.
 * @example
 * const translator = await openTranslator(await loadModelOf('translator', 'scan.model'));
 * for await (const { source, translation } of translator.translate([{ id: '1', text: 'jump twice' }], { beam: 5 }))
 */
export async function openTranslator(
  model: TrainedTranslator & { readonly training?: SeenLengths },
  where: CompileOptions = {},
): Promise<Translator> {
  const tokenizers = translatorTokenizers(model.spec);
  const scorer = await translationScorer(model, where);
  const spelling = targetSpelling(model.spec);
  async function* batch(records: readonly TextRecord[], options: DecodeOptions): AsyncGenerator<Translated> {
    const { beam: width = 1, lengthPenalty = 0, coverage = 0, where: constraints } = options;
    const sources = records.map(({ text }) => tokenizers.source.encode(text));
    const length = options.length ?? limitFor(model.training, sources);
    const found = await beamEach<TranslationState, ArrayLike<number>>(scorer, sources, {
      length,
      width,
      count: 1,
      lengthPenalty,
      ...(coverage > 0 && { coverage: { weight: coverage, attention: scorer.attention } }),
      ...(constraints && constraints.length > 0 && { where: constraints, spelling }),
    });
    for (const [i, hypotheses] of found.entries()) {
      const { tokens, logProbability, ended } = hypotheses[0]!;
      const { id, text } = records[i]!;
      const translation = tokenizers.target.decode(tokens);
      yield { id, source: text, translation, sourceTokens: sources[i]!, tokens, logProbability, ended };
    }
  }
  return {
    async *translate(texts, options = {}) {
      checkDecoding(options);
      const { batchSize = 64 } = options;
      let waiting: TextRecord[] = [];
      for await (const text of texts) {
        waiting.push(text);
        if (waiting.length < batchSize) continue;
        yield* batch(waiting, options);
        waiting = [];
      }
      if (waiting.length > 0) yield* batch(waiting, options);
    },
    close: () => scorer.close(),
  };
}

/** A translation may be half as long again as was ever seen, or as its source's length makes likely. */
function limitFor({ longestTarget, mostPerToken }: SeenLengths = {}, sources: readonly Int32Array[]): number {
  const longest = sources.reduce((most, { length }) => Math.max(most, length), 1);
  const seen = typeof longestTarget === 'number' ? longestTarget : 100;
  const likely = typeof mostPerToken === 'number' ? mostPerToken * longest : 2 * longest;
  return Math.ceil(1.5 * Math.max(seen, likely)) + 10;
}

function checkDecoding({ beam = 1, coverage = 0, batchSize = 64 }: DecodeOptions): void {
  for (const [name, value] of Object.entries({ beam, batchSize }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw usageError(`${name}: expected a whole number of at least 1, received ${value}.`);
  if (!(coverage >= 0)) throw usageError(`coverage: expected a number of at least 0, received ${coverage}.`);
}
