import { describe, expect, it } from 'vitest';
import { assessMarks } from './assess.ts';
import type { MarkName, MarksData } from './data.ts';
import { near, plantedData } from './marks.fixture.ts';
import { splitMarks } from './split.ts';
import { type MarksTrainOptions, trainMarks } from './train.ts';

const marks: MarkName[] = [
  { name: 'K4', kind: 'binary' },
  { name: 'K27', kind: 'signal' },
];
/** A mark near the word where the track is high around; values that follow the track, more so near the word. */
const truth = (bins: Parameters<typeof near>[0], at: number) => {
  const open = bins[at]!.track > 2;
  return [Number(near(bins, at, 1) && open), bins[at]!.track * (near(bins, at, 0) ? 3 : 1)];
};
const whole = plantedData(new Array(10).fill(160), marks, truth);
const { fit, validation, test } = splitMarks(whole, { test: 0.3, validation: 0.1, seed: 1, core: 24 });
const small = { architecture: 'cnn', core: 24, flank: 4 } as const;
const config = { width: 16, kernel: 3, dilations: [1, 2], motifs: 12, motifWidth: 4, dropout: 0, between: 0 };

describe('training a model of marks', () => {
  it('learns what needs the letters and the track together, ahead of every simple method; probabilities are right', async () => {
    const { model } = await trainMarks(
      fit,
      { ...small, config },
      { validation, epochs: 30, rate: 0.01, batchSize: 8, seed: 1 },
    );
    const found = await assessMarks(model, test!, { train: fit, resamples: 200 });
    expect(found.metrics['auprc K4']).toEqual(found.metrics.auprc);
    expect(Object.keys(found.baselines)).toEqual([
      ...['prevalence', 'GC and CpG', 'words of 3', 'tracks alone', 'words and tracks'],
    ]);
    const { auprc, ece, pearson } = found.metrics;
    expect(auprc!.value).toBeGreaterThan(0.9);
    expect(auprc!.low).toBeLessThan(auprc!.value!);
    expect(ece!.value).toBeLessThan(0.06);
    expect(pearson!.value).toBeGreaterThan(0.9);
    for (const { mark, value } of found.against) expect(value, mark).toBeGreaterThan(0.05);
    expect(found.evaluation!.alarms).toEqual([]);
    expect(found.evaluation!.names).toEqual(['K4']);
    expect(found.baselines.prevalence!.auroc!.value).toBe(0.5);
  }, 60_000);

  it('balanced, it tells the same shares: the weights are taken out of the probabilities', async () => {
    const { model } = await trainMarks(
      fit,
      { ...small, config },
      { validation, epochs: 25, rate: 0.01, batchSize: 8, seed: 1, classWeights: 'balanced' },
    );
    const [mark] = model.spec.marks;
    expect(mark!.kind === 'binary' && mark!.weight).toBeGreaterThan(2);
    const { predictions } = await assessMarks(model, test!, { resamples: 0 });
    const told = predictions.flatMap((own) => Array.from(own).filter((_, i) => i % 2 === 0));
    const true_ = test!.stretches.flatMap((own) => Array.from(own.truth).filter((_, i) => i % 2 === 0));
    const mean = (x: number[]) => x.reduce((a, b) => a + b) / x.length;
    expect(mean(told)).toBeCloseTo(mean(true_), 1);
  }, 60_000);

  it('of marks that nothing foretells it does not claim to beat a simple method', async () => {
    const random = plantedData(
      new Array(8).fill(80),
      [marks[0]!],
      (_, at) => [(at * 7919) % 13 < 3 ? 1 : 0],
      9,
    );
    const shifted: MarksData = {
      ...random,
      stretches: random.stretches.map((one, s) => ({
        ...one,
        truth: one.truth.map((_, b) => Number(((b * 31 + s * 17) ** 2 % 101) % 5 === 0)),
      })),
    };
    const parts = splitMarks(shifted, { test: 0.4, validation: 0.1, seed: 1, core: 24 });
    const { model } = await trainMarks(
      parts.fit,
      { ...small, config },
      { validation: parts.validation, epochs: 6, rate: 0.01, seed: 1 },
    );
    const { against, evaluation } = await assessMarks(model, parts.test!, {
      train: parts.fit,
      resamples: 200,
    });
    expect(against[0]!.value).toBeLessThan(0.1);
    expect(evaluation!.alarms.join()).toMatch(/K4: the model's AUPRC is/);
  }, 60_000);

  it('gives the same weights for the same seed, resumed or not', async () => {
    const run = async (extra: Partial<MarksTrainOptions>) => {
      const events: string[] = [];
      const { model } = await trainMarks(
        fit,
        { architecture: 'bilstm', config: { hidden: 4, motifs: 4, motifWidth: 3 }, core: 24, flank: 4 },
        { validation, epochs: 3, batchSize: 16, seed: 5, onEvent: ({ kind }) => events.push(kind), ...extra },
      );
      return { bits: [...model.weights.values()].map((w) => w.join()), events };
    };
    const uninterrupted = await run({});
    let saved: Uint8Array | undefined;
    const checkpoint = {
      name: 'memory',
      read: async () => saved,
      write: async (bytes: Uint8Array) => {
        saved = bytes;
      },
    };
    const stop = new AbortController();
    let seen = 0;
    const interrupted = run({
      checkpoint,
      signal: stop.signal,
      onEvent: ({ kind }) => kind === 'batch' && ++seen === 5 && stop.abort(),
    });
    await expect(interrupted).rejects.toThrow(/interrupted in epoch \d; progress is saved/);
    const resumed = await run({ checkpoint, resume: true });
    expect(resumed.events).toContain('resumed');
    expect(resumed.bits).toEqual(uninterrupted.bits);
    await expect(run({ checkpoint, resume: true, rate: 0.5 })).rejects.toThrow(/other/);
  }, 60_000);

  it('stops where the loss is no number, and says where it began', async () => {
    const run = trainMarks(
      fit,
      { ...small, config },
      { epochs: 3, rate: 100, clip: 0, optimizer: 'sgd', batchSize: 8, seed: 1 },
    );
    await expect(run).rejects.toThrow(
      /the loss became (NaN|Infinity|-Infinity) at step \d+ .* Use a smaller --rate/,
    );
  });

  it.each<[string, (data: MarksData) => MarksData, RegExp]>([
    [
      'no positive bin in the training part',
      (data) => changed(data, (x, m) => (m === 0 ? 0 : x)),
      /the mark K4 is nowhere in the training part \(\d+ bins\): there is nothing to learn\. .*make --bin smaller/,
    ],
    [
      'every bin positive',
      (data) => changed(data, (x, m) => (m === 0 ? 1 : x)),
      /the mark K4 is everywhere in/,
    ],
    [
      'values that are all 0',
      (data) => changed(data, (x, m) => (m === 1 ? 0 : x)),
      /the mark K27 is nowhere in/,
    ],
    ['a mark that is not known', (data) => changed(data, () => Number.NaN), /K4 is not known anywhere/],
    [
      'a track that never changes',
      (data) => ({
        ...data,
        stretches: data.stretches.map((s) => ({ ...s, tracks: s.tracks.map(() => 2) })),
      }),
      /the track atac is the same everywhere in the training part: it tells nothing/,
    ],
  ])('is refused with %s', async (_, change, message) => {
    await expect(trainMarks(change(fit), small)).rejects.toThrow(message);
  });

  it('is refused with data of other marks', async () => {
    const { model } = await trainMarks(fit, { ...small, config }, { epochs: 1 });
    const other = { ...test!, marks: [marks[1]!, marks[0]!] };
    await expect(assessMarks(model, other)).rejects.toThrow(
      'the model tells K4, K27 (values); the data have K27 (values), K4.',
    );
    await expect(assessMarks(model, { ...test!, tracks: [] })).rejects.toThrow(
      /the model reads atac beside the letters/,
    );
  });
});

/** The same data with another truth. */
const changed = (data: MarksData, to: (x: number, mark: number) => number): MarksData => ({
  ...data,
  stretches: data.stretches.map((one) => ({ ...one, truth: one.truth.map((x, i) => to(x, i % 2)) })),
});
