import * as g from '../graph/library.ts';
import type { Value } from '../graph/value.ts';

/** One parameter's share of an optimiser step, as graph values. */
export interface UpdateContext {
  readonly parameter: Value;
  readonly gradient: Value;
  /** The optimiser's memory of this parameter, each of the parameter's shape. */
  readonly slots: Readonly<Record<string, Value>>;
  /** The learning rate, a scalar. */
  readonly rate: Value;
  /** The scalars that `scalars` computes for the step. */
  readonly scalars: Readonly<Record<string, Value>>;
  /** Whether weight decay applies to this parameter. */
  readonly decays: boolean;
}

/** A parameter's next value and what is remembered of it. */
export interface Update {
  readonly parameter: Value;
  readonly slots: Record<string, Value>;
}

/** An update rule, run inside the step program. */
export interface Optimizer {
  readonly name: string;
  readonly options: Readonly<Record<string, number | boolean>>;
  /** What it remembers of each parameter; all zeros at first. */
  readonly slots: readonly string[];
  /** Numbers that depend on the step (counted from 1) alone, computed in double precision outside the graph. */
  readonly scalars: (step: number) => Record<string, number>;
  readonly update: (context: UpdateContext) => Update;
}

/**
 * Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), as PyTorch computes it.
 * The bias corrections go into the rate and into ε, which saves two passes over every parameter.
 */
export function adamW({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0.01 } = {}): Optimizer {
  return {
    name: 'adamW',
    options: { beta1, beta2, epsilon, decay },
    slots: ['mean', 'square'],
    scalars: (step) => {
      const root = Math.sqrt(1 - beta2 ** step);
      return { scale: root / (1 - beta1 ** step), epsilon: epsilon * root };
    },
    // m ← m + (1−β₁)(g − m);  v ← v + (1−β₂)(g² − v);  w ← w − η·decay·w − η·m̂/(√v̂ + ε)
    update({ parameter, gradient, slots, rate, scalars, decays }) {
      const mean = g.add(slots.mean!, g.mul(g.sub(gradient, slots.mean!), 1 - beta1));
      const square = g.add(slots.square!, g.mul(g.sub(g.square(gradient), slots.square!), 1 - beta2));
      const direction = g.div(mean, g.add(g.sqrt(square), scalars.epsilon!));
      const kept = decays && decay > 0 ? g.mul(parameter, g.sub(1, g.mul(rate, decay))) : parameter;
      return {
        parameter: g.sub(kept, g.mul(direction, g.mul(rate, scalars.scale!))),
        slots: { mean, square },
      };
    },
  };
}

/** Adam: adamW without decay. */
export const adam = ({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = {}): Optimizer => ({
  ...adamW({ beta1, beta2, epsilon, decay: 0 }),
  name: 'adam',
});

/** Stochastic gradient descent with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013), in PyTorch's form. */
export function sgd({ momentum = 0.9, nesterov = false, decay = 0 } = {}): Optimizer {
  return {
    name: 'sgd',
    options: { momentum, nesterov, decay },
    slots: momentum > 0 ? ['velocity'] : [],
    scalars: () => ({}),
    // v ← μv + g;  w ← w − η·v, or w − η(g + μv)
    update({ parameter, gradient, slots, rate, decays }): Update {
      const full = withDecay(parameter, gradient, decays ? decay : 0);
      if (momentum === 0) return { parameter: g.sub(parameter, g.mul(full, rate)), slots: {} };
      const velocity = g.add(g.mul(slots.velocity!, momentum), full);
      const direction = nesterov ? g.add(full, g.mul(velocity, momentum)) : velocity;
      return { parameter: g.sub(parameter, g.mul(direction, rate)), slots: { velocity } };
    },
  };
}

/** RMSprop (Tieleman and Hinton 2012), in PyTorch's form. */
export function rmsprop({ alpha = 0.99, epsilon = 1e-8, momentum = 0, decay = 0 } = {}): Optimizer {
  return {
    name: 'rmsprop',
    options: { alpha, epsilon, momentum, decay },
    slots: momentum > 0 ? ['square', 'velocity'] : ['square'],
    scalars: () => ({}),
    // s ← αs + (1−α)g²;  d = g/(√s + ε);  w ← w − η·d, or w − η·v with v ← μv + d
    update({ parameter, gradient, slots, rate, decays }): Update {
      const full = withDecay(parameter, gradient, decays ? decay : 0);
      const square = g.add(g.mul(slots.square!, alpha), g.mul(g.square(full), 1 - alpha));
      const step = g.div(full, g.add(g.sqrt(square), epsilon));
      if (momentum === 0) return { parameter: g.sub(parameter, g.mul(step, rate)), slots: { square } };
      const velocity = g.add(g.mul(slots.velocity!, momentum), step);
      return { parameter: g.sub(parameter, g.mul(velocity, rate)), slots: { square, velocity } };
    },
  };
}

const withDecay = (parameter: Value, gradient: Value, decay: number): Value =>
  decay > 0 ? g.add(gradient, g.mul(parameter, decay)) : gradient;

/** Optimisers by the name that configurations use. */
export const optimizers = { adamW, adam, sgd, rmsprop } as const;
/** A name in the table of optimisers. */
export type OptimizerName = keyof typeof optimizers;

/** √Σ‖g‖² over all gradients. */
export const globalNorm = (gradients: readonly Value[]): Value =>
  g.sqrt(g.sumOf(gradients.map((d) => g.sum(g.square(d)))));

/** Scales all gradients by min(1, limit / (norm + 10⁻⁶)), which keeps their direction (Pascanu et al. 2013). */
export function clipByGlobalNorm(
  gradients: readonly Value[],
  limit: number,
): { gradients: Value[]; norm: Value } {
  const norm = globalNorm(gradients);
  const factor = g.minimum(g.div(limit, g.add(norm, 1e-6)), 1);
  return { gradients: gradients.map((d) => g.mul(d, factor)), norm };
}

/** The proximal step of an L1 penalty: shrinks towards zero by `threshold` and stops there, so zeros are exact (Parikh and Boyd 2014). */
export const softThreshold = (w: Value, threshold: Value): Value =>
  g.mul(g.sign(w), g.relu(g.sub(g.abs(w), threshold)));
