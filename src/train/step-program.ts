import { grad } from '../graph/grad.ts';
import * as g from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Context, trainingContext } from '../nn/context.ts';
import type { ParameterSpec } from '../nn/module.ts';
import type { TensorData } from '../runtime/backend.ts';
import type { ProgramSpec, StateSpec } from '../runtime/program.ts';
import { clipByGlobalNorm, globalNorm, type Optimizer, softThreshold } from './optimizers.ts';
import { type FitOptions, optimizerOf } from './options.ts';

/** A training step as a program, and what is needed to feed it. */
export interface StepProgram extends ProgramSpec {
  readonly optimizer: Optimizer;
  /** Paths of the model's parameters; each is the name of a state. */
  readonly parameters: readonly string[];
}

/** What the state that holds a parameter's running average, accumulated gradient or optimiser slot is called. */
export const averageOf = (path: string): string => `average/${path}`;
const accumulatedOf = (path: string): string => `accumulated/${path}`;
const slotOf = (slot: string, path: string): string => `${slot}/${path}`;

interface Trained {
  readonly path: string;
  readonly spec: ParameterSpec;
  readonly value: Value;
}

/** What a model is to learn: the inputs that carry a batch, and the loss that they give. */
export interface LossDefinition {
  readonly inputs: Readonly<Record<string, Value>>;
  /**
   * The loss, a scalar. `values` gives each parameter's value, asked once for each; `context` tells that this is training. `state` holds
   * what is carried from batch to batch beside the parameters, such as the hidden state of truncated back-propagation.
   */
  loss(
    values: (path: string, parameter: ParameterSpec) => Value,
    context: Context,
  ): Value | { readonly loss: Value; readonly state: Readonly<Record<string, StateSpec>> };
}

/**
 * One training step as one program: forward, loss, backward, clipping and optimiser. Its inputs are a batch, the learning rate and the
 * step; its state is the parameters and all that the optimiser remembers.
 */
export function stepProgram(
  definition: LossDefinition,
  initial: ReadonlyMap<string, Float32Array>,
  options: FitOptions,
): StepProgram {
  const optimizer = optimizerOf(options);
  const scalars = Object.fromEntries(
    Object.keys(optimizer.scalars(1)).map((name) => [name, g.input(name, [])]),
  );
  const control = {
    rate: g.input('rate', []),
    seed: g.input('seed', [], 'int32'),
    step: g.input('step', [], 'int32'),
  };
  const apply = g.input('apply', []);
  const context = trainingContext({ seed: control.seed, step: control.step });
  const held: Trained[] = [];
  const defined = definition.loss((path, spec) => {
    const value = g.input(path, spec.shape);
    held.push({ path, spec, value });
    return value;
  }, context);
  const { loss, state: carried } = 'loss' in defined ? defined : { loss: defined, state: {} };
  const trained = held.filter((p) => p.spec.trainable);
  const update = updates(loss, trained, { optimizer, options, control, scalars, apply });
  const next = new Map<string, Value>([...update.state].map(([name, s]) => [name, s.next]));
  const state: Record<string, StateSpec> = { ...carried };
  for (const { path, value } of held) {
    const changed = next.get(path) ?? context.updates.get(value);
    state[path] = { value, initial: initial.get(path)!, ...(changed && { next: changed }) };
  }
  for (const [name, s] of update.state)
    if (!(name in state)) state[name] = { value: s.value, next: s.next, initial: zerosLike(s.value) };
  if (options.average > 0) addAverages(state, held, initial, options.average);
  return {
    inputs: { ...definition.inputs, ...control, ...scalars, ...(options.accumulate > 1 && { apply }) },
    outputs: { loss, norm: update.norm },
    state,
    optimizer,
    parameters: held.map(({ path }) => path),
  };
}

interface UpdateSetting {
  optimizer: Optimizer;
  options: FitOptions;
  control: { rate: Value };
  scalars: Record<string, Value>;
  /** 1 where accumulated gradients are to be applied, else 0. */
  apply: Value;
}

/** New parameters and slots, by state name. */
function updates(
  loss: Value,
  trained: readonly Trained[],
  { optimizer, options, control, scalars, apply }: UpdateSetting,
) {
  const raw = grad(
    loss,
    trained.map((p) => p.value),
  );
  const state = new Map<string, { value: Value; next: Value }>();
  const share = options.accumulate > 1 ? raw.map((d) => g.mul(d, 1 / options.accumulate)) : raw;
  const summed = share.map((d, i) => {
    if (options.accumulate === 1) return d;
    const name = accumulatedOf(trained[i]!.path);
    const before = g.input(name, trained[i]!.spec.shape);
    const total = g.add(before, d);
    state.set(name, { value: before, next: g.mul(total, g.sub(1, apply)) });
    return total;
  });
  const penalised = summed.map((d, i) =>
    options.l2 > 0 && trained[i]!.spec.decay ? g.add(d, g.mul(trained[i]!.value, options.l2)) : d,
  );
  const { gradients, norm } =
    options.clip > 0
      ? clipByGlobalNorm(penalised, options.clip)
      : { gradients: penalised, norm: globalNorm(penalised) };
  const settle = (next: Value, before: Value) =>
    options.accumulate > 1 ? g.where(g.greater(apply, 0.5), next, before) : next;
  trained.forEach(({ path, spec, value }, i) => {
    const slots = Object.fromEntries(
      optimizer.slots.map((slot) => [slot, g.input(slotOf(slot, path), spec.shape)]),
    );
    const result = optimizer.update({
      parameter: value,
      gradient: gradients[i]!,
      slots,
      rate: control.rate,
      scalars,
      decays: spec.decay,
    });
    const shrunk =
      options.l1 > 0 && spec.decay
        ? softThreshold(result.parameter, g.mul(control.rate, options.l1))
        : result.parameter;
    state.set(path, { value, next: settle(shrunk, value) });
    for (const slot of optimizer.slots)
      state.set(slotOf(slot, path), { value: slots[slot]!, next: settle(result.slots[slot]!, slots[slot]!) });
  });
  return { state, norm };
}

/** A running average of every parameter beside it: a ← decay·a + (1 − decay)·w. */
function addAverages(
  state: Record<string, StateSpec>,
  held: readonly Trained[],
  initial: ReadonlyMap<string, Float32Array>,
  decay: number,
): void {
  for (const { path, spec, value } of held) {
    const before = g.input(averageOf(path), spec.shape);
    const now = state[path]!.next ?? value;
    state[averageOf(path)] = {
      value: before,
      next: g.add(before, g.mul(g.sub(now, before), 1 - decay)),
      initial: initial.get(path)!,
    };
  }
}

const zerosLike = (v: Value): TensorData =>
  new Float32Array((v.shape as number[]).reduce((a, b) => a * b, 1));
