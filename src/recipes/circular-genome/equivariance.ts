import { randomStream } from '../../core/random.ts';
import { type Circle, turned } from './circles.ts';
import type { Reader } from './networks.ts';

/** What turning a circle does to what is read from it, and how right it is. */
export interface Turning {
  /** Mean over places and turns of |read(turned) − turned(read)|, for each circle, in standard deviations of the truth. */
  readonly errors: readonly number[];
  /** The largest such difference anywhere. */
  readonly worst: number;
  /** Mean error against the truth by distance from the cut, in letters, over the untouched circles and all turns. */
  readonly byDistance: Float64Array;
}

/** How circles are turned; `reach`: up to which distance from the cut errors are kept. */
export interface TurnOptions {
  readonly turns: number;
  readonly reach: number;
  readonly unit: number;
  readonly seed: number;
}

/**
 * How far a reading of circles is from being equivariant: cutting the circle elsewhere should turn the result and change nothing else.
 * All circles have one length.
 */
export async function turningErrors(
  reader: Reader,
  circles: readonly Circle[],
  { turns, reach, unit, seed }: TurnOptions,
): Promise<Turning> {
  const random = randomStream(seed, 'turns');
  const n = circles[0]!.tokens.length;
  const plain = await reader.predict(circles.map(({ tokens }) => tokens));
  const errors = circles.map(() => 0);
  const byDistance = new Float64Array(Math.min(reach, n));
  const gather = (read: Float32Array, truth: Float32Array) => {
    for (let t = 0; t < byDistance.length; t++)
      byDistance[t]! += Math.abs(read[t]! - truth[t]! / unit) / circles.length / (turns + 1);
  };
  circles.forEach(({ truth }, c) => {
    gather(plain[c]!, truth);
  });
  let worst = 0;
  for (let turn = 0; turn < turns; turn++) {
    const shifts = circles.map(() => 1 + random.below(n - 1));
    const read = await reader.predict(circles.map(({ tokens }, c) => turned(tokens, shifts[c]!)));
    circles.forEach(({ truth }, c) => {
      const expected = turned(plain[c]!, shifts[c]!);
      expected.forEach((y, t) => {
        const off = Math.abs(read[c]![t]! - y);
        errors[c]! += off / n / turns;
        worst = Math.max(worst, off);
      });
      gather(read[c]!, turned(truth, shifts[c]!));
    });
  }
  return { errors, worst, byDistance };
}
