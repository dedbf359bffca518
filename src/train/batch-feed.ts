import { dataError } from '../core/errors.ts';
import { padBatch, padTracks } from '../data/batch.ts';
import { type Dataset, encodeAll } from '../data/dataset.ts';
import { encodeFeatures } from '../models/features.ts';
import { network } from '../models/network.ts';
import type { ModelSpec, OutputSpec } from '../models/spec.ts';
import type { HostTensor } from '../runtime/backend.ts';

/** Feeds for a step program, batch by batch, from a dataset that is encoded once; `subgroups`: the number of each record's. */
export function batchFeeder(
  dataset: Dataset,
  spec: ModelSpec,
  { subgroups }: { subgroups?: Int32Array | undefined } = {},
): {
  readonly lengths: Int32Array;
  readonly weighted: boolean;
  readonly feed: (indices: Int32Array) => Record<string, HostTensor>;
} {
  const { output } = spec;
  refuseTooLong(dataset, spec);
  const encoded = encodeAll(dataset);
  const lengths = Int32Array.from(encoded, (tokens) => tokens.length);
  const weighted = dataset.records.some((r) => r.weight !== undefined);
  const truth = modelUnits(dataset, output);
  const width = truth.length / encoded.length;
  const features = spec.features ?? [];
  const table =
    features.length > 0 ? dataset.records.map((r) => encodeFeatures(features, r.features!)) : undefined;
  const tracks = dataset.tracks.length > 0 ? dataset.records.map((r) => r.tracks!) : undefined;
  const feed = (indices: Int32Array) => {
    const { tokens, lengths: own, batch, time } = padBatch(encoded, indices, dataset.alphabet.padding);
    const rows = new (truth.constructor as Float32ArrayConstructor)(batch * width);
    indices.forEach((record, b) => {
      rows.set(truth.subarray(record * width, (record + 1) * width) as Float32Array, b * width);
    });
    const feeds: Record<string, HostTensor> = {
      tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
      lengths: { dtype: 'int32', shape: [batch], data: own },
      target:
        output.kind === 'classes'
          ? { dtype: 'int32', shape: [batch], data: rows }
          : { dtype: 'float32', shape: [batch, width], data: rows },
    };
    if (tracks)
      feeds.tracks = {
        dtype: 'float32',
        shape: [batch, time, dataset.tracks.length],
        data: padTracks(tracks, indices, time),
      };
    if (table) feeds.features = rowsAt(table, indices);
    if (weighted) {
      const weights = Float32Array.from(indices, (i) => dataset.records[i]!.weight ?? 1);
      feeds.weight = { dtype: 'float32', shape: [batch], data: weights };
    }
    if (subgroups) {
      const numbers = Int32Array.from(indices, (i) => subgroups[i]!);
      feeds.subgroup = { dtype: 'int32', shape: [batch], data: numbers };
    }
    return feeds;
  };
  return { lengths, weighted, feed };
}

function rowsAt(rows: readonly Float32Array[], indices: Int32Array): HostTensor {
  const width = rows[0]!.length;
  const data = new Float32Array(indices.length * width);
  indices.forEach((record, b) => {
    data.set(rows[record]!, b * width);
  });
  return { dtype: 'float32', shape: [indices.length, width], data };
}

/** A model in which position has a meaning would cut longer sequences without a word. */
function refuseTooLong({ records }: Dataset, spec: ModelSpec): void {
  const { fixedLength } = network(spec);
  const long = fixedLength === null ? undefined : records.find((r) => r.sequence.length > fixedLength);
  if (long)
    throw dataError(
      `record "${long.id}" has ${long.sequence.length} letters; the model's option length is ${fixedLength}, because position has a meaning in it. Cut the windows to ${fixedLength} letters, or set length to the longest.`,
    );
}

/** The truth in the units that the loss is taken in. */
function modelUnits({ target }: Dataset, output: OutputSpec): Int32Array | Float32Array {
  if (target!.kind === 'classes') return target!.truth;
  if (output.kind !== 'values') return Float32Array.from(target!.truth);
  const k = output.names.length;
  return Float32Array.from(target!.truth, (y, i) => {
    const shift = output.positive ? 0 : output.mean[i % k]!;
    return (y - shift) / output.deviation[i % k]!;
  });
}
