import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostTensor } from '../../runtime/backend.ts';
import { backendOf } from '../../runtime/compile.ts';
import { characters } from '../../tokenize/characters.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { openJudge } from '../language/judge.ts';
import { exampleLanguage, exampleTokens } from '../language/language.fixture.ts';
import { loadAnyModel, loadModel, loadModelOf } from '../load-model.ts';
import { saveModel } from '../save-model.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'language-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a language model in a folder', () => {
  it('is loaded as it was saved, by its kind or by any', async () => {
    const model = exampleLanguage({ architecture: 'transformer', ends: true });
    const place = join(root, 'a.model');
    await saveModel(place, model);
    for (const found of [await loadModelOf('language', place), await loadAnyModel(place)]) {
      expect(found.spec).toEqual(model.spec);
      expect([...found.weights]).toEqual([...model.weights]);
    }
  });

  it('is not taken for one with an answer for each sequence, and that is said', async () => {
    const place = join(root, 'b.model');
    await saveModel(place, exampleLanguage());
    await expect(loadModel(place)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(
        /b\.model is a language model; expected a model with one answer .* seqwright generate and seqwright evaluate/,
      ),
    });
    await expect(loadModelOf('tagger', place)).rejects.toThrow(/is a language model; expected /);
  });

  it.each<[string, (spec: Record<string, unknown>) => unknown, RegExp]>([
    ['tokenizer', (spec) => (spec.tokenizer = { kind: 'evil' }), /spec\.tokenizer\.kind is "evil"; expected/],
    [
      'characters',
      (spec) => (spec.tokenizer = { ...characters('ab').toJSON(), characters: ['ab'] }),
      /spec\.tokenizer.*"ab"/,
    ],
    ['ends', (spec) => (spec.ends = 'yes'), /spec\.ends is "yes"; expected true or false/],
    ['architecture', (spec) => (spec.architecture = 'toString'), /There is no language model "toString"/],
    ['option', (spec) => (spec.config = { hidden: 1e9 }), /spec\.config\.hidden is 1000000000/],
    ['vocabulary', (spec) => (spec.tokenizer = characters('abc').toJSON()), /weights\.safetensors/],
  ])('is refused with another %s', async (name, change, message) => {
    const place = join(root, `${name}.model`);
    await saveModel(place, exampleLanguage());
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

describe('a language model as an ONNX file', () => {
  it('gives the same numbers, piece by piece, with nothing but the file and its metadata', async () => {
    const model = exampleLanguage({ architecture: 'lstm' });
    const about = onnxMetadata(model.spec);
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const tokens = exampleTokens(12);
    const input = [Number(about['seqwright.boundary']), ...tokens.slice(0, -1)];
    let states: Record<string, HostTensor> = Object.fromEntries(
      [0, 1, 2, 3].map((i) => [
        `state.${i}`,
        { dtype: 'float32', shape: [1, 6], data: new Float32Array(6) } as const,
      ]),
    );
    const found: number[] = [];
    for (const [from, to] of [
      [0, 5],
      [5, 12],
    ] as const) {
      const data = Int32Array.from(input.slice(from, to));
      const outputs = ['logProbabilities', 'next.0', 'next.1', 'next.2', 'next.3'];
      const results = await session.run(
        { tokens: { dtype: 'int32', shape: [1, to - from], data }, ...states },
        outputs,
        {},
      );
      states = Object.fromEntries([0, 1, 2, 3].map((i) => [`state.${i}`, results[`next.${i}`]!]));
      for (let i = from; i < to; i++)
        found.push(results.logProbabilities!.data[(i - from) * 5 + tokens[i]!]!);
    }
    await session.release();
    const judge = await openJudge(model.spec, model.weights);
    const [logs] = await judge.logs([tokens]);
    await judge.close();
    found.forEach((log, i) => {
      expect(log).toBeCloseTo(logs![i]!, 5);
    });
    expect(JSON.parse(about['seqwright.tokenizer']!)).toEqual(model.spec.tokenizer);
  });
});
