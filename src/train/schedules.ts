import { usageError } from '../core/errors.ts';

/** The learning rate as a factor of the base rate, for a progress from 0 (start) to 1 (last epoch's end). */
export type Schedule = (progress: number) => number;

const warm =
  (warmup: number, after: Schedule): Schedule =>
  (progress) =>
    progress < warmup ? progress / warmup : after(warmup < 1 ? (progress - warmup) / (1 - warmup) : 1);

/** The base rate throughout. */
export const constantRate = ({ warmup = 0 } = {}): Schedule => warm(warmup, () => 1);

/** Half a cosine from 1 to `floor`, after a linear warm-up (Loshchilov and Hutter 2017). */
export const cosineRate = ({ warmup = 0.05, floor = 0.01 } = {}): Schedule =>
  warm(warmup, (p) => floor + ((1 - floor) * (1 + Math.cos(Math.PI * p))) / 2);

/** A straight line from 1 to `floor`, after a linear warm-up. */
export const linearRate = ({ warmup = 0.05, floor = 0 } = {}): Schedule =>
  warm(warmup, (p) => 1 - (1 - floor) * p);

/** Multiplied by `factor` at each of `steps` equal parts. */
export const stepRate = ({ steps = 3, factor = 0.1, warmup = 0 } = {}): Schedule =>
  warm(warmup, (p) => factor ** Math.min(Math.floor(p * steps), steps - 1));

/** Schedules by the name that configurations use. */
export const schedules = {
  constant: constantRate,
  cosine: cosineRate,
  linear: linearRate,
  step: stepRate,
} as const;
/** A name in the table of schedules. */
export type ScheduleName = keyof typeof schedules;

/** The schedule of a name; throws a usage error that lists them. */
export function scheduleOf(name: string): Schedule {
  const make = schedules[name as ScheduleName];
  if (!make)
    throw usageError(`expected a schedule out of ${Object.keys(schedules).join(', ')}; received "${name}".`);
  return make();
}
