import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendOf } from '../../runtime/compile.ts';
import { loadModelOf } from '../load-model.ts';
import type { AnyModel } from '../model.ts';
import { saveModel } from '../save-model.ts';
import { openForced } from '../translator/forced.ts';
import { toyTranslator, variants } from '../translator/translator.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-translator-'));
});
afterAll(() => rm(folder, { recursive: true }));

const pair = { source: Int32Array.of(0, 3, 1), target: Int32Array.of(2, 4, 5) };

describe.each(['relative transformer', 'lstm that feeds what it saw'])('a saved translator: %s', (name) => {
  it('is loaded as it was, and its ONNX file gives the same log-probabilities', async () => {
    const model = { ...toyTranslator(variants[name]!), training: { note: 'none' } };
    const directory = join(folder, `${name.replaceAll(' ', '-')}.model`);
    await saveModel(directory, model as AnyModel);
    const loaded = await loadModelOf('translator', directory);
    expect(loaded.weights).toEqual(model.weights);
    expect(loaded.spec.target).toEqual(model.spec.target);
    expect(loaded.spec.config).toMatchObject(model.spec.config);

    const forced = await openForced(loaded.spec, loaded.weights);
    const [logs] = await forced.score([pair]);
    await forced.close();
    const session = await (await backendOf('cpu')).open(await readFile(join(directory, 'model.onnx')), {
      threads: 1,
    });
    const whole = (data: number[], shape: number[]) =>
      ({ dtype: 'int32', shape, data: Int32Array.from(data) }) as const;
    // Sources end with 6 (of six words), targets begin with 6 (of five words and the end).
    const feeds = {
      source: whole([0, 3, 1, 6], [1, 4]),
      sourceLengths: whole([4], [1]),
      target: whole([6, 2, 4], [1, 3]),
    };
    const { logProbabilities } = await session.run(feeds, ['logProbabilities'], {});
    await session.release();
    expect(logProbabilities!.shape).toEqual([1, 3, 6]);
    logs!.forEach((log, t) => {
      expect(logProbabilities!.data[t * 6 + pair.target[t]!]).toBeCloseTo(log, 5);
    });
  });

  it('is refused where its tokenizer is damaged, with file and field', async () => {
    const model = { ...toyTranslator(variants[name]!), training: {} };
    const spec = { ...model.spec, target: { ...model.spec.target, words: ['a', 'a'] } };
    await expect(saveModel(join(folder, 'bad.model'), { ...model, spec } as AnyModel)).rejects.toThrow(
      /tokenizer|spec\.target/,
    );
  });
});
