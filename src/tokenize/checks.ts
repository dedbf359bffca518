import { dataError } from '../core/errors.ts';

/** A value of a file that nobody vouches for, and where it stands, for messages: `tokenizer.json: model.vocab`. */
export interface Place {
  readonly value: unknown;
  readonly where: string;
}

/** The refusal of a value: where it stands, what it is, what was expected. */
export const refusal = ({ value, where }: Place, expected: string) =>
  dataError(
    `${where} is ${shown(value)}; expected ${expected}. The file is damaged, was edited, or is of another kind.`,
  );

/** One line, at most 60 letters, nothing in it that a terminal would obey. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? 'missing';
  return text.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
}

export function recordAt(place: Place): Readonly<Record<string, unknown>> {
  const { value } = place;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal(place, 'an object');
  return value as Record<string, unknown>;
}

/** The field `name`; one that the object inherits does not count. */
export const at = (place: Place, name: string): Place => {
  const record = recordAt(place);
  return {
    value: Object.hasOwn(record, name) ? record[name] : undefined,
    where: /[.:]$|^$/.test(place.where) ? `${place.where} ${name}` : `${place.where}.${name}`,
  };
};

/** Whether a field is there and not null. */
export const has = (place: Place, name: string): boolean => (at(place, name).value ?? null) !== null;

export function textAt(place: Place, { max = 10_000, empty = false } = {}): string {
  const { value } = place;
  if (typeof value !== 'string' || (value === '' && !empty) || value.length > max)
    throw refusal(place, `a text of ${empty ? 0 : 1} to ${max} letters`);
  return value;
}

export function wholeAt(place: Place, { min = 0, max = 2 ** 24 } = {}): number {
  const { value } = place;
  if (!(Number.isInteger(value) && (value as number) >= min && (value as number) <= max))
    throw refusal(place, `a whole number from ${min} to ${max}`);
  return value as number;
}

export function numberAt(place: Place): number {
  const { value } = place;
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refusal(place, 'a number');
  return value;
}

/** True or false; `absent` where the field is missing or null. */
export function flagAt(place: Place, absent?: boolean): boolean {
  const { value } = place;
  if (absent !== undefined && (value === undefined || value === null)) return absent;
  if (typeof value !== 'boolean') throw refusal(place, 'true or false');
  return value;
}

export function choiceAt<const T extends string>(place: Place, choices: readonly T[]): T {
  if (choices.includes(place.value as T)) return place.value as T;
  throw refusal(place, `one of ${choices.join(', ')}`);
}

/** The steps of a `Sequence` in `tokenizer.json`, none of them a sequence itself, so that reading does not nest without end. */
export function stepsAt<T>(place: Place, read: (item: Place) => T): T[] {
  return listAt(
    place,
    (item) => {
      const type = at(item, 'type');
      if (type.value === 'Sequence') throw refusal(type, 'no sequence within a sequence');
      return read(item);
    },
    { max: 20 },
  );
}

/**
 * Stops steps that make texts longer and longer, each of which may be harmless: no file may turn a text into one that is
 * beyond all measure.
 */
export function checkGrowth(before: number, after: number): void {
  if (after > 16 * before + 1000)
    throw dataError(
      `The tokenizer makes ${after} letters of ${before} before it reads them; its steps cannot be meant so.`,
    );
}

/** The most tokens that a vocabulary may have. */
export const mostTokens = 2 ** 21;

export function listAt<T>(place: Place, read: (item: Place) => T, { min = 0, max = mostTokens } = {}): T[] {
  const { value, where } = place;
  if (!Array.isArray(value) || value.length < min || value.length > max)
    throw refusal(place, `a list of ${min} to ${max} entries`);
  return value.map((item, i) => read({ value: item, where: `${where}[${i}]` }));
}
