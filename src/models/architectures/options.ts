import { usageError } from '../../core/errors.ts';

/** One setting of an architecture: its default, and what it accepts, in code and in words. Values are plain data (JSON). */
export interface Option<T> {
  readonly default: T;
  readonly expected: string;
  readonly summary: string;
  readonly accepts: (value: unknown) => boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: options of all types stand side by side
export type Options = Readonly<Record<string, Option<any>>>;

/** The complete configuration that a record of options describes. */
export type ConfigOf<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

const isWhole = (min: number, max: number) => (value: unknown) =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
const range = (min: number, max: number) => `from ${min} to ${max}`;

/** No width is larger, so that products of a few of them stay exact whole numbers. */
const widest = 2 ** 24;
/** Nor is any list of layers longer. */
const longest = 64;

export const whole = (value: number, summary: string, { min = 1, max = widest } = {}): Option<number> => ({
  default: value,
  expected: `a whole number ${range(min, max)}`,
  summary,
  accepts: isWhole(min, max),
});

export const wholeOrNull = (summary: string, { min = 1, max = widest } = {}): Option<number | null> => ({
  default: null,
  expected: `a whole number ${range(min, max)}, or null`,
  summary,
  accepts: (value) => value === null || isWhole(min, max)(value),
});

export const wholes = (
  value: readonly number[],
  summary: string,
  { min = 1, atLeast = 0 } = {},
): Option<readonly number[]> => ({
  default: value,
  expected: `a list of ${atLeast} to ${longest} whole numbers ${range(min, widest)}`,
  summary,
  accepts: (list) =>
    Array.isArray(list) &&
    list.length >= atLeast &&
    list.length <= longest &&
    list.every(isWhole(min, widest)),
});

export const probability = (value: number, summary: string): Option<number> => ({
  default: value,
  expected: 'a number from 0 up to but not 1',
  summary,
  accepts: (x) => typeof x === 'number' && x >= 0 && x < 1,
});

export const yesNo = (value: boolean, summary: string): Option<boolean> => ({
  default: value,
  expected: 'true or false',
  summary,
  accepts: (x) => typeof x === 'boolean',
});

export const choice = <const T extends string>(
  value: NoInfer<T>,
  choices: readonly T[],
  summary: string,
): Option<T> => ({
  default: value,
  expected: `one of ${choices.join(', ')}`,
  summary,
  accepts: (x) => choices.includes(x as T),
});

/** Fills in the defaults; throws a usage error for a name that is not an option and for a value that its option does not accept. */
export function configure<O extends Options>(name: string, options: O, given: object): ConfigOf<O> {
  for (const key of Object.keys(given))
    if (!Object.hasOwn(options, key))
      throw usageError(`${name} has no option "${key}"; it has ${Object.keys(options).join(', ')}.`);
  const entries = Object.entries(options).map(([key, option]) => {
    const value = (given as Record<string, unknown>)[key] ?? option.default;
    if (!option.accepts(value))
      throw usageError(`${name}: expected ${key} to be ${option.expected}, received ${shown(value)}.`);
    return [key, value];
  });
  return Object.fromEntries(entries) as ConfigOf<O>;
}

const shown = (value: unknown) =>
  value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 80);

/** The default of every option that has one. */
export const defaultsOf = (options: Options): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([key, option]) =>
      option.default === undefined ? [] : [[key, option.default]],
    ),
  );
