import type { WindowHit } from '../window-search.ts';
import { scoreText, shortNumber } from './number-text.ts';
import type { ReportingOptions } from './reporting.ts';

/** A match in a long sequence that is reported. */
export interface ReportedWindow extends WindowHit {
  readonly evalue: number;
  readonly included: boolean;
}

/**
 * The matches that pass the thresholds, best first. E-values are of as many windows as fit into the letters searched, each
 * strand counted for itself; `options.targets` stands for that number of windows.
 */
export function reportWindows(
  hits: readonly WindowHit[],
  { residues, window }: { residues: number; window: number },
  options: ReportingOptions = {},
): ReportedWindow[] {
  const windows = options.targets ?? residues / window;
  return [...hits]
    .sort((a, b) => a.logP - b.logP || a.from - b.from)
    .map((hit) => ({ ...hit, evalue: Math.exp(hit.logP) * windows }))
    .map((hit) => {
      const own = options.cutoff && hit.profile.cutoffs?.[options.cutoff]?.[0];
      const least = own ?? options.score;
      const most = options.includeEvalue ?? 0.01;
      const included = own === undefined ? hit.evalue <= most : hit.score >= own;
      return {
        ...hit,
        included,
        reported: least === undefined ? hit.evalue <= (options.evalue ?? 10) : hit.score >= least,
      };
    })
    .filter(({ reported }) => reported)
    .map(({ reported, ...hit }) => hit);
}

const right = (value: string | number, width: number) => String(value).padStart(width);

/** One line a match: the columns of nhmmer's `--tblout`. */
export function windowTable(hits: readonly ReportedWindow[]): string[] {
  const widest = (least: number, of: (hit: ReportedWindow) => string | undefined) =>
    hits.reduce((most, hit) => Math.max(most, of(hit)?.length ?? 0), least);
  const target = widest(20, ({ id }) => id);
  const query = widest(20, ({ profile }) => profile.name);
  const accession = widest(10, ({ profile }) => profile.accession);
  const place = widest(7, ({ length }) => String(length));
  const line = (cells: [string, string, string, string], numbers: (string | number)[], rest: string) =>
    [
      cells[0].padEnd(target),
      cells[1].padEnd(10),
      cells[2].padEnd(query),
      cells[3].padEnd(accession),
      ...numbers.map((n, i) => right(n, i < 2 ? 7 : place)),
      rest,
    ].join(' ');
  const dashes = (n: number) => '-'.repeat(n);
  const columns = ['hmmfrom', 'hmm to', 'alifrom', 'ali to', 'envfrom', 'env to', 'sq len'];
  return [
    line(
      ['# target name', 'accession', 'query name', 'accession'],
      columns,
      'strand   E-value  score  bias  description of target',
    ),
    line(
      [`#${dashes(target - 1)}`, dashes(10), dashes(query), dashes(accession)],
      columns.map((_, i) => dashes(i < 2 ? 7 : place)),
      '------ --------- ------ ----- ---------------------',
    ),
    ...hits.map((hit) =>
      line(
        [hit.id, '-', hit.profile.name, hit.profile.accession ?? '-'],
        [hit.nodeFrom, hit.nodeTo, hit.from, hit.to, hit.envelopeFrom, hit.envelopeTo, hit.length],
        `${right(hit.strand, 6)} ${right(shortNumber(hit.evalue), 9)} ${right(scoreText(hit.score), 6)} ${right(scoreText(hit.bias), 5)}  ${hit.description || '-'}`,
      ),
    ),
  ];
}
