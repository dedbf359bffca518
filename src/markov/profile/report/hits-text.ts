import { scoreText, shortNumber } from './number-text.ts';
import type { ReportedDomain, ReportedHit } from './reporting.ts';
import type { TableName, TableRow } from './tables.ts';

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
  yield `Query:       ${query.name}  [length ${query.length}]`;
  if (query.accession) yield `Accession:   ${query.accession}`;
  if (query.description) yield `Description: ${query.description}`;
  yield '';
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
    if (alignments)
      for (const [i, domain] of hit.domains.entries()) yield* alignmentLines(hit, domain, i, width);
  }
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

function* alignmentLines(
  { profile, id }: ReportedHit,
  domain: ReportedDomain,
  i: number,
  width: number,
): Generator<string> {
  const { alignment } = domain;
  const evalue = shortNumber(domain.conditional);
  yield `  == domain ${i + 1}  score: ${scoreText(domain.score)} bits;  conditional E-value: ${evalue}`;
  const left = Math.max(profile.name.length, id.length);
  let [node, position] = [domain.nodeFrom, domain.from];
  const step = Math.max(20, width - left - 16);
  for (let at = 0; at < alignment.model.length; at += step) {
    const part = (line: string) => line.slice(at, at + step);
    const line = (name: string, text: string, from?: number, to?: number) =>
      `  ${name.padStart(left)} ${String(from ?? '').padStart(6)} ${text} ${to ?? ''}`.trimEnd();
    const nodes = part(alignment.model).replaceAll('.', '').length;
    const letters = part(alignment.target).replaceAll('-', '').length;
    if (alignment.structure !== undefined) yield `${line('', part(alignment.structure))} CS`;
    if (alignment.reference !== undefined) yield `${line('', part(alignment.reference))} RF`;
    yield line(profile.name, part(alignment.model), node, node + nodes - 1);
    yield line('', part(alignment.agreement));
    yield line(
      id,
      part(alignment.target),
      letters > 0 ? position : undefined,
      letters > 0 ? position + letters - 1 : undefined,
    );
    yield `${line('', part(alignment.posterior))} PP`;
    yield '';
    node += nodes;
    position += letters;
  }
}
