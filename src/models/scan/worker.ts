import { parentPort } from 'node:worker_threads';
import { SeqwrightError } from '../../core/errors.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { openScanRunner } from './open-runner.ts';
import { type PackedBlock, unpackBlock } from './packed-block.ts';
import type { ScanJob, ScanRunner, StrandScores } from './runner.ts';

/** What the main thread asks of a worker; every request is answered once, in order. */
export type ScanRequest =
  | { kind: 'open'; job: ScanJob; where: CompileOptions }
  | { kind: 'run'; block: PackedBlock }
  | { kind: 'close' };

export type ScanReply =
  | { scores?: StrandScores[] }
  | { error: { kind?: SeqwrightError['kind']; message: string; stack?: string } };

let runner: ScanRunner | undefined;

async function answer(request: ScanRequest): Promise<ScanReply> {
  switch (request.kind) {
    case 'open':
      runner = await openScanRunner(request.job, request.where);
      return {};
    case 'run':
      return { scores: await runner!.run(unpackBlock(request.block)) };
    case 'close':
      await runner?.close();
      return {};
  }
}

let queue: Promise<unknown> = Promise.resolve();
parentPort?.on('message', (request: ScanRequest) => {
  queue = queue.then(async () => {
    try {
      parentPort!.postMessage(await answer(request));
      // Nothing is left to wait for, and the thread ends by itself.
      if (request.kind === 'close') parentPort!.close();
    } catch (cause) {
      const { message, stack } = cause as Error;
      const kind = cause instanceof SeqwrightError ? { kind: cause.kind } : {};
      parentPort!.postMessage({ error: { ...kind, message, ...(stack && { stack }) } } satisfies ScanReply);
    }
  });
});
