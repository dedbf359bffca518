import { createHash } from 'node:crypto';
import { dataError, usageError } from '../core/errors.ts';
import type { NamedParameter } from '../nn/module.ts';
import { type CustomNetwork, checkNetwork } from './custom-network.ts';
import { openFolderFile, requireFolder } from './folder.ts';
import { shown } from './json.ts';
import { checkedParameters, type KindName, kindName, kindOf, kinds, type SpecOf } from './kinds/index.ts';
import {
  type AnyModel,
  type Model,
  type ModelDescription,
  maxDescriptionBytes,
  readModelText,
} from './model.ts';
import { decodeSafetensors, type StoredTensor } from './safetensors.ts';
import type { ModelSpec } from './spec.ts';

/** What a header of names and shapes may take: far more than any network's, far less than memory. */
const maxHeader = 16 * 2 ** 20;
const maxWeights = 2 ** 32;

/**
 * Reads the folder of a model with one answer for each sequence. Nothing in it is executed, no path in it is followed, no link either; `model.onnx`, which is there for
 * other programs, is not opened. Sizes are checked before anything of that size is made.
 * `network`: the function that made the network, where it is the user's own (see `train`): it must be the same one, of which only
 * names and shapes of its parameters can be checked.
 * Throws a data error that names the file and the next step for whatever is missing, damaged, of another version or inconsistent; a usage
 * error for a model of another kind.
 * @example const { spec, weights } = await loadModel('promoters.model');
 */
export async function loadModel(
  directory: string,
  { network }: { network?: CustomNetwork | undefined } = {},
): Promise<Model> {
  const { described, file } = await readDescription(directory, 'answer');
  const spec = { ...(described.spec as ModelSpec), ...(network && { network }) };
  checkNetwork(spec.architecture, network, file);
  return (await withWeights(directory, { ...described, spec }, file)) as Model;
}

/**
 * `loadModel` for a model of the kind that is named, such as `language`.
 * @example const { spec, weights } = await loadModelOf('language', 'text.model');
 */
export async function loadModelOf<K extends KindName>(kind: K, directory: string): Promise<Model<SpecOf<K>>> {
  return (await loadAny(directory, kind)) as unknown as Model<SpecOf<K>>;
}

/** `loadModel` for a model of whatever kind; `spec.kind` tells which it is. A network of the user's own is for `loadModel`. */
export const loadAnyModel = (directory: string): Promise<AnyModel> => loadAny(directory, undefined);

async function loadAny(directory: string, kind: KindName | undefined): Promise<AnyModel> {
  const { described, file } = await readDescription(directory, kind);
  const { spec } = described;
  if (kindName(spec) === 'answer') checkNetwork(spec.architecture, undefined, file);
  return withWeights(directory, described, file);
}

/** What the model is, read from `model.json`; of the kind that is wanted, if one is. */
async function readDescription(directory: string, kind: KindName | undefined) {
  await requireFolder(directory);
  const { bytes, path: file } = await readWhole(directory, 'model.json', ({ size, path }) => {
    if (size > maxDescriptionBytes)
      throw dataError(
        `${path} has ${size} bytes; the most that is read is ${maxDescriptionBytes}. It is not what Seqwright wrote; copy the model again.`,
      );
  });
  const described = readModelText(bytes, file);
  const found: string = kindName(described.spec);
  if (kind !== undefined && found !== kind) {
    const { what, verbs } = kindOf(described.spec);
    throw usageError(
      `${directory} is ${what}; expected ${kinds[kind].what}. It is for ${verbs}; in a program, load it with loadModelOf('${found}', …).`,
    );
  }
  return { described, file };
}

/** The model with its weights, which must be those that the description asks for. */
async function withWeights(
  directory: string,
  { spec, training, weightsSha256 }: ModelDescription,
  file: string,
): Promise<AnyModel> {
  const parameters = checkedParameters(spec, file);
  const numbers = parameters.reduce((sum, { spec: { shape } }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const stored = await readWhole(directory, 'weights.safetensors', ({ size, path }) => {
    if (size < numbers * 4 || size > numbers * 4 + maxHeader || size > maxWeights)
      throw dataError(
        `${path} has ${size} bytes; the ${numbers} parameters that model.json describes take ${numbers * 4} and a header. ${again}`,
      );
  });
  if (createHash('sha256').update(stored.bytes).digest('hex') !== weightsSha256)
    throw dataError(
      `${stored.path} is damaged or belongs to another model: its SHA-256 is not the one in model.json. ${again}`,
    );
  const { tensors } = decodeSafetensors(stored.bytes, { name: stored.path, maxHeader });
  return { spec, training, weights: matchedWeights(parameters, tensors, stored.path) } as AnyModel;
}

const again = 'Copy the whole model folder again, or train it anew.';

async function readWhole(
  directory: string,
  name: string,
  check: (file: { path: string; size: number }) => void,
) {
  const file = await openFolderFile(directory, name);
  try {
    check(file);
    return { path: file.path, bytes: await file.read() };
  } finally {
    await file.close();
  }
}

/**
 * The tensors that a network's parameters ask for, in their order. Throws a data error that begins with `file` for a missing or unknown
 * tensor, another shape or element type, and numbers that are not finite.
 */
export function matchedWeights(
  parameters: readonly NamedParameter[],
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
): Map<string, Float32Array> {
  const known = new Set(parameters.map(({ path }) => path));
  const extra = [...tensors.keys()].find((name) => !known.has(name));
  if (extra !== undefined)
    throw dataError(`${file} holds a tensor ${shown(extra)} that the model does not have. ${again}`);
  return new Map(
    parameters.map(({ path, spec: { shape } }) => {
      const tensor = tensors.get(path);
      const what = `${file}: tensor ${shown(path)}`;
      if (!tensor) throw dataError(`${what} is missing. ${again}`);
      if (tensor.shape.join() !== shape.join())
        throw dataError(
          `${what} has the shape [${tensor.shape.join(', ')}]; the model needs [${shape.join(', ')}]. ${again}`,
        );
      if (!(tensor.data instanceof Float32Array))
        throw dataError(`${what} holds whole numbers; expected F32. ${again}`);
      const wrong = tensor.data.findIndex((x) => !Number.isFinite(x));
      if (wrong >= 0)
        throw dataError(
          `${what} holds ${tensor.data[wrong]} at place ${wrong}; every weight must be a finite number. Train the model anew, with a smaller learning rate if it diverged.`,
        );
      return [path, tensor.data];
    }),
  );
}
