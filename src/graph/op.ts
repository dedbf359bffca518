import type { Dim, Shape } from './dims.ts';
import type * as library from './library.ts';
import type { Tensor } from './tensor.ts';
import type { DType, Node, Type, Value } from './value.ts';

/** The graph functions, handed to gradient and stacking rules; ops cannot import them without a circle. */
export type Functions = typeof library;

export interface GradientContext<A> {
  readonly g: Functions;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** ∂loss/∂output, one per output; `null` where an output does not reach the loss. */
  readonly cotangents: readonly (Value | null)[];
  readonly attrs: A;
  /** Which inputs need a gradient; the others may be left `null`. */
  readonly wants: readonly boolean[];
}

/** An ONNX attribute; floats are marked so that 1 is not taken for an integer. */
export type OnnxAttribute =
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'ints'; value: readonly number[] }
  | { kind: 'graph'; value: OnnxGraph };

export interface OnnxNode {
  readonly opType: string;
  readonly domain: '' | 'com.microsoft';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
  /** The layer and op that it came from; becomes the node's name. */
  readonly name: string;
}

export type OnnxDType = DType | 'int64' | 'uint32' | 'float64';
export interface OnnxTensor {
  readonly dtype: OnnxDType;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}
export interface OnnxValueInfo {
  readonly name: string;
  readonly dtype: OnnxDType;
  readonly shape: Shape;
}
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/** What an op's lowering may use. Names are those of ONNX values. */
export interface LowerContext<A> {
  readonly node: Node;
  readonly attrs: A;
  readonly inputs: readonly string[];
  /** Emits one ONNX node and returns the names of its outputs. */
  emit(
    opType: string,
    inputs: readonly string[],
    attributes?: Record<string, OnnxAttribute>,
    options?: { outputs?: number; domain?: '' | 'com.microsoft' },
  ): [string, ...string[]];
  /** A constant tensor. */
  constant(dtype: OnnxDType, shape: readonly number[], data: ArrayLike<number>): string;
  /** A shape as an int64 vector, computed at run time where it has named sizes. */
  shape(shape: Shape): string;
  /** One dimension as an int64 vector of length 1. */
  dim(dim: Dim): string;
  /** x[batch, channels, time] as a picture one row high, [batch, channels, 1, time]: what ONNX Runtime has its fastest convolutions for. */
  picture(name: string): string;
  /** Whether a value is one of those that `line` gave, so that its picture costs nothing. */
  hasPicture(name: string): boolean;
  /** The other way round: a picture one row high as [batch, channels, time]. */
  line(picture: string): string;
  /** Lowers the body of a scan; values captured from outside keep their names. */
  body(parameters: readonly Value[], results: readonly Value[]): OnnxGraph;
}

export interface EvaluateContext<A> {
  readonly attrs: A;
  readonly node: Node;
  /** The numbers that a symbolic shape stands for in this run. */
  sizes(shape: Shape): number[];
  /** Evaluates the results of a scan's body with its parameters bound; captured values are those of this run. */
  body(parameters: readonly Value[], values: readonly Tensor[], results: readonly Value[]): Tensor[];
}

export interface StackContext<A> {
  readonly g: Functions;
  readonly attrs: A;
  /** The per-step inputs as the body sees them. */
  readonly step: readonly Value[];
  /** The same inputs: with a leading time axis where `stacked`, else as they are (equal at every step). */
  readonly inputs: readonly Value[];
  readonly stacked: readonly boolean[];
  readonly time: Dim;
}

/** An input of an example: a shape of normal floats, or integers below a bound, or booleans. */
export type ExampleInput =
  | readonly number[]
  | { readonly shape: readonly number[]; readonly below: number }
  | { readonly shape: readonly number[]; readonly bool: true }
  | { readonly shape: readonly number[]; readonly positive: true };

export interface Example<A> {
  readonly inputs: readonly ExampleInput[];
  readonly attrs: A;
}

/**
 * Everything known of one op, in one place. The table of ops is total: a record without a rule does not compile,
 * and a rule that does not exist is `null` on purpose.
 */
export interface Op<A> {
  /** The type of each output; throws with `expected …, received …` where the inputs do not fit. */
  readonly infer: (inputs: readonly Value[], attrs: A) => Type[];
  /** Gradient of each input as graph code (so it can be differentiated again); `null`: not differentiable. */
  readonly gradient: ((context: GradientContext<A>) => (Value | null)[]) | null;
  /** ONNX nodes for it; returns the names of the outputs. */
  readonly lower: (context: LowerContext<A>) => string[];
  /** The slow, obvious computation in double precision: the oracle for gradients and for the runtime. */
  readonly evaluate: (inputs: readonly Tensor[], context: EvaluateContext<A>) => Tensor[];
  /**
   * The op applied to all steps of a scan at once (a leading time axis on the stacked inputs), so that it can leave the loop;
   * `null`: it stays inside.
   */
  readonly stack: ((context: StackContext<A>) => Value[]) | null;
  /** Inputs on which every rule above is tested. */
  readonly examples: readonly Example<A>[];
}

export const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
export const float = (value: number): OnnxAttribute => ({ kind: 'float', value });
export const ints = (value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
export const text = (value: string): OnnxAttribute => ({ kind: 'string', value });
