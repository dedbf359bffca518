import { usageError } from '../../core/errors.ts';
import { architectures } from '../../models/architectures/index.ts';
import { closest } from '../closest.ts';
import { languageModelNames, markovModelNames } from '../model-names.ts';
import { readSettings } from '../settings.ts';

const decidedByData = ['alphabet', 'outputs', 'tracks', 'features'];

/** What can be set in an architecture: all but what the data decide. */
export const settable = (architecture: string): string[] =>
  Object.keys(architectures[architecture]!.options).filter((key) => !decidedByData.includes(key));

/** The configuration that `--set` and `--reverse-complement` describe; throws a usage error for what the model cannot take. */
export function modelConfig(
  architecture: string,
  { set = [], reverseComplement }: { set?: string[]; reverseComplement?: string },
): Record<string, unknown> {
  const { options } = architectureOf(architecture);
  const known = settable(architecture);
  const config = readSettings(set, known, `the model ${architecture}`);
  for (const [key, value] of Object.entries(config)) {
    const option = options[key]!;
    if (Array.isArray(option.default) && typeof value === 'number') config[key] = [value];
    if (!option.accepts(config[key]))
      throw usageError(`--set ${key}: expected ${option.expected}, received ${JSON.stringify(value)}.`);
  }
  if (reverseComplement !== undefined) config.reverseComplement = reverseComplement;
  return config;
}

/** The architecture of a name, for `list`; throws a usage error with a guess. */
export function architectureOf(name: string) {
  if (Object.hasOwn(architectures, name)) return architectures[name]!;
  if ([...languageModelNames, ...markovModelNames].includes(name))
    throw usageError(`${name} is a language model: it goes with --task language.`);
  const guess = closest(name, Object.keys(architectures));
  throw usageError(`there is no model "${name}".${guess ? ` Did you mean ${guess}?` : ''}`);
}
