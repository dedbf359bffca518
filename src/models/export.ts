import { version } from '../core/version.ts';
import { alphabetByName } from '../data/alphabet.ts';
import { atomicWrite } from '../data/atomic-write.ts';
import { exportOnnx } from '../runtime/program.ts';
import type { Model } from './model.ts';
import { inferenceGraph } from './network.ts';
import type { ModelSpec } from './spec.ts';

/**
 * A model as one self-contained ONNX file: weights inside, batch and time of any size. Inputs: `tokens` int32 [batch, time],
 * `lengths` int32 [batch] and, where the model has them, `tracks` float32 [batch, time, tracks]; outputs: `predictions` float32
 * [batch, outputs] as `openPredictor` gives them and, from models with attention, `attention` float32 [batch, time].
 * What else a reader needs stands in its metadata properties: see `onnxMetadata`.
 */
export function modelOnnx({ spec, weights }: Model): Uint8Array {
  const { inputs, outputs, weights: values } = inferenceGraph(spec);
  const constants = new Map([...values].map(([path, value]) => [value, weights.get(path)!]));
  const { predictions, attention } = outputs;
  return exportOnnx(
    { inputs, outputs: attention ? { predictions, attention } : { predictions } },
    constants,
    onnxMetadata(spec),
  );
}

/**
 * The metadata properties of an exported model, each a text: `seqwright.version`; `seqwright.alphabet`, its name;
 * `seqwright.token_ids`, JSON from every letter that may stand in a sequence (either case) to its token; `seqwright.padding`, the
 * token after a sequence's end; `seqwright.tracks`, JSON list of the numeric tracks; `seqwright.output`, JSON with `kind` and the
 * names of the outputs (`classes`, or `names` of values).
 */
export function onnxMetadata({ alphabet: { name, letters }, architecture, tracks, output }: ModelSpec) {
  const { ids, padding } = alphabetByName(name, letters);
  const tokenIds: Record<string, number> = {};
  ids.forEach((id, code) => {
    if (id >= 0) tokenIds[String.fromCharCode(code)] = id;
  });
  return {
    'seqwright.version': version,
    'seqwright.architecture': architecture,
    'seqwright.alphabet': name,
    'seqwright.token_ids': JSON.stringify(tokenIds),
    'seqwright.padding': String(padding),
    'seqwright.tracks': JSON.stringify(tracks),
    'seqwright.output': JSON.stringify(
      output.kind === 'values'
        ? { kind: output.kind, names: output.names }
        : { kind: output.kind, classes: output.classes },
    ),
  };
}

/**
 * Writes a model as an ONNX file (`modelOnnx`), whole or not at all; `-` is standard output.
 * @example await exportModel(await loadModel('promoters.model'), 'promoters.onnx');
 */
export const exportModel = (model: Model, path: string): Promise<void> => atomicWrite(path, modelOnnx(model));
