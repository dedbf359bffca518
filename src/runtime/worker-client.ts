import { Worker } from 'node:worker_threads';
import { failure, SeqwrightError } from '../core/errors.ts';
import type { HostTensor, TensorData } from './backend.ts';
import type { Device } from './compile.ts';
import type { CompiledProgram, Program } from './program.ts';
import type { Reply, Request } from './worker.ts';

interface Connection {
  ask(request: Request): Promise<unknown>;
}

let connection: Connection | undefined;

/**
 * Opens a program in a worker thread: ONNX Runtime blocks the thread that it runs on, so long work there keeps progress, Ctrl-C and
 * servers on this one alive. All programs share one worker, which ends with the process.
 */
export async function openInWorker(
  compiled: CompiledProgram,
  initial: Readonly<Record<string, TensorData>>,
  { device, threads }: { device: Device; threads: number },
): Promise<Program> {
  connection ??= connect();
  const { ask } = connection;
  const program = (await ask({ kind: 'open', compiled, initial: { ...initial }, device, threads })) as number;
  return {
    run: async (feeds) =>
      (await ask({ kind: 'run', program, feeds: { ...feeds } })) as Record<string, HostTensor>,
    state: async () => (await ask({ kind: 'state', program })) as Record<string, TensorData>,
    undo: async () => void (await ask({ kind: 'undo', program })),
    load: async (state) => void (await ask({ kind: 'load', program, state: { ...state } })),
    release: async () => void (await ask({ kind: 'release', program })),
  };
}

function connect(): Connection {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let calls = 0;
  worker.unref();
  worker.on('message', (reply: Reply) => {
    const call = waiting.get(reply.call)!;
    waiting.delete(reply.call);
    if (waiting.size === 0) worker.unref();
    if ('result' in reply) return call.resolve(reply.result);
    const { kind, message, stack } = reply.error;
    call.reject(kind ? new SeqwrightError(kind, message) : Object.assign(new Error(message), { stack }));
  });
  const end = (error: Error) => {
    connection = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('error', (error) =>
    end(failure(`the worker thread stopped: ${error.message}`, { cause: error })),
  );
  worker.on('exit', (code) =>
    end(failure(`the worker thread ended with code ${code}; memory may have run out.`)),
  );
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        const call = ++calls;
        waiting.set(call, { resolve, reject });
        worker.ref();
        worker.postMessage({ call, request });
      }),
  };
}
