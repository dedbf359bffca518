import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, type Option } from 'commander';
import { dataError, usageError } from '../core/errors.ts';
import { unknownSetting } from './settings.ts';

/** Reads a JSON record; throws a data error that names the file. */
export async function readJsonRecord(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') throw dataError(`${path}: no such file. Check the path.`);
    throw dataError(`${path} could not be read: ${error.message}.`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw dataError(`${path} is not valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw dataError(`${path}: expected a JSON record, {"key": value, …}.`);
}

/** Options that a configuration cannot hold: they are about the file itself. */
const excluded = ['config', 'help'];

/**
 * Fills the options of a command that were not given on the command line up from a JSON file whose keys are theirs in
 * camel case, `{"batchSize": 64, "label": ["heat", "cold"]}`. Values pass the same checks. Throws a usage error that names the key.
 */
export async function applyConfigFile(command: Command, path: string): Promise<void> {
  const config = await readJsonRecord(path);
  const options = new Map(
    command.options.filter((o) => !excluded.includes(o.attributeName())).map((o) => [o.attributeName(), o]),
  );
  for (const [key, value] of Object.entries(config)) {
    // Two options may share a name (--test, --no-test); the one that takes a value says how.
    const option = command.options.find((o) => o.attributeName() === key && !o.negate) ?? options.get(key);
    if (!option || excluded.includes(key)) throw unknownSetting(key, [...options.keys()], path);
    const given = optionValue(option, value, `${path}: ${key}`);
    if (command.getOptionValueSource(key) !== 'cli') command.setOptionValueWithSource(key, given, 'config');
  }
}

function optionValue(option: Option, value: unknown, what: string): unknown {
  if (value === false || value === null) return value === false ? false : undefined;
  if (!option.required && !option.optional) {
    if (value === true) return true;
    throw usageError(`${what}: expected true or false, received ${JSON.stringify(value)}.`);
  }
  const parse = (text: unknown, before: unknown) => {
    if (typeof text !== 'string' && typeof text !== 'number')
      throw usageError(`${what}: expected text or a number, received ${JSON.stringify(text)}.`);
    if (!option.parseArg) return String(text);
    try {
      return option.parseArg(String(text), before as never);
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw usageError(`${what}: ${error.message}`);
      throw error;
    }
  };
  if (!Array.isArray(value)) return parse(value, undefined);
  return value.reduce((before: unknown, item) => parse(item, before), undefined);
}
