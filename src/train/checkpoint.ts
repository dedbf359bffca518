import { dataError } from '../core/errors.ts';
import { hash32 } from '../core/random.ts';
import type { Dataset } from '../data/dataset.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../models/safetensors.ts';
import type { TensorData } from '../runtime/backend.ts';

/** One pass over the data, as the report shows it. */
export interface HistoryEntry {
  epoch: number;
  trainLoss: number;
  validationLoss: number | null;
  rate: number;
}

/** Where a training run stands, besides the numbers in its program's state. */
export interface Position {
  /** Counted from 1; the epoch that is under way or about to begin. */
  epoch: number;
  /** Batches of it that are done. */
  batch: number;
  /** Steps done in all. */
  step: number;
  lossSum: number;
  lossCount: number;
  history: HistoryEntry[];
  best: { epoch: number; loss: number } | null;
  seconds: number;
}

/** All that a fit needs to go on as if nothing had happened. */
export interface Checkpoint {
  position: Position;
  state: Record<string, TensorData>;
  best: Map<string, Float32Array>;
}

const bestPrefix = 'best:';

/** A checkpoint as the bytes of one file, so that it is either there whole or not at all. */
export function encodeCheckpoint({ position, state, best }: Checkpoint, fingerprint: string): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  const put = (name: string, data: TensorData) =>
    tensors.set(name, { shape: [data.length], data: data as Float32Array | Int32Array });
  for (const [name, data] of Object.entries(state)) put(name, data);
  for (const [path, data] of best) put(bestPrefix + path, data);
  return encodeSafetensors(tensors, { fingerprint, position: JSON.stringify(position) });
}

/** Reads a checkpoint back; throws a data error where it is damaged or belongs to another run. */
export function decodeCheckpoint(bytes: Uint8Array, fingerprint: string, name: string): Checkpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, { name });
  if (metadata.fingerprint !== fingerprint)
    throw dataError(
      `${name} is the checkpoint of another run: data, model or options differ. Start without --resume, or with the former settings.`,
    );
  const state: Record<string, TensorData> = {};
  const best = new Map<string, Float32Array>();
  for (const [key, { data }] of tensors) {
    if (key.startsWith(bestPrefix)) best.set(key.slice(bestPrefix.length), data as Float32Array);
    else state[key] = data;
  }
  return { position: JSON.parse(metadata.position!) as Position, state, best };
}

/** A short text that differs where the data or the settings of a run differ (not a cryptographic hash). */
export function fingerprintOf(settings: unknown, datasets: readonly (Dataset | undefined)[]): string {
  const parts: string[] = [JSON.stringify(settings)];
  for (const dataset of datasets) {
    if (!dataset) continue;
    for (const r of dataset.records) {
      const tracks = r.tracks?.map((t) => t.join()).join() ?? '';
      const group = r.subgroup === undefined ? '' : `\t${r.subgroup}`;
      const table = r.features ? `\t${JSON.stringify(r.features)}` : '';
      parts.push(`${r.id}\t${hash32(r.sequence)}\t${r.weight ?? ''}\t${hash32(tracks)}${group}${table}`);
    }
    parts.push(
      JSON.stringify(dataset.target && { ...dataset.target, truth: Array.from(dataset.target.truth) }),
    );
  }
  const text = parts.join('\n');
  const twice = [text, `second ${text.length} ${text}`].map((t) => hash32(t).toString(16).padStart(8, '0'));
  return twice.join('');
}
