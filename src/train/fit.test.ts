import { describe, expect, it } from 'vitest';
import { fitModel } from './fit.ts';
import { modelSpec } from './model-spec.ts';
import type { CheckpointStore, FitOptions } from './options.ts';
import { planted } from './planted.fixture.ts';
import { train } from './train-model.ts';

const small = {
  architecture: 'cnn',
  config: { filters: [8], kernels: [6], pools: [1], dense: [], dropout: 0.2 },
};
const data = planted(48);
const fitSmall = (options: Partial<FitOptions>, run = {}, dataset = data) =>
  fitModel(
    modelSpec(dataset, small),
    dataset,
    undefined,
    { epochs: 3, batchSize: 8, patience: 0, ...options },
    run,
  );
const flat = (weights: ReadonlyMap<string, Float32Array>) => [...weights.values()].flatMap((w) => [...w]);

function memoryStore(): CheckpointStore & { saved: Uint8Array[] } {
  const saved: Uint8Array[] = [];
  return {
    name: 'memory',
    saved,
    read: async () => saved.at(-1),
    write: async (bytes) => void saved.push(bytes.slice()),
  };
}

describe('fitModel', () => {
  it('learns a planted motif that it has not seen in the test sequences', async () => {
    const { model } = await train(small, planted(400), { epochs: 12, rate: 1e-2, seed: 3 });
    const { assess } = await import('./assess.ts');
    const { evaluation } = await assess(model, planted(200, 2), { resamples: 50 });
    expect(evaluation.metrics.auroc!.value).toBeGreaterThan(0.95);
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const [a, b, c] = [await fitSmall({ seed: 1 }), await fitSmall({ seed: 1 }), await fitSmall({ seed: 2 })];
    expect(flat(a.weights)).toEqual(flat(b.weights));
    expect(flat(a.weights)).not.toEqual(flat(c.weights));
  });

  it('continues from any checkpoint to the same bits as a run that was not interrupted', async () => {
    const whole = await fitSmall({ average: 0.9 });
    const store = memoryStore();
    await fitSmall({ average: 0.9 }, { checkpoint: store, checkpointSeconds: 0 });
    expect(store.saved).toHaveLength(18);
    for (const at of [0, 5, 6, 13]) {
      const from: CheckpointStore = { ...memoryStore(), read: async () => store.saved[at] };
      const resumed = await fitSmall({ average: 0.9 }, { checkpoint: from, resume: true });
      expect(flat(resumed.weights)).toEqual(flat(whole.weights));
      expect(resumed.history).toEqual(whole.history);
    }
  });

  it('trains the networks of an ensemble each by itself: how many others there are changes nothing', async () => {
    const ensemble = async (members: number) => {
      const spec = modelSpec(data, { ...small, config: { ...small.config, members } });
      // The loss is the mean over the networks, so the rate makes up for their number.
      const options = { epochs: 2, batchSize: 8, optimizer: 'sgd' as const, clip: 0, rate: 0.02 * members };
      const { weights } = await fitModel(spec, data, undefined, options, {});
      return [...weights].flatMap(([path, w]) => (path.startsWith('members.0.') ? [...w] : []));
    };
    const [two, three] = [await ensemble(2), await ensemble(3)];
    expect(two.length).toBeGreaterThan(100);
    two.forEach((w, i) => {
      expect(w).toBeCloseTo(three[i]!, 5);
    });
  });

  it('refuses the checkpoint of other data or options', async () => {
    const store = memoryStore();
    await fitSmall({}, { checkpoint: store, checkpointSeconds: 0 });
    const message = 'memory is the checkpoint of another run: data, model or options differ.';
    await expect(fitSmall({ l2: 1e-3 }, { checkpoint: store, resume: true })).rejects.toThrow(message);
    await expect(fitSmall({}, { checkpoint: store, resume: true }, planted(48, 9))).rejects.toThrow(message);
  });

  it('accumulates gradients: two batches of equal size before a step are one of twice the size', async () => {
    const equal = planted(48);
    for (const r of equal.records) r.sequence = r.sequence.slice(0, 12);
    const config = { ...small.config, dropout: 0 };
    const options = {
      epochs: 1,
      patience: 0,
      schedule: 'constant' as const,
      optimizer: 'sgd' as const,
      clip: 0,
    };
    const spec = modelSpec(equal, { ...small, config });
    // One step over everything, in one batch or in six: the mean of equal shares is the mean of all.
    const once = await fitModel(spec, equal, undefined, { ...options, batchSize: 48 });
    const shares = await fitModel(spec, equal, undefined, { ...options, batchSize: 8, accumulate: 6 });
    flat(shares.weights).forEach((w, i) => {
      expect(w).toBeCloseTo(flat(once.weights)[i]!, 6);
    });
  });

  it('makes weights exactly zero under an L1 penalty, and none without', async () => {
    const zeros = async (l1: number) => {
      const { weights } = await fitSmall({ l1, epochs: 10, rate: 1e-2, optimizer: 'sgd' });
      return weights.get('body.convolutions.blocks.0.convolution.weight')!.filter((w) => w === 0).length;
    };
    expect(await zeros(0)).toBe(0);
    expect(await zeros(1)).toBeGreaterThan(20);
  });

  it('stops where the loss is no number, and says at which step, in which weights and what to do', async () => {
    await expect(
      fitSmall({ optimizer: 'sgd', rate: 1e3, clip: 0, epochs: 60, schedule: 'constant', l2: 1e5 }),
    ).rejects.toThrow(
      /^the loss became (NaN|Infinity) at step \d+ \(epoch \d+, batch \d+\) with learning rate 1\.00e\+3: first in readout\.head: matmul\. Use a smaller --rate, or gradient clipping/,
    );
  });

  it('goes on from the last saved state with a smaller rate after it diverged', async () => {
    const wild = { optimizer: 'sgd', clip: 0, schedule: 'constant', l2: 1e5, epochs: 60 } as const;
    const kept = memoryStore();
    await fitSmall({ ...wild, rate: 1e-9 }, { checkpoint: kept, signal: AbortSignal.abort() }).catch(
      () => {},
    );
    expect(kept.saved).toHaveLength(1);
    const once = { ...kept, write: async () => {} };
    await expect(fitSmall({ ...wild, rate: 1e3 }, { checkpoint: once, resume: true })).rejects.toThrow(
      'with --resume they go on from the last state that was saved, in memory.',
    );
    const { history } = await fitSmall({ ...wild, rate: 1e-9 }, { checkpoint: once, resume: true });
    expect(history.every(({ trainLoss }) => Number.isFinite(trainLoss))).toBe(true);
  });

  it('stops when asked to, after saving where it is', async () => {
    const store = memoryStore();
    const stop = new AbortController();
    const onEvent = ({ kind }: { kind: string }) => kind === 'epoch' && stop.abort();
    await expect(fitSmall({}, { checkpoint: store, signal: stop.signal, onEvent })).rejects.toThrow(
      'interrupted in epoch 2; progress is saved in memory. Continue with the same command and --resume.',
    );
    expect(store.saved).toHaveLength(1);
  });

  it('keeps the epoch with the least validation loss and stops when it no longer falls', async () => {
    const { fit: result } = await train(small, planted(60), {
      epochs: 200,
      patience: 3,
      rate: 0.05,
      schedule: 'constant',
      seed: 5,
    });
    const losses = result.history.map((h) => h.validationLoss!);
    expect(result.bestEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(result.history).toHaveLength(result.bestEpoch + 3);
  });

  it('refuses sequences longer than a model in which position has a meaning', async () => {
    const definition = { architecture: 'cnn', config: { length: 15, pool: 'flatten' } };
    await expect(train(definition, data, { epochs: 1 })).rejects.toThrow(
      /^record "s\d+" has \d+ letters; the model's option length is 15/,
    );
  });
});
