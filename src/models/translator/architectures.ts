import { usageError } from '../../core/errors.ts';
import type { TranslatorArchitecture, TranslatorNetwork, TranslatorSizes } from './architecture.ts';
import { gruTranslator, lstmTranslator } from './recurrent.ts';
import { transformerTranslator } from './transformer.ts';

/** All translators' architectures by the names that the command line and model folders use. */
export const translatorArchitectures: Readonly<Record<string, TranslatorArchitecture>> = Object.fromEntries(
  [transformerTranslator, lstmTranslator, gruTranslator].map((architecture) => [
    architecture.name,
    architecture,
  ]),
);

/** Builds the translator called `name`; throws a usage error that lists the known names, or names the option that does not fit. */
export function buildTranslator(name: string, config: object, sizes: TranslatorSizes): TranslatorNetwork {
  if (!Object.hasOwn(translatorArchitectures, name))
    throw usageError(
      `There is no translator "${name}"; choose ${Object.keys(translatorArchitectures).join(', ')}.`,
    );
  return translatorArchitectures[name]!.build(config, sizes);
}
