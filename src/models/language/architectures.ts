import { usageError } from '../../core/errors.ts';
import type { LanguageArchitecture, LanguageNetwork, LanguageSizes } from './architecture.ts';
import { feedForwardLanguage } from './feed-forward.ts';
import { diagonalLanguage, minGruLanguage, minLstmLanguage, selectiveLanguage } from './parallel.ts';
import { elmanLanguage, gruLanguage, lstmLanguage } from './recurrent.ts';
import { topicLanguage } from './topics.ts';
import { transformerLanguage } from './transformer.ts';

/** All language architectures by the names that the command line and model folders use. */
export const languageArchitectures: Readonly<Record<string, LanguageArchitecture>> = Object.fromEntries(
  [
    lstmLanguage,
    gruLanguage,
    elmanLanguage,
    transformerLanguage,
    minGruLanguage,
    minLstmLanguage,
    diagonalLanguage,
    selectiveLanguage,
    feedForwardLanguage,
    topicLanguage,
  ].map((architecture) => [architecture.name, architecture]),
);

/** Builds the language architecture called `name`; throws a usage error that lists the known names, or names the option that does not fit. */
export function buildLanguage(name: string, config: object, sizes: LanguageSizes): LanguageNetwork {
  if (!Object.hasOwn(languageArchitectures, name))
    throw usageError(
      `There is no language model "${name}"; choose ${Object.keys(languageArchitectures).join(', ')}.`,
    );
  return languageArchitectures[name]!.build(config, sizes);
}
