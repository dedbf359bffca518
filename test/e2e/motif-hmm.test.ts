import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { slowly } from '../../src/recipes/slow.fixture.ts';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Letters that look random, the same every time. */
function noise(length: number, seed: number): string {
  let x = seed;
  return Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    return 'ACGT'[x >>> 30];
  }).join('');
}

const flipped = (text: string) =>
  Array.from(text, (letter) => 'TGCA'['ACGT'.indexOf(letter)])
    .reverse()
    .join('');

describe('seqwright run motif-hmm', () => {
  it('finds in FASTA what was never named, with strand and place, and writes it for other programs', async () => {
    const word = 'TGACCTATGA';
    const records = Array.from({ length: 40 }, (_, i) => {
      const [left, right] = [noise(20 + (i % 13), 7 * i + 1), noise(30, 11 * i + 5)];
      return { id: `s${i}`, at: left.length, text: left + (i % 2 === 0 ? word : flipped(word)) + right };
    });
    writeFileSync(at.path('mine.fa'), records.map(({ id, text }) => `>${id} some words\n${text}\n`).join(''));
    const args = ['--input', 'mine.fa', '--set', 'starts=6', '--set', 'controls=3', '--quiet', '-o', 'found'];
    const { code, err } = await at.seqwright('run', 'motif-hmm', ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(at.list('found')).toEqual(
      expect.arrayContaining([
        'motifs.meme',
        'posterior.bedgraph',
        'report.html',
        'results.json',
        'sites.bed',
      ]),
    );
    const rows = at.read('found/sites.bed').toString().trim().split('\n');
    const strands = new Set<string>();
    for (const row of rows) {
      const [id, start, end, name, score, strand] = row.split('\t');
      const own = records.find((record) => record.id === id)!;
      expect(name).toBe('motif-1');
      expect(Number(start)).toBeLessThanOrEqual(own.at);
      expect(Number(end)).toBeGreaterThanOrEqual(own.at + word.length);
      expect(Number(score)).toBeGreaterThan(900);
      strands.add(`${records.indexOf(own) % 2} ${strand}`);
    }
    expect(rows.length).toBe(40);
    // One strand for the even records, the other one for the odd.
    expect(strands.size).toBe(2);
    const meme = at.read('found/motifs.meme').toString();
    expect(meme).toMatch(/^MEME version 4\n\nALPHABET= ACGT\n\nstrands: \+ -\n/);
    expect(meme.includes(word) || meme.includes(flipped(word))).toBe(true);
    expect(at.read('found/report.html').toString()).toContain('lengthAdjust="spacingAndGlyphs"');
  });

  slowly('leaves the same bytes with the same seed, and refuses what it would not read', async () => {
    const run = async (folder: string) => {
      const small = [
        '--set',
        'data=planted',
        '--set',
        'count=40',
        '--set',
        'starts=4',
        '--set',
        'controls=3',
      ];
      const { code } = await at.seqwright('run', 'motif-hmm', ...small, '--quick', '--quiet', '-o', folder);
      expect(code).toBe(0);
      return ['sites.bed', 'motifs.meme', 'posterior.bedgraph'].map((name) => at.read(`${folder}/${name}`));
    };
    expect(await run('one')).toEqual(await run('two'));
    const refused = await at.seqwright('run', 'motif-hmm', '--input', 'mine.fa', '--labels', 'x', '--quiet');
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/motif-hmm does not read --labels/);
  });
});
