import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import type { ProfileAlphabet } from '../../markov/profile/alphabet.ts';
import type { ProfileHmm } from '../../markov/profile/profile-hmm.ts';
import { windowsText } from '../../markov/profile/report/hits-text.ts';
import type { ReportingOptions } from '../../markov/profile/report/reporting.ts';
import { type ReportedWindow, reportWindows, windowTable } from '../../markov/profile/report/windows.ts';
import type { TargetSequence } from '../../markov/profile/search.ts';
import { openWindowSearch, type WindowHit, type WindowSearch } from '../../markov/profile/window-search.ts';
import { openMessages } from '../messages.ts';
import type { HmmSearchArguments } from '../verbs/hmm.ts';

/** Searches long nucleotide sequences, both strands, for matches of profiles; see `hmmSearch`. */
export async function searchWindows(
  batches: AsyncIterable<readonly ProfileHmm[]>,
  targets: (alphabet: ProfileAlphabet) => AsyncIterable<TargetSequence>,
  args: HmmSearchArguments,
  reporting: ReportingOptions,
): Promise<void> {
  if (args.domtblout)
    throw usageError(
      '--domtblout is for whole sequences: every match in a long sequence is a line of --tblout. Use that, or --whole.',
    );
  const { max, bias, null2, seed, strand } = args;
  const filters = { msv: 1, viterbi: 1, forward: 1 };
  const options = { bias: bias && !max, null2, seed, strand, ...(max && { filters }) };
  const open = (profile: ProfileHmm) => openWindowSearch(profile, options);
  const kept: ReportedWindow[] = [];
  const counts = { targets: 0, residues: 0 };
  await atomicWrite(args.output, textOf(batches, open, targets, args, reporting, kept, counts));
  if (args.tblout) await atomicWrite(args.tblout, windowTable(kept).join('\n').concat('\n'));
  const believed = kept.filter(({ included }) => included).length;
  openMessages(args).say(
    `${counts.targets} sequences, ${counts.residues} letters on the strands searched; ${kept.length} matches reported, ${believed} of them believed.`,
  );
}

async function* textOf(
  batches: AsyncIterable<readonly ProfileHmm[]>,
  open: (profile: ProfileHmm) => WindowSearch,
  targets: (alphabet: ProfileAlphabet) => AsyncIterable<TargetSequence>,
  { json, alignments }: HmmSearchArguments,
  reporting: ReportingOptions,
  kept: ReportedWindow[],
  total: { targets: number; residues: number },
): AsyncGenerator<string> {
  for await (const profiles of batches) {
    const searches = profiles.map(open);
    const hits: WindowHit[][] = searches.map(() => []);
    for await (const target of targets(profiles[0]!.alphabet))
      searches.forEach(({ search }, i) => {
        hits[i]!.push(...search(target));
      });
    Object.assign(total, searches[0]!.counts);
    for (const [i, { profile, counts, window }] of searches.entries()) {
      const { name, accession, description, nodes: length } = profile;
      const reported = reportWindows(hits[i]!, { residues: counts.residues, window }, reporting);
      kept.push(...reported);
      const lines = json
        ? reported.map((hit) => JSON.stringify(jsonWindow(hit)))
        : [...windowsText({ name, accession, description, length }, reported, { alignments }), '//'];
      for (const line of lines) yield `${line}\n`;
    }
  }
}

function jsonWindow({ profile, logP, id, description, ...numbers }: ReportedWindow) {
  return { query: profile.name, target: id, ...numbers };
}
