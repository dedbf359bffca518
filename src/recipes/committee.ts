import { usageError } from '../core/errors.ts';
import type { Model } from '../models/model.ts';
import { completeSpec } from '../models/network.ts';
import type { Predictions } from '../train/metrics/index.ts';

/**
 * What several models say together: the class probabilities whose logits are the mean of theirs (the normalised geometric mean of the
 * probabilities). With the models joined by `joinModels`, one network says the same.
 * @example [0.9, 0.1] and [0.5, 0.5] → [0.75, 0.25]
 */
export function meanOfLogits(all: readonly Predictions[]): Predictions {
  const first = all[0]!;
  const k = first.values.length / first.ids.length;
  const values = new Float64Array(first.values.length);
  for (let row = 0; row < values.length; row += k) {
    const means = Array.from({ length: k }, (_, c) =>
      all.reduce((sum, { values: p }) => sum + Math.log(Math.max(p[row + c]!, 1e-30)) / all.length, 0),
    );
    const top = Math.max(...means);
    const total = means.reduce((sum, z) => sum + Math.exp(z - top), 0);
    means.forEach((z, c) => {
      values[row + c] = Math.exp(z - top) / total;
    });
  }
  return { ...first, values };
}

const scan = 'body.convolutions.blocks.0.convolution';
const head = 'readout.head';

interface OneLayer {
  readonly filters: readonly [number];
  readonly kernels: readonly [number];
}

/**
 * Two convolutional models as one whose logits are the mean of theirs: the filters stand beside one another, the narrower ones padded
 * with zeros on both sides, and the read-out takes half of each. Exact for `cnn` with one layer, no dense layer and odd kernels.
 *
 * Throws a usage error for models of another shape.
 */
export function joinModels(a: Model, b: Model): Model {
  const [ca, cb] = [a.spec.config, b.spec.config] as unknown as [OneLayer, OneLayer];
  refuseOthers(a, b);
  const kernel = Math.max(ca.kernels[0], cb.kernels[0]);
  const filters = ca.filters[0] + cb.filters[0];
  const joined = new Map<string, Float32Array>();
  for (const path of a.weights.keys()) {
    const [wa, wb] = [a.weights.get(path)!, b.weights.get(path)!];
    if (path === `${scan}.weight`)
      joined.set(path, concat(widen(wa, ca.kernels[0], kernel), widen(wb, cb.kernels[0], kernel)));
    else if (path === `${head}.bias`)
      joined.set(
        path,
        wa.map((w, i) => (w + wb[i]!) / 2),
      );
    else if (path === `${head}.weight`)
      joined.set(
        path,
        concat(wa, wb).map((w) => w / 2),
      );
    else joined.set(path, concat(wa, wb));
  }
  const config = { ...a.spec.config, filters: [filters], kernels: [kernel] };
  return {
    spec: completeSpec({ ...a.spec, config }),
    weights: joined,
    training: { joined: [a.training, b.training] },
  };
}

function refuseOthers(a: Model, b: Model): void {
  const plain = ({ spec: { architecture, config } }: Model) => {
    const { filters, kernels, dense, encoding, normalization, reverseComplement, pool } = config as Record<
      string,
      unknown[]
    > &
      Record<string, unknown>;
    return (
      architecture === 'cnn' &&
      filters!.length === 1 &&
      kernels!.every((k) => Number(k) % 2 === 1) &&
      dense!.length === 0 &&
      [encoding, normalization, reverseComplement].join() === 'oneHot,none,none' &&
      ['flatten', 'max', 'mean'].includes(String(pool))
    );
  };
  const rest = ({ spec }: Model) =>
    JSON.stringify({ ...spec, config: { ...spec.config, filters: 0, kernels: 0, dropout: 0 } });
  if (plain(a) && plain(b) && rest(a) === rest(b)) return;
  throw usageError(
    'models are joined only where both are cnn with one layer of odd kernels, one-hot letters, no dense layer, and otherwise the same configuration.',
  );
}

/** Rows of `from` numbers, each padded with zeros on both sides to `to`. */
function widen(rows: Float32Array, from: number, to: number): Float32Array {
  const wide = new Float32Array((rows.length / from) * to);
  rows.forEach((w, i) => {
    wide[Math.floor(i / from) * to + (to - from) / 2 + (i % from)] = w;
  });
  return wide;
}

function concat(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
