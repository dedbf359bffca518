import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointStore } from '../../options.ts';
import { assessTranscriber, type TranscriptionAssessment } from './assess.ts';
import { splitTranscriptions, type TranscriptionData } from './data.ts';
import { squiggles } from './squiggle.fixture.ts';
import { type TrainedTranscriber, trainTranscriber } from './train.ts';
import { openTranscriber } from './transcribe.ts';

const small = { filters: [16, 16], kernels: [5, 7], hidden: 24 };

/** Set before the first run: a made-up pore must be read better than this, and better than half of any simple method. */
const worst = 0.15;

describe('a made-up pore', () => {
  const { fit, test } = splitTranscriptions(squiggles({ reads: 300 }), { test: 0.2, seed: 1 });
  let trained: TrainedTranscriber;
  let found: TranscriptionAssessment;
  beforeAll(async () => {
    const options = { epochs: 30, rate: 0.01, seed: 1, batchSize: 16 };
    trained = await trainTranscriber({ config: small }, fit, options);
    found = await assessTranscriber(trained.model, test, { train: fit, resamples: 100 });
  }, 60_000);

  it('is read at a low error rate, far below every simple method', () => {
    const { metrics, baselines } = found;
    expect(Object.keys(baselines)).toEqual(['empty', 'commonest', 'ngram', 'nearest']);
    expect(baselines.empty!.cer!.value).toBe(1);
    expect(metrics.cer!.value).toBeLessThan(worst);
    for (const simple of Object.values(baselines))
      expect(metrics.cer!.value).toBeLessThan(simple.cer!.value! / 2);
    expect(metrics.cer!.low).toBeLessThan(metrics.cer!.value!);
    expect(metrics.cer!.high).toBeGreaterThan(metrics.cer!.value!);
  });

  it('has sure tokens that are right more often than unsure ones', () => {
    const { confidences, right } = found.symbols;
    const share = (from: number, to: number) => {
      const inside = Array.from(right).filter((_, i) => confidences[i]! >= from && confidences[i]! < to);
      return inside.reduce((a, b) => a + b, 0) / inside.length;
    };
    expect(share(0.9, 1.01)).toBeGreaterThan(share(0, 0.9) + 0.03);
  });

  it('tells in order which samples each letter stands for, within the read', () => {
    for (const { tokens, places } of found.transcriptions) {
      tokens.forEach(({ from, to }, i) => {
        expect(from).toBeGreaterThanOrEqual(tokens[i - 1]?.to ?? 0);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(places);
      });
    }
  });

  it('is read no worse by a beam: what it finds is at least as probable, the best first', async () => {
    const transcriber = await openTranscriber(trained.model);
    const { records } = test;
    let i = 0;
    for await (const { logProbability, alternatives, text } of transcriber.transcribe(records, {
      beam: 8,
      best: 3,
    })) {
      expect(logProbability).toBeGreaterThanOrEqual(found.transcriptions[i++]!.logProbability - 1e-6);
      expect(alternatives[0]).toEqual({ text, logProbability });
      expect(alternatives.length).toBeLessThanOrEqual(3);
      alternatives.slice(1).forEach((other, k) => {
        expect(other.logProbability).toBeLessThanOrEqual(alternatives[k]!.logProbability + 1e-6);
      });
    }
    expect(i).toBe(records.length);
    await expect(transcriber.transcribe(records, { best: 2 }).next()).rejects.toThrow('need a beam');
    await transcriber.close();
  });
});

/** A store that keeps what was written last. */
function memoryStore(): CheckpointStore & { bytes?: Uint8Array } {
  const store: CheckpointStore & { bytes?: Uint8Array } = {
    name: 'memory',
    read: async () => store.bytes,
    write: async (bytes) => {
      store.bytes = bytes;
    },
  };
  return store;
}

describe('training', () => {
  const data: TranscriptionData = squiggles({ reads: 24, letters: [2, 4] });
  const tiny = { config: { filters: [6], kernels: [5], hidden: 6 } };
  const options = { epochs: 3, seed: 5, batchSize: 8, rate: 0.01 };

  it('gives the same bits for the same seed, others for another, and goes on from a checkpoint to the same bits', async () => {
    const whole = await trainTranscriber(tiny, data, options);
    const again = await trainTranscriber(tiny, data, options);
    expect(again.model.weights).toEqual(whole.model.weights);
    const other = await trainTranscriber(tiny, data, { ...options, seed: 6 });
    expect(other.model.weights).not.toEqual(whole.model.weights);

    const checkpoint = memoryStore();
    const stop = new AbortController();
    const onEvent = ({ kind, ...event }: { kind: string; epoch?: number }) => {
      if (kind === 'epoch' && event.epoch === 1) stop.abort();
    };
    await expect(
      trainTranscriber(tiny, data, { ...options, checkpoint, signal: stop.signal, onEvent }),
    ).rejects.toThrow('interrupted in epoch 2');
    const resumed = await trainTranscriber(tiny, data, { ...options, checkpoint, resume: true });
    expect(resumed.model.weights).toEqual(whole.model.weights);
    expect(resumed.fit.history).toEqual(whole.fit.history);
    await expect(
      trainTranscriber(tiny, data, { ...options, rate: 0.02, checkpoint, resume: true }),
    ).rejects.toThrow('another run');
  });

  it('names the step and the layer where the loss stops being a number', async () => {
    const start = (initial: ReadonlyMap<string, Float32Array>) =>
      new Map([['head.weight', initial.get('head.weight')!.map((x) => 3e38 * Math.sign(x))]]);
    await expect(trainTranscriber(tiny, data, { ...options, start })).rejects.toThrow(
      /the loss became (NaN|-?Infinity) at step 1 .*: first in .*head/,
    );
  });

  it('refuses what has no meaning with CTC', async () => {
    await expect(trainTranscriber(tiny, data, { ...options, smoothing: 0.1 })).rejects.toThrow(
      'label smoothing and class weights do not go with CTC',
    );
  });

  it('learns symbols into words, silence included', async () => {
    const word: Record<string, string> = { a: 'up', b: 'down', c: 'left' };
    const records = Array.from({ length: 150 }, (_, i) => {
      const names = Array.from({ length: i % 4 }, (_, k) => 'abc'[(i * 7 + k * k * 5 + (i >> 3)) % 3]!);
      return {
        ...{ id: `s${i}`, place: `s.tsv:${i + 2}` },
        observed: {
          kind: 'symbols',
          symbols: `-${names.map((name) => `${name.repeat(2 + (i % 2))}-`).join('')}`,
        } as const,
        text: names.map((name) => word[name]).join(' '),
      };
    });
    const symbols: TranscriptionData = { kind: 'symbols', channels: [], records, sources: [] };
    const { fit, test } = splitTranscriptions(symbols, { test: 0.3, seed: 1 });
    const { model } = await trainTranscriber(
      { architecture: 'bigru', config: { hidden: 16 }, tokens: 'words' },
      fit,
      { epochs: 25, rate: 0.02, seed: 1 },
    );
    const { metrics, transcriptions } = await assessTranscriber(model, test, { resamples: 0 });
    expect(metrics.wer!.value).toBeLessThan(0.05);
    const silent = test.records.flatMap(({ text }, i) => (text === '' ? [transcriptions[i]!.text] : []));
    expect(silent.length).toBeGreaterThan(3);
    expect(new Set(silent)).toEqual(new Set(['']));
  });
});
