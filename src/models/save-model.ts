import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite } from '../data/atomic-write.ts';
import { modelOnnx } from './export.ts';
import { replaceFolder } from './folder.ts';
import { checkedParameters, kindOf } from './kinds/index.ts';
import { matchedWeights } from './load-model.ts';
import { type AnyModel, isModelText, maxDescriptionBytes, modelText } from './model.ts';
import { encodeSafetensors } from './safetensors.ts';

const files = ['model.json', 'weights.safetensors', 'model.onnx'];

/**
 * Writes a model folder: `model.json` (what the model is and how it was trained), `weights.safetensors`, and `model.onnx` for other
 * programs. The folder appears whole or not at all; a model that is there already is replaced.
 * Throws a usage error, and touches nothing, where `directory` is a file, a folder that is no Seqwright model, or one that holds
 * other files beside a model; a data error for weights that do not fit the spec; a failure where it cannot be written.
 * @example await saveModel('promoters.model', { spec, weights, training: { seed: 42 } });
 */
export async function saveModel(directory: string, { spec, weights, training }: AnyModel): Promise<void> {
  const parameters = checkedParameters(spec, directory);
  const shapes = new Map(parameters.map(({ path, spec: { shape } }) => [path, shape]));
  const tensors = new Map(
    [...weights].map(([path, data]) => [path, { shape: fitted(shapes.get(path), data), data }]),
  );
  const checked = matchedWeights(parameters, tensors, directory);
  const bytes = encodeSafetensors(
    new Map(parameters.map(({ path, spec: { shape } }) => [path, { shape, data: checked.get(path)! }])),
    { format: 'seqwright' },
  );
  const weightsSha256 = createHash('sha256').update(bytes).digest('hex');
  const text = modelText({ spec: kindOf(spec).completeSpec(spec), training, weightsSha256 });
  const onnx = modelOnnx({ spec, weights: checked });
  await replaceFolder(
    directory,
    async (partial) => {
      await atomicWrite(join(partial, 'weights.safetensors'), bytes);
      await atomicWrite(join(partial, 'model.onnx'), onnx);
      await atomicWrite(join(partial, 'model.json'), text);
    },
    whyNoModel,
  );
}

/** The network's shape where it holds as many numbers, else what there is, for the message. */
const fitted = (shape: readonly number[] | undefined, data: Float32Array): readonly number[] =>
  shape && shape.reduce((a, b) => a * b, 1) === data.length ? shape : [data.length];

/** Why a folder may not be replaced by a model: it is none, or deleting it would delete something else; undefined where it may. */
export async function whyNoModel(folder: string, names: string[]): Promise<string | undefined> {
  const other = names.find((name) => !files.includes(name));
  const path = join(folder, 'model.json');
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size > maxDescriptionBytes || !isModelText(await readFile(path)))
    return 'is a folder that holds no Seqwright model';
  return other && `holds ${JSON.stringify(other)} beside the model, which would be deleted`;
}
