import { parentPort } from 'node:worker_threads';
import { SeqwrightError } from '../core/errors.ts';
import type { TensorData } from './backend.ts';
import { backendOf, type Device } from './compile.ts';
import { type CompiledProgram, type Feed, openProgram, type Program } from './program.ts';

/** What the main thread asks of the worker; every request is answered once, in order. */
export type Request =
  | {
      kind: 'open';
      compiled: CompiledProgram;
      initial: Record<string, TensorData>;
      device: Device;
      threads: number;
    }
  | { kind: 'run'; program: number; feeds: Record<string, Feed> }
  | { kind: 'state'; program: number }
  | { kind: 'undo'; program: number }
  | { kind: 'load'; program: number; state: Record<string, TensorData> }
  | { kind: 'release'; program: number };

export type Reply =
  | { call: number; result: unknown }
  | { call: number; error: { kind?: SeqwrightError['kind']; message: string; stack?: string } };

const programs = new Map<number, Program>();
let opened = 0;

async function answer(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'open': {
      const { compiled, initial, device, threads } = request;
      programs.set(++opened, await openProgram(compiled, initial, await backendOf(device), { threads }));
      return opened;
    }
    case 'run':
      return programs.get(request.program)!.run(request.feeds);
    case 'state':
      return programs.get(request.program)!.state();
    case 'undo':
      return programs.get(request.program)!.undo();
    case 'load':
      return programs.get(request.program)!.load(request.state);
    case 'release':
      await programs.get(request.program)!.release();
      programs.delete(request.program);
  }
}

let queue: Promise<unknown> = Promise.resolve();
parentPort?.on('message', ({ call, request }: { call: number; request: Request }) => {
  queue = queue.then(async () => {
    try {
      parentPort!.postMessage({ call, result: await answer(request) } satisfies Reply);
    } catch (cause) {
      const error = cause as Error;
      const kind = error instanceof SeqwrightError ? { kind: error.kind } : {};
      parentPort!.postMessage({
        call,
        error: { ...kind, message: error.message, ...(error.stack && { stack: error.stack }) },
      } satisfies Reply);
    }
  });
});
