import { randomStream } from '../../core/random.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { sampleProfile } from '../../markov/profile/sample-profile.ts';
import type { HmmSampleArguments } from '../verbs/hmm.ts';
import { eachProfile } from './hmm-files.ts';

/** Draws sequences from each profile of a file, as FASTA. */
export async function hmmSample(path: string, { output, count, seed }: HmmSampleArguments): Promise<void> {
  async function* sequences() {
    for await (const profile of eachProfile(path)) {
      const stream = randomStream(seed, 'hmm sample', profile.name);
      for (let i = 1; i <= count; i++)
        yield* fastaText([
          { id: `${profile.name}-sample${i}`, sequence: sampleProfile(profile, stream).text },
        ]);
    }
  }
  await atomicWrite(output, sequences());
}
