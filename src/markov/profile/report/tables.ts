import { scoreText, shortNumber } from './number-text.ts';
import type { ReportedHit } from './reporting.ts';

/** What stands in a table for a query or a target. */
export interface TableName {
  readonly name: string;
  readonly accession?: string | undefined;
  readonly length: number;
  readonly description?: string | undefined;
}

/** A hit with the names that the table shows. Where sequences are compared with a library, the target is the profile. */
export interface TableRow {
  readonly query: TableName;
  readonly target: TableName;
  readonly hit: ReportedHit;
}

const pad = (text: string | number, width: number) =>
  width < 0 ? String(text).padEnd(-width) : String(text).padStart(width);

/** Widths of names and accessions: the longest there is, and at least these. */
function widths(rows: readonly TableRow[]) {
  const longest = (least: number, texts: (string | undefined)[]) =>
    texts.reduce((most, text) => Math.max(most, text?.length ?? 0), least);
  return {
    target: longest(
      20,
      rows.map(({ target }) => target.name),
    ),
    targetAccession: longest(
      10,
      rows.map(({ target }) => target.accession),
    ),
    query: longest(
      20,
      rows.map(({ query }) => query.name),
    ),
    queryAccession: longest(
      10,
      rows.map(({ query }) => query.accession),
    ),
  };
}

/** One line a sequence: HMMER's `--tblout`, columns and header. */
export function targetTable(rows: readonly TableRow[]): string[] {
  const w = widths(rows);
  const names = w.target + w.query + w.targetAccession + w.queryAccession;
  const dashes = (n: number) => '-'.repeat(n);
  const line = (cells: [string, string, string, string], rest: string) =>
    [
      pad(cells[0], -w.target),
      pad(cells[1], -w.targetAccession),
      pad(cells[2], -w.query),
      pad(cells[3], -w.queryAccession),
    ].join(' ') + rest;
  return [
    `#${pad('--- full sequence ----', names + 25)} --- best 1 domain ---- --- domain number estimation ----`,
    line(
      ['# target name', 'accession', 'query name', 'accession'],
      '   E-value  score  bias   E-value  score  bias   exp reg clu  ov env dom rep inc description of target',
    ),
    line(
      [`#${dashes(w.target - 1)}`, dashes(w.targetAccession), dashes(w.query), dashes(w.queryAccession)],
      ' --------- ------ ----- --------- ------ -----   --- --- --- --- --- --- --- --- ---------------------',
    ),
    ...rows.map(({ query, target, hit }) =>
      line(
        [target.name, target.accession || '-', query.name, query.accession || '-'],
        [
          '',
          ...significance(hit.evalue, hit.score, hit.bias),
          ...significance(hit.best.evalue, hit.best.score, hit.best.bias),
          pad(hit.expected.toFixed(1), 5),
          ...[hit.regions, hit.clustered, hit.overlaps, hit.envelopes].map((n) => pad(n, 3)),
          ...[hit.envelopes, hit.domains.length, hit.domainsIncluded].map((n) => pad(n, 3)),
          target.description || '-',
        ].join(' '),
      ),
    ),
  ];
}

const significance = (evalue: number, score: number, bias: number) => [
  pad(shortNumber(evalue), 9),
  pad(scoreText(score), 6),
  pad(scoreText(bias), 5),
];

/** One line a domain: HMMER's `--domtblout`, columns and header. */
export function domainTable(rows: readonly TableRow[]): string[] {
  const w = widths(rows);
  const names = w.target + w.query + w.targetAccession + w.queryAccession;
  const dashes = (n: number) => '-'.repeat(n);
  const head = (a: string, b: string, c: string, d: string, [tlen, qlen]: [string, string], rest: string) =>
    `${pad(a, -w.target)} ${pad(b, -w.targetAccession)} ${tlen} ${pad(c, -w.query)} ${pad(d, -w.queryAccession)} ${qlen} ${rest}`;
  return [
    `#${pad('--- full sequence ---', names + 37)} -------------- this domain -------------   hmm coord   ali coord   env coord`,
    head(
      '# target name',
      'accession',
      'query name',
      'accession',
      [' tlen', ' qlen'],
      '  E-value  score  bias   #  of  c-Evalue  i-Evalue  score  bias  from    to  from    to  from    to  acc description of target',
    ),
    head(
      `#${dashes(w.target - 1)}`,
      dashes(w.targetAccession),
      dashes(w.query),
      dashes(w.queryAccession),
      ['-----', '-----'],
      '--------- ------ ----- --- --- --------- --------- ------ ----- ----- ----- ----- ----- ----- ----- ---- ---------------------',
    ),
    ...rows.flatMap(({ query, target, hit }) =>
      hit.domains.map((domain, i) =>
        [
          pad(target.name, -w.target),
          pad(target.accession || '-', -w.targetAccession),
          pad(target.length, 5),
          pad(query.name, -w.query),
          pad(query.accession || '-', -w.queryAccession),
          pad(query.length, 5),
          ...significance(hit.evalue, hit.score, hit.bias),
          pad(i + 1, 3),
          pad(hit.domains.length, 3),
          pad(shortNumber(domain.conditional), 9),
          ...significance(domain.independent, domain.score, domain.bias),
          ...[domain.nodeFrom, domain.nodeTo, domain.from, domain.to].map((n) => pad(n, 5)),
          ...[domain.envelopeFrom, domain.envelopeTo].map((n) => pad(n, 5)),
          domain.accuracy.toFixed(2),
          target.description || '-',
        ].join(' '),
      ),
    ),
  ];
}
