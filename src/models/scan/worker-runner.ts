import { Worker } from 'node:worker_threads';
import { failure, SeqwrightError } from '../../core/errors.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { openScanRunner } from './open-runner.ts';
import { packBlock } from './packed-block.ts';
import { isTagger, type ScanJob, type ScanRunner, type StrandScores } from './runner.ts';
import type { ScanReply, ScanRequest } from './worker.ts';

/**
 * Opens a model in a thread of its own, which it does not share: ONNX Runtime blocks the thread that it runs on, and a scan keeps several
 * busy, each with whole blocks, so that no result depends on their number. Run from TypeScript sources there is no file that a
 * worker could start from, and this thread does the work.
 */
export async function openWorkerRunner(job: ScanJob, where: CompileOptions = {}): Promise<ScanRunner> {
  const { spec } = job.model;
  // A network of the user's own is code, which does not cross to another thread.
  const own = !isTagger(spec) && spec.network !== undefined;
  if (own || !import.meta.url.endsWith('.js')) return openScanRunner(job, where);
  const { ask } = connect();
  await ask({ kind: 'open', job, where });
  return {
    run: async (block) => (await ask({ kind: 'run', block: packBlock(block) })).scores!,
    close: async () => void (await ask({ kind: 'close' })),
  };
}

interface Waiting {
  resolve(reply: { scores?: StrandScores[] }): void;
  reject(error: Error): void;
}

function connect() {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  const waiting: Waiting[] = [];
  worker.unref();
  worker.on('message', (reply: ScanReply) => {
    const { resolve, reject } = waiting.shift()!;
    if (waiting.length === 0) worker.unref();
    if (!('error' in reply)) return resolve(reply);
    const { kind, message, stack } = reply.error;
    reject(kind ? new SeqwrightError(kind, message) : Object.assign(new Error(message), { stack }));
  });
  const stopped = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  worker.on('error', (error) =>
    stopped(failure(`a worker thread stopped: ${error.message}`, { cause: error })),
  );
  worker.on('exit', (code) =>
    stopped(failure(`a worker thread ended with code ${code}; memory may have run out.`)),
  );
  return {
    ask: (request: ScanRequest) =>
      new Promise<{ scores?: StrandScores[] }>((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.ref();
        worker.postMessage(request);
      }),
  };
}
