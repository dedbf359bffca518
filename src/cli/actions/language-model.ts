import { stat } from 'node:fs/promises';
import type { LanguageModel } from '../../decode/language.ts';
import { loadModelOf } from '../../models/load-model.ts';
import { markovLanguage } from '../../models/markov/language.ts';
import { readMarkovFile } from '../../models/markov/markov-file.ts';

/** Whether a path holds a Markov model, which is one file; all other models are folders. */
export const isMarkovPath = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;

/** The language model of a path: a folder with a network, or the file of an n-gram model or HMM. */
export async function languageModelAt(path: string): Promise<LanguageModel> {
  if (!(await isMarkovPath(path))) return loadModelOf('language', path);
  return markovLanguage(await readMarkovFile(path), path);
}
