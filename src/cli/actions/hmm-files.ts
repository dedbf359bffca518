import { dataError } from '../../core/errors.ts';
import { openRecords, type RecordOptions } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import { encodeSequence, type ProfileAlphabet } from '../../markov/profile/alphabet.ts';
import type { ProfileHmm } from '../../markov/profile/profile-hmm.ts';
import { readHmmer } from '../../markov/profile/read-hmmer.ts';
import type { TargetSequence } from '../../markov/profile/search.ts';

/** All profiles of a file. Throws a data error where their alphabets differ. */
export async function readProfiles(path: string): Promise<ProfileHmm[]> {
  const { chunks, name } = openSource(path);
  const profiles: ProfileHmm[] = [];
  for await (const profile of readHmmer(chunks, { name })) {
    const [first] = profiles;
    if (first && first.alphabet.letters !== profile.alphabet.letters)
      throw dataError(
        `${name}: profile ${profile.name} is of ${profile.alphabet.name} letters, ${first.name} of ${first.alphabet.name}. Search with one alphabet at a time.`,
      );
    profiles.push(profile);
  }
  return profiles;
}

/** The one profile of a file. Throws a data error where it holds more. */
export async function readProfile(path: string): Promise<ProfileHmm> {
  const profiles = await readProfiles(path);
  if (profiles.length > 1)
    throw dataError(
      `${path} holds ${profiles.length} profiles; expected one. Write the one you mean to a file.`,
    );
  return profiles[0]!;
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
