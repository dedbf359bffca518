import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { openTable } from '../../data/table/table.ts';

/** One course of values, with what is known before it begins. */
export interface Trajectory {
  readonly id: string;
  readonly values: readonly number[];
  /** A place in the list of classes. */
  readonly kind: number;
  readonly context: readonly number[];
}

/** Trajectories, what their classes are called and how many numbers their context has; either may be none. */
export interface Trajectories {
  readonly all: readonly Trajectory[];
  readonly classes: readonly string[];
  readonly context: readonly string[];
  readonly source?: SourceDigest;
}

/** Angle from one value to the next in the example. */
const turn = 0.45;

/**
 * Noisy circles, of which one coordinate is seen: where a course begins (its phase and size) is known as a vector, and roughly (the
 * quarter of the circle) as a class; the first values alone tell neither where it goes.
 */
export function plantedTrajectories({
  count,
  length,
  noise,
  seed,
}: {
  count: number;
  length: number;
  noise: number;
  seed: number;
}): Trajectories {
  const random = randomStream(seed, 'trajectories');
  const all = Array.from({ length: count }, (_, i): Trajectory => {
    const phase = 2 * Math.PI * random.uniform();
    const size = 0.6 + 0.8 * random.uniform();
    const values = Array.from(
      { length },
      (_, t) => size * Math.cos(phase + turn * t) + noise * random.normal(),
    );
    return {
      id: `course ${i + 1}`,
      values,
      kind: Math.floor((4 * phase) / (2 * Math.PI)) % 4,
      context: [size * Math.cos(phase), size * Math.sin(phase)],
    };
  });
  return {
    all,
    classes: ['first quarter', 'second quarter', 'third quarter', 'fourth quarter'],
    context: ['east', 'north'],
  };
}

const [fewestCourses, fewestValues] = [20, 6];

/**
 * Reads a table with one row a value: columns `id` and `value`, rows of one id in the order of time; a column `class` and further columns of
 * numbers (the context) say what is known beforehand, and are read from the first row of each id. A column `time` is passed over. Throws a
 * data error with line and column.
 */
export async function readTrajectories(path: string): Promise<Trajectories> {
  const opened = openSource(path);
  const table = await openTable(opened.chunks, { name: opened.name });
  const at = (name: string) => table.columns.findIndex((column) => column.toLowerCase() === name);
  const [id, value, kind] = [at('id'), at('value'), at('class')];
  if (id < 0 || value < 0)
    throw dataError(`${opened.name}: expected columns id and value, found ${table.columns.join(', ')}.`);
  const rest = table.columns.flatMap((_, i) => ([id, value, kind, at('time')].includes(i) ? [] : [i]));
  if (kind < 0 && rest.length === 0)
    throw dataError(
      `${opened.name}: nothing is known before a trajectory begins; add a column class, or columns of numbers.`,
    );
  const classes: string[] = [];
  const found = new Map<string, { values: number[]; kind: number; context: number[] }>();
  for await (const { cells, line } of table.rows) {
    const number = (i: number) => {
      const n = Number(cells[i]);
      if (cells[i] !== '' && Number.isFinite(n)) return n;
      throw dataError(
        `${opened.name}:${line}: column "${table.columns[i]}": expected a number, received ${JSON.stringify(cells[i])}.`,
      );
    };
    let own = found.get(cells[id]!);
    if (!own) {
      const name = kind < 0 ? '' : cells[kind]!;
      if (!classes.includes(name)) classes.push(name);
      own = { values: [], kind: classes.indexOf(name), context: rest.map(number) };
      found.set(cells[id]!, own);
    }
    own.values.push(number(value));
  }
  const all = [...found].map(([name, own]) => ({ id: name, ...own }));
  const short = all.find(({ values }) => values.length < fewestValues);
  if (short)
    throw dataError(
      `${opened.name}: "${short.id}" has ${short.values.length} values; at least ${fewestValues} are needed.`,
    );
  if (all.length < fewestCourses)
    throw dataError(`${opened.name} has ${all.length} trajectories; at least ${fewestCourses} are needed.`);
  return {
    all,
    classes: kind < 0 ? [] : classes,
    context: rest.map((i) => table.columns[i]!),
    source: opened.digest(),
  };
}
