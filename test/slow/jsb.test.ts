import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { type MatArray, matVariables } from './jsb.fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** 382 chorales by J. S. Bach as piano rolls in their published split; not part of this repository. */
const file = process.env.SEQWRIGHT_JSB ?? join(root, '../shared/data/bench/jsb/JSB_Chorales.mat');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-jsb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nats per frame on the test chorales, the mean over all their frames. */
const aim = { nats: 8.6 };

const columns = Array.from({ length: 88 }, (_, k) => `n${k}`);
const table = (pieces: readonly MatArray[]) =>
  [
    ['chorale', ...columns].join(),
    ...pieces.flatMap(({ rows, data }, i) =>
      Array.from({ length: rows }, (_, t) => [`c${i}`, ...data.subarray(t * 88, (t + 1) * 88)].join()),
    ),
    '',
  ].join('\n');

describe.skipIf(!existsSync(file))('JSB chorales', () => {
  it('the next frame of 88 notes, by the model of test/slow/jsb.json, trained by the command line', () => {
    const variables = matVariables(readFileSync(file));
    const path = (name: string) => join(folder, name);
    const sizes = { traindata: 229, validdata: 76, testdata: 77 };
    for (const [name, count] of Object.entries(sizes)) {
      expect(variables.get(name)).toHaveLength(count);
      writeFileSync(path(`${name}.csv`), table(variables.get(name)!));
    }
    const run = spawnSync(
      process.execPath,
      [
        ...[join(root, 'bin/seqwright.js'), 'train', path('traindata.csv')],
        ...['--config', join(root, 'test/slow/jsb.json')],
        ...['--validation', path('validdata.csv'), '--test', path('testdata.csv')],
        ...['-o', path('jsb.model'), '--report', path('report'), '--quiet'],
      ],
      { encoding: 'utf8' },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics, baselines, seconds } = JSON.parse(readFileSync(path('report/results.json'), 'utf8'));
    const { value, low, high } = metrics.nllPerFrame;
    const simple = Object.entries(baselines).map(
      ([name, own]) => `${name} ${(own as typeof metrics).nllPerFrame.value.toFixed(2)}`,
    );
    console.log(
      `JSB chorales: ${value.toFixed(3)} (${low.toFixed(2)}–${high.toFixed(2)}) nats per frame, accuracy ${metrics.frameAccuracy.value.toFixed(3)}; ${simple.join(', ')}; ${(seconds / 60).toFixed(1)} minutes`,
    );
    expect(value).toBeLessThanOrEqual(aim.nats);
  });
});
