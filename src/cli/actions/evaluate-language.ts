import { basename } from 'node:path';
import { version } from '../../core/version.ts';
import type { LanguageSpec } from '../../models/language/spec.ts';
import { type AssessedLanguage, assessLanguage } from '../../train/tasks/language/assess.ts';
import { type Corpus, readCorpus } from '../../train/tasks/language/corpus.ts';
import type { Messages } from '../messages.ts';
import type { EvaluateArguments } from '../verbs/evaluate.ts';
import { deviceFor } from './device.ts';
import { corpusSentence, corpusSummary, languageReport } from './language-report.ts';
import { languageThreads } from './language-settings.ts';
import { manifestOf } from './manifest.ts';
import { deliver } from './results.ts';

/** Evaluates a language model on text that it has not seen. */
export async function evaluateLanguage(
  { directory, model }: { directory: string; model: AssessedLanguage },
  path: string,
  args: EvaluateArguments,
  messages: Messages,
): Promise<void> {
  const began = performance.now();
  const { spec } = model;
  const test = await corpusFor(spec, path, args);
  messages.say(corpusSentence(test));
  const train = args.train === undefined ? undefined : await corpusFor(spec, args.train, args);
  const threads = 'architecture' in spec ? languageThreads(args.threads, spec.architecture, spec.config) : 1;
  const device = await deviceFor(args.device, messages);
  const { seed, resamples, quiet: _quiet, json: _json, ...used } = args;
  const assessment = await assessLanguage(model, test, {
    ...{ device, threads, worker: true, seed },
    ...(train && { train }),
    ...(resamples !== undefined && { resamples }),
  });
  if (!train) messages.say('With --train, the text that it was trained on, n-gram models stand beside.');
  const report = {
    title: `${basename(directory)} on ${basename(path)}`,
    version,
    seed,
    seconds: (performance.now() - began) / 1000,
    data: corpusSummary(test),
    ...languageReport(assessment),
    manifest: manifestOf(
      { ...used, model: directory, threads },
      [test, ...(train ? [train] : [])].flatMap(({ sources }) => sources),
      { device, threads },
    ),
  };
  await deliver(report, { folder: args.report, json: args.json });
}

/** A corpus read as the model learned to read: whole texts where it foretells ends, else pieces. */
function corpusFor(
  { ends }: Pick<LanguageSpec, 'ends'>,
  path: string,
  args: EvaluateArguments,
): Promise<Corpus> {
  return readCorpus(path, { format: args.corpus ?? 'auto', plain: ends ? 'lines' : 'text' });
}
