import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** 1.1 MB of Shakespeare in one file; not part of this repository. */
const text =
  process.env.SEQWRIGHT_SHAKESPEARE ?? join(root, '../shared/data/bench/tinyshakespeare/input.txt');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-language-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nats per character on the last tenth of the text, and the minutes that training and evaluation may take on two quiet cores. */
const aim = { loss: 1.55, minutes: 15 };

describe.skipIf(!existsSync(text))('a language model of tinyshakespeare', () => {
  it('the model of bench/search/tinyshakespeare.json, trained by the command line on the first nine tenths', () => {
    const run = spawnSync(
      process.execPath,
      [
        ...[join(root, 'bin/seqwright.js'), 'train', text],
        ...['--config', join(root, 'bench/search/tinyshakespeare.json')],
        ...['-o', join(folder, 'shakespeare.model'), '--report', join(folder, 'report'), '--quiet'],
      ],
      { encoding: 'utf8' },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics, seconds } = JSON.parse(readFileSync(join(folder, 'report', 'results.json'), 'utf8'));
    const { value, low, high } = metrics.crossEntropy;
    const minutes = seconds / 60;
    console.log(
      `tinyshakespeare: ${value.toFixed(4)} (${low.toFixed(3)}–${high.toFixed(3)}) nats per character, ${minutes.toFixed(1)} minutes`,
    );
    expect(value).toBeLessThanOrEqual(aim.loss);
    expect(minutes).toBeLessThan(aim.minutes);
  });
});
