import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin/seqwright.js');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-stream-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes of FASTA to stream; a gigabyte unless told otherwise. */
const bytes = Number(process.env.SEQWRIGHT_STREAM_BYTES ?? 1e9);

function finished(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve));
}

/** A megabyte of records of 1,000 bases, wrapped at 80; only the ids differ from one to the next. */
function megabyte(start: number): { text: string; records: number } {
  const random = randomStream(start % 7, 'stream');
  const lines: string[] = [];
  let size = 0;
  let records = 0;
  while (size < 1e6) {
    lines.push(`>r${start + records}`);
    for (let at = 0; at < 1000; at += 80) {
      const line = Array.from({ length: Math.min(80, 1000 - at) }, () => 'ACGT'[random.below(4)]!).join('');
      lines.push(line);
      size += line.length + 1;
    }
    records++;
  }
  return { text: `${lines.join('\n')}\n`, records };
}

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

it.skipIf(process.platform !== 'linux')(
  'predict streams a FASTA of any size in constant memory, every record once and in order',
  async () => {
    const model = join(folder, 'small.model');
    const training = spawn(process.execPath, [
      program,
      'train',
      join(root, 'examples/data/ecoli_promoters.tsv'),
      '--model',
      'cnn',
      '--set',
      'filters=4',
      '--set',
      'kernels=5',
      '--set',
      'pools=1',
      '--set',
      'dense=',
      '--epochs',
      '2',
      '--no-report',
      '--quiet',
      '-o',
      model,
    ]);
    expect(await finished(training)).toBe(0);

    const child = spawn(process.execPath, [program, 'predict', model, '-', '--quiet'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let rows = -1;
    let inOrder = true;
    let rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (rows >= 0 && !line.startsWith(`r${rows}\t`)) inOrder = false;
        rows++;
      }
    });
    const exit = finished(child);
    const memory: number[] = [];
    let records = 0;
    const block = megabyte(0);
    for (let sent = 0; sent < bytes; sent += block.text.length) {
      const base = records;
      const text = block.text.replace(/>r(\d+)/g, (_, n) => `>r${base + Number(n)}`);
      records += block.records;
      if (!child.stdin!.write(text)) await new Promise((resolve) => child.stdin!.once('drain', resolve));
      memory.push(residentMb(child.pid!));
    }
    child.stdin!.end();
    expect(await exit).toBe(0);
    expect(rows).toBe(records);
    expect(inOrder).toBe(true);
    const part = (from: number, to: number) =>
      Math.max(...memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to)));
    console.log(
      `${(bytes / 1e6).toFixed(0)} MB, ${records} records: resident ${part(0.1, 0.3).toFixed(0)} MB early, ${part(0.8, 1).toFixed(0)} MB late, ${Math.max(...memory).toFixed(0)} MB at most`,
    );
    expect(part(0.8, 1)).toBeLessThan(1.25 * part(0.1, 0.3));
    expect(Math.max(...memory)).toBeLessThan(600);
  },
);
