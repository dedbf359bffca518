import type { DomainAlignment } from '../domain-alignment.ts';
import type { ProfileHmm } from '../profile-hmm.ts';
import { scoreText, shortNumber } from './number-text.ts';
import type { ReportedHit } from './reporting.ts';
import type { TableName, TableRow } from './tables.ts';
import type { ReportedWindow } from './windows.ts';

/** How hits are shown to people. */
export interface HitsTextOptions {
  /** Whether domains' alignments are shown, and in lines of which length. */
  alignments?: boolean;
  width?: number;
}

/**
 * The hits of one query for people to read, in the manner of HMMER: a list of targets, then the domains of each, with
 * alignments and the posterior probability of every letter.
 */
export function* hitsText(
  query: TableName,
  rows: readonly TableRow[],
  { alignments = true, width = 80 }: HitsTextOptions = {},
): Generator<string> {
  yield* queryLines(query);
  if (rows.length === 0) {
    yield '  No hits within the thresholds.';
    yield '';
    return;
  }
  yield* summaryLines(rows);
  yield 'Domains of each target:';
  for (const { target, hit } of rows) {
    yield `>> ${target.name}${target.description ? `  ${target.description}` : ''}`;
    yield* domainLines(hit);
    if (!alignments) continue;
    for (const [i, domain] of hit.domains.entries()) {
      yield `  == domain ${i + 1}  score: ${scoreText(domain.score)} bits;  conditional E-value: ${shortNumber(domain.conditional)}`;
      yield* alignmentLines(hit, domain, width);
    }
  }
}

function* queryLines({ name, length, accession, description }: TableName): Generator<string> {
  yield `Query:       ${name}  [length ${length}]`;
  if (accession) yield `Accession:   ${accession}`;
  if (description) yield `Description: ${description}`;
  yield '';
}

function* summaryLines(rows: readonly TableRow[]): Generator<string> {
  const width = rows.reduce((most, { target }) => Math.max(most, target.name.length), 8);
  yield '  --- full sequence ---   --- best domain ---    -#dom-';
  yield `    E-value  score  bias    E-value  score  bias    exp  N  ${'Target'.padEnd(width)} Description`;
  yield `    ------- ------ -----    ------- ------ -----   ---- --  ${'-'.repeat(width)} -----------`;
  let included = true;
  for (const { target, hit } of rows) {
    if (included && !hit.included) {
      yield '  ------ inclusion threshold ------';
      included = false;
    }
    const cells = (evalue: number, { score, bias }: { score: number; bias: number }) =>
      `${shortNumber(evalue).padStart(9)} ${scoreText(score).padStart(6)} ${scoreText(bias).padStart(5)}`;
    const domains = `${hit.expected.toFixed(1).padStart(5)} ${String(hit.domains.length).padStart(2)}`;
    const name = `${target.name.padEnd(width)} ${target.description ?? ''}`.trimEnd();
    yield `  ${cells(hit.evalue, hit)}  ${cells(hit.best.evalue, hit.best)}  ${domains}  ${name}`;
  }
  yield '';
}

function* domainLines(hit: ReportedHit): Generator<string> {
  if (hit.domains.length === 0) {
    yield '   No single domain is within the thresholds.';
    yield '';
    return;
  }
  yield '   #    score  bias  c-Evalue  i-Evalue  hmm from    to    ali from    to    env from    to     acc';
  yield ' ---   ------ ----- --------- --------- --------- -----   -------- -----   -------- -----    ----';
  for (const [i, d] of hit.domains.entries()) {
    const range = (from: number, to: number, width: number, outer: number, first: number, last: number) =>
      `${String(from).padStart(width)} ${String(to).padStart(5)} ${first === from && from === 1 ? '[' : '.'}${last === outer && to === outer ? ']' : '.'}`;
    const nodes = range(d.nodeFrom, d.nodeTo, 9, hit.profile.nodes, d.nodeFrom, d.nodeTo);
    const aligned = range(d.from, d.to, 8, hit.length, d.from, d.to);
    const envelope = range(d.envelopeFrom, d.envelopeTo, 8, hit.length, d.envelopeFrom, d.envelopeTo);
    const score = `${scoreText(d.score).padStart(6)} ${scoreText(d.bias).padStart(5)}`;
    const evalues = `${shortNumber(d.conditional).padStart(9)} ${shortNumber(d.independent).padStart(9)}`;
    const mark = d.included ? '!' : '?';
    yield ` ${String(i + 1).padStart(3)} ${mark} ${score} ${evalues} ${nodes}${aligned}${envelope} ${d.accuracy.toFixed(2)}`;
  }
  yield '';
}

/** What an alignment is shown with: where it begins, in which direction positions go. */
interface Aligned {
  readonly alignment: DomainAlignment;
  readonly nodeFrom: number;
  readonly from: number;
  readonly to: number;
}

/** The lines of an alignment in blocks of at most `width` characters. */
export function* alignmentLines(
  { profile, id }: { profile: ProfileHmm; id: string },
  { alignment, nodeFrom, from, to }: Aligned,
  width: number,
): Generator<string> {
  const left = Math.max(profile.name.length, id.length);
  const places = Math.max(6, ...[from, to, profile.nodes].map((n) => String(n).length));
  const direction = from <= to ? 1 : -1;
  let [node, position] = [nodeFrom, from];
  const step = Math.max(20, width - left - 2 * places - 5);
  const line = (name: string, text: string, first: number | string = '', last: number | string = '') =>
    `  ${name.padStart(left)} ${String(first).padStart(places)} ${text} ${last}`.trimEnd();
  for (let at = 0; at < alignment.model.length; at += step) {
    const part = (text: string) => text.slice(at, at + step);
    const nodes = part(alignment.model).replaceAll('.', '').length;
    const letters = part(alignment.target).replaceAll('-', '').length;
    if (alignment.structure !== undefined) yield `${line('', part(alignment.structure))} CS`;
    if (alignment.reference !== undefined) yield `${line('', part(alignment.reference))} RF`;
    yield line(profile.name, part(alignment.model), node, node + nodes - 1);
    yield line('', part(alignment.agreement));
    const range = letters > 0 ? [position, position + direction * (letters - 1)] : ['-', '-'];
    yield line(id, part(alignment.target), ...range);
    yield `${line('', part(alignment.posterior))} PP`;
    yield '';
    node += nodes;
    position += direction * letters;
  }
}

/** Matches in long sequences for people to read: a list, then each with its alignment. */
export function* windowsText(
  query: TableName,
  hits: readonly ReportedWindow[],
  { alignments = true, width = 80 }: HitsTextOptions = {},
): Generator<string> {
  yield* queryLines(query);
  if (hits.length === 0) {
    yield '  No hits within the thresholds.';
    yield '';
    return;
  }
  const names = hits.reduce((most, { id }) => Math.max(most, id.length), 8);
  const places = hits.reduce((most, { length }) => Math.max(most, String(length).length), 8);
  yield `    E-value  score  bias  ${'Sequence'.padEnd(names)} ${'start'.padStart(places)} ${'end'.padStart(places)}  Description`;
  yield `    ------- ------ -----  ${'-'.repeat(names)} ${'-'.repeat(places)} ${'-'.repeat(places)}  -----------`;
  let included = true;
  for (const hit of hits) {
    if (included && !hit.included) {
      yield '  ------ inclusion threshold ------';
      included = false;
    }
    const score = `${shortNumber(hit.evalue).padStart(9)} ${scoreText(hit.score).padStart(6)} ${scoreText(hit.bias).padStart(5)}`;
    const where = `${String(hit.from).padStart(places)} ${String(hit.to).padStart(places)}`;
    yield `  ${score}  ${hit.id.padEnd(names)} ${where}  ${hit.description}`.trimEnd();
  }
  yield '';
  for (const hit of alignments ? hits : []) {
    const envelope = `envelope ${hit.envelopeFrom} to ${hit.envelopeTo}`;
    yield `>> ${hit.id}  ${hit.from} to ${hit.to} (${hit.strand})  score: ${scoreText(hit.score)} bits;  E-value: ${shortNumber(hit.evalue)};  ${envelope};  accuracy ${hit.accuracy.toFixed(2)}`;
    yield* alignmentLines(hit, hit, width);
  }
}
