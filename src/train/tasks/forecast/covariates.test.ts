import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { modelOnnx } from '../../../models/export.ts';
import { loadModelOf } from '../../../models/load-model.ts';
import { saveModel } from '../../../models/save-model.ts';
import { backendOf } from '../../../runtime/compile.ts';
import { assessForecaster } from './assess.ts';
import { forecastSeries } from './predict.ts';
import { readTimeSeries } from './read.ts';
import { fitCovariates, scaledCovariates, wholePart } from './series.ts';
import { holdBackTime } from './split.ts';
import { trainForecaster } from './train.ts';
import { covariatesAround } from './windows.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-covariates-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Sales that a promotion, drawn at random but known beforehand, lifts by 8; of the last two days only the promotion is known. */
function shop(days: number, seed: number): string {
  const random = randomStream(seed, 'shop');
  const rows = Array.from({ length: days + 2 }, (_, t) => {
    const promotion = t === days ? 1 : t === days + 1 ? 0 : random.below(2);
    const sold = (20 + 8 * promotion + random.normal()).toFixed(3);
    return `${t},${promotion},${t < days ? sold : ''}\n`;
  });
  return `day,promotion,sold\n${rows.join('')}`;
}
const columns = { targets: ['sold'], time: 'day', covariates: ['promotion'] };
const definition = {
  architecture: 'gru',
  config: { hidden: 8, dropout: 0, window: 'none' },
  horizon: 2,
  context: 4,
};

describe('covariates that are known of steps to come', () => {
  it('make a forecast that nothing else could make, on two seeds; what is forecast follows them', async () => {
    for (const seed of [1, 2]) {
      const path = file(`shop${seed}.csv`, shop(300, seed));
      const judged = async (covariates: string[]) => {
        const data = await readTimeSeries(path, { ...columns, covariates });
        const { rest: fit, held: test } = holdBackTime(wholePart(data), { share: 0.25, horizon: 2 });
        const options = { epochs: 25, rate: 0.02, batchSize: 32, seed };
        const { model } = await trainForecaster(fit, definition, options);
        const { metrics, baselines } = await assessForecaster(model, test, { resamples: 0 });
        const best = Math.min(...Object.values(baselines).map(({ mae }) => mae!.value!));
        return { data, model, mae: metrics.mae!.value!, best };
      };
      const [told, blind] = [await judged(['promotion']), await judged([])];
      expect(told.mae).toBeLessThan(0.5 * blind.mae);
      expect(told.mae).toBeLessThan(0.5 * told.best);
      const [next] = await forecastSeries(told.model, told.data);
      expect(next!.times).toEqual(['300', '301']);
      const [promoted, usual] = next!.forecasts!.point;
      expect(Math.abs(promoted! - 28)).toBeLessThan(2.5);
      expect(Math.abs(usual! - 20)).toBeLessThan(2.5);
    }
  });

  it('are saved with the model, loaded, and an input of its ONNX graph in their own units', async () => {
    const data = await readTimeSeries(file('small.csv', shop(60, 3)), columns);
    const { model } = await trainForecaster(wholePart(data), definition, { epochs: 2, seed: 1 });
    await saveModel(join(folder, 'm'), model);
    const loaded = await loadModelOf('forecaster', join(folder, 'm'));
    expect(loaded.spec).toEqual(model.spec);
    const [next] = await forecastSeries(loaded, data);
    const { values, covariates } = data.series[0]!;
    const session = await (await backendOf('cpu')).open(modelOnnx(loaded), { threads: 1 });
    const tensor = (shape: number[], numbers: ArrayLike<number>) => ({
      dtype: 'float32' as const,
      shape,
      data: Float32Array.from(numbers),
    });
    const { quantiles } = await session.run(
      {
        values: tensor([1, 4, 1], values.subarray(56, 60)),
        seen: tensor([1, 4, 1], [1, 1, 1, 1]),
        covariates: tensor([1, 6, 1], covariates!.subarray(56, 62)),
      },
      ['quantiles'],
      {},
    );
    await session.release();
    next!.forecasts!.quantiles!.forEach((x, i) => {
      expect(quantiles!.data[i]).toBeCloseTo(x, 3);
    });
  });

  it('are read by their steps, the mean where a gap or a cell leaves one out', async () => {
    const data = await readTimeSeries(
      file('gap.csv', 'day,promotion,sold\n1,0,5\n2,2,6\n4,NA,7\n5,4,8\n'),
      columns,
    );
    expect(Array.from(data.series[0]!.covariates!)).toEqual([0, 2, Number.NaN, Number.NaN, 4]);
    const spec = fitCovariates(wholePart(data))!;
    expect(spec).toMatchObject({ names: ['promotion'], mean: [2] });
    const [scaled] = scaledCovariates(data, spec);
    expect(scaled!.map((x) => Math.round(x * spec.deviation[0]! * 1e6) / 1e6 + 2)).toEqual(
      Float64Array.of(0, 2, 2, 2, 4),
    );
    const around = covariatesAround(Float64Array.of(1, 2, 3, 4), 1, { context: 2, horizon: 2, known: 1 });
    expect(Array.from(around)).toEqual([0, 1, 2, 3]);
  });

  it('refuse steps to come that they do not reach, a column that is forecast, other tasks', async () => {
    const path = file('end.csv', shop(60, 3).replace(/^61,.*\n/m, ''));
    const data = await readTimeSeries(path, columns);
    const { model } = await trainForecaster(wholePart(data), definition, { epochs: 1, seed: 1 });
    await expect(forecastSeries(model, data)).rejects.toThrow(
      'has 1 rows after its last value; promotion must be given for the 2 steps that are forecast',
    );
    await expect(readTimeSeries(path, { ...columns, covariates: ['sold'] })).rejects.toThrow(
      '"sold" cannot be forecast and be known beforehand',
    );
    const bare = await readTimeSeries(path, { ...columns, covariates: [] });
    await expect(forecastSeries(model, bare)).rejects.toThrow(
      'the model reads promotion beforehand; the data have none',
    );
    const output = { kind: 'binary' } as const;
    await expect(trainForecaster(wholePart(data), { ...definition, horizon: 1, output })).rejects.toThrow(
      'covariates go with forecasts of real values',
    );
  });
});
