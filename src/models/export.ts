import { version } from '../core/version.ts';
import { atomicWrite } from '../data/atomic-write.ts';
import { exportOnnx } from '../runtime/program.ts';
import { type AnySpec, kindName, kindOf } from './kinds/index.ts';
import type { AnyModel } from './model.ts';

/**
 * A model as one self-contained ONNX file: weights inside, batch and time of any size. Inputs and outputs are those of its kind (see
 * `kinds`); what else a reader needs stands in its metadata properties: see `onnxMetadata`.
 */
export function modelOnnx({ spec, weights }: Pick<AnyModel, 'spec' | 'weights'>): Uint8Array {
  const { inputs, outputs, weights: values } = kindOf(spec).onnx(spec);
  const constants = new Map([...values].map(([path, value]) => [value, weights.get(path)!]));
  return exportOnnx({ inputs, outputs }, constants, onnxMetadata(spec));
}

/**
 * The metadata properties of an exported model, each a text: `seqwright.version`, `seqwright.kind`, `seqwright.architecture`, and
 * those of its kind (see `kinds`), such as how letters are encoded.
 */
export function onnxMetadata(spec: AnySpec): Record<string, string> {
  return {
    'seqwright.version': version,
    'seqwright.kind': kindName(spec),
    'seqwright.architecture': spec.architecture,
    ...kindOf(spec).metadata(spec),
  };
}

/**
 * Writes a model as an ONNX file (`modelOnnx`), whole or not at all; `-` is standard output.
 * @example await exportModel(await loadModel('promoters.model'), 'promoters.onnx');
 */
export const exportModel = (model: AnyModel, path: string): Promise<void> =>
  atomicWrite(path, modelOnnx(model));
