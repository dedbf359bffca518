import { usageError } from '../core/errors.ts';
import { backprop, type Seed } from './backprop.ts';
import type { Dim } from './dims.ts';
import * as functions from './functions.ts';
import type { GradientContext } from './op.ts';
import { appendOutput, type ScanAttrs } from './ops/scan.ts';
import { bodyNodes } from './rewrite.ts';
import { buildLoop } from './scan-split.ts';
import { currentScope, makeNode, type Type, type Value } from './value.ts';

const parameter = (name: string, { dtype, shape }: Type): Value =>
  makeNode('input', [], { name, dtype, shape }, [{ dtype, shape }], { scope: currentScope() }).outputs[0]!;

export interface ScanResult {
  /** The carries after the last step. */
  readonly carry: Value[];
  /** The per-step outputs, stacked along a leading time axis. */
  readonly outputs: Value[];
}

/**
 * Runs `body` once per step of a sequence: the carries go from step to step, each of `inputs` gives the body its t-th row (axis 0 is
 * time), and the body's outputs are stacked. Values from outside may be used freely in the body. What does not depend on the carries is
 * moved out of the loop and computed for all steps at once. Differentiable, any number of times. With `rematerialize` all of a step stays in
 * the loop, and the gradient computes the step again from its inputs and carries rather than keeping its values: memory for time.
 *
 * @example running sum of x[time, 4]
 * const { outputs: [sums] } = scan(
 *   { carry: [full([4], 0)], inputs: [x] },
 *   ([total], [row]) => { const next = add(total, row); return { carry: [next], outputs: [next] }; },
 * );
 */
export function scan(
  {
    carry,
    inputs = [],
    reverse = false,
    length,
    rematerialize = false,
  }: {
    carry: readonly Value[];
    inputs?: readonly Value[];
    reverse?: boolean;
    length?: Dim;
    rematerialize?: boolean;
  },
  body: (carry: Value[], step: Value[]) => { carry: readonly Value[]; outputs?: readonly Value[] },
): ScanResult {
  const time = length ?? inputs[0]?.shape[0];
  if (time === undefined || inputs.some((x) => x.shape[0] !== time))
    throw usageError(
      `scan: expected inputs with one leading time axis (or a length), received ${inputs.map((x) => `[${x.shape.join(', ')}]`).join(', ') || 'none'}.`,
    );
  const carries = carry.map((v, i) => parameter(`carry${i}`, v));
  const steps = inputs.map((v, i) => parameter(`step${i}`, { dtype: v.dtype, shape: v.shape.slice(1) }));
  const { carry: next, outputs = [] } = body(carries, steps);
  if (next.length !== carry.length)
    throw usageError(`scan: expected ${carry.length} carries from the body, received ${next.length}.`);
  return buildLoop({
    initial: carry,
    carries,
    sources: new Map(steps.map((step, i) => [step, () => inputs[i]!])),
    next,
    outputs,
    sums: [],
    reverse,
    time,
    rematerialize,
  });
}

/**
 * The gradient of a scan: a scan in the other direction over values that the first one saved. Forward values that it
 * needs become further outputs of the forward scan; weight gradients, being sums over time of products, are taken outside in one product.
 */
export function scanGradient({
  g,
  inputs,
  outputs,
  cotangents,
  attrs,
  wants,
}: GradientContext<ScanAttrs>): (Value | null)[] {
  const { carries, steps, parameters, time, reverse, rematerialize = false } = attrs;
  const results = attrs.results.slice(0, outputs.length);
  const node = outputs[0]!.node;
  const sources = new Map<Value, () => Value>();
  const seeds: Seed[] = [];

  const flowing = results.flatMap((v, i) => (i < carries && v.dtype === 'float32' ? [i] : []));
  const incoming = flowing.map((i) => parameter(`dcarry${i}`, results[i]!));
  flowing.forEach((i, k) => {
    seeds.push([results[i]!, incoming[k]!]);
  });
  results.slice(carries).forEach((v, j) => {
    const stacked = cotangents[carries + j];
    if (!stacked) return;
    const step = parameter(`doutput${j}`, v);
    sources.set(step, () => stacked);
    seeds.push([v, step]);
  });

  const captured = inputs.slice(carries + steps);
  const stepTargets = parameters.slice(carries).filter((_, i) => wants[carries + i]);
  const captureTargets = captured.filter((_, i) => wants[carries + steps + i]);
  const carryTargets = flowing.map((i) => parameters[i]!);
  const floor = Math.min(...parameters.map((p) => p.node.id), ...results.map((v) => v.node.id));
  const gradients = backprop(g, seeds, [...carryTargets, ...stepTargets, ...captureTargets], {
    leaves: true,
    floor,
  });

  parameters.forEach((p, i) => {
    sources.set(p, i < carries ? () => appendOutput(node, p) : () => inputs[i]!);
  });
  if (!rematerialize)
    for (const inner of bodyNodes(parameters, results))
      for (const v of inner.outputs) sources.set(v, () => appendOutput(node, v));

  const zeroFor = (v: Value) => functions.full(v.shape, 0);
  const dCarry = carryTargets.map((p, k) => gradients[k] ?? zeroFor(p));
  const dSteps = gradients.slice(carryTargets.length, carryTargets.length + stepTargets.length);
  const dCaptured = gradients.slice(carryTargets.length + stepTargets.length);
  const present = <T>(list: readonly (T | null)[]) => list.filter((v): v is T => v !== null);
  // Where a step is computed anew, its share of a captured value's gradient is added up on the way: all shares at once would be what is spared.
  const shares = rematerialize ? present(dCaptured) : [];
  const totals = shares.map((d, i) => parameter(`total${i}`, d));
  const loop = buildLoop({
    initial: [...flowing.map((i) => cotangents[i] ?? zeroFor(results[i]!)), ...shares.map(zeroFor)],
    carries: [...incoming, ...totals],
    sources,
    next: [...dCarry, ...shares.map((d, i) => functions.add(totals[i]!, d))],
    outputs: present(dSteps),
    sums: rematerialize ? [] : present(dCaptured),
    reverse: !reverse,
    time,
    rematerialize,
  });
  const captureGradients = rematerialize ? loop.carry.slice(flowing.length) : loop.sums;

  const spread = (targets: readonly Value[], found: readonly (Value | null)[], values: readonly Value[]) => {
    const queue = [...values];
    return new Map(targets.map((target, i) => [target, found[i] ? queue.shift()! : null]));
  };
  const byStep = spread(stepTargets, dSteps, loop.outputs);
  const byCapture = spread(captureTargets, dCaptured, captureGradients);
  return [
    ...inputs.slice(0, carries).map((_, i) => (flowing.includes(i) ? loop.carry[flowing.indexOf(i)]! : null)),
    ...parameters.slice(carries).map((p) => byStep.get(p) ?? null),
    ...captured.map((v) => byCapture.get(v) ?? null),
  ];
}
