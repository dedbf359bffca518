import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import { named, type Value } from '../graph/value.ts';
import type { Context } from './context.ts';
import { type Initializer, zeros } from './initializers.ts';

/** An array of numbers that belongs to a layer. */
export interface ParameterSpec {
  readonly kind: 'parameter';
  readonly shape: readonly number[];
  readonly initial: Initializer;
  /** False: not touched by the optimiser (running statistics). */
  readonly trainable: boolean;
  /** Whether weight decay applies: to weights yes; to biases, normalisations and embeddings no. */
  readonly decay: boolean;
}

/** A layer or a whole model: its parameters as a tree, and a pure function from parameters and inputs to values. */
export interface Module<A extends unknown[], R> {
  readonly kind: 'module';
  readonly params: ParameterTree;
  readonly apply: (bound: never, ...inputs: A) => R;
}

/** A module of whatever inputs and result. */
export type AnyModule = Module<never[], unknown>;

/** Parameters, modules, lists and records of them; `undefined` where an option leaves one out. */
export type ParameterEntry = ParameterSpec | AnyModule | ParameterArray | ParameterTree | undefined;
// Interfaces, not type aliases: the compiler unfolds these only as far as it is asked to.
interface ParameterArray extends ReadonlyArray<ParameterEntry> {}
export interface ParameterTree {
  readonly [name: string]: ParameterEntry;
}

/** What `apply` receives in place of the tree: values for parameters, functions for modules. */
export type Bound<P> = P extends ParameterSpec
  ? Value
  : P extends { readonly kind: 'module'; readonly apply: (bound: never, ...inputs: infer A) => infer R }
    ? (...inputs: A) => R
    : { readonly [K in keyof P]: Bound<P[K]> };

/** The bound tree, and beside it the context that was given to `bind`. */
export type BoundParameters<P> = {
  readonly [K in keyof P | 'context']: K extends keyof P ? Bound<P[K]> : Context;
};

/** A trained array of numbers of a layer; `decay` is off by default for vectors (biases, scales) and on for anything larger. */
export const parameter = (
  shape: readonly number[],
  {
    initial = zeros,
    trainable = true,
    decay = trainable && shape.length > 1,
  }: { initial?: Initializer; trainable?: boolean; decay?: boolean } = {},
): ParameterSpec => ({ kind: 'parameter', shape, initial, trainable, decay });

/**
 * Defines a layer or model. In `apply`, each module of `params` arrives as a function of its inputs, bound to its own parameters and
 * named after its place in the tree; each parameter arrives as a value; `context` tells training from prediction and is the only source
 * of randomness. Children receive it without being handed it.
 *
 * @example a scanner for motifs over x[batch, 4, time]
 * const motifNet = ({ width = 64, classes = 2 } = {}) =>
 *   module({
 *     params: { scan: conv1d({ in: 4, out: width, kernel: 19 }), head: linear({ in: width, out: classes }) },
 *     apply: ({ scan, head }, x: Value) => head(max(relu(scan(x)), 2)),
 *   });
 */
export function module<const P extends ParameterTree, A extends unknown[], R>({
  params,
  apply,
}: {
  readonly params: P;
  readonly apply: (bound: BoundParameters<P>, ...inputs: A) => R;
}): Module<A, R> {
  if ('context' in params)
    throw usageError('module: "context" is no name for a parameter; apply receives the context under it.');
  return { kind: 'module', params, apply: apply as unknown as Module<A, R>['apply'] };
}

const isSpec = (entry: object): entry is ParameterSpec => (entry as ParameterSpec).kind === 'parameter';
const isModule = (entry: object): entry is AnyModule => (entry as { kind?: unknown }).kind === 'module';

const join = (path: string, name: string | number) => (path ? `${path}.${name}` : `${name}`);

/** A parameter and its place, such as `encoder.0.weight`. */
export interface NamedParameter {
  readonly path: string;
  readonly spec: ParameterSpec;
}

/** All parameters of a module, in the order in which the trees were written. */
export function parameterList(root: AnyModule): NamedParameter[] {
  const found: NamedParameter[] = [];
  const walk = (entry: ParameterEntry, path: string) => {
    if (entry === undefined) return;
    if (isSpec(entry)) found.push({ path, spec: entry });
    else
      for (const [name, child] of Object.entries(isModule(entry) ? entry.params : entry))
        walk(child, join(path, name));
  };
  walk(root, '');
  return found;
}

/**
 * First values of all parameters, by path. Each has a random stream of its own, named by its path, so that adding a layer changes no
 * other layer's start.
 */
export function initialize(root: AnyModule, seed: number): Map<string, Float32Array> {
  return new Map(
    parameterList(root).map(({ path, spec }) => [
      path,
      Float32Array.from(spec.initial.fill(spec.shape, randomStream(seed, 'init', path))),
    ]),
  );
}

/**
 * Connects a module with values for its parameters: a function of its inputs that builds the graph. `values` is asked once for each
 * parameter, in the order of `parameterList`. Every node that is made carries the path of its layer.
 *
 * @example
 * const weights = new Map<string, Value>();
 * const model = bind(net, (path, { shape }) => {
 *   const value = input(path, shape);
 *   weights.set(path, value);
 *   return value;
 * }, inferenceContext());
 * const logits = model(x);
 */
export function bind<A extends unknown[], R>(
  root: Module<A, R>,
  values: (path: string, spec: ParameterSpec) => Value,
  context: Context,
): (...inputs: A) => R {
  const bindTree = (tree: object, path: string, scope: string): Record<string, unknown> | unknown[] => {
    const entries = Object.entries(tree).map(([name, child]) => [
      name,
      bindEntry(child, join(path, name), join(scope, name)),
    ]);
    return Array.isArray(tree) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
  };
  const bindEntry = (entry: ParameterEntry, path: string, scope: string): unknown => {
    if (entry === undefined) return undefined;
    if (isSpec(entry)) return values(path, entry);
    if (isModule(entry)) return bindModule(entry, path, scope);
    return bindTree(entry, path, scope);
  };
  // `scope` is the place below the nearest module, because calling that module has already named the places above.
  const bindModule = (child: AnyModule, path: string, scope: string) => {
    const bound = { ...bindTree(child.params, path, ''), context };
    const apply = child.apply as (bound: unknown, ...inputs: unknown[]) => unknown;
    return (...inputs: unknown[]) => named(scope, () => apply(bound, ...inputs));
  };
  return bindModule(root as unknown as AnyModule, '', '') as (...inputs: A) => R;
}
