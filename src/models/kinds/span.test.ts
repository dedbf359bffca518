import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { tensor } from '../../graph/tensor.ts';
import { backendOf } from '../../runtime/compile.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { loadAnyModel, loadModel, loadModelOf } from '../load-model.ts';
import { saveModel } from '../save-model.ts';
import { spanGraph } from '../span/graph.ts';
import { exampleSpanModel } from '../span/span.fixture.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'span-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a model of spans in a folder', () => {
  it.each([false, true])('is loaded as it was saved, question %s', async (question) => {
    const model = exampleSpanModel({ question });
    const place = join(root, `${question}.model`);
    await saveModel(place, model);
    for (const found of [await loadModelOf('span', place), await loadAnyModel(place)]) {
      expect(found.spec).toEqual(model.spec);
      expect([...found.weights]).toEqual([...model.weights]);
    }
    await expect(loadModel(place)).rejects.toThrow(
      /is a model that points at spans; expected a model with one/,
    );
  });

  it.each<[string, (spec: Record<string, unknown>) => unknown, RegExp]>([
    ['no longest span', (spec) => (spec.longest = 0), /spec\.longest is 0; expected a whole number from 1/],
    ['an endless span', (spec) => (spec.longest = 1e12), /spec\.longest is 1000000000000/],
    [
      'a question that is neither',
      (spec) => (spec.question = 'yes'),
      /spec\.question is "yes"; expected true or false/,
    ],
    [
      'questions that it cannot read',
      (spec) => (spec.question = true),
      /reads no questions; choose bidaf, transformer/,
    ],
    ['another architecture', (spec) => (spec.architecture = 'toString'), /There is no span model "toString"/],
    [
      'a tokenizer that there is not',
      (spec) => (spec.tokenizer = { kind: 'runes' }),
      /spec\.tokenizer\.kind/,
    ],
    ['fewer weights', (spec) => (spec.optional = false), /weights\.safetensors/],
  ])('is refused with %s', async (name, change, message) => {
    const place = join(root, `${name}.model`);
    await saveModel(place, exampleSpanModel());
    const file = join(place, 'model.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    change(json.spec);
    await writeFile(file, JSON.stringify(json));
    await expect(loadModelOf('span', place)).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringMatching(message),
    });
  });
});

describe('model.onnx of a model of spans', () => {
  it('points on its own as the metadata say', async () => {
    const model = exampleSpanModel();
    expect(onnxMetadata(model.spec)).toMatchObject({
      ...{ 'seqwright.kind': 'span', 'seqwright.longest': '4', 'seqwright.padding': '16' },
      ...{ 'seqwright.question': 'false', 'seqwright.optional': 'true' },
    });
    expect(JSON.parse(onnxMetadata(model.spec)['seqwright.tokenizer']!)).toEqual(model.spec.tokenizer);
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const passage = { dtype: 'int32' as const, shape: [2, 3], data: Int32Array.of(0, 1, 2, 3, 16, 16) };
    const lengths = { dtype: 'int32' as const, shape: [2], data: Int32Array.of(3, 1) };
    const names = ['start', 'end', 'none'] as const;
    const found = await session.run({ passage, lengths }, [...names], {});
    await session.release();
    const { inputs, outputs, weights } = spanGraph(model.spec);
    const given = new Map([
      ...[...weights].map(
        ([path, v]) => [v, tensor(v.shape as number[], Float64Array.from(model.weights.get(path)!))] as const,
      ),
      [inputs.passage!, tensor(passage.shape, Float64Array.from(passage.data))] as const,
      [inputs.lengths!, tensor(lengths.shape, Float64Array.from(lengths.data))] as const,
    ]);
    const slow = evaluate([outputs.start, outputs.end, outputs.none!], given);
    names.forEach((name, k) => {
      expect(found[name]!.shape).toEqual(name === 'none' ? [2] : [2, 3]);
      slow[k]!.data.forEach((x, i) => {
        if (x > -100) expect(found[name]!.data[i]).toBeCloseTo(x, 4);
      });
    });
    expect(found.start!.data[4]).toBeLessThan(-1e29);
  });
});
