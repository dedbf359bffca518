import { SeqwrightError, usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { version } from '../../core/version.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import {
  baumWelch,
  countLabelled,
  type TrainingResult,
  viterbiTraining,
} from '../../markov/hmm/baum-welch.ts';
import { forward } from '../../markov/hmm/forward.ts';
import type { Labels } from '../../markov/hmm/labels.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import { freeParameters } from '../../markov/hmm/parameters.ts';
import type { AnyHmm, HmmFile } from '../../models/markov/hmm-file.ts';
import { readHmm } from '../../models/markov/markov-file.ts';
import { withDrawnEmissions } from '../../models/markov/open-emissions.ts';
import { hmmFileText } from '../../models/markov/write-hmm-file.ts';
import { counted } from '../../report/format.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { HmmTrainArguments } from '../verbs/hmm-models.ts';
import { commandLine } from './manifest.ts';
import { openLabels } from './markov-labels.ts';
import { newHmm, refuseModelOptions } from './markov-new-hmm.ts';
import { type Observation, type Observations, openObservations, saySkipped } from './markov-observations.ts';
import { stateSentences } from './markov-state-sentences.ts';

type Method = NonNullable<HmmTrainArguments['method']>;

/** Trains an HMM from a topology, or one of so many states, and writes it. */
export async function hmmTrain(files: readonly string[], args: HmmTrainArguments): Promise<void> {
  const messages = openMessages(args);
  if (args.json && args.output === '-')
    throw usageError('--json prints how training went on standard output; give the model a file with -o.');
  const { file, data, args: read } = await modelAndData(files, args);
  const observations = await openObservations(data, file.observes, read);
  const labelSource = await openLabels(file, args);
  const all: Observation[] = [];
  const labels: (Labels | null)[] = [];
  for await (const observation of observations.each) {
    all.push(observation);
    labels.push(labelSource?.of(observation) ?? null);
  }
  labelSource?.checkUsed();
  saySkipped(observations, messages);
  if (all.length === 0) throw usageError(`${data} has no sequence that could be used. See --ambiguous.`);
  const known = labelSource ? labels : undefined;
  const method = methodOf(file, known, args);
  messages.say(startSentence(file, all, known, method));
  const result = fitted(file, all, known, method, args, messages);
  await finish({ file, all, result, method, observations, args, messages });
}

/** What is trained, and what on; without --states the first of the files is the model. */
async function modelAndData(files: readonly string[], args: HmmTrainArguments) {
  const expected = args.states === undefined ? 2 : 1;
  if (files.length !== expected)
    throw usageError(
      args.states === undefined
        ? `${files.length === 1 ? 'one file' : `${files.length} files`}; expected a topology and sequences: seqwright hmm train topology.json ${files.at(-1)} -o trained.hmm.json. With --states 3 no topology is needed.`
        : `${files.length} files with --states; expected the sequences alone. Leave out --states to train ${files[0]}.`,
    );
  if (args.states === undefined) {
    refuseModelOptions(args);
    const [path, data] = files as [string, string];
    if (path === '-' && data === '-')
      throw usageError('Model and sequences cannot both be standard input. Name a file for one of them.');
    return { file: (await readHmm(path)) as HmmFile, data, args };
  }
  const [data] = files as [string];
  const { file, args: read } = await newHmm(data, args);
  return { file, data, args: read };
}

/** As asked; without a word, counts of labels where they leave nothing open. */
function methodOf(
  file: HmmFile,
  labels: readonly (Labels | null)[] | undefined,
  { method }: HmmTrainArguments,
): Method {
  const complete = labels?.every((own) => own?.labels.every((label) => label >= 0)) ?? false;
  const single = new Set(file.labels).size === (file.model as Hmm<unknown>).states.length;
  if (method === 'supervised' && !complete)
    throw usageError(
      `--method supervised counts what labels say, and ${labels ? 'some positions have none' : 'there are none: give --labels or --label'}. ${labels ? 'Label them (--elsewhere), or leave --method out: the open ones are then inferred.' : ''}`.trim(),
    );
  return method ?? (complete && single ? 'supervised' : 'baum-welch');
}

function startSentence(
  file: HmmFile,
  all: readonly Observation[],
  labels: readonly (Labels | null)[] | undefined,
  method: Method,
): string {
  const positions = all.reduce((sum, { length }) => sum + length, 0);
  const what = { 'baum-welch': 'Baum–Welch', viterbi: 'Viterbi training', supervised: 'Counts of labels' }[
    method
  ];
  const labelled = labels?.reduce(
    (sum, own) => sum + (own?.labels.reduce((n, label) => n + (label >= 0 ? 1 : 0), 0) ?? 0),
    0,
  );
  return `${what}: ${counted((file.model as Hmm<unknown>).states.length, 'state')}, ${counted(all.length, 'sequence')} of ${counted(positions, 'position')}${labelled === undefined ? '' : `, ${labelled.toLocaleString('en')} of them labelled`}.`;
}

function fitted(
  file: HmmFile,
  all: readonly Observation[],
  labels: readonly (Labels | null)[] | undefined,
  method: Method,
  args: HmmTrainArguments,
  messages: Messages,
): TrainingResult<never> {
  const sequences = all.map(({ values }) => values) as never[];
  const floorShare = args.states === undefined ? undefined : 1e-4;
  const stream = randomStream(args.seed, 'hmm train');
  const drawn = withDrawnEmissions(file, stream, sequences, { floorShare }) as Hmm<never>;
  const first = args.topology === 'left-right' ? segmented(drawn, all) : drawn;
  const restarts = method === 'supervised' ? 0 : (args.restarts ?? (args.states === undefined ? 0 : 4));
  const supervised = method === 'supervised';
  const train = method === 'viterbi' ? viterbiTraining : baumWelch;
  try {
    return train(first, sequences, {
      ...{
        iterations: supervised ? 1 : args.iterations,
        tolerance: args.tolerance,
        restarts,
        seed: args.seed,
      },
      ...(args.prior && { pseudocounts: args.prior }),
      ...(labels && { labels }),
      trained: Object.fromEntries((args.fix ?? []).map((part) => [part, false])),
      onIteration({ run, iteration, objective }) {
        const done = (run + iteration / args.iterations) / (restarts + 1);
        messages.progress(
          `run ${run + 1} of ${restarts + 1}, round ${iteration}, ${objective.toFixed(2)}`,
          done,
        );
        return undefined;
      },
    });
  } catch (error) {
    throw located(error, all);
  } finally {
    messages.clear();
  }
}

/**
 * A left-right model begins with every sequence cut into as many equal parts as there are states (the uniform segmentation of speech
 * recognition: Rabiner 1989). Sequences that are too short for that are left to the model.
 */
function segmented(model: Hmm<never>, all: readonly Observation[]): Hmm<never> {
  const n = model.states.length;
  const long = all.filter(({ length }) => length >= n);
  if (long.length === 0) return model;
  const labels = long.map(({ length }) => ({
    labels: Int32Array.from({ length }, (_, t) => Math.floor((t * n) / length)),
  }));
  const values = long.map(({ values }) => values) as never[];
  return countLabelled(model, values, labels, { pseudocounts: { transitions: 0.5, emissions: 0.5 } });
}

/** Says which record an error is about, where it says which of the sequences. */
function located(error: unknown, all: readonly Observation[]): unknown {
  if (!(error instanceof SeqwrightError)) return error;
  const [, number = '1', message = error.message] =
    /^Sequence (\d+) of \d+: (.*)$/s.exec(error.message) ?? [];
  if (!/probability zero/.test(message)) return error;
  return new SeqwrightError(error.kind, `${all[Number(number) - 1]!.where}: ${message}`, { cause: error });
}

interface Finished {
  file: HmmFile;
  all: readonly Observation[];
  result: TrainingResult<never>;
  method: Method;
  observations: Observations;
  args: HmmTrainArguments;
  messages: Messages;
}

async function finish({ file, all, result, method, observations, args, messages }: Finished): Promise<void> {
  const { model, objectives, converged, run, unused } = result;
  const positions = all.reduce((sum, { length }) => sum + length, 0);
  const logLikelihood = all.reduce(
    (sum, { values }) => sum + forward(model, values as never).logLikelihood,
    0,
  );
  const trained = Object.fromEntries((args.fix ?? []).map((part) => [part, false]));
  const free = freeParameters(model, trained);
  const training = {
    ...{ method, sequences: all.length, positions, logLikelihood: finite(logLikelihood), parameters: free },
    bic: finite(-2 * logLikelihood + free * Math.log(Math.max(1, positions))),
    ...{ rounds: objectives.length, converged: method === 'supervised' || converged, run, seed: args.seed },
    ...{ unused: unused.length > 0 ? unused : undefined, prior: args.prior, version, command: commandLine() },
    data: observations.digest().sha256,
  };
  const made: HmmFile = { ...file, model: model as unknown as AnyHmm, open: [], training };
  await atomicWrite(args.output, hmmFileText(made));
  if (args.json) await atomicWrite('-', `${JSON.stringify(training)}\n`);
  const rounds =
    method === 'supervised'
      ? ''
      : ` after ${counted(objectives.length, 'round')}${converged ? '' : ' without converging (more: --iterations)'}${run > 0 ? `, restart ${run}` : ''}`;
  messages.say(
    `Log-likelihood ${logLikelihood.toFixed(3)}${rounds}; ${counted(free, 'free parameter')}, BIC ${(training.bic ?? Number.NaN).toFixed(1)}.`,
  );
  if (unused.length > 0)
    messages.say(
      `Never visited, left as they were: ${unused.join(', ')}. Give them data, a prior, or leave them out.`,
    );
  for (const sentence of stateSentences(made)) messages.say(sentence);
}

/** JSON has no infinity. */
const finite = (x: number) => (Number.isFinite(x) ? x : null);
