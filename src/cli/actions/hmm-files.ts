import { dataError, usageError } from '../../core/errors.ts';
import { openRecords, type RecordOptions } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import { encodeSequence, type ProfileAlphabet } from '../../markov/profile/alphabet.ts';
import type { ProfileHmm } from '../../markov/profile/profile-hmm.ts';
import { readHmmer } from '../../markov/profile/read-hmmer.ts';
import type { TargetSequence } from '../../markov/profile/search.ts';

/** Profiles of a file one at a time. Throws a data error where their alphabets differ. */
export async function* eachProfile(path: string): AsyncGenerator<ProfileHmm> {
  const { chunks, name } = openSource(path);
  let first: ProfileHmm | undefined;
  for await (const profile of readHmmer(chunks, { name })) {
    first ??= profile;
    if (first.alphabet.letters !== profile.alphabet.letters)
      throw dataError(
        `${name}: profile ${profile.name} is of ${profile.alphabet.name} letters, ${first.name} of ${first.alphabet.name}. Search with one alphabet at a time.`,
      );
    yield profile;
  }
}

/** Profiles of a file, so many at a time that a library of any size fits into memory. */
export async function* profileBatches(path: string, size = 64): AsyncGenerator<ProfileHmm[]> {
  let batch: ProfileHmm[] = [];
  for await (const profile of eachProfile(path)) {
    batch.push(profile);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Sequences that are read anew each time they are asked for. Throws a usage error where that is standard input and it has been
 * read already.
 */
export function repeatedTargets(
  path: string,
  options: RecordOptions,
): (alphabet: ProfileAlphabet) => ReturnType<typeof readTargets> {
  let read = false;
  return (alphabet) => {
    if (read && path === '-')
      throw usageError(
        'Standard input can be read once only, and so many profiles need the sequences several times. Name a file.',
      );
    read = true;
    return readTargets(path, alphabet, options);
  };
}

/** The one profile of a file. Throws a data error where it holds more. */
export async function readProfile(path: string): Promise<ProfileHmm> {
  let found: ProfileHmm | undefined;
  for await (const profile of eachProfile(path)) {
    if (found)
      throw dataError(`${path} holds several profiles; expected one. Write the one you mean to a file.`);
    found = profile;
  }
  return found!;
}

/** Sequences one at a time, as the profiles' letters. Throws a data error that names file, line and letter. */
export async function* readTargets(
  path: string,
  alphabet: ProfileAlphabet,
  options: RecordOptions = {},
): AsyncGenerator<TargetSequence & { description: string }> {
  const { records, name } = await openRecords(path, options);
  for await (const { id, sequence, description = '', line } of records)
    yield { id, description, codes: encodeSequence(sequence, alphabet, `${name}:${line}: record "${id}"`) };
}
