import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { initialize } from '../../nn/module.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { backendOf } from '../../runtime/compile.ts';
import { modelOnnx, onnxMetadata } from '../export.ts';
import { loadModelOf } from '../load-model.ts';
import type { Model } from '../model.ts';
import { saveModel } from '../save-model.ts';
import { taggerNetwork } from '../tagger/network.ts';
import type { TaggerSpec } from '../tagger/spec.ts';
import { formBatcher, tokenEncoder } from '../tagger/vocabulary.ts';
import { tagger } from './tagger.ts';

const folder = mkdtempSync(join(tmpdir(), 'tagger-'));
afterAll(() => rmSync(folder, { recursive: true }));

const words = { kind: 'words', words: ['cat', 'the'], characters: ['a', 'T'], lowercase: true } as const;
const letters = { kind: 'letters', alphabet: { name: 'rna', letters: 'ACGU' } } as const;

function example(input: TaggerSpec['input'], rules: Partial<TaggerSpec['rules']> = {}): Model<TaggerSpec> {
  const spec = tagger.completeSpec({
    kind: 'tagger',
    architecture: 'bilstm',
    config: { hidden: 3, ...(input.kind === 'words' && { wordSize: 4, characterHidden: 2 }) },
    input,
    tags: ['O', 'B-x', 'I-x'],
    rules: { scheme: 'bio', allowed: null, ...rules },
  });
  return { spec, weights: initialize(taggerNetwork(spec), 2), training: { seed: 2 } };
}

describe('a tagger in a folder', () => {
  it.each([
    ['letters', letters, {}],
    ['words', words, {}],
    [
      'allowed',
      words,
      {
        scheme: 'none',
        allowed: [
          ['', 'O'],
          ['O', 'O'],
          ['O', 'B-x'],
          ['B-x', 'I-x'],
          ['I-x', 'O'],
        ],
      },
    ],
  ] as const)('is loaded as it was saved: %s', async (name, input, rules) => {
    const model = example(input, rules);
    const place = join(folder, `${name}.model`);
    await saveModel(place, model);
    const found = await loadModelOf('tagger', place);
    expect(found.spec).toEqual(model.spec);
    expect([...found.weights]).toEqual([...model.weights]);
  });

  it('is refused where a field of its spec is not what it should be, or the rules cannot be kept', async () => {
    const place = join(folder, 'bad.model');
    await saveModel(place, example(words));
    const path = join(place, 'model.json');
    const whole = JSON.parse(readFileSync(path, 'utf8'));
    const refusal = async (change: (spec: { input: object }) => object) => {
      writeFileSync(path, JSON.stringify({ ...whole, spec: { ...whole.spec, ...change(whole.spec) } }));
      return loadModelOf('tagger', place).then(
        () => 'it was loaded',
        (error: Error) => error.message,
      );
    };
    expect(await refusal(() => ({ tags: ['O'] }))).toMatch(/spec\.tags is .*expected a list of 2 to/);
    expect(await refusal(() => ({ rules: { scheme: 'xyz', allowed: null } }))).toMatch(
      /one of none, bio, bioes/,
    );
    expect(await refusal(() => ({ rules: { scheme: 'none', allowed: [['O']] } }))).toMatch(
      /spec\.rules\.allowed\[0\]/,
    );
    expect(
      await refusal(() => ({
        rules: {
          scheme: 'none',
          allowed: [
            ['', 'O'],
            ['O', 'O'],
          ],
        },
      })),
    ).toMatch(/cannot be built: the rules of the tags allow no sequence in which B-x or I-x stands/);
    expect(await refusal(({ input }) => ({ input: { ...input, kind: 'bytes' } }))).toMatch(
      /letters or words/,
    );
    expect(await refusal(({ input }) => ({ input: { ...input, lowercase: 1 } }))).toMatch(/true or false/);
  });
});

describe('model.onnx of a tagger', () => {
  const run = async (model: Model<TaggerSpec>, feeds: Record<string, HostTensor>) => {
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const wanted = ['tags', 'probabilities', 'logProbability', 'emissions', 'transitions', 'start', 'end'];
    const outputs = await session.run(feeds, wanted, {});
    await session.release();
    return outputs;
  };
  const tensor = (shape: number[], data: ArrayLike<number>): HostTensor => ({
    dtype: 'int32',
    shape,
    data: Int32Array.from(data),
  });

  it('tags letters with what its metadata say: the best of all paths through its own scores', async () => {
    const model = example(letters);
    const about = onnxMetadata(model.spec);
    const ids: Record<string, number> = JSON.parse(about['seqwright.token_ids']!);
    const text = 'ACGu';
    const found = await run(model, {
      tokens: tensor([1, 5], [...text].map((c) => ids[c]!).concat(Number(about['seqwright.padding']))),
      lengths: tensor([1], [4]),
    });
    const { emissions, transitions, start, end } = Object.fromEntries(
      Object.entries(found).map(([name, { data }]) => [name, data]),
    ) as Record<string, Float32Array>;
    let best = { score: Number.NEGATIVE_INFINITY, tags: [] as number[] };
    for (let code = 0; code < 3 ** 4; code++) {
      const tags = Array.from({ length: 4 }, (_, t) => Math.floor(code / 3 ** t) % 3);
      const score = tags.reduce(
        (sum, tag, t) =>
          sum + emissions![t * 3 + tag]! + (t === 0 ? start![tag]! : transitions![tags[t - 1]! * 3 + tag]!),
        end![tags[3]!]!,
      );
      if (score > best.score) best = { score, tags };
    }
    expect([...found.tags!.data]).toEqual([...best.tags, -1]);
    expect(JSON.parse(about['seqwright.tags']!)).toEqual(['O', 'B-x', 'I-x']);
  });

  it('tags words that are spelled', async () => {
    const model = example(words);
    const sentence = ['The', 'cat', 'ran'];
    const about = onnxMetadata(model.spec);
    const listed: string[] = JSON.parse(about['seqwright.words']!);
    const tokens = sentence.map((word) => listed.indexOf(word.toLowerCase()) + 1);
    expect(tokens).toEqual([...tokenEncoder(model.spec.input)(sentence).tokens]);
    const forms = formBatcher(words)([sentence], 3);
    const found = await run(model, {
      tokens: tensor([1, 3], tokens),
      lengths: tensor([1], [3]),
      forms: tensor([1, 3], forms.forms),
      characters: tensor([3, forms.letters], forms.characters),
      characterLengths: tensor([3], forms.lengths),
    });
    expect(found.tags!.shape).toEqual([1, 3]);
    expect((found.probabilities!.data as Float32Array).reduce((a, b) => a + b, 0)).toBeCloseTo(3, 4);
  });
});
