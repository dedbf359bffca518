import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { matches } from '../../decode/constraints/matches.ts';
import type { CtcLanguage } from '../../decode/ctc.ts';
import { languageScorer } from '../../models/language/scorer.ts';
import { tokenizerOf } from '../../models/language/spec.ts';
import { loadModelOf } from '../../models/load-model.ts';
import { transcriberArchitectures, transcriberOptions } from '../../models/transcriber/architectures.ts';
import {
  type TranscriberInput,
  type TranscriberSpec,
  targetTokenizer,
} from '../../models/transcriber/spec.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { TranscribeOptions } from '../../train/tasks/ctc/transcribe.ts';
import { closest } from '../closest.ts';
import type { TranscriptionArguments } from '../ctc-options.ts';
import { readSettings } from '../settings.ts';
import type { WritingArguments } from '../translation-options.ts';

/** Throws a usage error that lists the transcribers, with a guess, unless there is one of this name. */
export function refuseUnknownTranscriber(name: string): void {
  const known = Object.keys(transcriberArchitectures);
  if (known.includes(name)) return;
  const guess = closest(name, known);
  throw usageError(
    `there is no transcriber "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`}`,
  );
}

/** The configuration that `--set` describes for frames or symbols; throws a usage error for what the transcriber cannot take. */
export function transcriberConfig(
  name: string,
  set: readonly string[],
  input: TranscriberInput['kind'],
): Record<string, unknown> {
  const options = transcriberOptions(name, input);
  const config = readSettings(set, Object.keys(options), `the transcriber ${name} of ${input}`);
  for (const [key, value] of Object.entries(config)) {
    const option = options[key]!;
    if (Array.isArray(option.default) && typeof value === 'number') config[key] = [value];
    if (!option.accepts(config[key]))
      throw usageError(`--set ${key}: expected ${option.expected}, received ${JSON.stringify(value)}.`);
  }
  return config;
}

/** From this width on, one operation is enough work to share. */
const wide = 256;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function transcriberThreads(
  asked: number | undefined,
  config: Readonly<Record<string, unknown>>,
): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.width, ...[config.filters ?? []].flat()];
  const widest = Math.max(0, ...widths.filter((x) => typeof x === 'number'));
  return widest >= wide ? Math.min(4, availableParallelism()) : 1;
}

/**
 * How transcriptions are looked for, as the library takes it, and what closes the language model that it holds. Throws a usage error for options
 * of translators, and for those that need a beam without one.
 */
export async function searchSettings(
  spec: TranscriberSpec,
  args: WritingArguments & TranscriptionArguments,
  where: CompileOptions,
): Promise<{ options: TranscribeOptions; close(): Promise<void> }> {
  const { beam, best, pattern, language, languageWeight, tokenBonus } = args;
  for (const name of ['lengthPenalty', 'coverage', 'maxLength'] as const)
    if (args[name] !== undefined)
      throw usageError(
        `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} goes with translators; this model transcribes.`,
      );
  const needsBeam = Object.entries({ '--best': best, '--pattern': pattern, '--language': language });
  const stray = needsBeam.find(([, value]) => value !== undefined);
  if (beam === undefined && stray) throw usageError(`${stray[0]} goes with --beam, such as --beam 16.`);
  if (language === undefined && (languageWeight !== undefined || tokenBonus !== undefined))
    throw usageError('--language-weight and --token-bonus go with --language.');
  const heard = language === undefined ? undefined : await languageOf(spec, language, args, where);
  return {
    options: {
      ...(beam !== undefined && { beam }),
      ...(best !== undefined && { best }),
      ...(pattern !== undefined && { where: [matches(pattern)] }),
      ...(heard && { language: heard.language }),
    },
    close: async () => heard?.close(),
  };
}

/** A language model as one over the tokens of a transcriber. Throws a usage error where one of them is not one token to it. */
async function languageOf(
  spec: TranscriberSpec,
  directory: string,
  { languageWeight = 0.5, tokenBonus = 0 }: TranscriptionArguments,
  where: CompileOptions,
): Promise<{ language: CtcLanguage; close(): Promise<void> }> {
  const model = await loadModelOf('language', directory);
  const [own, heard] = [targetTokenizer(spec), tokenizerOf(model.spec)];
  const tokens = Int32Array.from({ length: own.size }, (_, id) => {
    const ids = heard.encode(own.token(id));
    if (ids.length !== 1)
      throw usageError(
        `"${own.token(id)}" is ${ids.length} tokens to the language model ${directory}; expected one. Train it with the tokenizer of the transcriber (${own.name}).`,
      );
    return ids[0]!;
  });
  const scorer = await languageScorer(model, where);
  return {
    language: {
      scorer,
      weight: languageWeight,
      bonus: tokenBonus,
      token: (label) => tokens[label - 1]!,
    },
    close: () => scorer.close(),
  };
}
