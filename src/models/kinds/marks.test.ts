import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendOf } from '../../runtime/compile.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { loadAnyModel, loadModel, loadModelOf } from '../load-model.ts';
import { exampleMarks, exampleStretch, smallMarks } from '../marks/marks.fixture.ts';
import { openMarksRunner } from '../marks/runner.ts';
import { saveModel } from '../save-model.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'marks-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a model of marks in a folder', () => {
  it.each(Object.keys(smallMarks))('is loaded as it was saved: %s', async (architecture) => {
    const model = exampleMarks({ architecture });
    const place = join(root, `${architecture}.model`);
    await saveModel(place, model);
    for (const found of [await loadModelOf('marks', place), await loadAnyModel(place)]) {
      expect(found.spec).toEqual(model.spec);
      expect([...found.weights]).toEqual([...model.weights]);
    }
    await expect(loadModel(place)).rejects.toThrow(/is a model of marks along sequences; expected/);
  });

  it.each<[string, (spec: Record<string, unknown>) => unknown, RegExp]>([
    ['no marks', (spec) => (spec.marks = []), /spec\.marks is \[\]/],
    [
      'a share of 1',
      (spec) => (spec.marks = [{ name: 'a', kind: 'binary', share: 1, weight: 1 }]),
      /spec\.marks\[0\]\.share is 1; expected a share between 0 and 1/,
    ],
    [
      'a weight of 0',
      (spec) => (spec.marks = [{ name: 'a', kind: 'binary', share: 0.1, weight: 0 }]),
      /weight is 0; expected a number above 0/,
    ],
    [
      'another kind of mark',
      (spec) => (spec.marks = [{ name: 'a', kind: 'smell', mean: 1 }]),
      /kind is "smell"; expected binary or signal/,
    ],
    [
      'two marks of one name',
      (spec) => (spec.marks = [1, 2].map(() => ({ name: 'a', kind: 'signal', mean: 1 }))),
      /expected names that differ/,
    ],
    [
      'a track without deviation',
      (spec) => (spec.tracks = [{ name: 't', log: true, mean: 0, deviation: 0 }]),
      /deviation is 0; expected a number above 0/,
    ],
    ['a bin of 0', (spec) => (spec.bin = 0), /spec\.bin is 0; expected a whole number from 1/],
    ['an endless flank', (spec) => (spec.flank = 1e12), /spec\.flank is 1000000000000/],
    [
      'another architecture',
      (spec) => (spec.architecture = 'toString'),
      /There is no model of marks "toString"/,
    ],
    ['another alphabet', (spec) => (spec.alphabet = { name: 'dna', letters: '' }), /spec\.alphabet\.letters/],
    ['one track fewer', (spec) => (spec.tracks = []), /weights\.safetensors/],
  ])('is refused with %s', async (name, change, message) => {
    const place = join(root, `${name}.model`);
    await saveModel(place, exampleMarks());
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

describe('a model of marks as an ONNX file', () => {
  it('takes scaled tracks and gives probabilities and values in their unit', async () => {
    const model = exampleMarks();
    const { spec, weights } = model;
    const about = onnxMetadata(spec);
    const tracks = JSON.parse(about['seqwright.tracks']!);
    expect(JSON.parse(about['seqwright.marks']!)).toEqual(
      spec.marks.map(({ name, kind }) => ({ name, kind })),
    );
    expect(Number(about['seqwright.bin'])).toBe(4);
    const stretch = exampleStretch(6);
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const scaled = stretch.tracks.map((x) => (Math.log1p(x) - tracks[0].mean) / tracks[0].deviation);
    const found = await session.run(
      {
        tokens: { dtype: 'int32', shape: [1, 6, 4], data: Int32Array.from(stretch.tokens) },
        lengths: { dtype: 'int32', shape: [1], data: Int32Array.of(6) },
        tracks: { dtype: 'float32', shape: [1, 6, 1], data: scaled },
      },
      ['predictions'],
      {},
    );
    await session.release();
    expect(found.predictions!.shape).toEqual([1, 6, 3]);
    const runner = await openMarksRunner(spec, weights);
    const [own] = await runner.windows([{ stretch, window: { start: 0, end: 6, from: 0, to: 6 } }]);
    await runner.close();
    own!.forEach((x, i) => {
      expect(found.predictions!.data[i]).toBeCloseTo(x, 5);
    });
  });
});
