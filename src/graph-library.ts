/**
 * `seqwright/graph`: tensors, differentiation and compilation, on their own. Write a computation with the functions here, take its gradient
 * with `grad`, and `compile` it to one ONNX model that ONNX Runtime runs.
 */
export type { Dim, Shape } from './graph/dims.ts';
export { evaluate } from './graph/evaluate.ts';
export { grad } from './graph/grad.ts';
export * from './graph/library.ts';
export type { LstmValues } from './graph/lstm.ts';
export type { GradientContext } from './graph/op.ts';
export type { LstmAttrs } from './graph/ops/lstm.ts';
export type { ScanAttrs } from './graph/ops/scan.ts';
export type { ScanResult } from './graph/scan.ts';
export { simplify } from './graph/simplify.ts';
export { type Tensor, tensor } from './graph/tensor.ts';
export { graphText } from './graph/text.ts';
export { type DType, type Node, named, type Value } from './graph/value.ts';
export type { HostTensor, TensorData } from './runtime/backend.ts';
export { type CompileOptions, compile, type Device } from './runtime/compile.ts';
export { exportOnnx, type Feed, type Program, type ProgramSpec, type StateSpec } from './runtime/program.ts';
