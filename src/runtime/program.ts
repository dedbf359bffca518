import { usageError } from '../core/errors.ts';
import { dimTerms, dimValue } from '../graph/dims.ts';
import type { OnnxTensor, OnnxValueInfo } from '../graph/op.ts';
import { arrayOf } from '../graph/tensor.ts';
import type { DType, Value } from '../graph/value.ts';
import type { Backend, HostTensor, TensorData } from './backend.ts';
import { lower } from './lower.ts';
import { onnxFile } from './onnx.ts';

/** A value that a program keeps from run to run: a parameter, an optimiser's moment, a running statistic. */
export interface StateSpec {
  /** The input that holds it during a run. */
  readonly value: Value;
  /** What it becomes after the run; left out, it stays. */
  readonly next?: Value;
  /** Row-major initial numbers. */
  readonly initial: TensorData;
}

export interface ProgramSpec {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly state?: Readonly<Record<string, StateSpec>>;
  /** Inputs that never change, such as the weights of a trained model: the runtime lays them out for its kernels once, when it opens. */
  readonly constants?: ReadonlyMap<Value, TensorData>;
}

/** A lowered program as plain data: what crosses to a worker, or goes into a file. */
export interface CompiledProgram {
  readonly model: Uint8Array;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly string[];
  readonly state: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly dtype: DType; readonly updated: boolean }>
  >;
}

/** What may be fed to an input: a tensor, plain numbers in row-major order of the declared shape, or one number for a scalar. */
export type Feed = HostTensor | number;

/** A compiled graph that runs. */
export interface Program {
  /** Runs once; returns the outputs by name. State is updated in place. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, HostTensor>>;
  /** A copy of the state. */
  state(): Promise<Record<string, TensorData>>;
  /** Takes the last run back: the state is what it was before it. Once after a run; a `load` in between is not undone. */
  undo(): Promise<void>;
  /** Replaces (part of) the state; sizes must match. */
  load(state: Readonly<Record<string, TensorData>>): Promise<void>;
  release(): Promise<void>;
}

const nextOf = (name: string) => `${name}.next`;

/** Lowers a graph with its state to one ONNX model. */
export function compileProgram({ inputs, outputs, state = {}, constants }: ProgramSpec): CompiledProgram {
  const held = Object.entries(state);
  const graph = lower({
    constants: constantTensors(constants),
    inputs: { ...inputs, ...Object.fromEntries(held.map(([name, s]) => [name, s.value])) },
    outputs: {
      ...outputs,
      ...Object.fromEntries(held.flatMap(([name, s]) => (s.next ? [[nextOf(name), s.next]] : []))),
    },
  });
  return {
    model: onnxFile(graph),
    inputs: graph.inputs.filter(({ name }) => name in inputs),
    outputs: Object.keys(outputs),
    state: Object.fromEntries(
      held.map(([name, s]) => [
        name,
        { shape: s.value.shape as readonly number[], dtype: s.value.dtype, updated: s.next !== undefined },
      ]),
    ),
  };
}

/** An inference model as a file: the weights are inside, the inputs keep their named dimensions. */
export function exportOnnx(
  spec: Pick<ProgramSpec, 'inputs' | 'outputs'>,
  weights: ReadonlyMap<Value, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return onnxFile(lower({ ...spec, constants: constantTensors(weights) }), metadata);
}

const constantTensors = (weights: ReadonlyMap<Value, TensorData> = new Map()): Map<Value, OnnxTensor> =>
  new Map(
    [...weights].map(([v, data]) => [v, { dtype: v.dtype, shape: v.shape as readonly number[], data }]),
  );

/** Opens a compiled program on a back end. State is double-buffered: a run reads one set of buffers and writes the other. */
export async function openProgram(
  compiled: CompiledProgram,
  initial: Readonly<Record<string, TensorData>>,
  backend: Backend,
  { threads = 1 } = {},
): Promise<Program> {
  const training = Object.values(compiled.state).some(({ updated }) => updated);
  const session = await backend.open(compiled.model, { threads, optimize: !training });
  const current: Record<string, HostTensor> = {};
  const spare: Record<string, HostTensor> = {};
  for (const [name, { shape, dtype, updated }] of Object.entries(compiled.state)) {
    current[name] = { dtype, shape, data: new arrayOf[dtype](shape.reduce((a, b) => a * b, 1)) };
    if (updated) spare[name] = { dtype, shape, data: new arrayOf[dtype](current[name].data.length) };
  }
  const load = (state: Readonly<Record<string, TensorData>>) => {
    for (const [name, data] of Object.entries(state)) {
      const held = current[name];
      if (!held)
        throw usageError(`the program has no state "${name}"; it has ${Object.keys(current).join(', ')}.`);
      if (held.data.length !== data.length)
        throw usageError(
          `state "${name}": expected ${held.data.length} numbers for shape [${held.shape.join(', ')}], received ${data.length}.`,
        );
      held.data.set(data);
    }
  };
  load(initial);
  const updatedNames = Object.keys(spare);
  const swap = (name: string, latest: HostTensor) => {
    spare[name] = current[name]!;
    current[name] = latest;
  };
  const wanted = [...compiled.outputs, ...updatedNames.map(nextOf)];
  return {
    async run(feeds) {
      const given = checkFeeds(compiled.inputs, feeds);
      const into = Object.fromEntries(updatedNames.map((name) => [nextOf(name), spare[name]!]));
      const results = await session.run({ ...given, ...current }, wanted, into);
      for (const name of updatedNames) swap(name, results[nextOf(name)]!);
      return Object.fromEntries(compiled.outputs.map((name) => [name, results[name]!]));
    },
    state: async () => Object.fromEntries(Object.entries(current).map(([name, t]) => [name, t.data.slice()])),
    undo: async () => {
      for (const name of updatedNames) swap(name, spare[name]!);
    },
    load: async (state) => load(state),
    release: () => session.release(),
  };
}

/** Checks names, element types and shapes in the user's terms: ONNX Runtime ignores extra feeds and speaks of nodes. */
function checkFeeds(
  inputs: readonly OnnxValueInfo[],
  feeds: Readonly<Record<string, Feed>>,
): Record<string, HostTensor> {
  const known = new Set(inputs.map(({ name }) => name));
  const extra = Object.keys(feeds).find((name) => !known.has(name));
  if (extra !== undefined)
    throw usageError(`the program has no input "${extra}"; it has ${[...known].join(', ') || 'none'}.`);
  const sizes = new Map<string, number>();
  return Object.fromEntries(
    inputs.map((info) => {
      const feed = feeds[info.name];
      if (feed === undefined)
        throw usageError(
          `no value was given for input "${info.name}" (${info.dtype}[${info.shape.join(', ')}]).`,
        );
      const tensor = typeof feed === 'number' ? scalarTensor(info, feed) : feed;
      checkTensor(info, tensor, sizes);
      return [info.name, tensor];
    }),
  );
}

function scalarTensor({ dtype }: OnnxValueInfo, value: number): HostTensor {
  return { dtype: dtype as DType, shape: [], data: arrayOf[dtype as DType].of(value) };
}

function checkTensor(
  { name, dtype, shape }: OnnxValueInfo,
  tensor: HostTensor,
  sizes: Map<string, number>,
): void {
  const expected = `${dtype}[${shape.join(', ')}]`;
  const received = `${tensor.dtype}[${tensor.shape.join(', ')}]`;
  if (tensor.dtype !== dtype || tensor.shape.length !== shape.length)
    throw usageError(`input "${name}": expected ${expected}, received ${received}.`);
  if (tensor.data.length !== tensor.shape.reduce((a, b) => a * b, 1))
    throw usageError(
      `input "${name}": shape [${tensor.shape.join(', ')}] does not hold ${tensor.data.length} numbers.`,
    );
  shape.forEach((dim, axis) => {
    const got = tensor.shape[axis]!;
    if (got === 0)
      throw usageError(`input "${name}": dimension ${axis} (${dim}) is empty; expected at least 1.`);
    const plain = typeof dim === 'string' && isName(dim);
    const want = plain ? (sizes.get(dim) ?? got) : dimValue(dim, sizes);
    if (plain) sizes.set(dim, got);
    if (want !== got)
      throw usageError(`input "${name}": expected ${expected} with ${dim} = ${want}, received ${received}.`);
  });
}

function isName(dim: string): boolean {
  const terms = dimTerms(dim);
  const atom = terms[0]?.atoms[0];
  return (
    terms.length === 1 && terms[0]!.coefficient === 1 && terms[0]!.atoms.length === 1 && atom?.kind === 'name'
  );
}
