import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { languageSizes } from '../../models/language/network.ts';
import { markovLanguage } from '../../models/markov/language.ts';
import { type NgramFile, ngramFile, ngramFileText } from '../../models/markov/ngram-file.ts';
import { type NgramSettings, ngramOptions, ngramSettings } from '../../models/markov/ngram-options.ts';
import { checkRunOutput } from '../../recipes/run-output.ts';
import { counted, figure, whole } from '../../report/format.ts';
import type { RunReport } from '../../report/run-report.ts';
import { assessLanguage, type LanguageAssessment } from '../../train/tasks/language/assess.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';
import { encodeCorpus } from '../../train/tasks/language/encode.ts';
import { corpusTokenizer } from '../../train/tasks/language/tokenizers.ts';
import { openMessages } from '../messages.ts';
import { readSettings } from '../settings.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { corpusSentence, corpusSummary, languageReport } from './language-report.ts';
import { commandLine, manifestOf } from './manifest.ts';
import { reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { type CorpusParts, divideCorpus, isGiven, refuseForeign } from './train-language.ts';

/** Counts an n-gram model, evaluates it on what was held out, and writes it as one file. */
export async function trainNgram(path: string, command: Command): Promise<void> {
  const began = performance.now();
  refuseFitting(command);
  refuseForeign(command, 'language');
  const args = command.opts<TrainArguments>();
  const messages = openMessages(args);
  const given = settingsOf(args.set);
  const folder = reportPlace(args.output.replace(/\.json(\.gz)?$/, ''), args.report);
  await checkFilePlace(args.output);
  if (folder !== undefined) await checkRunOutput(folder);

  const parts = await divideCorpus(path, { ...args, validation: false });
  messages.say(corpusSentence(parts.all));
  const { file, tokens, settings } = counts(parts.rest, given, args);
  await atomicWrite(args.output, ngramFileText(file));
  const { contexts } = file.model;
  messages.say(
    `Order ${settings.order}, ${settings.smoothing.kind}: ${counted(tokens, 'token')} counted, ${counted(contexts, 'context')}; the model is ${args.output}.`,
  );
  const model = markovLanguage(file, args.output);
  const assessment =
    parts.test && (await assessLanguage(model, parts.test, { train: parts.rest, seed: args.seed }));
  const report = reportOf({ path, args, parts, settings, contexts, tokens, assessment });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** What steers gradient descent, and would be ignored in silence. */
const ofFitting = [
  ...[
    'epochs',
    'patience',
    'batchSize',
    'maxTokens',
    'maxMemory',
    'accumulate',
    'optimizer',
    'rate',
    'schedule',
  ],
  ...['clip', 'decay', 'l1', 'l2', 'smoothing', 'average', 'resume', 'checkpointEvery', 'validation'],
];

function refuseFitting(command: Command): void {
  const stray = ofFitting.find((name) => isGiven(command, name));
  if (stray === undefined) return;
  const flag = command.options.find((option) => option.attributeName() === stray)!.long;
  const hint = stray === 'smoothing' ? ' How counts are smoothed: --set smoothing=kneser-ney.' : '';
  throw usageError(`${flag} does not go with --model ngram, which is counted, not fitted.${hint}`);
}

function settingsOf(set: readonly string[] = []): Record<string, unknown> {
  const given = readSettings(set, Object.keys(ngramOptions), 'the language model ngram');
  for (const [key, value] of Object.entries(given)) {
    const option = ngramOptions[key as keyof typeof ngramOptions];
    if (!option.accepts(value))
      throw usageError(`--set ${key}: expected ${option.expected}, received ${JSON.stringify(value)}.`);
  }
  return given;
}

/** An n-gram model is one file, and no folder gives way to it. */
async function checkFilePlace(output: string): Promise<void> {
  if (output === '-') throw usageError('train needs a file for the model: name one with -o.');
  if ((await stat(output).catch(() => undefined))?.isDirectory())
    throw usageError(
      `${output} is a folder; an n-gram model is one file. Choose another name, or move it away.`,
    );
}

function counts(
  corpus: Corpus,
  given: Record<string, unknown>,
  args: TrainArguments,
): { file: NgramFile; tokens: number; settings: NgramSettings } {
  const tokenizer = corpusTokenizer(corpus, args.tokenizer ?? 'auto').toJSON();
  const spec = { tokenizer, ends: corpus.ends };
  const { sequences, tokens } = encodeCorpus(spec, corpus);
  const settings = ngramSettings(given, languageSizes(spec).writes);
  const training = { tokens, texts: corpus.texts.length, version, command: commandLine() };
  return { file: ngramFile(sequences, { ...spec, ...settings, training }), tokens, settings };
}

interface Finished {
  path: string;
  args: TrainArguments;
  parts: CorpusParts;
  settings: NgramSettings;
  contexts: number;
  tokens: number;
  assessment: LanguageAssessment | undefined;
}

function reportOf({ path, args, parts, settings, contexts, tokens, assessment }: Finished): RunReport {
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const seen = `Counted ${counted(tokens, 'token')}, ${whole(contexts)} contexts`;
  return {
    title: `n-gram model of ${basename(path)}`,
    lead: assessment
      ? `${seen}; ${figure(assessment.metrics.bitsPerSymbol?.value)} bits per symbol on text that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it foretells new text.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: corpusSummary(parts.all),
    ...(assessment && languageReport(assessment)),
    manifest: manifestOf({ ...options, modelConfig: settings }, [...parts.all.sources], {
      device: 'cpu',
      threads: 1,
    }),
  };
}
