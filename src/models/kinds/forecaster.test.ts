import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendOf } from '../../runtime/compile.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { exampleForecaster } from '../forecaster/forecaster.fixture.ts';
import { openWindowRunner } from '../forecaster/runner.ts';
import { loadAnyModel, loadModel, loadModelOf } from '../load-model.ts';
import { saveModel } from '../save-model.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'forecaster-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a forecaster in a folder', () => {
  it.each(['quantiles', 'gaussian', 'binary'] as const)('is loaded as it was saved: %s', async (kind) => {
    const output = kind === 'binary' ? { kind } : { kind, levels: [0.25, 0.5] };
    const model = exampleForecaster({ output, horizon: kind === 'binary' ? 1 : 3, architecture: 'gru' });
    const place = join(root, `${kind}.model`);
    await saveModel(place, model);
    for (const found of [await loadModelOf('forecaster', place), await loadAnyModel(place)]) {
      expect(found.spec).toEqual(model.spec);
      expect([...found.weights]).toEqual([...model.weights]);
    }
    await expect(loadModel(place)).rejects.toThrow(
      /is a forecaster of time series; expected a model with one/,
    );
  });

  it.each<[string, (spec: Record<string, unknown>) => unknown, RegExp]>([
    [
      'levels that fall',
      (spec) => (spec.output = { kind: 'quantiles', levels: [0.5, 0.1] }),
      /rising numbers/,
    ],
    [
      'a level of 1',
      (spec) => (spec.output = { kind: 'gaussian', levels: [0.5, 1] }),
      /spec\.output\.levels/,
    ],
    [
      'another output',
      (spec) => (spec.output = { kind: 'crystal' }),
      /expected quantiles, gaussian or binary/,
    ],
    ['no horizon', (spec) => (spec.horizon = 0), /spec\.horizon is 0; expected a whole number from 1/],
    ['an endless context', (spec) => (spec.context = 1e9), /spec\.context is 1000000000/],
    ['a deviation of 0', (spec) => (spec.deviation = [0, 1]), /spec\.deviation\[0\] is 0/],
    ['fewer means', (spec) => (spec.mean = [0]), /spec\.mean is \[0\]; expected 2 numbers/],
    ['a nameless column', (spec) => (spec.columns = { time: 3, group: null }), /spec\.columns\.time is 3/],
    ['another architecture', (spec) => (spec.architecture = 'toString'), /There is no forecaster "toString"/],
    ['a longer horizon', (spec) => (spec.horizon = 4), /weights\.safetensors/],
  ])('is refused with %s', async (name, change, message) => {
    const place = join(root, `${name}.model`);
    await saveModel(place, exampleForecaster());
    const file = join(place, 'model.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    change(json.spec);
    await writeFile(file, JSON.stringify(json));
    await expect(loadAnyModel(place)).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringMatching(message),
    });
  });
});

describe('a forecaster as an ONNX file', () => {
  it.each(['quantiles', 'gaussian'] as const)('takes and gives the units of the table: %s', async (kind) => {
    const model = exampleForecaster({ output: { kind, levels: [0.1, 0.5] } });
    const { spec, weights } = model;
    const about = onnxMetadata(spec);
    expect(JSON.parse(about['seqwright.output']!)).toEqual(spec.output);
    const context = Number(about['seqwright.context']);
    const scaled = Float32Array.from({ length: context * 2 }, (_, i) => Math.sin(3 * i));
    const seen = scaled.map((_, i) => (i === 5 ? 0 : 1));
    const raw = scaled.map((x, i) => (i === 5 ? Number.NaN : spec.mean[i % 2]! + spec.deviation[i % 2]! * x));
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const names = kind === 'gaussian' ? ['mean', 'deviation'] : ['quantiles'];
    const shape = [1, context, 2];
    const found = await session.run(
      { values: { dtype: 'float32', shape, data: raw }, seen: { dtype: 'float32', shape, data: seen } },
      names,
      {},
    );
    await session.release();
    const runner = await openWindowRunner(spec, weights);
    const [own] = await runner.run([{ values: scaled, seen }]);
    await runner.close();
    own!.forEach((x, i) => {
      const target = Math.floor(i / 2) % 2;
      const tensor = kind === 'gaussian' ? found[names[i % 2]!]!.data[i >> 1]! : found.quantiles!.data[i]!;
      const level = kind === 'gaussian' && i % 2 === 1 ? 0 : spec.mean[target]!;
      expect((tensor - level) / spec.deviation[target]!).toBeCloseTo(x, 3);
    });
  });

  it('gives probabilities of binary targets at every place', async () => {
    const model = exampleForecaster({ output: { kind: 'binary' }, horizon: 1 });
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const frames = {
      dtype: 'float32',
      shape: [1, 4, 2],
      data: Float32Array.of(0, 0, 1, 0, 1, 1, 0, 1),
    } as const;
    const { probabilities } = await session.run({ frames }, ['probabilities'], {});
    await session.release();
    expect(probabilities!.shape).toEqual([1, 4, 2]);
    for (const p of probabilities!.data) expect(p > 0 && p < 1).toBe(true);
  });
});
