import { dataError, SeqwrightError } from '../core/errors.ts';
import { alphabetByName } from '../data/alphabet.ts';
import { shown } from './json.ts';
import type { ModelSpec, OutputSpec } from './spec.ts';

/** A field that was read, and where it stands, so that a message can say both. */
export interface Field {
  readonly value: unknown;
  /** For messages: `mine.model/model.json`. */
  readonly file: string;
  /** Such as `spec.output.classes`. */
  readonly path: string;
}

/** The refusal of a field: file, place, what stands there, what was expected, and what to do. */
export const fieldError = ({ value, file, path }: Field, expected: string) =>
  dataError(
    `${file}: ${path} is ${shown(value)}; expected ${expected}. The file is damaged or was edited; copy the model again or train it anew.`,
  );

const longest = 100_000;

export function textField(field: Field, { max = 10_000 } = {}): string {
  const { value } = field;
  if (typeof value !== 'string' || value === '' || value.length > max)
    throw fieldError(field, `a text of 1 to ${max} letters`);
  return value;
}

export function recordField(field: Field): Record<string, unknown> {
  const { value } = field;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fieldError(field, 'an object');
  return value as Record<string, unknown>;
}

/** The field `name` of a record; one that the record inherits does not count. */
export const within = (field: Field, name: string): Field => {
  const record = recordField(field);
  return {
    value: Object.hasOwn(record, name) ? record[name] : undefined,
    file: field.file,
    path: field.path ? `${field.path}.${name}` : name,
  };
};

function listField<T>(field: Field, least: number, read: (item: Field) => T): T[] {
  const { value, file, path } = field;
  if (!Array.isArray(value) || value.length < least || value.length > longest)
    throw fieldError(field, `a list of ${least} to ${longest} entries`);
  return value.map((item, i) => read({ value: item, file, path: `${path}[${i}]` }));
}

function namesField(field: Field, least: number): string[] {
  const names = listField(field, least, (item) => textField(item));
  if (new Set(names).size < names.length) throw fieldError(field, 'names that differ');
  return names;
}

function numbersField(field: Field, count: number, { positive = false } = {}): number[] {
  const numbers = listField(field, 0, (item) => {
    const { value } = item;
    if (typeof value !== 'number' || !Number.isFinite(value) || (positive && value <= 0))
      throw fieldError(item, positive ? 'a number above 0' : 'a number');
    return value;
  });
  if (numbers.length !== count) throw fieldError(field, `${count} numbers`);
  return numbers;
}

function readOutput(field: Field): OutputSpec {
  const kind = within(field, 'kind');
  switch (kind.value) {
    case 'classes':
      return { kind: 'classes', classes: namesField(within(field, 'classes'), 2) };
    case 'labels':
      return { kind: 'labels', classes: namesField(within(field, 'classes'), 1) };
    case 'values': {
      const names = namesField(within(field, 'names'), 1);
      const positive = within(field, 'positive');
      if (typeof positive.value !== 'boolean') throw fieldError(positive, 'true or false');
      return {
        kind: 'values',
        names,
        positive: positive.value,
        mean: numbersField(within(field, 'mean'), names.length),
        deviation: numbersField(within(field, 'deviation'), names.length, { positive: true }),
      };
    }
    default:
      throw fieldError(kind, 'classes, labels or values');
  }
}

function readAlphabet(field: Field): ModelSpec['alphabet'] {
  const name = textField(within(field, 'name'), { max: 100 });
  const letters = textField(within(field, 'letters'), { max: 128 });
  try {
    alphabetByName(name, letters);
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw fieldError(field, `an alphabet (${error.message.replace(/\.$/, '')})`);
  }
  return { name, letters };
}

/** Settings are few, short and of moderate size: a file must not make the network that it describes grow beyond all measure. */
function readConfig(field: Field): Record<string, unknown> {
  const record = recordField(field);
  return Object.fromEntries(
    Object.keys(record).map((name) => {
      const setting = within(field, name);
      if (Array.isArray(setting.value)) return [name, settingsField(setting)];
      return [name, settingField(setting)];
    }),
  );
}

function settingField(field: Field): unknown {
  const { value } = field;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string' && value.length <= 1000) return value;
  if (typeof value === 'number' && Math.abs(value) <= 2 ** 24) return value;
  throw fieldError(field, `a number up to ${2 ** 24}, a short text, true, false, null, or a list of these`);
}

function settingsField(field: Field): unknown[] {
  if ((field.value as unknown[]).length > 100) throw fieldError(field, 'a list of at most 100 entries');
  return listField(field, 0, settingField);
}

/**
 * Reads a model's description out of a parsed file, field by field; unknown fields are left out. Whether
 * the architecture exists and takes this configuration is for `network` to say.
 * Throws a data error that names file and field.
 */
export function readSpec(field: Field): ModelSpec {
  return {
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    alphabet: readAlphabet(within(field, 'alphabet')),
    tracks: namesField(within(field, 'tracks'), 0),
    output: readOutput(within(field, 'output')),
  };
}
