import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendOf } from '../../runtime/compile.ts';
import { characters } from '../../tokenize/characters.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { loadAnyModel, loadModel, loadModelOf } from '../load-model.ts';
import { exampleDna, exampleMasked, smallMasked, tokenizers } from '../masked/masked.fixture.ts';
import { openMaskedReader } from '../masked/reader.ts';
import { saveModel } from '../save-model.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'masked-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a masked model in a folder', () => {
  it.each(Object.keys(smallMasked))('is loaded as it was saved: %s', async (of) => {
    const model = exampleMasked({
      ...{ of, tokenizer: tokenizers['k-mers at each letter'] },
      masking: { how: 'span', share: 0.2, length: 4 },
    });
    const place = join(root, 'a.model');
    await saveModel(place, model);
    for (const found of [await loadModelOf('masked', place), await loadAnyModel(place)]) {
      expect(found.spec).toEqual(model.spec);
      expect([...found.weights]).toEqual([...model.weights]);
    }
    await expect(loadModel(place)).rejects.toThrow(
      /a\.model is a masked model; expected a model with one answer/,
    );
  });

  it.each<[string, (spec: Record<string, unknown>) => unknown, RegExp]>([
    ['tokenizer', (spec) => (spec.tokenizer = { kind: 'evil' }), /spec\.tokenizer\.kind is "evil"; expected/],
    ['architecture', (spec) => (spec.architecture = 'toString'), /There is no masked model "toString"/],
    ['option', (spec) => (spec.config = { size: 1e9 }), /spec\.config\.size is 1000000000/],
    [
      'way of masking',
      (spec) => (spec.masking = { how: 'all' }),
      /spec\.masking\.how is "all"; expected one of base, span, kmer/,
    ],
    [
      'share',
      (spec) => (spec.masking = { how: 'base', share: 0, length: 1 }),
      /spec\.masking\.share is 0; expected a number from/,
    ],
    ['vocabulary', (spec) => (spec.tokenizer = characters('abc').toJSON()), /weights\.safetensors/],
  ])('is refused with another %s', async (name, change, message) => {
    const place = join(root, `${name.replaceAll(' ', '-')}.model`);
    await saveModel(place, exampleMasked());
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

describe('a masked model as an ONNX file', () => {
  it.each(Object.keys(smallMasked))(
    'gives the same numbers with nothing but the file and its metadata: %s',
    async (of) => {
      const model = exampleMasked({ of });
      const about = onnxMetadata(model.spec);
      const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
      const tokens = tokenizers.letters.encode(exampleDna(9));
      tokens[4] = Number(about['seqwright.mask']);
      const results = await session.run(
        {
          tokens: { dtype: 'int32', shape: [1, 9], data: tokens },
          lengths: { dtype: 'int32', shape: [1], data: Int32Array.of(9) },
        },
        ['logProbabilities', 'hidden', 'embedding'],
        {},
      );
      await session.release();
      const reader = await openMaskedReader(model.spec, model.weights);
      const [embedding] = await reader.embeddings([tokens]);
      await reader.read([{ tokens, places: [4] }], (_row, _place, logs) => {
        const { shape, data } = results.logProbabilities!;
        expect(shape).toEqual([1, 9, tokenizers.letters.size]);
        logs.forEach((log, id) => {
          expect(data[4 * logs.length + id]).toBeCloseTo(log, 5);
        });
      });
      await reader.close();
      embedding!.forEach((x, d) => {
        expect(results.embedding!.data[d]).toBeCloseTo(x, 5);
      });
      const size = embedding!.length;
      const mean = Array.from(
        { length: size },
        (_, d) =>
          Array.from({ length: 9 }, (_u, t) => results.hidden!.data[t * size + d]!).reduce((a, b) => a + b) /
          9,
      );
      mean.forEach((x, d) => {
        expect(embedding![d]).toBeCloseTo(x, 5);
      });
      expect(JSON.parse(about['seqwright.tokenizer']!)).toEqual(model.spec.tokenizer);
      expect([about['seqwright.context'], about['seqwright.overlap']]).toEqual(['12', '0']);
    },
  );
});
