import { usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { openSource } from '../../data/source.ts';
import { readHmmer } from '../../markov/profile/read-hmmer.ts';
import { sampleProfile } from '../../markov/profile/sample-profile.ts';
import { markovFileFrom, tellJson, wholeText } from '../../models/markov/markov-file.ts';
import type { HmmSampleArguments } from '../verbs/hmm.ts';

/** Draws sequences from each profile of a file, as FASTA, or from an HMM; the file tells which it is. */
export async function hmmSample(path: string, args: HmmSampleArguments): Promise<void> {
  const { chunks, name } = openSource(path);
  const told = await tellJson(chunks);
  if (told.isJson) {
    const file = markovFileFrom(await wholeText(told.chunks, name), name);
    if (file.kind === 'ngram')
      throw usageError(`${name} is an n-gram model; draw from it with seqwright generate ${name}.`);
    const { sampleHmmFile } = await import('./markov-sample-hmm.ts');
    return sampleHmmFile({ file, name }, args);
  }
  const { output, count, seed, length, format } = args;
  const stray =
    length !== undefined ? '--length' : format !== undefined && format !== 'fasta' ? '--format' : undefined;
  if (stray)
    throw usageError(
      `${stray} goes with an HMM in JSON; ${name} holds profiles, whose samples are as long as they are.`,
    );
  async function* sequences() {
    for await (const profile of readHmmer(told.chunks, { name })) {
      const stream = randomStream(seed, 'hmm sample', profile.name);
      for (let i = 1; i <= count; i++)
        yield* fastaText([
          { id: `${profile.name}-sample${i}`, sequence: sampleProfile(profile, stream).text },
        ]);
    }
  }
  await atomicWrite(output, sequences());
}
