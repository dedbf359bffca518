import { usageError } from '../../core/errors.ts';
import { a2mText } from '../../data/alignment/a2m.ts';
import { alignedFastaText } from '../../data/alignment/aligned-fasta.ts';
import type { Alignment } from '../../data/alignment/alignment.ts';
import { stockholmText } from '../../data/alignment/stockholm-text.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { alignToProfile } from '../../markov/profile/align-sequences.ts';
import type { TargetSequence } from '../../markov/profile/search.ts';
import { openMessages } from '../messages.ts';
import type { HmmAlignArguments } from '../verbs/hmm.ts';
import { readProfile, readTargets } from './hmm-files.ts';

const writers = { stockholm: stockholmText, a2m: a2mText, afa: alignedFastaText };

/** Aligns sequences to a profile, with the posterior probability of every letter where the format has a place for it. */
export async function hmmAlign(
  profilePath: string,
  sequencesPath: string,
  { output, format = formatOf(output), trim = false, glocal = false, quiet = false }: HmmAlignArguments,
): Promise<void> {
  if (profilePath === '-' && sequencesPath === '-')
    throw usageError('Profile and sequences cannot both be standard input. Name a file for one of them.');
  const messages = openMessages({ quiet });
  const profile = await readProfile(profilePath);
  const sequences: TargetSequence[] = [];
  for await (const target of readTargets(sequencesPath, profile.alphabet)) sequences.push(target);
  const aligned = alignToProfile(profile, sequences, { trim, mode: glocal ? 'glocal' : 'local' });
  const alignment: Alignment = {
    rows: aligned.rows.map(({ posterior, ...row }) => ({ ...row, letters: { PP: posterior } })),
    columns: { PP_cons: aligned.posteriorConsensus, RF: aligned.reference },
  };
  await atomicWrite(output, writers[format](alignment));
  messages.say(
    `Aligned ${sequences.length} sequences to ${profile.name}, ${aligned.reference.length} columns.`,
  );
}

function formatOf(output: string): keyof typeof writers {
  if (/\.a2m(\.gz)?$/i.test(output)) return 'a2m';
  return /\.(afa|fa|fasta|aln)(\.gz)?$/i.test(output) ? 'afa' : 'stockholm';
}
