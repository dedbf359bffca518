import { describe, expect, it } from 'vitest';
import { evaluate } from '../../graph/evaluate.ts';
import { tensor } from '../../graph/tensor.ts';
import { informationGain, letterProbabilities, seats } from './letters.ts';
import { exampleDna, exampleMasked, smallMasked, tokenizers } from './masked.fixture.ts';
import { maskedGraph } from './network.ts';
import { openMaskedReader } from './reader.ts';
import type { MaskedSpec } from './spec.ts';
import { maskedVocabulary } from './vocabulary.ts';

type Example = ReturnType<typeof exampleMasked>;

/** ln P in float64, on plain arrays, of one sequence without any padding. */
function reference({ spec, weights }: Example, tokens: Int32Array) {
  const graph = maskedGraph(spec as MaskedSpec);
  const given = new Map([
    [graph.tokens, tensor([1, tokens.length], [...tokens])],
    [graph.lengths, tensor([1], [tokens.length])],
    ...[...graph.weights].map(
      ([path, value]) => [value, tensor(value.shape as number[], [...weights.get(path)!])] as const,
    ),
  ]);
  const [logs, embedding] = evaluate([graph.logProbabilities, graph.embedding], given);
  return { logs: logs!.data, embedding: embedding!.data };
}

describe.each(Object.keys(smallMasked))('reading with a %s', (of) => {
  const model = exampleMasked({ of });
  const { mask, writes } = maskedVocabulary(model.spec);
  const sequences = [3, 11, 7, 1].map((length, i) => tokenizers.letters.encode(exampleDna(length, i)));

  it('gives the numbers of the slow evaluation, whatever stands beside a sequence in its batch', async () => {
    const rows = sequences.map((tokens) => {
      const hidden = tokens.slice();
      hidden[0] = mask;
      return { tokens: hidden, places: tokens.length > 2 ? [2, 0] : [0] };
    });
    const reader = await openMaskedReader(model.spec, model.weights);
    const found = new Map<string, Float32Array>();
    await reader.read(rows, (row, place, logs) => found.set(`${row} ${place}`, logs.slice()));
    const embeddings = await reader.embeddings(sequences);
    await reader.close();
    rows.forEach(({ tokens, places }, row) => {
      const { logs } = reference(model, tokens);
      places.forEach((place, p) => {
        const own = logs.subarray(place * writes, (place + 1) * writes);
        found.get(`${row} ${p}`)!.forEach((log, id) => {
          expect(log).toBeCloseTo(own[id]!, 4);
        });
      });
      const { embedding } = reference(model, sequences[row]!);
      embeddings[row]!.forEach((x, d) => {
        expect(x).toBeCloseTo(embedding[d]!, 4);
      });
    });
    expect(found.size).toBe(7);
  });

  it('sees at most its context of a long sequence, and takes other weights', async () => {
    const [tokens] = [exampleDna(40)].map((text) => tokenizers.letters.encode(text));
    const reader = await openMaskedReader(model.spec, model.weights);
    const logsOf = async (at: number, read = tokens!) => {
      let own = new Float32Array();
      await reader.hidden([read], [[at]], (_s, _p, logs) => {
        own = logs.slice();
      });
      return own;
    };
    const before = await logsOf(20);
    const changed = tokens!.slice();
    changed[20 + 12] = (changed[20 + 12]! + 1) % 4;
    expect(await logsOf(20, changed)).toEqual(before);
    changed[19] = (changed[19]! + 1) % 4;
    expect(await logsOf(20, changed)).not.toEqual(before);
    expect(await logsOf(20, tokens!.with(20, (tokens![20]! + 1) % 4) as Int32Array)).toEqual(before);
    await reader.load(new Map([...model.weights].map(([path, data]) => [path, data.map(() => 0)])));
    expect((await logsOf(20))[0]).toBeCloseTo(-Math.log(writes), 5);
    const [mean] = await reader.embeddings([tokens!]);
    expect([...mean!]).toEqual([...mean!].map(() => 0));
    await reader.close();
  });
});

describe('probabilities of letters', () => {
  it.each([
    'letters',
    'codons',
    'k-mers side by side',
    'k-mers at each letter',
    'k-mers at every other letter',
  ] as const)(
    'of %s are those of the tokens that differ in one letter, each told without it',
    async (name) => {
      const model = exampleMasked({ tokenizer: tokenizers[name] });
      const text = exampleDna(10);
      const reader = await openMaskedReader(model.spec, model.weights);
      const [told] = await letterProbabilities(reader, model.spec, [text]);
      // Whatever stands in a place, what is said of it is the same: it was not seen.
      for (const at of [0, 4, 5, 9]) {
        if (told!.truth[at]! < 0) continue;
        expect('ACGT'[told!.truth[at]!]).toBe(text[at]);
        const other = text.slice(0, at) + 'ACGT'[('ACGT'.indexOf(text[at]!) + 1) % 4] + text.slice(at + 1);
        const [again] = await letterProbabilities(reader, model.spec, [other], [[at]]);
        const own = [...told!.probabilities.subarray(4 * at, 4 * at + 4)];
        own.forEach((p, letter) => {
          expect(again!.probabilities[4 * at + letter]).toBeCloseTo(p, 5);
        });
        expect(own.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
        expect(again!.truth[at]).not.toBe(told!.truth[at]);
        expect(again!.probabilities[4 * ((at + 1) % 10)]).toBeNaN();
      }
      await reader.close();
    },
  );

  it('are not given for ambiguous letters', async () => {
    const model = exampleMasked();
    const reader = await openMaskedReader(model.spec, model.weights);
    const [told] = await letterProbabilities(reader, model.spec, ['ACNGT']);
    await reader.close();
    expect([...told!.truth]).toEqual([0, 1, -1, 2, 3]);
    expect([...told!.probabilities.subarray(8, 12)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it('are told by the token in which a letter stands nearest to the middle', () => {
    expect(seats([0, 3, 1, 4, 2, 5], 6)).toEqual([
      { token: 0, at: 0 },
      { token: 0, at: 1 },
      { token: 1, at: 1 },
      { token: 2, at: 1 },
      { token: 2, at: 2 },
      undefined,
    ]);
  });

  it('gain as many bits as they differ from what is usual', () => {
    const even = [0.25, 0.25, 0.25, 0.25];
    expect([...informationGain(Float64Array.of(1, 0, 0, 0, ...even, 0.5, 0.5, 0, 0), even)]).toEqual([
      2, 0, 1,
    ]);
    expect(informationGain(Float64Array.of(Number.NaN, 0, 0, 0), even)[0]).toBeNaN();
  });
});
