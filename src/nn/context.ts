import { hash32 } from '../core/random.ts';
import type { RandomKey } from '../graph/library.ts';
import { currentScope, type Value } from '../graph/value.ts';

/** What a model's layers may know of the program they are traced into. Given once, to `bind`; made anew for each trace. */
export interface Context {
  /** Whether dropout drops and batch normalisation looks at the batch. */
  readonly training: boolean;
  /** Where randomness comes from; absent where nothing random may happen. */
  readonly random: RandomKey | undefined;
  /** A number for the place that draws randomness: its scope and how often it was asked there, so that no two places share a mask. */
  site(): number;
  /** Replaces a parameter that is not trained (running statistics) after the step. */
  update(parameter: Value, next: (before: Value) => Value): void;
}

function siteCounter(): () => number {
  const counts = new Map<string, number>();
  return () => {
    const scope = currentScope();
    const count = counts.get(scope) ?? 0;
    counts.set(scope, count + 1);
    return hash32(`${scope}#${count}`);
  };
}

/** The context of prediction: nothing is dropped, running statistics are used and stay as they are. */
export const inferenceContext = (): Context => ({
  training: false,
  random: undefined,
  site: siteCounter(),
  update: () => {},
});

/**
 * The context of Monte-Carlo dropout (Gal and Ghahramani 2016): prediction in which dropout still drops, so that each run is a draw from an
 * approximate posterior of the model; nothing else is random, and running statistics are used and stay. Every mask depends only on `random`.
 */
export const dropoutContext = (random: RandomKey): Context => ({ ...inferenceContext(), random });

export interface TrainingContext extends Context {
  /** The new value of each parameter that the layers updated themselves; a step program returns them. */
  readonly updates: ReadonlyMap<Value, Value>;
}

/** The context of a training step; every mask depends only on `random` (seed, step) and the place that draws it. */
export function trainingContext(random: RandomKey): TrainingContext {
  const updates = new Map<Value, Value>();
  return {
    training: true,
    random,
    site: siteCounter(),
    updates,
    // A layer that is applied twice updates its statistics twice.
    update: (parameter, next) => updates.set(parameter, next(updates.get(parameter) ?? parameter)),
  };
}
