import type { TensorData } from './backend.ts';
import type { CompiledProgram, Program } from './program.ts';

/**
 * Programs that have been released and wait to be used again. Loading a model takes ONNX Runtime tens of milliseconds, as long as a small
 * network takes to learn from a hundred records; a cross-validation loads the same one for every fold, with other numbers in its state.
 */
export interface ProgramPool {
  /** A waiting program of the same model with `initial` as its state, else a new one; its `release` lets it wait here. */
  take(
    compiled: CompiledProgram,
    initial: Readonly<Record<string, TensorData>>,
    open: () => Promise<Program>,
  ): Promise<Program>;
  /** Frees all that wait, and whatever is released from now on. */
  release(): Promise<void>;
}

interface Waiting {
  readonly compiled: CompiledProgram;
  readonly program: Program;
}

/** A pool that keeps at most `capacity` programs waiting; the one that has waited longest goes first. */
export function programPool(capacity = 4): ProgramPool {
  let waiting: Waiting[] = [];
  let room = capacity;
  const put = async (entry: Waiting) => {
    waiting.push(entry);
    const leaving = waiting.splice(0, Math.max(0, waiting.length - room));
    await Promise.all(leaving.map(({ program }) => program.release()));
  };
  return {
    async take(compiled, initial, open) {
      const found = waiting.findIndex((entry) => isSame(entry.compiled, compiled));
      const [entry] = found < 0 ? [{ compiled, program: await open() }] : waiting.splice(found, 1);
      if (found >= 0) await entry!.program.load(initial);
      return { ...entry!.program, release: () => put(entry!) };
    },
    async release() {
      room = 0;
      const all = waiting;
      waiting = [];
      await Promise.all(all.map(({ program }) => program.release()));
    },
  };
}

/** The bytes of a model decide all but which of its inputs are state. */
const isSame = (a: CompiledProgram, b: CompiledProgram): boolean =>
  a.model.length === b.model.length &&
  Object.keys(a.state).join() === Object.keys(b.state).join() &&
  a.model.every((byte, i) => byte === b.model[i]);
