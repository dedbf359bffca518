import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor } from '../../runtime/backend.ts';
import { backendOf } from '../../runtime/compile.ts';
import { loadModelOf } from '../load-model.ts';
import type { AnyModel } from '../model.ts';
import { saveModel } from '../save-model.ts';
import { openTranscriberRunner } from '../transcriber/runner.ts';
import { toyInput, toyTranscriber } from '../transcriber/transcriber.fixture.ts';
import { transcriber } from './transcriber.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-transcriber-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe.each(['cnn-bilstm with strides', 'bilstm of symbols', 'lstm of records in their own units'])(
  'a saved transcriber: %s',
  (name) => {
    it('is loaded as it was, and its ONNX file gives the same log-probabilities for values as they stand in files', async () => {
      const model = { ...toyTranscriber(name), training: { note: 'none' } };
      const directory = join(folder, `${name.replaceAll(' ', '-')}.model`);
      await saveModel(directory, model as AnyModel);
      const loaded = await loadModelOf('transcriber', directory);
      expect(loaded).toEqual(model);

      const { spec } = loaded;
      const records = [toyInput(spec, 13, 1), toyInput(spec, 8, 2)];
      const runner = await openTranscriberRunner(spec, loaded.weights);
      const expected = await runner.run(records);
      await runner.close();
      const lengths = { dtype: 'int32', shape: [2], data: Int32Array.of(13, 8) } as const;
      const session = await (await backendOf('cpu')).open(await readFile(join(directory, 'model.onnx')), {
        threads: 1,
      });
      const found = await session.run(
        { ...rawInputs(spec, records), lengths },
        ['logProbabilities', 'steps'],
        {},
      );
      await session.release();
      expect(Array.from(found.steps!.data)).toEqual(expected.map(({ steps }) => steps));
      const size = found.logProbabilities!.data.length / 2;
      expected.forEach(({ logs }, b) => {
        logs.forEach((log, k) => {
          expect(found.logProbabilities!.data[b * size + k]).toBeCloseTo(log, 4);
        });
      });
    });
  },
);

/** What the records were before they were put in units of the training data, 999 in the padding. */
function rawInputs(
  { input }: ReturnType<typeof toyTranscriber>['spec'],
  records: ReturnType<typeof toyInput>[],
): Record<string, HostTensor> {
  if (input.kind === 'symbols') {
    const data = new Int32Array(26);
    records.forEach((record, b) => {
      data.set(record as Int32Array, b * 13);
    });
    return { symbols: { dtype: 'int32', shape: [2, 13], data } };
  }
  const { mean, deviation } = input;
  const data = new Float32Array(52).fill(999);
  records.forEach((record, b) => {
    record.forEach((x, i) => {
      data[b * 26 + i] = x * deviation[i % 2]! + mean[i % 2]!;
    });
  });
  return { frames: { dtype: 'float32', shape: [2, 13, 2], data } };
}

it('tells other programs its classes, stride and channels', () => {
  const { spec } = toyTranscriber('cnn-bilstm with strides');
  expect(transcriber.metadata(spec)).toMatchObject({
    'seqwright.classes': '["","A","B","C"]',
    'seqwright.stride': '6',
    'seqwright.channels': '["x","y"]',
  });
  const read = transcriber.metadata(toyTranscriber('bilstm of symbols').spec);
  expect(JSON.parse(read['seqwright.source']!)).toMatchObject({
    kind: 'characters',
    characters: [...'abcd'],
  });
});

it.each([
  ['input.kind', { kind: 'sound' }, 'expected frames or symbols'],
  ['input.mean', { mean: [1] }, 'expected 2 numbers'],
  ['input.deviation[1]', { deviation: [1, 0] }, 'expected a number above 0'],
  ['input.channels', { channels: ['x', 'x'] }, 'expected names that differ'],
])('is refused where %s is damaged, with file and field', async (path, change, message) => {
  const model = toyTranscriber('gru');
  const directory = join(folder, `damaged-${path.replace(/\W/g, '')}.model`);
  await saveModel(directory, model as AnyModel);
  const file = join(directory, 'model.json');
  const text = JSON.parse((await readFile(file)).toString());
  Object.assign(text.spec.input, change);
  await writeFile(file, JSON.stringify(text));
  await expect(loadModelOf('transcriber', directory)).rejects.toThrow(
    new RegExp(`spec\\.${path.replace(/[.[\]]/g, '\\$&')} .*${message}`),
  );
});
