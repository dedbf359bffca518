import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin/seqwright.js');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-scan-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bases of the longest genome that is scanned; a gigabase unless told otherwise. */
const most = Number(process.env.SEQWRIGHT_SCAN_BASES ?? 1e9);
const model = join(folder, 'small.model');

const ended = (child: ReturnType<typeof spawn>): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve));

beforeAll(async () => {
  const settings = ['filters=2', 'kernels=5', 'pools=1', 'dense='].flatMap((set) => ['--set', set]);
  const training = spawn(process.execPath, [
    ...[program, 'train', join(root, 'examples/data/ecoli_promoters.tsv'), '--model', 'cnn', ...settings],
    ...['--epochs', '2', '--no-test', '--no-report', '--quiet', '-o', model],
  ]);
  expect(await ended(training)).toBe(0);
}, 60_000);

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** One chromosome of so many bases through standard input; what the track covers, and resident memory at most. */
async function scanned(length: number) {
  const child = spawn(
    process.execPath,
    [
      ...[
        program,
        'scan',
        model,
        '-',
        '--track',
        'promoter',
        '--width',
        '64',
        '--step',
        '64',
        '--strand',
        '+',
        '--quiet',
      ],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let [covered, rest] = [0, ''];
  child.stdout!.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const [, start, end] = line.split('\t');
      if (Number(start) !== covered) throw new Error(`A gap before ${line}.`);
      covered = Number(end);
    }
  });
  const exit = ended(child);
  const random = randomStream(1, 'scan memory');
  const line = `${Array.from({ length: 79_999 }, () => 'ACGT'[random.below(4)]).join('')}A\n`;
  let resident = 0;
  child.stdin!.write('>chr1\n');
  for (let sent = 0; sent < length; sent += 80_000) {
    const part = sent + 80_000 <= length ? line : `${line.slice(0, length - sent)}\n`;
    if (!child.stdin!.write(part)) await new Promise((resolve) => child.stdin!.once('drain', resolve));
    if (sent % 800_000 === 0) resident = Math.max(resident, residentMb(child.pid!));
  }
  child.stdin!.end();
  expect(await exit).toBe(0);
  expect(covered).toBe(length);
  return resident;
}

it.skipIf(process.platform !== 'linux')(
  'scans one chromosome of any length in constant memory',
  async () => {
    const course: [number, number][] = [];
    for (const length of [1e6, 1e7, 1e8, 1e9].filter((n) => n <= most))
      course.push([length, await scanned(length)]);
    console.log(course.map(([length, mb]) => `${length / 1e6} Mb: ${mb.toFixed(0)} MB`).join(', '));
    const [first, last] = [course[0]![1], course.at(-1)![1]];
    // A gigabase of letters alone would take a gigabyte.
    expect(last - first).toBeLessThan(150);
    expect(last).toBeLessThan(600);
  },
  2 * 3600_000,
);
