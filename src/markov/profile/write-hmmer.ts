import { version } from '../../core/version.ts';
import type { ProfileHmm, Tail } from './profile-hmm.ts';

/**
 * A profile as HMMER3/f text, which HMMER 3.1 to 3.4 read. Probabilities are written as negative logarithms
 * with five decimals, so that what was read from such a file is written as the same bytes.
 * @example await writeFile('mine.hmm', hmmerText(profile));
 */
export function hmmerText(profile: ProfileHmm): string {
  return [...headerLines(profile), ...nodeLines(profile), '//', ''].join('\n');
}

function headerLines(p: ProfileHmm): string[] {
  const lines: string[] = [`HMMER3/f [${p.writer ?? `Seqwright ${version}`}]`];
  const put = (tag: string, value: string | number | undefined) => {
    if (value !== undefined) lines.push(`${tag.padEnd(5)} ${value}`);
  };
  const has = (value: unknown) => (value === undefined ? 'no' : 'yes');
  put('NAME', p.name);
  put('ACC', p.accession);
  put('DESC', p.description);
  put('LENG', p.nodes);
  put('MAXL', p.maxLength);
  put('ALPH', p.alphabet.name);
  put('RF', has(p.reference));
  put('MM', has(p.mask));
  put('CONS', has(p.consensus));
  put('CS', has(p.structure));
  put('MAP', has(p.map));
  put('DATE', p.date);
  lines.push(...(p.otherLines ?? []));
  put('NSEQ', p.sequences);
  put('EFFN', p.effective?.toFixed(6));
  put('CKSUM', p.checksum);
  for (const tag of ['GA', 'TC', 'NC'] as const)
    put(tag, p.cutoffs?.[tag]?.map((score) => score.toFixed(2)).join(' '));
  const tail = (name: string, { location, lambda }: Tail) =>
    lines.push(
      `STATS LOCAL ${name.padEnd(8)} ${location.toFixed(4).padStart(8)} ${lambda.toFixed(5).padStart(8)}`,
    );
  if (p.statistics) {
    tail('MSV', p.statistics.msv);
    tail('VITERBI', p.statistics.viterbi);
    tail('FORWARD', p.statistics.forward);
  }
  return lines;
}

const columnNames = ['m->m', 'm->i', 'm->d', 'i->m', 'i->i', 'd->m', 'd->d'];

function nodeLines(p: ProfileHmm): string[] {
  const { nodes, match, insert, transitions, map, alphabet } = p;
  const { size, letters } = alphabet;
  const row = (of: Float64Array, k: number, n: number) =>
    Array.from(of.subarray(k * n, (k + 1) * n), (value) => ` ${logText(value)}`).join('');
  const lines = [
    `HMM     ${[...letters].map((letter) => `     ${letter}   `).join('')}`,
    `        ${columnNames.map((name) => name.padStart(8)).join(' ')}`,
  ];
  if (p.composition) lines.push(`  COMPO ${row(p.composition, 0, size)}`);
  const note = (text: string | undefined, k: number) => text?.[k - 1] ?? '-';
  for (let k = 0; k <= nodes; k++) {
    if (k > 0) {
      const notes = [p.consensus, p.reference, p.mask, p.structure].map((text) => note(text, k)).join(' ');
      const column = String(map?.[k] ?? '-').padStart(6);
      lines.push(` ${String(k).padStart(6)} ${row(match, k, size)} ${column} ${notes}`);
    }
    lines.push(`        ${row(insert, k, size)}`);
    lines.push(`        ${row(transitions, k, 7)}`);
  }
  return lines;
}

function logText(p: number): string {
  if (p <= 0) return '       *';
  return Math.max(0, -Math.log(p)).toFixed(5).padStart(8);
}
