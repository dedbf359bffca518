import { basename } from 'node:path';
import type { Command } from 'commander';
import { usageError } from '../../core/errors.ts';
import { version } from '../../core/version.ts';
import { counted } from '../../report/format.ts';
import { headline, marksReport, marksSentence, marksSummary } from '../../report/marks-report.ts';
import type { RunReport } from '../../report/run-report.ts';
import { fitOptions as checkFitOptions } from '../../train/options.ts';
import { assessMarks, type MarksAssessment } from '../../train/tasks/marks/assess.ts';
import { type MarksData, readMarks } from '../../train/tasks/marks/data.ts';
import type { MarksDefinition } from '../../train/tasks/marks/definition.ts';
import { binTotal, type MarksParts, splitMarks } from '../../train/tasks/marks/split.ts';
import { trainMarks as fitMarks, type TrainedMarks } from '../../train/tasks/marks/train.ts';
import type { MarksArguments } from '../marks-options.ts';
import { openMessages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { deviceFor } from './device.ts';
import { fitArguments } from './fit-arguments.ts';
import { manifestOf } from './manifest.ts';
import { filesOf, marksConfig, marksThreads, windowOf } from './marks-settings.ts';
import { checkPlaces, reportPlace } from './places.ts';
import { deliver } from './results.ts';
import { trainingSentence } from './training-progress.ts';
import { saveTrained, trainingRun } from './training-run.ts';

type Arguments = TrainArguments & MarksArguments;

/** Trains a model of marks along a genome, evaluates it on what was held out, and writes model and report. */
export async function trainMarks(path: string, command: Command): Promise<void> {
  const began = performance.now();
  const messages = openMessages(command.opts<Arguments>());
  const args = marksArguments(command);
  const folder = reportPlace(args.output, args.report);
  const { bin, ...window } = windowOf(args);
  const definition: MarksDefinition = {
    ...{ architecture: args.model, config: marksConfig(args.model, args.set), ...window },
  };
  const files = filesOf(args, bin, args.alphabet);
  checkFitOptions(fitArguments(args));
  const threads = marksThreads(args.threads, definition.config ?? {});
  await checkPlaces(args.output, folder);
  const device = await deviceFor(args.device, messages);

  const data = await readMarks(path, files);
  messages.say(marksSentence(data));
  for (const note of data.notes) messages.say(note);
  const { test, validation, seed } = args;
  const parts = splitMarks(data, { test, validation, seed, core: window.core });
  const counts = countsOf(parts);
  messages.say(`${parts.note} Bins: ${counts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  const reverseComplement = args.reverseComplement && args.reverseComplement === 'augment';
  const trained = await trainingRun({ ...args, device }, threads, messages, (options) =>
    fitMarks(parts.fit, definition, {
      ...{ ...options, validation: parts.validation },
      ...(typeof reverseComplement === 'boolean' && { reverseComplement }),
    }),
  );
  await saveTrained(trained.model, { test, validation, seed, parts: placesOf(parts) }, args.output);
  messages.say(trainingSentence(trained));
  const where = { device, threads, worker: true, train: parts.fit, seed };
  const assessment = parts.test && (await assessMarks(trained.model, parts.test, where));
  const report = trainReport({
    path,
    args: { ...args, device },
    data,
    parts,
    trained,
    assessment,
    threads,
    counts,
  });
  const seconds = (performance.now() - began) / 1000;
  await deliver({ ...report, seconds }, { folder, model: args.output, json: args.json });
}

/** Options that speak of labels or of other models, which would be ignored in silence. */
const foreign = [
  ...['labels', 'id', 'label', 'labelFrom', 'sequence', 'group', 'weight', 'smoothing'],
  ...['tokenizer', 'corpus', 'threshold', 'word', 'unknown', 'scheme', 'transitions', 'minCount'],
  ...['keepCase', 'wordDropout', 'source', 'target', 'sourceTokens', 'targetTokens', 'sampling'],
  ...['time', 'horizon', 'context', 'quantiles', 'gaussian', 'binary', 'season', 'unalignable'],
];

function marksArguments(command: Command): Arguments {
  const given = (name: string) => !['default', undefined].includes(command.getOptionValueSource(name));
  const stray = foreign.find(given);
  if (stray !== undefined) {
    const flag = command.options.find((option) => option.attributeName() === stray)!.long;
    throw usageError(`${flag} does not go with --task marks, which learns from files along a genome.`);
  }
  const args = command.opts<Arguments>();
  if (!args.mark)
    throw usageError(
      '--task marks needs --mark: what is told of every bin, such as --mark H3K4me3=k4.bed --mark H3K27ac=k27.bw.',
    );
  if (args.split !== undefined && !/^(chromosome|group)$/.test(args.split))
    throw usageError(
      `--split ${args.split} does not go with --task marks: neighbouring bins are alike. Leave it out; --test and --validation take shares or names of sequences.`,
    );
  if (args.reverseComplement && !/^(none|augment)$/.test(args.reverseComplement))
    throw usageError(
      `--reverse-complement ${args.reverseComplement} does not go with --task marks; choose none or augment (the default).`,
    );
  return { ...args, model: given('model') ? args.model : 'bilstm' };
}

const partsOf = ({ fit, validation, test }: MarksParts): [name: string, data: MarksData][] => [
  ['training', fit],
  ...(validation ? [['validation', validation] as [string, MarksData]] : []),
  ...(test ? [['test', test] as [string, MarksData]] : []),
];

const countsOf = (parts: MarksParts) =>
  partsOf(parts).map(([name, data]) => ({ name, count: binTotal(data) }));

/** Which stretches went where, so that `evaluate --regions` can name them again; as many as are worth keeping. */
const placesOf = (parts: MarksParts) =>
  Object.fromEntries(
    partsOf(parts).map(([name, { stretches }]) => [
      name,
      stretches.slice(0, 1000).map(({ chrom, start, length }) => `${chrom}:${start}-${start + length}`),
    ]),
  );

interface Finished {
  readonly path: string;
  readonly args: Arguments;
  readonly data: MarksData;
  readonly parts: MarksParts;
  readonly trained: TrainedMarks;
  readonly assessment: MarksAssessment | undefined;
  readonly threads: number;
  readonly counts: { name: string; count: number }[];
}

function trainReport({ path, args, data, parts, trained, assessment, threads, counts }: Finished): RunReport {
  const { history, bestEpoch, seconds } = trained.fit;
  const { spec, weights } = trained.model;
  const { config: _config, json: _json, quiet: _quiet, ...options } = args;
  const { core, flank, bin, config: modelConfig } = spec;
  const used = { ...options, threads, modelConfig, core, flank, bin };
  const seen = `Learned from ${counted(trained.windows, 'window')} an epoch, ${counted(history.length, 'epoch')}`;
  const own = assessment && marksReport(assessment, parts.test!);
  return {
    title: `${args.model} model of marks along ${basename(path)}`,
    lead: assessment
      ? `${seen}; ${headline(assessment)} on ${counted(assessment.count, 'bin')} that it had not seen.`
      : `${seen}. Nothing was held out, so nothing is known of how well it tells marks.`,
    version,
    seed: args.seed,
    seconds: 0,
    data: marksSummary(data),
    training: {
      ...{ history, bestEpoch, seconds },
      parameters: [...weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    ...own,
    notes: [
      'The loss is the share that is still to be learned of what knowing nothing but how common a mark is costs, the mean over marks: 1 knows nothing.',
      ...(own?.notes ?? []),
    ],
    ...(assessment && {
      leakage: {
        split: parts.note.replace(/\.$/, ''),
        parts: counts,
        sentence:
          'No base is in two parts, and what is read around a bin lies in its part. Repeats and families of sequences that occur in several parts were not looked for.',
      },
    }),
    manifest: manifestOf(used, [...data.sources], { device: args.device, threads }),
  };
}
