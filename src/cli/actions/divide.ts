import { usageError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type SimilarityReport, similaritySentence } from '../../data/split/similarity.ts';
import { leakage, split } from '../../data/split/split.ts';
import type { TargetSchema } from '../../data/target.ts';
import type { Messages } from '../messages.ts';
import type { TrainArguments } from '../verbs/train.ts';
import { datasetSentence } from './data-summary.ts';
import { datasetOptions, type Labelled, readLabelled } from './read-input.ts';

/** Who goes where. */
export interface Division {
  /** Everything that was read from the first file. */
  readonly all: Labelled;
  /** What training sees; its validation part is still in it where `validation` is a share. */
  readonly fit: Dataset;
  readonly test?: Dataset;
  /** Of test to training data. */
  readonly similarity?: SimilarityReport;
  /** A share of `fit`, or a dataset of its own; 0 for none. */
  readonly validation: number | Dataset;
  /** Datasets from further files. */
  readonly others: Dataset[];
  /** How it was divided, in a sentence. */
  readonly note: string;
  readonly parts: { name: string; count: number }[];
  /** The same as settings, for the model's own record. */
  readonly settings: Record<string, unknown>;
}

/**
 * Divides what was read into training, validation and test data, or reads the latter two from files of their own,
 * and says how, with the similarity of test to training data. Validation data are held back in the same manner as test data.
 */
export async function divide(
  all: Labelled,
  sequences: string,
  args: TrainArguments,
  messages: Messages,
): Promise<Division> {
  const stdin = [sequences, args.labels, args.test, args.validation].filter((path) => path === '-');
  if (stdin.length > 1) throw usageError('only one input can be standard input; name files for the others.');
  messages.say(datasetSentence(all));
  const others: Dataset[] = [];
  const readOther = async (path: string) => {
    messages.say(`Reading ${path}.`);
    const { task: _task, alphabet: _alphabet, ...rest } = datasetOptions(path, args);
    const other = await readLabelled(
      { ...rest, alphabet: all.alphabet, schema: schemaOf(all), minRecords: 1 },
      messages,
    );
    others.push(other);
    return other;
  };
  const ownTest = typeof args.test === 'string' ? await readOther(args.test) : undefined;
  const ownValidation = typeof args.validation === 'string' ? await readOther(args.validation) : undefined;
  const { train, test = ownTest, validation, note } = held(all, args);
  const judge = ownValidation ?? validation ?? 0;
  const parts = [
    { name: 'training', count: train.records.length },
    ...(typeof judge === 'number' ? [] : [{ name: 'validation', count: judge.records.length }]),
    ...(test ? [{ name: 'test', count: test.records.length }] : []),
  ];
  const { split: by, threshold, seed } = args;
  messages.say(`${note} ${parts.map(({ name, count }) => `${count} ${name}`).join(', ')}.`);
  const similarity = test && leakage(train, test);
  if (similarity) messages.say(similaritySentence(similarity));
  return {
    all,
    fit: train,
    ...(test && { test }),
    ...(similarity && { similarity }),
    validation: judge,
    others,
    note,
    parts,
    settings: {
      test: args.test,
      validation: args.validation,
      by: by ?? 'default',
      threshold: threshold ?? null,
      seed,
    },
  };
}

const schemaOf = ({ target }: Labelled): TargetSchema =>
  target.kind === 'values'
    ? { kind: 'values', names: target.names }
    : { kind: target.kind, classes: target.classes };

/** Fewer records than this are not worth holding back from: the validation loss would be noise. */
const fewest = 20;

/** What is held out of the first file; `--validation` is a share of what the test leaves. */
function held(all: Labelled, args: TrainArguments) {
  const { test, validation, split: by, threshold, seed } = args;
  const options = { ...(by && { by }), ...(threshold !== undefined && { threshold }), seed };
  const tested = typeof test === 'number' ? split(all, { ...options, test }) : undefined;
  const rest = tested ? tested.fit : all;
  const note = tested?.note ?? (test === false ? 'Nothing is held out for a test.' : `Tested on ${test}.`);
  if (typeof validation !== 'number' || rest.records.length < fewest)
    return { train: rest, test: tested?.test, note };
  const judged = split(rest, { ...options, test: validation });
  return {
    train: judged.fit,
    test: tested?.test,
    validation: judged.test,
    note,
  };
}
