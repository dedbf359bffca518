import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { archive, foldedProteins, root } from './flip.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-spans-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The first of the longest runs of H, if it has five residues. */
function longestHelix(states: string): [start: number, end: number] | undefined {
  const runs = [...states.matchAll(/H+/g)].sort((a, b) => b[0].length - a[0].length);
  const [best] = runs;
  return best && best[0].length >= 5 ? [best.index, best.index + best[0].length] : undefined;
}

describe.skipIf(!existsSync(archive))('the longest helix of a protein (FLIP, tested on CB513)', () => {
  it('is pointed at better than by weight matrices, from one sequence alone', () => {
    const files = { train: '', validation: '', test: '' };
    let bed = '';
    for (const { id, sequence, states, part } of foldedProteins()) {
      if (sequence.length < 30 || sequence.length > 400) continue;
      files[part] += `>${id}\n${sequence}\n`;
      const helix = longestHelix(states);
      if (helix) bed += `${id}\t${helix[0]}\t${helix[1]}\n`;
    }
    const path = (name: string) => join(folder, name);
    for (const [name, text] of Object.entries(files)) writeFileSync(path(`${name}.fa`), text);
    writeFileSync(path('helix.bed'), bed);
    const run = spawnSync(
      process.execPath,
      [
        ...[
          join(root, 'bin/seqwright.js'),
          'train',
          path('train.fa'),
          '--task',
          'spans',
          '--spans',
          path('helix.bed'),
        ],
        ...['--model', 'cnn-bilstm', '--set', 'hidden=48', '--epochs', '8', '--quiet', '--json'],
        ...['--validation', path('validation.fa'), '--test', path('test.fa'), '-o', path('helix.model')],
        ...['--report', path('helix')],
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics, baselines } = JSON.parse(readFileSync(path('helix/results.json'), 'utf8'));
    const { value, low, high } = metrics.f1;
    const matrices = baselines['weight matrices'].f1.value;
    console.log(
      `CB513, longest helix: F1 ${value.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}); matrices ${matrices.toFixed(3)}`,
    );
    expect(value).toBeGreaterThan(0.36);
    expect(low).toBeGreaterThan(matrices);
    expect(metrics.exactMatch.value).toBeGreaterThan(baselines['weight matrices'].exactMatch.value);
  });
});
