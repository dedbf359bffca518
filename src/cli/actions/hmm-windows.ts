import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
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
  profiles: readonly ProfileHmm[],
  targets: AsyncIterable<TargetSequence>,
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
  const searches = profiles.map((profile) => openWindowSearch(profile, options));
  const kept: ReportedWindow[] = [];
  await atomicWrite(args.output, textOf(searches, targets, args, reporting, kept));
  if (args.tblout) await atomicWrite(args.tblout, windowTable(kept).join('\n').concat('\n'));
  const [{ counts }] = searches as [WindowSearch];
  const believed = kept.filter(({ included }) => included).length;
  openMessages(args).say(
    `${counts.targets} sequences, ${counts.residues} letters on the strands searched; ${kept.length} matches reported, ${believed} of them believed.`,
  );
}

async function* textOf(
  searches: readonly WindowSearch[],
  targets: AsyncIterable<TargetSequence>,
  { json, alignments }: HmmSearchArguments,
  reporting: ReportingOptions,
  kept: ReportedWindow[],
): AsyncGenerator<string> {
  const hits: WindowHit[][] = searches.map(() => []);
  for await (const target of targets)
    searches.forEach(({ search }, i) => {
      hits[i]!.push(...search(target));
    });
  for (const [i, { profile, counts, window }] of searches.entries()) {
    const { name, accession, description, nodes: length } = profile;
    const reported = reportWindows(hits[i]!, { residues: counts.residues, window }, reporting);
    kept.push(...reported);
    if (json) {
      for (const { profile: _, logP, id, description: about, ...numbers } of reported)
        yield `${JSON.stringify({ query: name, target: id, ...numbers })}\n`;
      continue;
    }
    for (const line of windowsText({ name, accession, description, length }, reported, { alignments }))
      yield `${line}\n`;
    yield '//\n';
  }
}
