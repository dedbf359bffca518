import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const program = join(root, 'bin', 'seqwright.js');

if (!existsSync(join(root, 'dist', 'cli', 'main.js')))
  throw new Error('Run npm run build before these tests.');

/** What a command left: exit code (null after a signal), standard output and standard error. */
export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export interface Running {
  child: ChildProcess;
  /** Standard error so far. */
  err(): string;
  ended: Promise<Outcome>;
}

/** Starts a program; the outcome follows. Standard input ends after `stdin`, or stays open with `open`. */
export function start(
  command: string,
  args: string[],
  { cwd = root, stdin = '' as string | Uint8Array, open = false } = {},
): Running {
  const child = spawn(command, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.on('error', () => {});
  if (open) child.stdin.write(stdin);
  else child.stdin.end(stdin);
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, err: () => err, ended };
}

/** A folder of its own to work in, with what a shell would be used for. */
export function workplace() {
  const cwd = mkdtempSync(join(tmpdir(), 'seqwright-e2e-'));
  return {
    cwd,
    path: (name: string) => join(cwd, name),
    read: (name: string) => readFileSync(join(cwd, name)),
    /** Names in the folder, or in one of its folders. */
    list: (name = '.') => readdirSync(join(cwd, name)).sort(),
    start: (...args: string[]) => start(process.execPath, [program, ...args], { cwd }),
    /** With something on standard input, which stays open. */
    startFed: (stdin: string, ...args: string[]) =>
      start(process.execPath, [program, ...args], { cwd, stdin, open: true }),
    seqwright: (...args: string[]) => start(process.execPath, [program, ...args], { cwd }).ended,
    /** With something on standard input. */
    fed: (stdin: string | Uint8Array, ...args: string[]) =>
      start(process.execPath, [program, ...args], { cwd, stdin }).ended,
    /** A shell pipeline in which `seqwright` is a command. */
    shell: (script: string) =>
      start(
        'bash',
        ['-c', `set -o pipefail; seqwright() { "${process.execPath}" "${program}" "$@"; }; ${script}`],
        { cwd },
      ).ended,
    remove: () => rmSync(cwd, { recursive: true, force: true }),
  };
}

export type Workplace = ReturnType<typeof workplace>;

interface Row {
  id: string;
  label: string;
  sequence: string;
}

const rowsOf = (file: string): Row[] =>
  readFileSync(join(root, 'examples', 'data', file), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [id, label, sequence] = line.split('\t') as [string, string, string];
      return { id, label, sequence };
    });

/** 106 sequences of E. coli, half of them promoters. */
export const promoters = rowsOf('ecoli_promoters.tsv');
/** Windows around splice junctions of primates: ei, ie, n. */
export const spliceSites = rowsOf('primate_splice.tsv');

/** FASTA with the class in the header. */
export const fastaText = (rows: readonly Row[]) =>
  rows.map(({ id, label, sequence }) => `>${id} class=${label} taxon=562\n${sequence}\n`).join('');

export const gcCount = (sequence: string) => sequence.replace(/[^GC]/g, '').length;
