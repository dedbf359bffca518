import type { Value } from '../../graph/value.ts';
import type { NamedParameter } from '../../nn/module.ts';
import type { Field } from '../fields.ts';

/** The graph that goes into `model.onnx`: inputs and outputs by name, and the inputs that hold parameters, by path. */
export interface OnnxGraph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly weights: ReadonlyMap<string, Value>;
}

/**
 * A kind of model: all that saving, loading and exporting need to know of one. Its spec is everything but the weights that is needed to
 * rebuild a model, as plain data; `spec.kind` names the kind in `kinds`.
 */
export interface ModelKind<Spec> {
  /** For messages, as in `mine.model is a language model`. */
  readonly what: string;
  /** The verbs of the command line that take such a model, for messages of those that do not. */
  readonly verbs: string;
  /** Reads a spec field by field; unknown fields are left out. Throws a data error that names file and field. */
  readSpec(field: Field): Spec;
  /** The spec with every option filled in, so that it means the same when defaults change. */
  completeSpec(spec: Spec): Spec;
  /** All parameters in their order. Throws a usage error for an architecture or an option that there is not. */
  parameters(spec: Spec): NamedParameter[];
  onnx(spec: Spec): OnnxGraph;
  /** What else a reader of `model.onnx` needs: its metadata properties, each a text whose name begins with `seqwright.`. */
  metadata(spec: Spec): Readonly<Record<string, string>>;
}
