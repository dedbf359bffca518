import { broadcastTo, input } from '../../graph/library.ts';
import { linearRecurrence } from '../../nn/recurrence/linear-recurrence.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { floats } from '../learn.ts';

/** A leaky integrator that reads a sequence of any length in pieces. */
export interface Integrator {
  /** hₜ for the next letters, given where an enhancer ends (1, else 0). */
  read(events: Uint8Array): Promise<Float32Array>;
  /** Begins a new sequence: h = 0. */
  restart(): void;
  release(): Promise<void>;
}

/**
 * hₜ = r·hₜ₋₁ + x_E(t) as a recurrent network of one linear unit, run by ONNX Runtime. Its state goes from piece to piece, so
 * that a chromosome is read once, in the memory of one piece.
 */
export async function openIntegrator(retention: number, place: CompileOptions = {}): Promise<Integrator> {
  const events = input('events', ['time', 1]);
  const before = input('before', [1]);
  const r = input('retention', []);
  const h = linearRecurrence(broadcastTo(r, ['time', 1]), events, { initial: before, chunk: 128 });
  const program = await compile({ inputs: { events, before, retention: r }, outputs: { h } }, place);
  let state = 0;
  return {
    async read(found) {
      const run = await program.run({
        events: floats([found.length, 1], found),
        before: floats([1], [state]),
        retention: retention,
      });
      const all = run.h!.data as Float32Array;
      state = all[all.length - 1]!;
      return all.slice();
    },
    restart() {
      state = 0;
    },
    release: () => program.release(),
  };
}

/** The closed form Σ r^(t − tᵢ) over the events at or before t, at places `at`; `events` are places in rising order. */
export function closedForm(
  events: ArrayLike<number>,
  at: ArrayLike<number>,
  retention: number,
): Float64Array {
  const logRate = Math.log(retention);
  // What is smaller than this does not change a sum in double precision.
  const reach = 40 / -logRate;
  return Float64Array.from(at, (t) => {
    let sum = 0;
    for (let i = lastUpTo(events, t); i >= 0 && t - events[i]! <= reach; i--)
      sum += Math.exp((t - events[i]!) * logRate);
    return sum;
  });
}

/** The place of the last number that is at most t, in rising numbers; −1 where there is none. */
export function lastUpTo(numbers: ArrayLike<number>, t: number): number {
  let [low, high] = [-1, numbers.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (numbers[middle]! <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}
