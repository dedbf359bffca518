import { describe, expect, it } from 'vitest';
import { initialize } from '../../nn/module.ts';
import { compile } from '../../runtime/compile.ts';
import { taggerBodies } from './bodies.ts';
import { taggerGraph } from './graph.ts';
import { taggerNetwork } from './network.ts';
import type { TaggerSpec } from './spec.ts';
import { formBatcher, longestForm, tokenEncoder, wordInput } from './vocabulary.ts';

const tiny: Record<string, object> = {
  bilstm: { hidden: 3, layers: 2 },
  bigru: { hidden: 3 },
  cnn: { width: 4, dilations: [1, 3] },
  'cnn-bilstm': { filters: 4, hidden: 3 },
  transformer: { width: 8, heads: 2, layers: 1 },
  window: { kernel: 5 },
};
const letters = (architecture: string, config: object = {}): TaggerSpec => ({
  kind: 'tagger',
  architecture,
  config: { ...tiny[architecture], ...config },
  input: { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' } },
  tags: ['O', 'B-x', 'I-x'],
  rules: { scheme: 'bio', allowed: null },
});

async function run(spec: TaggerSpec, feeds: Record<string, { shape: number[]; data: Int32Array }>) {
  const graph = taggerGraph(spec);
  const weights = initialize(taggerNetwork(spec), 3);
  const program = await compile({
    inputs: graph.inputs,
    outputs: graph.outputs,
    constants: new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!])),
  });
  const typed = Object.entries(feeds).map(([name, t]) => [name, { dtype: 'int32', ...t }] as const);
  const outputs = await program.run(Object.fromEntries(typed));
  await program.release();
  return outputs;
}

const batch = (rows: number[][], padding: number) => {
  const time = Math.max(...rows.map((row) => row.length));
  const data = rows.flatMap((row) => [...row, ...new Array(time - row.length).fill(padding)]);
  return {
    tokens: { shape: [rows.length, time], data: Int32Array.from(data) },
    lengths: { shape: [rows.length], data: Int32Array.from(rows, (row) => row.length) },
  };
};

describe('taggerGraph', () => {
  it.each(Object.keys(taggerBodies))('gives a sequence the same tags in any batch: %s', async (name) => {
    const [short, long] = [
      [0, 1, 2],
      [3, 2, 1, 0, 0, 1, 3],
    ];
    const alone = await run(letters(name), batch([short], 16));
    const together = await run(letters(name), batch([short, long], 16));
    const k = 3;
    expect([...together.tags!.data.subarray(0, 7)]).toEqual([...alone.tags!.data, -1, -1, -1, -1]);
    alone.probabilities!.data.forEach((p, i) => {
      expect(together.probabilities!.data[i]).toBeCloseTo(p, 5);
    });
    for (let t = 0; t < 3; t++) {
      const row = [...alone.probabilities!.data.subarray(t * k, (t + 1) * k)];
      expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
    expect(alone.logProbability!.data[0]).toBeLessThan(0);
  });

  it.each(['crf', 'softmax'])(
    'never writes a span that begins with I, nor gives it any probability: %s',
    async (output) => {
      const random = Array.from({ length: 20 }, (_, i) =>
        Array.from({ length: 9 }, (_, t) => (i * 7 + t * t) % 4),
      );
      const { tags, probabilities } = await run(letters('window', { output, dropout: 0 }), batch(random, 16));
      random.forEach((_, b) => {
        const own = [...tags!.data.subarray(b * 9, b * 9 + 9)];
        own.forEach((tag, t) => {
          if (tag === 2) expect(own[t - 1]).toBeGreaterThan(0);
        });
        expect(probabilities!.data[b * 27 + 2]).toBeLessThan(1e-6);
      });
    },
  );

  it.each(['bilstm', 'cnn', 'none'])(
    'reads words by their spelling, whichever words share the batch: %s',
    async (characters) => {
      const sentences = [
        ['Ann', 'sees', 'Bo'],
        ['sees', 'Zoë'],
      ];
      const input = wordInput(sentences, { minCount: 1 });
      const spec: TaggerSpec = {
        ...letters('bilstm', { characters, characterHidden: 2, characterSize: 3, wordSize: 4 }),
        input,
      };
      const encode = tokenEncoder(input);
      const feeds = (chosen: string[][]) => {
        const ids = chosen.map((sentence) => [...encode(sentence).tokens]);
        const padded = batch(ids, 0);
        if (characters === 'none') return padded;
        const [count, time] = padded.tokens.shape as [number, number];
        const { forms, characters: table, lengths, letters: width } = formBatcher(input)(chosen, time);
        return {
          ...padded,
          forms: { shape: [count, time], data: forms },
          characters: { shape: [lengths.length, width], data: table },
          characterLengths: { shape: [lengths.length], data: lengths },
        };
      };
      const alone = await run(spec, feeds([sentences[1]!]));
      const together = await run(spec, feeds(sentences));
      const own = together.probabilities!.data.subarray(9, 15);
      alone.probabilities!.data.forEach((p, i) => {
        expect(own[i]).toBeCloseTo(p, 5);
      });
    },
  );

  it('decides places apart as a chain does in which every step is allowed and costs nothing', async () => {
    const tags = ['O', 'B-x', 'I-x'];
    const all = [...tags, ''].flatMap((from) => [...tags, ''].map((to): [string, string] => [from, to]));
    const softmax = letters('bilstm', { output: 'softmax' });
    const inputs = batch(
      [
        [0, 1, 2],
        [3, 2, 1, 0, 0],
      ],
      16,
    );
    const apart = await run({ ...softmax, rules: { scheme: 'none', allowed: null } }, inputs);
    const together = await run({ ...softmax, rules: { scheme: 'none', allowed: all } }, inputs);
    expect([...apart.tags!.data]).toEqual([...together.tags!.data]);
    for (const name of ['probabilities', 'logProbability'])
      together[name]!.data.forEach((value, i) => {
        expect(apart[name]!.data[i]).toBeCloseTo(value, 5);
      });
  });

  it('refuses bodies and options that there are not', () => {
    expect(() => taggerNetwork(letters('hmm'))).toThrow(
      /There is no tagger "hmm"; choose bilstm, bigru, cnn/,
    );
    expect(() => taggerNetwork(letters('bilstm', { width: 3 }))).toThrow(/no option "width"/);
    expect(() => taggerNetwork(letters('cnn', { output: 'hmm' }))).toThrow(
      /expected output to be one of crf, softmax/,
    );
  });
});

describe('wordInput', () => {
  const sentences = [
    ['The', 'cat', 'sat'],
    ['the', 'Cat'],
  ];

  it('knows words that occur often enough, in lower case where asked', () => {
    expect(wordInput(sentences, { minCount: 2 }).words).toEqual(['cat', 'the']);
    expect(wordInput(sentences, { minCount: 1, lowercase: false }).words).toEqual([
      'Cat',
      'The',
      'cat',
      'sat',
      'the',
    ]);
    expect(wordInput(sentences, { minCount: 1, limit: 1 }).words).toEqual(['cat']);
  });

  it('gives known words ids from 1 on and all others 0', () => {
    const encode = tokenEncoder(wordInput(sentences));
    expect([...encode(['THE', 'dog', 'cat']).tokens]).toEqual([2, 0, 1]);
  });
});

describe('formBatcher', () => {
  it('spells each distinct word once, and no more of it than is read', () => {
    const {
      forms,
      characters,
      lengths,
      letters: width,
    } = formBatcher({ characters: ['a', 'b'] })(
      [
        ['ab', 'b'],
        ['b', 'x'.repeat(99)],
      ],
      3,
    );
    expect([...forms]).toEqual([0, 1, 0, 1, 2, 0]);
    expect([...lengths]).toEqual([2, 1, longestForm]);
    expect([...characters.subarray(0, 3)]).toEqual([1, 2, 0]);
    expect([...characters.subarray(width, width + 2)]).toEqual([2, 0]);
  });
});
