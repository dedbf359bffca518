import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The folder with the task files of SCAN (Lake and Baroni 2018); not part of this repository. */
const data = process.env.SEQWRIGHT_SCAN ?? join(root, '../shared/data/bench/scan');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-scan-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const table = (part: string) => {
  const path = join(folder, `${part}.tsv`);
  const lines = readFileSync(join(data, `tasks_${part}.txt`), 'utf8')
    .trim()
    .split('\n');
  const rows = lines.map((line) => /^IN: (.*) OUT: (.*)$/.exec(line)!.slice(1, 3).join('\t'));
  writeFileSync(path, `command\tactions\n${rows.join('\n')}\n`);
  return path;
};

describe.skipIf(!existsSync(data))('SCAN', () => {
  it.each([
    ['simple', 0.995],
    // No figure is promised for lengths that training did not have; it is reported.
    ['length', 0],
  ])('the %s split, by the settings of bench/search/scan.json', (split, least) => {
    const run = spawnSync(
      process.execPath,
      [
        ...[
          join(root, 'bin/seqwright.js'),
          'train',
          table(`train_${split}`),
          '--test',
          table(`test_${split}`),
        ],
        ...['--config', join(root, 'bench/search/scan.json'), '-o', join(folder, `${split}.model`)],
        ...['--report', join(folder, split), '--quiet'],
      ],
      { encoding: 'utf8' },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics, seconds } = JSON.parse(readFileSync(join(folder, split, 'results.json'), 'utf8'));
    const { value, low, high } = metrics.exactMatch;
    console.log(`${split}: exact match ${value} (${low}–${high}), ${Math.round(seconds)} s`);
    expect(value).toBeGreaterThanOrEqual(least);
  });
});
