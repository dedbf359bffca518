import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { input, matmul } from '../../graph/library.ts';
import { compile } from '../../runtime/compile.ts';
import { bound, drawn, type Given, known, lossOf, runtimeError } from '../check.fixture.ts';
import { alibiSlopes } from './alibi.ts';
import { checkPositionTable, learnedPositions } from './learned.ts';
import { largestPosition } from './phases.ts';
import { rotary } from './rotary.ts';
import { sinusoidalPositions } from './sinusoidal.ts';

// The last base of human chromosome 1, and what lies around the edges of float32 and int32.
const coordinates = [0, 1, 127, 128, 16_777_217, 248_956_421, largestPosition - 64, largestPosition];

describe('sinusoidal positions', () => {
  const size = 8;
  const expected = coordinates.flatMap((p) =>
    Array.from({ length: size }, (_, i) => {
      const angle = p * 10_000 ** (-(i - (i % 2)) / size);
      return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }),
  );

  it('are sines and cosines of p · base^(−2i / size), as published', () => {
    const given: Given = new Map();
    const places = known(given, [coordinates.length], coordinates);
    const [found] = evaluate([sinusoidalPositions(places, { size })], given);
    found!.data.forEach((x, i) => {
      expect(x).toBeCloseTo(expected[i]!, 6);
    });
  });

  it('keep their precision in float32 at any genome coordinate', async () => {
    const places = input('places', ['n'], 'int32');
    const program = await compile({
      inputs: { places },
      outputs: { y: sinusoidalPositions(places, { size }) },
    });
    const { y } = await program.run({
      places: { dtype: 'int32', shape: [coordinates.length], data: Int32Array.from(coordinates) },
    });
    await program.release();
    const worst = Math.max(...expected.map((x, i) => Math.abs(x - Number(y!.data[i]))));
    expect(worst).toBeLessThan(2e-6);
  });

  it('refuse an odd size and positions that are no whole numbers', () => {
    expect(() => sinusoidalPositions(input('p', [3], 'int32'), { size: 5 })).toThrow(
      /even size .*received 5/,
    );
    expect(() => sinusoidalPositions(input('p', [3]), { size: 4 })).toThrow(
      /expected int32 positions, received float32/,
    );
  });
});

describe('rotary positions', () => {
  const products = (first: number) => {
    const given: Given = new Map();
    const [q, k] = [drawn(given, [1, 2, 3, 4], 1), drawn(given, [1, 2, 3, 4], 2)];
    const places = known(given, [3], [first, first + 5, first + 7]);
    return evaluate([matmul(rotary(q, places), rotary(k, places), { transB: true })], given)[0]!.data;
  };

  it('leave products of queries and keys to depend on distances alone', () => {
    const reference = products(0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 16 }), (first) => {
        products(first).forEach((x, i) => {
          expect(x).toBeCloseTo(reference[i]!, 5);
        });
      }),
      { numRuns: 15 },
    );
  });

  it('have the gradient that central differences give, and the values of the reference in ONNX Runtime', async () => {
    const given: Given = new Map();
    const x = drawn(given, [2, 2, 3, 4], 1);
    const places = known(given, [2, 3], [0, 1, 2, 900_000, 900_001, 900_002]);
    const y = rotary(x, places);
    expect(gradientError(lossOf(y), [x], given)).toBeLessThan(1e-8);
    expect(await runtimeError([y], given)).toBeLessThan(1e-5);
  });
});

describe('ALiBi', () => {
  it('has the published slopes for any number of heads', () => {
    expect(alibiSlopes(8)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((i) => 2 ** -i));
    expect(alibiSlopes(1)).toEqual([2 ** -8]);
    // The authors' own example of a number that is no power of two.
    expect(alibiSlopes(6)).toEqual([2 ** -2, 2 ** -4, 2 ** -6, 2 ** -8, 2 ** -1, 2 ** -3]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (heads) => {
        const slopes = alibiSlopes(heads);
        expect(slopes).toHaveLength(heads);
        expect(new Set(slopes).size).toBe(heads);
      }),
    );
  });
});

describe('learned positions', () => {
  it('are rows of a table, by place or by given positions', () => {
    const given: Given = new Map();
    const { model, parameters } = bound(learnedPositions({ rows: 5, size: 2 }), given);
    const table = given.get(parameters.get('weight')!)!.data;
    const [first, chosen] = evaluate([model(3), model(known(given, [2], [4, 0]))], given);
    expect([...first!.data]).toEqual([...table.slice(0, 6)]);
    expect([...chosen!.data]).toEqual([...table.slice(8, 10), ...table.slice(0, 2)]);
  });

  it('say that a sequence does not fit the table, and what to do', () => {
    const { model } = bound(learnedPositions({ rows: 5, size: 2 }), new Map());
    expect(() => model(6)).toThrow(/6 places does not fit a table of 5\. Cut the sequences, retrain/);
    expect(() => checkPositionTable(5, 5)).not.toThrow();
  });
});
