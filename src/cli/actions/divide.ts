import { usageError } from '../../core/errors.ts';
import { type Dataset, subset } from '../../data/dataset.ts';
import { namedGroups } from '../../data/dataset-groups.ts';
import { type SimilarityReport, similaritySentence } from '../../data/split/similarity.ts';
import { leakage, split } from '../../data/split/split.ts';
import type { TargetSchema } from '../../data/target.ts';
import type { Messages } from '../messages.ts';
import { isByChromosome } from '../region-options.ts';
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
  const { genome, negatives } = args;
  const paths = [sequences, args.labels, args.test, args.validation, genome, negatives];
  const stdin = paths.filter((path) => path === '-');
  if (stdin.length > 1) throw usageError('only one input can be standard input; name files for the others.');
  messages.say(datasetSentence(all));
  const others: Dataset[] = [];
  const readOther = async (path: string) => {
    if (negatives !== undefined)
      throw usageError(
        `--negatives belong to ${sequences}; ${path} would have none. Give a share, or chromosomes with --split chromosome.`,
      );
    messages.say(`Reading ${path}.`);
    const {
      task: _task,
      alphabet: _alphabet,
      features: _f,
      categories: _c,
      ...rest
    } = datasetOptions(path, args);
    const other = await readLabelled(
      {
        ...rest,
        alphabet: all.alphabet,
        schema: schemaOf(all),
        ...(all.features && { featureSchema: all.features }),
        minRecords: 1,
      },
      messages,
    );
    others.push(other);
    return other;
  };
  const byName = isByChromosome(args);
  const fromFile = async (part: string | number | false) =>
    typeof part === 'string' && !byName ? readOther(part) : undefined;
  const [ownTest, ownValidation] = [await fromFile(args.test), await fromFile(args.validation)];
  const { train, test = ownTest, validation, note } = byName ? heldChromosomes(all, args) : held(all, args);
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
  const options = {
    ...(by && { by }),
    ...(threshold !== undefined && { threshold }),
    seed,
  };
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

/** Parts by chromosome, which are the groups of the records: those that are named, or a share of the records. */
function heldChromosomes(all: Labelled, { test, validation, seed }: TrainArguments) {
  const tested = chromosomes(all, test, seed);
  const judged = tested.rest.records.length < fewest ? undefined : chromosomes(tested.rest, validation, seed);
  const train = judged?.rest ?? tested.rest;
  const names = (part: Dataset | undefined) =>
    part ? [...new Set(part.records.map(({ group }) => group!))].join(', ') : 'none';
  return {
    train: ungrouped(train),
    test: tested.part && ungrouped(tested.part),
    validation: judged?.part && ungrouped(judged.part),
    note: `Split by chromosome: tested on ${names(tested.part)}, validated on ${names(judged?.part)}.`,
  };
}

function chromosomes(data: Dataset, part: number | string | false, seed: number) {
  if (part === false) return { part: undefined, rest: data };
  if (typeof part === 'number') {
    const { fit, test } = split(data, { by: 'group', test: part, seed });
    return { part: test, rest: fit };
  }
  const { inside, outside } = namedGroups(
    data,
    part.split(',').map((name) => name.trim()),
    'chromosome',
  );
  return { part: subset(data, inside), rest: subset(data, outside) };
}

/** Chromosomes are no sample of anything: intervals draw regions, not the few chromosomes. */
const ungrouped = (data: Dataset): Dataset => ({
  ...data,
  records: data.records.map(({ group: _, ...record }) => record),
});
