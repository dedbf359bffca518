import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { assessForecaster } from './assess.ts';
import { randomWalk, seasonal, seriesOf } from './forecast.fixture.ts';
import { forecastSeries } from './predict.ts';
import { type SeriesData, type SeriesPart, wholePart } from './series.ts';
import { holdBackTime } from './split.ts';
import { type ForecasterTrainOptions, trainForecaster } from './train.ts';

function parts(data: SeriesData, horizon: number) {
  const { rest, held: test } = holdBackTime(wholePart(data), { share: 0.2, horizon });
  const { rest: fit, held: validation } = holdBackTime(rest, { share: 0.15, horizon });
  return { fit, validation, test };
}

describe('training a forecaster', () => {
  it.each([
    ['lstm', { kind: 'quantiles', levels: [0.1, 0.5, 0.9] }],
    ['gru', { kind: 'gaussian', levels: [0.1, 0.5, 0.9] }],
  ] as const)(
    '%s: a planted season on a rising line is forecast better than by all baselines',
    async (architecture, output) => {
      const missing = randomStream(1, 'missing');
      const values = seasonal(420).map((y) => (missing.uniform() < 0.05 ? Number.NaN : 100 + 10 * y));
      const { fit, validation, test } = parts(seriesOf(values), 12);
      const { model } = await trainForecaster(
        fit,
        { architecture, config: { hidden: 16 }, horizon: 12, context: 36, season: 12, output },
        { validation, epochs: 40, rate: 0.01, seed: 1 },
      );
      const found = await assessForecaster(model, test, { train: fit, resamples: 300 });
      const { mase, coverage, skill } = found.metrics;
      expect(Object.keys(found.baselines)).toEqual(['last value', 'linear trend', 'seasonal naive']);
      for (const baseline of Object.values(found.baselines)) {
        expect(found.metrics.mae!.value).toBeLessThan(baseline.mae!.value!);
        expect(found.metrics.pinball!.value).toBeLessThan(baseline.pinball!.value!);
      }
      expect(skill!.value).toBeGreaterThan(0.1);
      expect(mase!.value).toBeLessThan(0.9);
      expect(coverage!.value).toBeGreaterThan(0.5);
      if (output.kind === 'gaussian')
        expect(found.metrics.crps!.value).toBeLessThan(found.metrics.mae!.value!);
    },
  );

  it('of a random walk it does not claim to beat the last value', async () => {
    const { fit, validation, test } = parts(seriesOf(randomWalk(500)), 5);
    const { model } = await trainForecaster(
      fit,
      { architecture: 'gru', config: { hidden: 8 }, horizon: 5 },
      { validation, epochs: 15, rate: 0.005, seed: 1 },
    );
    const { against, metrics } = await assessForecaster(model, test, { train: fit });
    expect(against!.name).toBe('last value');
    expect(against!.skill.low).toBeLessThan(0);
    expect(metrics.mae!.value).toBeGreaterThan(1);
  });

  it('gives the same weights for the same seed, resumed or not', async () => {
    const { fit, validation } = parts(seriesOf(seasonal(120), seasonal(80, { seed: 2 })), 3);
    await resumable(fit, { validation });
  });

  it('binary targets: frames that depend on those before are foretold as well as they can be', async () => {
    const random = randomStream(4, 'chain');
    // One target alternates with rare slips, the other repeats it one step later.
    const chain = (length: number) => {
      const rows: number[] = [];
      for (let t = 0, on = 0, before = 0; t < length; t++) {
        before = on;
        on = random.uniform() < 0.1 ? on : 1 - on;
        rows.push(on, before);
      }
      return rows;
    };
    const lists = Array.from({ length: 40 }, () => chain(50));
    const data: SeriesData = { ...seriesOf(...lists), targets: ['a', 'b'] };
    const halved = { ...data, series: data.series.map((own) => ({ ...own, length: own.values.length / 2 })) };
    const part = (from: number, to: number): SeriesPart => ({
      data: halved,
      spans: Array.from({ length: to - from }, (_, i) => ({ series: from + i, from: 0, to: 50 })),
    });
    const { model } = await trainForecaster(
      part(0, 28),
      { architecture: 'gru', config: { hidden: 16, dropout: 0 }, output: { kind: 'binary' } },
      { validation: part(28, 34), epochs: 60, rate: 0.02, batchSize: 8, seed: 1 },
    );
    const { metrics, baselines, against } = await assessForecaster(model, part(34, 40), {
      train: part(0, 28),
    });
    const entropy = -(0.1 * Math.log(0.1) + 0.9 * Math.log(0.9));
    expect(metrics.nllPerFrame!.value).toBeLessThan(entropy + 0.12);
    expect(metrics.nllPerFrame!.value).toBeGreaterThan(entropy - 0.12);
    expect(baselines.frequencies!.nllPerFrame!.value).toBeGreaterThan(1.2);
    expect(against!.name).toBe('chain of each target');
    const [next] = await forecastSeries(model, { ...halved, series: halved.series.slice(0, 1) });
    const [, b] = next!.probabilities!;
    expect(Math.round(b!)).toBe(lists[0]!.at(-2));
  });

  it('resumes binary training to the same bits too', async () => {
    const bits = seriesOf(
      ...[3, 5, 7].map((m) => Array.from({ length: 60 }, (_, t) => (t % m === 0 ? 1 : 0))),
    );
    await resumable(
      wholePart(bits),
      { validation: wholePart(bits) },
      { output: { kind: 'binary' }, context: 20 },
    );
  });
});

async function resumable(
  fit: SeriesPart,
  options: ForecasterTrainOptions,
  definition: object = { horizon: 3 },
) {
  const run = async (extra: object) => {
    const events: string[] = [];
    const { model } = await trainForecaster(
      fit,
      { architecture: 'lstm', config: { hidden: 6 }, ...definition },
      { epochs: 3, batchSize: 4, seed: 5, onEvent: ({ kind }) => events.push(kind), ...options, ...extra },
    );
    return { bits: [...model.weights.values()].map((data) => data.join()), events };
  };
  const whole = await run({});
  let saved: Uint8Array | undefined;
  const store = {
    name: 'memory',
    read: async () => saved,
    write: async (bytes: Uint8Array) => {
      saved = bytes;
    },
  };
  const stop = new AbortController();
  let seen = 0;
  const interrupted = run({
    checkpoint: store,
    signal: stop.signal,
    onEvent: ({ kind }: { kind: string }) => kind === 'batch' && ++seen === 5 && stop.abort(),
  });
  await expect(interrupted).rejects.toThrow(/interrupted in epoch \d; progress is saved/);
  const resumed = await run({ checkpoint: store, resume: true });
  expect(resumed.events.slice(0, 2)).toEqual(['planned', 'resumed']);
  expect(resumed.bits).toEqual(whole.bits);
}

describe('forecasting after the end', () => {
  it('is refused for a series without values where the model looks', async () => {
    const { model } = await trainForecaster(
      wholePart(seriesOf(seasonal(60))),
      { architecture: 'gru', config: { hidden: 4 }, horizon: 2, context: 5 },
      { epochs: 1, seed: 1 },
    );
    const silent = seriesOf([1, 2, ...new Array(5).fill(Number.NaN)]);
    await expect(forecastSeries(model, silent)).rejects.toThrow(
      'series "s0" has no value in its last 5 steps, which is as far as the model looks back.',
    );
  });
});
