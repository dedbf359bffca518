import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { dataError, failure, SeqwrightError, usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import type { Scan, ScanCounts, ScanPosition, ScanStep } from './scan.ts';

/** How a scan is written to a file. */
export interface ScanFileOptions {
  /** Go on where an interrupted scan of the same kind stopped. */
  readonly resume?: boolean;
  /** Seconds between two records of the progress. */
  readonly checkpointSeconds?: number;
  readonly onStep?: (step: ScanStep) => void;
}

/** The files that stand beside an output until it is complete. */
export const scanFiles = (output: string) => ({
  partial: `${output}.partial`,
  progress: `${output}.progress`,
});

/** What is known of an interrupted scan. */
interface Progress {
  readonly format: 'seqwright-scan';
  readonly fingerprint: string;
  /** Bytes of the partial file that are of this state; what stands behind them is not. */
  readonly bytes: number;
  /** Text that is not in the file yet (gzip is written in parts of one size). */
  readonly text: string;
  readonly position: ScanPosition;
}

/** Letters of text in a gzip member: members that depend on nothing else make the same file, interrupted or not. */
const memberLetters = 1 << 20;

/**
 * Writes a scan to a file that appears only when it is complete; until then `<output>.partial` grows beside it, and
 * `<output>.progress` says how far it is. With `resume` a scan goes on from there, whatever ended it, and the file gets the same bytes. A name in
 * `.gz` is compressed; `-` is standard output, which leaves no progress.
 *
 * Throws a usage error for `resume` on standard output, a data error for the progress of another scan, a failure where files cannot be
 * written or the scan was asked to stop.
 */
export async function writeScan(
  scan: Scan,
  output: string,
  { resume = false, checkpointSeconds = 10, onStep }: ScanFileOptions = {},
): Promise<ScanCounts | undefined> {
  let counts: ScanCounts | undefined;
  const seen = (step: ScanStep) => {
    counts = step.counts;
    onStep?.(step);
  };
  if (output === '-') {
    if (resume) throw usageError('--resume goes on with a file; name one with -o.');
    await atomicWrite('-', textOf(scan, seen));
    return counts;
  }
  const { partial, progress } = scanFiles(output);
  const before = resume ? await readProgress(progress, partial, scan) : undefined;
  const sink = await openSink(output, partial, before);
  try {
    if (!before) await rm(progress, { force: true });
    await copySteps(scan, sink, { progress, before, checkpointSeconds, onStep: seen });
    await sink.finish();
    await rename(partial, output).catch((error) => {
      throw failure(`${output} cannot be written: ${error.message}.`, { cause: error });
    });
    await rm(progress, { force: true });
    return counts ?? before?.position.counts;
  } catch (error) {
    await sink.close();
    // Wrong input stays wrong: nothing of it is worth keeping. What was only interrupted goes on from its progress.
    if (error instanceof SeqwrightError && error.kind !== 'failure')
      for (const path of [partial, progress]) await rm(path, { force: true });
    throw error;
  }
}

async function* textOf(scan: Scan, seen: (step: ScanStep) => void): AsyncGenerator<string> {
  for await (const step of scan.steps()) {
    yield step.text;
    seen(step);
  }
}

async function copySteps(
  scan: Scan,
  sink: Sink,
  {
    progress,
    before,
    checkpointSeconds,
    onStep,
  }: { progress: string; before: Progress | undefined; onStep(step: ScanStep): void } & Required<
    Pick<ScanFileOptions, 'checkpointSeconds'>
  >,
): Promise<void> {
  let kept = performance.now();
  let latest: ScanStep | undefined;
  const keep = async (step: ScanStep) => {
    const { bytes, text } = await sink.sync();
    const { fingerprint } = scan;
    const content: Progress = {
      format: 'seqwright-scan',
      fingerprint,
      bytes,
      text,
      position: step.position(),
    };
    await atomicWrite(progress, `${JSON.stringify(content)}\n`);
    kept = performance.now();
  };
  const steps = scan.steps(before?.position);
  try {
    for await (const step of steps) {
      await sink.write(step.text);
      latest = step;
      onStep(step);
      if (performance.now() - kept >= 1000 * checkpointSeconds) await keep(step);
    }
  } catch (error) {
    // A failure, such as being asked to stop: nothing that was done is lost.
    if (error instanceof SeqwrightError && error.kind === 'failure' && latest)
      await keep(latest).catch(() => {});
    throw error;
  }
}

interface Sink {
  write(text: string): Promise<void>;
  /** Everything up to here is on the disk: so many bytes, and text that waits. */
  sync(): Promise<{ bytes: number; text: string }>;
  finish(): Promise<void>;
  close(): Promise<void>;
}

async function openSink(output: string, partial: string, before: Progress | undefined): Promise<Sink> {
  const named = (error: NodeJS.ErrnoException) => {
    const why: Record<string, string> = {
      ENOENT: 'its folder does not exist. Create the folder first',
      EACCES: 'permission to write there is missing. Choose another place',
      EROFS: 'the file system is read-only. Choose another place',
      ENOSPC: 'the disk is full. Free some space, then continue with --resume',
    };
    throw failure(`${output} cannot be written: ${why[error.code ?? ''] ?? error.message}.`, {
      cause: error,
    });
  };
  if ((await stat(output).catch(() => undefined))?.isDirectory())
    throw failure(`${output} cannot be written: it is a folder. Name a file.`);
  const file = await open(partial, before ? 'r+' : 'w').catch(named);
  let [bytes, text] = [before?.bytes ?? 0, before?.text ?? ''];
  await file.truncate(bytes);
  const packed = output.endsWith('.gz');
  const least = packed ? memberLetters : 1 << 16;
  const put = async (part: string) => {
    const content = packed ? gzipSync(part) : Buffer.from(part);
    await writeAll(file, content, bytes).catch(named);
    bytes += content.length;
  };
  /** Writes whole parts; gzip members are all of one size but the last. */
  const flush = async (all: boolean) => {
    while (text.length >= least || (all && text !== '')) {
      const part = packed ? text.slice(0, memberLetters) : text;
      text = text.slice(part.length);
      await put(part);
    }
  };
  return {
    async write(more) {
      text += more;
      await flush(false);
    },
    async sync() {
      await flush(!packed);
      await file.datasync().catch(named);
      return { bytes, text };
    },
    async finish() {
      await flush(true);
      // An empty file in .gz is an empty member, not nothing.
      if (packed && bytes === 0) await put('');
      await file.sync().catch(named);
      await file.close();
    },
    close: () => file.close().catch(() => {}),
  };
}

async function writeAll(file: FileHandle, content: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < content.length) {
    const { bytesWritten } = await file.write(content, written, content.length - written, position + written);
    written += bytesWritten;
  }
}

/** What an interrupted scan left, where it did; the scan has to be the same one. */
async function readProgress(path: string, partial: string, scan: Scan): Promise<Progress | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw failure(`${path} could not be read: ${error.message}.`, { cause: error });
  });
  if (text === undefined) return undefined;
  const again = `Remove it, or leave --resume out to begin anew.`;
  let found: Progress;
  try {
    found = JSON.parse(text);
  } catch {
    throw dataError(`${path} is damaged. ${again}`);
  }
  if (found?.format !== 'seqwright-scan') throw dataError(`${path} is not the progress of a scan. ${again}`);
  if (found.fingerprint !== scan.fingerprint)
    throw dataError(
      `${path} is the progress of another scan: model, input, options or version differ. Continue with the command that was interrupted. ${again}`,
    );
  const size = (await stat(partial).catch(() => undefined))?.size ?? 0;
  if (size < found.bytes)
    throw dataError(`${partial} has ${size} bytes; ${path} tells of ${found.bytes}. ${again}`);
  return found;
}
