import type { Scorer } from '../core/scorer.ts';
import { type Decoded, type DecodingOptions, prepare } from './decoding.ts';
import { decoded, isComplete, newRow, stepRows } from './rows.ts';
import { type Contrast, contrastStepper, plainStepper, type Stepper } from './stepper.ts';

export interface GreedyOptions<Context> extends DecodingOptions {
  context?: Context;
  contrast?: Contrast;
}

/**
 * The sequence of the most probable token at each step (the first of equals), among those that the constraints
 * allow.
 *
 * Throws a usage error for impossible options, a failure where every allowed token has probability zero.
 * @example
 * const { sequence } = await greedy(scorer, { spelling: 'ACGT', prompt: 'ATG', length: 10 });
 */
export async function greedy<State, Context = void>(
  scorer: Scorer<State, Context>,
  { context, ...options }: GreedyOptions<Context>,
): Promise<Decoded> {
  return (await greedyEach(scorer, [context as Context], options))[0]!;
}

/** `greedy` for many contexts, which are asked of the scorer together: the same results as one by one. */
export async function greedyEach<State, Context>(
  scorer: Scorer<State, Context>,
  contexts: readonly Context[],
  { contrast, ...options }: Omit<GreedyOptions<Context>, 'context'>,
): Promise<Decoded[]> {
  const stepper = stepperOf(scorer, contrast);
  const preparation = prepare(scorer, options);
  const rows = contexts.map((context) =>
    newRow(stepper.start(context, preparation.prompt), preparation, largest),
  );
  const open = () => rows.filter((row) => !isComplete(row, preparation));
  for (let live = open(); live.length > 0; live = open()) await stepRows(stepper, live, preparation);
  return rows.map((row) => decoded(row, preparation));
}

export function stepperOf<State, Context>(
  scorer: Scorer<State, Context>,
  contrast: Contrast | undefined,
): Stepper<unknown, Context> {
  return contrast ? contrastStepper(scorer, contrast) : plainStepper(scorer);
}

/** The index of the first of the largest values. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
