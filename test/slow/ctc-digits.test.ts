import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { root, workplace } from '../e2e/command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const archive = process.env.SEQWRIGHT_FSDD ?? join(root, '../shared/data/bench/fsdd/recordings.tar');
const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** The files of a tar archive (POSIX ustar): a block of 512 bytes with name and octal size, then the bytes in whole blocks. */
function* filesOf(tar: Buffer): Generator<{ name: string; bytes: Buffer }> {
  for (let offset = 0; offset + 512 <= tar.length && tar[offset] !== 0; ) {
    const field = (from: number, to: number) =>
      tar.toString('latin1', offset + from, offset + to).replace(/\0.*$/s, '');
    const size = Number.parseInt(field(124, 136), 8);
    yield { name: field(0, 100), bytes: tar.subarray(offset + 512, offset + 512 + size) };
    offset += 512 + 512 * Math.ceil(size / 512);
  }
}

/** The samples of a WAV file with one channel of 16 bits. */
function samplesOf(wav: Buffer): number[] {
  let offset = 12;
  while (wav.toString('latin1', offset, offset + 4) !== 'data') offset += 8 + wav.readUInt32LE(offset + 4);
  const size = Math.min(wav.readUInt32LE(offset + 4), wav.length - offset - 8);
  return Array.from({ length: size / 2 }, (_, i) => wav.readInt16LE(offset + 8 + 2 * i));
}

/** A line of JSON for each recording; the first five of every speaker and digit are for the test. */
function writeDigits(): void {
  const lines = { train: [] as string[], test: [] as string[] };
  for (const { name, bytes } of filesOf(readFileSync(archive))) {
    const [, digit, speaker, index] = /(\d)_(\w+)_(\d+)\.wav$/.exec(name) ?? [];
    if (digit === undefined) continue;
    const record = {
      id: `${digit}_${speaker}_${index}`,
      signal: samplesOf(bytes),
      text: digits[Number(digit)],
    };
    lines[Number(index) < 5 ? 'test' : 'train'].push(`${JSON.stringify(record)}\n`);
  }
  for (const [part, rows] of Object.entries(lines)) writeFileSync(at.path(`${part}.jsonl`), rows.join(''));
}

describe('spoken digits (FSDD), from the raw waveform to letters', () => {
  it.skipIf(!existsSync(archive))(
    'are spelled with less than a quarter of the letters wrong; told that they are digits, four of five are right',
    async () => {
      writeDigits();
      const settings = ['filters=32,64,64', 'kernels=16,8,8', 'strides=5,4,4', 'normalise=record'];
      const trained = await at.seqwright(
        ...[
          'train',
          'train.jsonl',
          '--task',
          'ctc',
          '--test',
          'test.jsonl',
          '--epochs',
          '14',
          '--rate',
          '0.003',
        ],
        ...settings.flatMap((setting) => ['--set', setting]),
        ...['--batch-size', '16', '-o', 'digits.model', '--json'],
      );
      expect(trained.code, trained.err).toBe(0);
      const { metrics, baselines } = JSON.parse(trained.out);
      expect(metrics.cer.value).toBeLessThan(0.25);
      expect(metrics.cer.value).toBeLessThan(baselines.nearest.cer.value / 2);
      const told = await at.seqwright(
        ...['evaluate', 'digits.model', 'test.jsonl', '--beam', '16', '--pattern', digits.join('|')],
        ...['--json', '--quiet'],
      );
      expect(JSON.parse(told.out).metrics.exactMatch.value).toBeGreaterThan(0.8);
    },
  );
});
