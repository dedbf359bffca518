import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** splits.zip of FLIP's secondary-structure task: sequences, three-state labels and masks; not part of this repository. */
const archive =
  process.env.SEQWRIGHT_FLIP ?? join(root, '../shared/data/bench/flip_secondary_structure/splits.zip');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-flip-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of a zip archive, found through its central directory (APPNOTE.TXT, sections 4.3.7 and 4.3.12). */
function unzipped(bytes: Buffer, name: string): string {
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  let at = bytes.readUInt32LE(end + 16);
  while (bytes.toString('latin1', at, at + 4) === 'PK\u0001\u0002') {
    const [packed, nameLength] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28)];
    const start = bytes.readUInt32LE(at + 42);
    if (bytes.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
      return inflateRawSync(bytes.subarray(data, data + packed)).toString('utf8');
    }
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  throw new Error(`${archive} holds no ${name}`);
}

/** Headers and letters of FASTA. */
const fasta = (text: string): [header: string, letters: string][] =>
  text
    .split('>')
    .slice(1)
    .map((record) => {
      const [header, ...lines] = record.split('\n');
      return [header!, lines.join('')];
    });

/** Q3 of the test set to be reached (one-hot networks are published at 0.69). */
const aim = { q3: 0.69 };

describe.skipIf(!existsSync(archive))('secondary structure (FLIP, tested on CB513)', () => {
  it('by a dilated CNN over single sequences, trained by the command line', () => {
    const bytes = readFileSync(archive);
    const read = (name: string) => fasta(unzipped(bytes, `splits/${name}.fasta`));
    const sequences = new Map(read('sequences'));
    const masks = new Map(read('mask'));
    const files = { train: '', validation: '', test: '', tags: '' };
    for (const [header, labels] of read('sampled')) {
      const id = header.split(' ')[0]!;
      const part = header.includes('SET=test')
        ? 'test'
        : header.includes('VALIDATION=True')
          ? 'validation'
          : 'train';
      // Residues that were not seen in the structure have no truth.
      const seen = [...labels].map((tag, i) => (masks.get(id)![i] === '1' ? tag : '?'));
      files[part] += `>${id}\n${sequences.get(id)}\n`;
      files.tags += `>${id}\n${seen.join('')}\n`;
    }
    const path = (name: string) => join(folder, `${name}.fa`);
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
    const settings = [
      'width=64',
      'kernel=7',
      'dilations=1,2,4,8',
      'activation=relu',
      'dropout=0.05',
      'between=0.05',
    ];
    const run = spawnSync(
      process.execPath,
      [
        ...[
          join(root, 'bin/seqwright.js'),
          'train',
          path('train'),
          '--task',
          'tagging',
          '--alphabet',
          'protein',
        ],
        ...['--labels', path('tags'), '--validation', path('validation'), '--test', path('test')],
        ...['--model', 'cnn', ...[...settings, 'output=softmax'].flatMap((setting) => ['--set', setting])],
        ...['--epochs', '2', '--rate', '0.004', '--batch-size', '16', '--threads', '1', '--json', '--quiet'],
        ...['-o', join(folder, 'fold.model'), '--report', join(folder, 'fold')],
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    expect(run.status, run.stderr).toBe(0);
    const { metrics, baselines } = JSON.parse(readFileSync(join(folder, 'fold/results.json'), 'utf8'));
    const report = readFileSync(join(folder, 'fold.model/model.json'), 'utf8');
    expect(JSON.parse(report).training.sequences).toBe(9712);
    const { value, low, high } = metrics.accuracy;
    const others = Object.entries<typeof metrics>(baselines).map(
      ([name, m]) => `${name} ${m.accuracy.value.toFixed(3)}`,
    );
    console.log(`CB513: Q3 ${value.toFixed(4)} (${low.toFixed(3)}–${high.toFixed(3)}); ${others.join(', ')}`);
    expect(value).toBeGreaterThanOrEqual(aim.q3);
    expect(value).toBeGreaterThan(baselines['15-letter logistic'].accuracy.value + 0.03);
  });
});
