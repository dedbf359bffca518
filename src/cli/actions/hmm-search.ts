import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import type { ProfileHmm } from '../../markov/profile/profile-hmm.ts';
import { hitsText } from '../../markov/profile/report/hits-text.ts';
import {
  type ReportedHit,
  type ReportingOptions,
  reportHits,
} from '../../markov/profile/report/reporting.ts';
import {
  domainTable,
  type TableName,
  type TableRow,
  targetTable,
} from '../../markov/profile/report/tables.ts';
import { type Comparison, openComparison, type ProfileHit } from '../../markov/profile/search.ts';
import { type Messages, openMessages } from '../messages.ts';
import type { HmmSearchArguments } from '../verbs/hmm.ts';
import { readProfiles, readTargets } from './hmm-files.ts';
import { searchWindows } from './hmm-windows.ts';

/** The hits of one query: a profile that was searched with, or a sequence that was scanned. */
interface QueryResult {
  readonly query: TableName;
  readonly rows: readonly TableRow[];
}

/** Compares profiles with sequences: `search` reports by profile, `scan` by sequence. */
export async function hmmSearch(
  kind: 'search' | 'scan',
  profilesPath: string,
  sequencesPath: string,
  args: HmmSearchArguments,
): Promise<void> {
  refuseTwoStreams(profilesPath, sequencesPath, args);
  const messages = openMessages(args);
  const profiles = await readProfiles(profilesPath);
  if (args.cutoff) requireCutoff(profiles, args.cutoff, profilesPath);
  const { alphabet } = profiles[0]!;
  const records = {
    ...(args.id !== undefined && { id: args.id }),
    ...(args.sequence !== undefined && { sequence: args.sequence }),
  };
  const targets = readTargets(sequencesPath, alphabet, records);
  const nucleotides = alphabet.name === 'DNA' || alphabet.name === 'RNA';
  if (kind === 'search' && nucleotides && !args.whole)
    return searchWindows(profiles, targets, args, reportingOptions(args));
  const comparisons = profiles.map((profile) => openComparison(profile, comparisonOptions(args)));
  const compare = kind === 'search' ? searchAll : scanEach;
  const results = compare(comparisons, targets, reportingOptions(args));
  const kept: TableRow[] = [];
  const reported = { hits: 0, believed: 0 };
  const counted = countHits(results, reported, args.tblout || args.domtblout ? kept : undefined);
  await atomicWrite(args.output, textOf(counted, args));
  if (args.tblout) await atomicWrite(args.tblout, tableText(targetTable(kept)));
  if (args.domtblout) await atomicWrite(args.domtblout, tableText(domainTable(kept)));
  sayCounts(comparisons, reported, messages);
}

function refuseTwoStreams(
  profiles: string,
  sequences: string,
  { output, tblout, domtblout }: HmmSearchArguments,
) {
  if (profiles === '-' && sequences === '-')
    throw usageError('Profiles and sequences cannot both be standard input. Name a file for one of them.');
  if ([output, tblout, domtblout].filter((path) => path === '-').length > 1)
    throw usageError('Only one output can be standard output. Give -o, --tblout or --domtblout a file.');
}

function requireCutoff(profiles: readonly ProfileHmm[], cutoff: 'GA' | 'TC' | 'NC', path: string) {
  const without = profiles.find(({ cutoffs }) => !cutoffs?.[cutoff]);
  if (without)
    throw usageError(
      `${path}: profile ${without.name} has no ${cutoff} thresholds. Leave --cutoff out, or choose -E or -T.`,
    );
}

const comparisonOptions = ({ max, bias, null2, seed }: HmmSearchArguments) => ({
  bias: bias && !max,
  null2,
  seed,
  ...(max && { filters: { msv: 1, viterbi: 1, forward: 1 } }),
});

const reportingOptions = (args: HmmSearchArguments): ReportingOptions => ({
  evalue: args.evalue,
  domainEvalue: args.domainEvalue,
  includeEvalue: args.includeEvalue,
  includeDomainEvalue: args.includeDomainEvalue,
  ...(args.score !== undefined && { score: args.score }),
  ...(args.domainScore !== undefined && { domainScore: args.domainScore }),
  ...(args.cutoff && { cutoff: args.cutoff }),
  ...(args.targets !== undefined && { targets: args.targets }),
  ...(args.domainTargets !== undefined && { domainTargets: args.domainTargets }),
});

type Targets = ReturnType<typeof readTargets>;

const profileName = ({ name, accession, description, nodes }: ProfileHmm): TableName => ({
  name,
  accession,
  description,
  length: nodes,
});

/** Each sequence is read once and compared with all profiles; hits are reported when all are read. */
async function* searchAll(
  comparisons: readonly Comparison[],
  targets: Targets,
  reporting: ReportingOptions,
): AsyncGenerator<QueryResult> {
  const hits: ProfileHit[][] = comparisons.map(() => []);
  for await (const target of targets)
    comparisons.forEach(({ compare }, i) => {
      const hit = compare(target);
      if (hit) hits[i]!.push(hit);
    });
  for (const [i, { profile, counts }] of comparisons.entries()) {
    const query = profileName(profile);
    const reported = reportHits(hits[i]!, counts.targets, reporting);
    yield {
      query,
      rows: reported.map((hit) => {
        const { id: name, length, description } = hit;
        return { query, target: { name, length, description }, hit };
      }),
    };
  }
}

/** Every sequence is reported as soon as it is compared with all profiles. */
async function* scanEach(
  comparisons: readonly Comparison[],
  targets: Targets,
  reporting: ReportingOptions,
): AsyncGenerator<QueryResult> {
  for await (const target of targets) {
    const hits = comparisons.map(({ compare }) => compare(target)).filter((hit) => hit !== undefined);
    const query = { name: target.id, description: target.description, length: target.codes.length };
    const reported = reportHits(hits, comparisons.length, reporting);
    yield { query, rows: reported.map((hit) => ({ query, target: profileName(hit.profile), hit })) };
  }
}

/** Counts hits on their way, and keeps them where a table is to be written at the end. */
async function* countHits(
  results: AsyncIterable<QueryResult>,
  reported: { hits: number; believed: number },
  kept: TableRow[] | undefined,
): AsyncGenerator<QueryResult> {
  for await (const result of results) {
    for (const row of result.rows) {
      reported.hits++;
      if (row.hit.included) reported.believed++;
      kept?.push(row);
    }
    yield result;
  }
}

async function* textOf(
  results: AsyncIterable<QueryResult>,
  { json, alignments }: HmmSearchArguments,
): AsyncGenerator<string> {
  for await (const { query, rows } of results) {
    if (json) for (const row of rows) yield `${JSON.stringify(jsonHit(row))}\n`;
    else {
      for (const line of hitsText(query, rows, { alignments })) yield `${line}\n`;
      yield '//\n';
    }
  }
}

function jsonHit({ query, target, hit }: TableRow) {
  const { profile, logP, best, id, length, description, ...numbers }: ReportedHit = hit;
  return { query: query.name, target: target.name, ...numbers };
}

function* tableText(lines: readonly string[]): Generator<string> {
  for (const line of lines) yield `${line}\n`;
}

function sayCounts(
  comparisons: readonly Comparison[],
  { hits, believed }: { hits: number; believed: number },
  messages: Messages,
) {
  const sum = (of: 'targets' | 'msv' | 'bias' | 'viterbi' | 'forward') =>
    comparisons.reduce((total, { counts }) => total + counts[of], 0);
  messages.say(
    `${sum('targets')} comparisons; past the filters: MSV ${sum('msv')}, bias ${sum('bias')}, Viterbi ${sum('viterbi')}, Forward ${sum('forward')}; ${hits} reported, ${believed} of them believed.`,
  );
}
