import { dataError, usageError } from '../../core/errors.ts';
import { bedIntervals } from '../../data/bed/bed.ts';
import { openRecords } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import type { Labels } from '../../markov/hmm/labels.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import type { HmmFile } from '../../models/markov/hmm-file.ts';
import type { ObservationArguments } from '../verbs/hmm-models.ts';
import type { Observation } from './markov-observations.ts';

/** Tells the labels of a sequence; null where there are none for it. */
export interface LabelSource {
  of(observation: Observation): Labels | null;
  /** Throws a data error where labels name sequences that there are not. */
  checkUsed(): void;
}

/** Letters that stand for a position whose state is not known. */
const unknownLetters = '.?';

/**
 * What is known of the states behind sequences: the label column of a table of steps; BED, whose names are labels; or, by id, a letter for
 * each position (FASTA as `hmm decode` writes it, or a table). Undefined where nothing was given.
 */
export async function openLabels(
  file: HmmFile,
  { labels: path, label, elsewhere, id }: ObservationArguments,
): Promise<LabelSource | undefined> {
  if (elsewhere !== undefined && !(path !== undefined && isBed(path)))
    throw usageError('--elsewhere goes with --labels in BED: it labels what no interval covers.');
  const names = [...new Set(file.labels)];
  const classes = Int32Array.from(file.labels, (name) => names.indexOf(name));
  const classOf = (name: string, where: string): number => {
    const found = names.indexOf(name);
    if (found >= 0) return found;
    throw dataError(
      `${where}: the label ${JSON.stringify(name)} is none of the model's; expected ${names.join(', ').slice(0, 200)}.`,
    );
  };
  if (path === undefined) return label === undefined ? undefined : columnLabels(classes, classOf);
  if (file.observes.kind !== 'letters')
    throw usageError(
      '--labels goes with sequences; the labels of a table of steps are a column of it: --label.',
    );
  return isBed(path)
    ? bedLabels(path, {
        classes,
        classOf,
        rest: elsewhere === undefined ? -1 : classOf(elsewhere, '--elsewhere'),
      })
    : letterLabels(path, { classes, letters: lettersOf(file, classes), id });
}

const isBed = (path: string) => /\.bed(\.b?gz)?$/i.test(path);

const columnLabels = (
  classes: Int32Array,
  classOf: (name: string, where: string) => number,
): LabelSource => ({
  of: ({ labels = [], where }) => ({
    labels: Int32Array.from(labels, (name) => (name === '' ? -1 : classOf(name, where))),
    classes,
  }),
  checkUsed() {},
});

async function bedLabels(
  path: string,
  {
    classes,
    classOf,
    rest,
  }: { classes: Int32Array; classOf(name: string, where: string): number; rest: number },
): Promise<LabelSource> {
  const { chunks, name } = openSource(path);
  const found = new Map<string, { start: number; end: number; label: number; where: string }[]>();
  for await (const { chrom, start, end, name: label, line } of bedIntervals(chunks, { name })) {
    const where = `${name}:${line}`;
    if (label === undefined) throw dataError(`${where}: no name; expected a label in the fourth column.`);
    const list = found.get(chrom) ?? [];
    found.set(chrom, list);
    list.push({ start, end, label: classOf(label, where), where });
  }
  const waiting = new Set(found.keys());
  return {
    of({ id, length }) {
      waiting.delete(id);
      const intervals = found.get(id);
      if (!intervals && rest < 0) return null;
      const labels = new Int32Array(length).fill(-1);
      for (const { start, end, label, where } of intervals ?? []) {
        if (end > length)
          throw dataError(`${where}: end ${end} lies beyond the ${length} letters of ${JSON.stringify(id)}.`);
        for (let t = start; t < end; t++) {
          if (labels[t]! >= 0 && labels[t] !== label)
            throw dataError(
              `${where}: position ${t + 1} of ${JSON.stringify(id)} has another label already. Labels must not overlap.`,
            );
          labels[t] = label;
        }
      }
      return { labels: rest < 0 ? labels : labels.map((label) => (label < 0 ? rest : label)), classes };
    },
    checkUsed: () => refuseLeft(waiting, name),
  };
}

/** Which class a printed letter means; letters that mean several mean none. */
function lettersOf({ model }: HmmFile, classes: Int32Array): Map<string, number> {
  const meant = new Map<string, number>([...unknownLetters].map((letter) => [letter, -1]));
  (model as Hmm<unknown>).states.forEach(({ letter, emission }, s) => {
    if (emission === null) return;
    const before = meant.get(letter);
    if (before !== undefined && before !== classes[s])
      throw usageError(
        `The letter ${JSON.stringify(letter)} stands for states of different labels, so a letter for each position does not say which. Give the states different letters, or labels as BED.`,
      );
    meant.set(letter, classes[s]!);
  });
  return meant;
}

async function letterLabels(
  path: string,
  { classes, letters, id }: { classes: Int32Array; letters: Map<string, number>; id: string | undefined },
): Promise<LabelSource> {
  const { records, name } = await openRecords(path, id === undefined ? {} : { id });
  const found = new Map<string, { text: string; line: number }>();
  for await (const record of records) found.set(record.id, { text: record.sequence, line: record.line });
  const waiting = new Set(found.keys());
  return {
    of({ id, length }) {
      waiting.delete(id);
      const own = found.get(id);
      if (!own) return null;
      const { text, line } = own;
      const where = `${name}:${line}: record "${id}"`;
      if (text.length !== length)
        throw dataError(
          `${where} has ${text.length} labels for ${length} positions; expected one letter for each.`,
        );
      const labels = Int32Array.from(text, (letter, t) => {
        const label = letters.get(letter);
        if (label !== undefined) return label;
        throw dataError(
          `${where} has ${JSON.stringify(letter)} at position ${t + 1}; expected a letter of a state (${[...letters.keys()].slice(2).join(' ')}), or . where it is not known.`,
        );
      });
      return { labels, classes };
    },
    checkUsed: () => refuseLeft(waiting, name),
  };
}

function refuseLeft(waiting: ReadonlySet<string>, name: string): void {
  const [first] = waiting;
  if (first === undefined) return;
  throw dataError(
    `${name} has labels for ${waiting.size === 1 ? '' : `${waiting.size} sequences that are not there, such as `}${JSON.stringify(first)}${waiting.size === 1 ? ', which is none of the sequences' : ''}. Check that both files name them alike.`,
  );
}
