import { dataError } from '../core/errors.ts';
import { shown } from './json.ts';

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

export function booleanField(field: Field): boolean {
  if (typeof field.value !== 'boolean') throw fieldError(field, 'true or false');
  return field.value;
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

export function listField<T>(field: Field, least: number, read: (item: Field) => T): T[] {
  const { value, file, path } = field;
  if (!Array.isArray(value) || value.length < least || value.length > longest)
    throw fieldError(field, `a list of ${least} to ${longest} entries`);
  return value.map((item, i) => read({ value: item, file, path: `${path}[${i}]` }));
}

/** Texts that differ, at least so many. */
export function namesField(field: Field, least: number): string[] {
  const names = listField(field, least, (item) => textField(item));
  if (new Set(names).size < names.length) throw fieldError(field, 'names that differ');
  return names;
}

/** Exactly so many finite numbers. */
export function numbersField(field: Field, count: number, { positive = false } = {}): number[] {
  const numbers = listField(field, 0, (item) => {
    const { value } = item;
    if (typeof value !== 'number' || !Number.isFinite(value) || (positive && value <= 0))
      throw fieldError(item, positive ? 'a number above 0' : 'a number');
    return value;
  });
  if (numbers.length !== count) throw fieldError(field, `${count} numbers`);
  return numbers;
}

/** Settings are few, short and of moderate size: a file must not make the network that it describes grow beyond all measure. */
export function readConfig(field: Field): Record<string, unknown> {
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
