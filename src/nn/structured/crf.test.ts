import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { grad } from '../../graph/grad.ts';
import { add, expandDims, input, reshape, slice, sum } from '../../graph/library.ts';
import { tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { bound, disagreement, drawn, type Given, known, runtimeError } from '../check.fixture.ts';
import { expectGolden, goldenCases, traceCase } from '../golden.fixture.ts';
import { crfDecode } from './crf-decode.ts';
import { crfLogPartition, crfLoss, crfMarginals, crfScore } from './crf-loss.ts';
import { bioConstraints, type CrfConstraints, type CrfPotentials, crf } from './crf-potentials.ts';
import { logSumExp } from './log-space.ts';

describe('crf, beside pytorch-crf', () => {
  it.each(goldenCases('structured').filter(({ config }) => config.loss === 'crf'))(
    '$name: loss, gradient and best tags',
    (golden) => {
      const traced = traceCase(golden, { integers: ['tags'] });
      const { emissions, tags, lengths, transitions, start_transitions, end_transitions } = traced.values;
      const potentials: CrfPotentials = {
        emissions: emissions!,
        transitions: transitions!,
        start: start_transitions!,
        end: end_transitions!,
      };
      expectGolden(golden, traced, { loss: crfLoss(potentials, tags!, { lengths }) });
      const [best] = evaluate([crfDecode(potentials, { lengths }).tags], traced.given);
      const time = best!.shape[1]!;
      const rows = golden.config.best.map((row: number[]) => [
        ...row,
        ...new Array<number>(time - row.length).fill(-1),
      ]);
      expect([...best!.data]).toEqual(rows.flat());
    },
  );
});

const tags = 3;
const constraints: CrfConstraints = {
  transitions: [
    [true, true, false],
    [true, true, true],
    [true, false, true],
  ],
  start: [true, true, false],
};

function setUp({
  lengths,
  time = 4,
  rules = {} as CrfConstraints,
}: {
  lengths: number[];
  time?: number;
  rules?: CrfConstraints;
}) {
  const given: Given = new Map();
  const { model, parameters } = bound(crf({ tags, constraints: rules }), given, { jitter: 1 });
  const emissions = drawn(given, [lengths.length, time, tags], 5);
  const ends = known(given, [lengths.length], lengths);
  return {
    given,
    potentials: model(emissions),
    emissions,
    lengths: ends,
    parameters: [...parameters.values()],
  };
}

/** All sequences of tags of a length. */
const sequences = (length: number): number[][] =>
  length === 0 ? [[]] : sequences(length - 1).flatMap((row) => [0, 1, 2].map((tag) => [...row, tag]));

/** Scores of all sequences of batch entry b, written out. */
function enumerate({ potentials, given }: ReturnType<typeof setUp>, b: number, length: number) {
  const values = evaluate(Object.values(potentials) as Value[], given);
  const at = Object.fromEntries(Object.keys(potentials).map((name, i) => [name, values[i]!]));
  const time = at.emissions!.shape[1]!;
  return sequences(length).map((row) => {
    let score = at.start!.data[row[0]!]! + at.end!.data[row[length - 1]!]!;
    row.forEach((tag, t) => {
      score += at.emissions!.data[(b * time + t) * tags + tag]!;
      if (t > 0) score += at.transitions!.data[row[t - 1]! * tags + tag]!;
    });
    return { row, score };
  });
}

describe.each([
  ['free', {}],
  ['constrained', constraints],
])('crf, %s, beside all sequences written out', (_, rules) => {
  const lengths = [4, 1, 3];
  const given = setUp({ lengths, rules });
  const all = lengths.map((length, b) => enumerate(given, b, length));
  const totals = all.map((rows) => Math.log(rows.reduce((sum, { score }) => sum + Math.exp(score), 0)));

  it('has the right partition function', () => {
    const [found] = evaluate([crfLogPartition(given.potentials, given)], given.given);
    totals.forEach((total, b) => {
      expect(found!.data[b]).toBeCloseTo(total, 10);
    });
  });

  it('finds the best tags and their score', () => {
    const decoded = crfDecode(given.potentials, given);
    const [best, score] = evaluate([decoded.tags, decoded.score], given.given);
    all.forEach((rows, b) => {
      const top = rows.reduce((x, y) => (y.score > x.score ? y : x));
      expect(score!.data[b]).toBeCloseTo(top.score, 10);
      const expected = [...top.row, ...new Array<number>(4 - top.row.length).fill(-1)];
      expect([...best!.data.slice(4 * b, 4 * b + 4)]).toEqual(expected);
    });
  });

  it('knows how probable each tag is in each place', () => {
    const [found] = evaluate([crfMarginals(given.potentials, given)], given.given);
    const expected = new Float64Array(3 * 4 * tags);
    all.forEach((rows, b) => {
      for (const { row, score } of rows)
        row.forEach((tag, t) => {
          expected[(b * 4 + t) * tags + tag]! += Math.exp(score - totals[b]!);
        });
    });
    found!.data.forEach((p, i) => {
      expect(p).toBeCloseTo(expected[i]!, 10);
    });
  });

  it('scores given tags as their sequence', () => {
    const rows = all.map((list, b) => list[(7 * (b + 3)) % list.length]!);
    const filled = rows.flatMap(({ row }) => [...row, ...new Array<number>(4 - row.length).fill(-100)]);
    const given2 = new Map(given.given);
    const score = crfScore(given.potentials, known(given2, [3, 4], filled), given);
    const [found] = evaluate([score], given2);
    rows.forEach(({ score: expected }, b) => {
      expect(found!.data[b]).toBeCloseTo(expected, 8);
    });
  });
});

describe('crf of many tags, whose ways are summed by a matrix product', () => {
  const kinds = Array.from({ length: 9 }, (_, i) => [`B-${i}`, `I-${i}`]).flat();
  const rules = bioConstraints(['O', ...kinds]);
  const count = rules.start.length;

  /** The recursion written out, pair by pair. */
  const plainPartition = ({ emissions, transitions, start, end }: CrfPotentials, time: number): Value => {
    const row = (t: number) => reshape(slice(emissions, 1, t, t + 1), [2, count]);
    let alpha = add(start, row(0));
    for (let t = 1; t < time; t++) alpha = add(logSumExp(add(expandDims(alpha, 2), transitions), 1), row(t));
    return logSumExp(add(alpha, end), 1);
  };

  it.each([
    ['mild', 1, {}],
    ['mild, constrained', 1, rules],
    ['strong', 25, {}],
    ['strong, constrained', 25, rules],
  ])(
    'equals the sum over all pairs in value and gradient, of %s emissions',
    async (_, scale, constrained) => {
      const given: Given = new Map();
      const { model, parameters } = bound(crf({ tags: count, constraints: constrained }), given, {
        jitter: 1,
      });
      const emissions = drawn(given, [2, 5, count], 9);
      const stronger = given.get(emissions)!.data.map((x) => scale * x);
      given.set(emissions, tensor([2, 5, count], stronger));
      const potentials = model(emissions);
      const found = crfLogPartition(potentials);
      const targets = [emissions, ...parameters.values()];
      expect(disagreement(found, plainPartition(potentials, 5), targets, given)).toBeLessThan(1e-9);
      expect(await runtimeError([found, ...grad(sum(found), targets)], given)).toBeLessThan(1e-4);
      const half = crfLogPartition(potentials, { lengths: known(given, [2], [3, 5]) });
      const [shorter, whole] = evaluate([half, found], given);
      expect(shorter!.data[1]).toBe(whole!.data[1]);
      expect(shorter!.data[0]).not.toBe(whole!.data[0]);
    },
  );
});

describe('crf', () => {
  it('has the gradient that central differences give, and runs in ONNX Runtime as in the reference', async () => {
    const { given, potentials, emissions, lengths, parameters } = setUp({ lengths: [4, 2, 0] });
    const labels = known(given, [3, 4], [0, 2, 1, 1, 2, 2, -1, -1, -1, -1, -1, -1]);
    const loss = crfLoss(potentials, labels, { lengths });
    const targets = [emissions, ...parameters];
    expect(gradientError(loss, targets, given)).toBeLessThan(1e-7);
    const { tags: best, score } = crfDecode(potentials, { lengths });
    const marginals = crfMarginals(potentials, { lengths });
    const wanted = [loss, ...grad(loss, targets), best, score, marginals];
    expect(await runtimeError(wanted, given)).toBeLessThan(1e-4);
  });

  it('does not see the padding, and counts an empty sequence as nothing', () => {
    const given: Given = new Map();
    const { model } = bound(crf({ tags }), given, { jitter: 1 });
    const emissions = input('emissions', ['batch', 'time', tags]);
    const labels = input('labels', ['batch', 'time'], 'int32');
    const lengths = input('lengths', ['batch'], 'int32');
    const loss = crfLoss(model(emissions), labels, { lengths });
    const [de] = grad(loss, [emissions]) as [Value];
    const run = (time: number, filler: number) => {
      const data = new Float64Array(time * tags).fill(filler);
      data.set([0.3, -1, 0.5, 2, 1, -0.7]);
      const row = new Float64Array(time).fill(filler);
      row.set([2, 0]);
      const now: Given = new Map([
        ...given,
        [emissions, tensor([1, time, tags], data)],
        [labels, tensor([1, time], row)],
        [lengths, tensor([1], [2])],
      ]);
      const [value, gradient] = evaluate([loss, de], now);
      return [value!.data[0], ...gradient!.data.slice(0, 6)];
    };
    expect(run(5, 77)).toEqual(run(2, 0));
    const { given: some, potentials, lengths: ends } = setUp({ lengths: [0] });
    expect(evaluate([crfLogPartition(potentials, { lengths: ends })], some)[0]!.data[0]).toBe(0);
  });

  it('never decodes what the constraints forbid, whatever the emissions say', () => {
    const rules = bioConstraints(['O', 'B-gene', 'I-gene', 'B-exon', 'I-exon']);
    const given: Given = new Map();
    const { model } = bound(crf({ tags: 5, constraints: rules }), given);
    const emissions = drawn(given, [6, 8, 5], 3);
    given.set(
      emissions,
      tensor(
        [6, 8, 5],
        given.get(emissions)!.data.map((x) => 40 * x),
      ),
    );
    const [best] = evaluate([crfDecode(model(emissions)).tags], given);
    for (let b = 0; b < 6; b++)
      for (let t = 0; t < 8; t++) {
        const tag = best!.data[b * 8 + t]!;
        const fits = t === 0 ? rules.start[tag]! : rules.transitions[best!.data[b * 8 + t - 1]!]![tag]!;
        expect(fits).toBe(true);
      }
    expect(rules.transitions[1]).toEqual([true, true, true, true, false]);
  });

  it('refuses constraints that nothing satisfies, or of the wrong size', () => {
    const never = {
      transitions: [
        [true, false],
        [false, true],
      ],
      start: [true, false],
      end: [false, true],
    };
    expect(() => crf({ tags: 2, constraints: never })).toThrow(/allow no sequence at all/);
    expect(() => crf({ tags: 3, constraints: { start: [true] } })).toThrow(
      /constraints on 3 tags, received 1/,
    );
    expect(() => bioConstraints(['O', 'X'])).toThrow(/expected labels O, B-… and I-…, received "X"/);
  });
});
