import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { simplex } from '../brute-force.fixture.ts';
import { compiled } from '../compiled.ts';
import { addExpected, zeroCounts } from '../counts.ts';
import { categorical } from '../emissions/categorical.ts';
import { forward } from '../forward.ts';
import { type Hmm, hmm } from '../model.ts';
import { pathLogProbability } from '../state-path.ts';
import { viterbi } from '../viterbi.ts';
import { addExpectedWords } from './expected-words.ts';
import { forwardWords } from './forward-words.ts';
import { wordReader, wordSpan, wordTables } from './tables.ts';
import { viterbiWords } from './viterbi-words.ts';

/** A dense model with an occasional zero, maybe an end, maybe shared emissions. */
function denseModel(
  seed: number,
  { n, vocabulary, end, groups = n }: { n: number; vocabulary: number; end: boolean; groups?: number },
) {
  const stream = randomStream(seed, 'words');
  const row = (size: number) => simplex(stream, size, 0.05);
  const leave = Array.from({ length: n }, () => row(n + (end ? 1 : 0)));
  return hmm({
    states: leave.map((_, s) => ({ name: `s${s}`, emission: s % groups })),
    start: row(n),
    transitions: leave.map((own) => own.slice(0, n)),
    ...(end && { end: leave.map((own) => own[n]!) }),
    emissions: categorical(Array.from({ length: groups }, () => simplex(stream, vocabulary))),
  });
}

/** Letters, some of them unknown, long enough for words to pay. */
const lettersOf = (seed: number, vocabulary: number, length: number, unknown = 0.001) => {
  const stream = randomStream(seed, 'letters');
  return Int32Array.from({ length }, () => (stream.uniform() < unknown ? -1 : stream.below(vocabulary)));
};

const examples = fc.record({
  seed: fc.integer({ min: 0, max: 1e6 }),
  shape: fc.record({
    n: fc.constantFrom(1, 2, 3, 4, 5, 8, 9, 16, 17),
    vocabulary: fc.constantFrom(2, 3, 4),
    end: fc.boolean(),
  }),
  shared: fc.boolean(),
  length: fc.integer({ min: 9000, max: 9600 }),
});
const exampleOf = ({
  seed,
  shape,
  shared,
  length,
}: {
  seed: number;
  shape: { n: number; vocabulary: number; end: boolean };
  shared: boolean;
  length: number;
}) => ({
  model: denseModel(seed, shared ? { ...shape, groups: Math.max(1, shape.n - 1) } : shape),
  tokens: lettersOf(seed, shape.vocabulary, length),
});

const slow = { stretch: 512 };
const runs = { numRuns: 25 };

describe('steps over words of tokens', () => {
  it('reads every token once, unknown ones and the tail by themselves', () => {
    const reader = wordReader([0, 1, 1, -1, 1, 0, 1, 0], { span: 2, vocabulary: 2 }, 99);
    const { count, next } = reader.read(0);
    expect(next).toBe(8);
    expect(Array.from(reader.words.subarray(0, count))).toEqual([1, 5, 6, 2, 2]);
    expect(wordReader([0, 1, 1, -1], { span: 2, vocabulary: 2 }, 99).read(0, 1)).toEqual({
      count: 1,
      next: 2,
    });
  });

  it('has a matrix for each word that is the product of those of its tokens', () => {
    const model = denseModel(3, { n: 4, vocabulary: 4, end: false });
    const c = compiled(model);
    const span = wordSpan(model, c, 1e6);
    expect(span).toBe(4);
    const { matrices, words } = wordTables(model, c, span, 'sum');
    expect(words).toBe(4 ** 4 + 5);
    // All words together are four steps in which nothing is observed.
    const all = new Float64Array(16);
    for (let i = 0; i < 256 * 16; i++) all[i % 16]! += matrices[i]!;
    for (let from = 0; from < 4; from++)
      expect([0, 1, 2, 3].reduce((sum, to) => sum + all[to * 4 + from]!, 0)).toBeCloseTo(1, 12);
  });

  it('find the likelihood of the recursion over single positions', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const { model, tokens } = exampleOf(example);
        fc.pre(model.deadEnds.length === 0);
        const found = forwardWords(model, compiled(model), tokens);
        const whole = addExpected(model, tokens, zeroCounts(model), slow);
        expect(Math.abs(found! - whole)).toBeLessThan(1e-10 * Math.abs(whole));
        expect(forward(model, tokens).logLikelihood).toBe(found);
      }),
      runs,
    );
  });

  // Paths that use the same transitions and emissions in another order are equally probable, so the states may differ.
  it('find a path that is as probable as the best, and say how probable it is', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const { model, tokens } = exampleOf(example);
        fc.pre(model.deadEnds.length === 0);
        const path = viterbiWords(model, tokens)!;
        const best = viterbi(model, tokens, slow);
        expect(Math.abs(path.logProbability - best.logProbability)).toBeLessThan(
          1e-10 * Math.abs(best.logProbability),
        );
        expect(Math.abs(pathLogProbability(model, tokens, path) - path.logProbability)).toBeLessThan(
          1e-9 * Math.abs(path.logProbability),
        );
      }),
      runs,
    );
  });

  it('add up the same expected counts', () => {
    fc.assert(
      fc.property(examples, (example) => {
        const { model, tokens } = exampleOf(example);
        fc.pre(model.deadEnds.length === 0);
        const [mine, theirs] = [zeroCounts(model), zeroCounts(model)];
        const log = addExpectedWords(model, compiled(model), tokens, mine);
        expect(log).not.toBeNull();
        addExpected(model, tokens, theirs, slow);
        for (const part of ['start', 'edges', 'end'] as const)
          mine[part].forEach((x, i) => {
            expect(Math.abs(x - theirs[part][i]!)).toBeLessThan(1e-8 * Math.max(1, theirs[part][i]!));
          });
        const emissions = [mine, theirs].map(
          ({ emissions }) => emissions.estimate({ pseudocount: 0 }) as ReturnType<typeof categorical>,
        );
        emissions[0]!.probabilities.forEach((p, i) => {
          expect(p).toBeCloseTo(emissions[1]!.probabilities[i]!, 9);
        });
      }),
      runs,
    );
  });

  it('leaves to the recursion over single positions what is impossible, too short, too improbable or of higher order', () => {
    const model = denseModel(1, { n: 2, vocabulary: 2, end: false });
    const c = compiled(model);
    expect(wordSpan(model, c, 100)).toBe(1);
    const blocked = hmm({
      states: [
        { name: 'a', emission: 0 },
        { name: 'b', emission: 1 },
      ],
      ...{
        start: [1, 0],
        transitions: [
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      },
      emissions: categorical([
        [1, 0, 0],
        [0.5, 0.5, 0],
      ]),
    });
    const letters = lettersOf(1, 2, 9000, 0);
    letters[0] = 0;
    expect(forwardWords(blocked, compiled(blocked), letters)).not.toBeNull();
    letters[8000] = 2;
    expect(forwardWords(blocked, compiled(blocked), letters)).toBeNull();
    expect(viterbiWords(blocked, letters)).toBeNull();
    const counts = zeroCounts(blocked);
    expect(addExpectedWords(blocked, compiled(blocked), letters, counts)).toBeNull();
    expect([counts.start, counts.edges].every((values) => values.every((x) => x === 0))).toBe(true);
    expect(forward(blocked, letters).impossibleAt).toBe(8000);
    const tiny = hmm({
      states: [{ name: 'a', emission: 0 }],
      ...{ start: [1], transitions: [[1]], emissions: categorical([[1 - 1e-120, 1e-120]]) },
    });
    expect(wordSpan(tiny, compiled(tiny), 1e6)).toBe(1);
    expect(forward(tiny, new Int32Array(9000).fill(1)).logLikelihood).toBeCloseTo(9000 * Math.log(1e-120), 3);
    const second = hmm({
      states: [{ name: 'a', emission: 0 }],
      ...{
        start: [1],
        transitions: [[1]],
        emissions: categorical(
          Array.from({ length: 3 }, () => [0.5, 0.5]),
          { vocabulary: 2, order: 1 },
        ),
      },
    }) as Hmm<ArrayLike<number>>;
    expect(wordSpan(second, compiled(second), 1e6)).toBe(1);
  });
});
