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
import {
  type Comparison,
  type FilterCounts,
  openComparison,
  type ProfileHit,
  type TargetSequence,
} from '../../markov/profile/search.ts';
import { openMessages } from '../messages.ts';
import type { HmmSearchArguments } from '../verbs/hmm.ts';
import { profileBatches, repeatedTargets } from './hmm-files.ts';
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
  const records = {
    ...(args.id !== undefined && { id: args.id }),
    ...(args.sequence !== undefined && { sequence: args.sequence }),
  };
  const targets = repeatedTargets(sequencesPath, records);
  const batches = profileBatches(profilesPath);
  const { value: first } = await batches.next();
  const { name: letters } = (first as ProfileHmm[])[0]!.alphabet;
  const all = rejoined(first as ProfileHmm[], batches);
  if (kind === 'search' && (letters === 'DNA' || letters === 'RNA') && !args.whole)
    return searchWindows(all, targets, args, reportingOptions(args));
  const counts: FilterCounts = { targets: 0, residues: 0, msv: 0, bias: 0, viterbi: 0, forward: 0 };
  const compare = kind === 'search' ? searchAll : scanAll;
  const results = compare(openedBatches(all, args, counts), targets, reportingOptions(args));
  const kept: TableRow[] = [];
  const reported = { hits: 0, believed: 0 };
  const counted = countHits(results, reported, args.tblout || args.domtblout ? kept : undefined);
  await atomicWrite(args.output, textOf(counted, args));
  if (args.tblout) await atomicWrite(args.tblout, tableText(targetTable(kept)));
  if (args.domtblout) await atomicWrite(args.domtblout, tableText(domainTable(kept)));
  messages.say(
    `${counts.targets} comparisons; past the filters: MSV ${counts.msv}, bias ${counts.bias}, Viterbi ${counts.viterbi}, Forward ${counts.forward}; ${reported.hits} reported, ${reported.believed} of them believed.`,
  );
}

async function* rejoined<T>(first: T, rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield first;
  yield* rest;
}

/** Profiles ready to be compared; what they counted is added up once they are done with. */
async function* openedBatches(
  batches: AsyncIterable<readonly ProfileHmm[]>,
  args: HmmSearchArguments,
  total: FilterCounts,
): AsyncGenerator<readonly Comparison[]> {
  for await (const profiles of batches) {
    if (args.cutoff) requireCutoff(profiles, args.cutoff);
    const comparisons = profiles.map((profile) => openComparison(profile, comparisonOptions(args)));
    yield comparisons;
    for (const { counts } of comparisons)
      for (const key of Object.keys(total) as (keyof FilterCounts)[]) total[key] += counts[key];
  }
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

function requireCutoff(profiles: readonly ProfileHmm[], cutoff: 'GA' | 'TC' | 'NC') {
  const without = profiles.find(({ cutoffs }) => !cutoffs?.[cutoff]);
  if (without)
    throw usageError(
      `Profile ${without.name} has no ${cutoff} thresholds. Leave --cutoff out, or choose -E or -T.`,
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

type Targets = ReturnType<typeof repeatedTargets>;

const profileName = ({ name, accession, description, nodes }: ProfileHmm): TableName => ({
  name,
  accession,
  description,
  length: nodes,
});

/** The sequences are read once a batch of profiles; each profile's hits are reported when all are read. */
async function* searchAll(
  batches: AsyncIterable<readonly Comparison[]>,
  targets: Targets,
  reporting: ReportingOptions,
): AsyncGenerator<QueryResult> {
  for await (const comparisons of batches) {
    const hits: ProfileHit[][] = comparisons.map(() => []);
    for await (const target of targets(comparisons[0]!.profile.alphabet))
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
}

/** The sequences are kept, and the profiles, which may be many more, read once; each sequence's hits come at the end. */
async function* scanAll(
  batches: AsyncIterable<readonly Comparison[]>,
  targets: Targets,
  reporting: ReportingOptions,
): AsyncGenerator<QueryResult> {
  const scanned: { target: TargetSequence; hits: ProfileHit[] }[] = [];
  let profiles = 0;
  for await (const comparisons of batches) {
    if (profiles === 0)
      for await (const target of targets(comparisons[0]!.profile.alphabet))
        scanned.push({ target, hits: [] });
    profiles += comparisons.length;
    for (const { compare } of comparisons)
      for (const { target, hits } of scanned) {
        const hit = compare(target);
        if (hit) hits.push(hit);
      }
  }
  for (const { target, hits } of scanned) {
    const query = { name: target.id, description: target.description, length: target.codes.length };
    const rows = reportHits(hits, profiles, reporting);
    yield { query, rows: rows.map((hit) => ({ query, target: profileName(hit.profile), hit })) };
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
