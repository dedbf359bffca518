import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The folder with 0/ and 1/ of GUE's transcription-factor sets, each train.csv, dev.csv and test.csv; not part of this repository. */
const data = process.env.SEQWRIGHT_GUE ?? join(root, '../shared/data/bench/gue_tf');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-gue-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Test AUC to be reached, and the minutes that training may take on two quiet cores. */
const aim = { auc: 0.86, minutes: 10 };

describe.skipIf(!existsSync(data))('transcription-factor binding (GUE)', () => {
  it.each(['0', '1'])('tf/%s: the model of bench/search/gue.json, trained by the command line', (set) => {
    const file = (part: string) => join(data, set, `${part}.csv`);
    const began = performance.now();
    const run = spawnSync(
      process.execPath,
      [
        ...[join(root, 'bin/seqwright.js'), 'train', file('train'), '--validation', file('dev')],
        ...['--test', file('test'), '--config', join(root, 'bench/search/gue.json')],
        ...['-o', join(folder, `${set}.model`), '--report', join(folder, set), '--quiet'],
      ],
      { encoding: 'utf8' },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics } = JSON.parse(readFileSync(join(folder, set, 'results.json'), 'utf8'));
    const minutes = (performance.now() - began) / 60_000;
    const { value, low, high } = metrics.auroc;
    console.log(
      `tf/${set}: test AUC ${value.toFixed(4)} (${low.toFixed(3)}–${high.toFixed(3)}), ${minutes.toFixed(1)} minutes`,
    );
    expect(value).toBeGreaterThanOrEqual(aim.auc);
    expect(minutes).toBeLessThan(aim.minutes);
  });
});
