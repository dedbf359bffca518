import { dataError, usageError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { fieldError, recordField, textField, within } from './fields.ts';
import { repeatedKey, shown } from './json.ts';
import type { AnySpec, KindName, SpecOf } from './kinds/index.ts';
import { readSpec } from './read-spec.ts';
import type { ModelSpec } from './spec.ts';

/** A trained model: one with an answer for each sequence, unless `Spec` is that of another kind. */
export interface Model<Spec extends AnySpec = ModelSpec> {
  readonly spec: Spec;
  /** Every parameter of the network by its path, row-major, in the order of the network. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** How it was trained: plain JSON, kept as it is. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** A trained model of whatever kind; `spec.kind` tells which. */
export type AnyModel = { [K in KindName]: Model<SpecOf<K>> }[KindName];

/** What `model.json` holds. */
export interface ModelDescription {
  readonly spec: AnySpec;
  readonly training: Readonly<Record<string, unknown>>;
  /** SHA-256 of `weights.safetensors`, in hexadecimal. */
  readonly weightsSha256: string;
}

const FORMAT = 'seqwright-model';
const FORMAT_VERSION = 1;

/** The most that `model.json` may take, in bytes. */
export const maxDescriptionBytes = 16 * 2 ** 20;

/**
 * The text of `model.json`. It is read back before it is returned, so that what was saved can be loaded.
 * Numbers in `training` that JSON does not know (NaN, ∞) become null.
 * Throws a usage error where the text would be too long, a data error where the spec is not sound.
 */
export function modelText({ spec, training, weightsSha256 }: ModelDescription): string {
  const content = {
    format: FORMAT,
    formatVersion: FORMAT_VERSION,
    writtenBy: version,
    spec: { ...spec, network: undefined },
    weights: { sha256: weightsSha256 },
    training,
  };
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > maxDescriptionBytes)
    throw usageError(
      `the model's description takes ${bytes.length} bytes, more than the ${maxDescriptionBytes} that model.json may take. Keep less in its training record.`,
    );
  readModelText(bytes, 'model.json');
  return text;
}

/**
 * Reads `model.json`: every field is checked, none is executed or followed. `file` begins the messages.
 * Throws a data error for anything but a sound description in this version of the format.
 */
export function readModelText(bytes: Uint8Array, file: string): ModelDescription {
  const root = { value: parsed(bytes, file), file, path: 'the file' };
  const top = { ...root, value: recordField(root), path: '' };
  if (within(top, 'format').value !== FORMAT)
    throw dataError(
      `${file} does not describe a Seqwright model: its format is ${shown(within(top, 'format').value)}; expected "${FORMAT}". Name a folder that Seqwright wrote.`,
    );
  refuseOtherVersions(within(top, 'formatVersion').value, within(top, 'writtenBy').value, file);
  const sha256 = within(within(top, 'weights'), 'sha256');
  if (!/^[0-9a-f]{64}$/.test(textField(sha256, { max: 64 })))
    throw fieldError(sha256, '64 hexadecimal digits');
  return {
    spec: readSpec(within(top, 'spec')),
    training: recordField(within(top, 'training')),
    weightsSha256: sha256.value as string,
  };
}

/** Whether this is a `model.json` of ours, in whatever version and however sound otherwise. */
export function isModelText(bytes: Uint8Array): boolean {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return value?.format === FORMAT;
  } catch {
    return false;
  }
}

function parsed(bytes: Uint8Array, file: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw dataError(`${file} is not valid JSON: it is cut short or damaged. Copy the model again.`);
  }
  const twice = repeatedKey(text);
  if (twice === undefined) return value;
  throw dataError(`${file} holds the field ${shown(twice)} twice. Copy the model again.`);
}

function refuseOtherVersions(found: unknown, writtenBy: unknown, file: string): void {
  if (found === FORMAT_VERSION) return;
  const writer =
    typeof writtenBy === 'string' && /^[\w.+-]{1,40}$/.test(writtenBy)
      ? `Seqwright ${writtenBy}`
      : 'an unknown version of Seqwright';
  const what = `${file} has format version ${shown(found)}, written by ${writer}; Seqwright ${version} reads version ${FORMAT_VERSION}.`;
  const newer = typeof found === 'number' && found > FORMAT_VERSION;
  throw dataError(
    `${what} ${newer ? 'Update Seqwright: npm install seqwright@latest.' : 'Load it with the version that wrote it, or train the model anew.'}`,
  );
}
