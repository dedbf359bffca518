import { usageError } from '../core/errors.ts';
import { closest } from './closest.ts';

/**
 * `key=value` words as plain data: numbers, true, false, null and JSON as such, `64,64` as a list, nothing as an empty
 * list, all else as text.
 * Throws a usage error for a word without `=` and for a key that is not among `known`.
 * @example readSettings(['hidden=64', 'pool=max', 'filters=64,32'], ['hidden', 'pool', 'filters'], 'cnn')
 */
export function readSettings(
  words: readonly string[],
  known: readonly string[],
  owner: string,
  isKnown: (key: string) => boolean = (key) => known.includes(key),
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const word of words) {
    const at = word.indexOf('=');
    if (at <= 0) throw usageError(`--set ${word}: expected key=value, such as ${known[0] ?? 'key'}=1.`);
    const key = word.slice(0, at);
    if (!isKnown(key)) throw unknownSetting(key, known, owner);
    settings[key] = settingValue(word.slice(at + 1));
  }
  return settings;
}

/** The error for a setting that `owner` does not have. */
export function unknownSetting(key: string, known: readonly string[], owner: string) {
  const guess = closest(key, known);
  const hint = guess ? `Did you mean ${guess}?` : `It has ${known.join(', ')}.`;
  return usageError(`${owner} has no setting "${key}". ${hint}`);
}

function settingValue(text: string): unknown {
  if (text === '') return [];
  const json = parsed(text);
  if (json !== undefined) return json;
  if (!text.includes(',')) return text;
  return parsed(`[${text}]`) ?? text.split(',').map((part) => parsed(part) ?? part);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
