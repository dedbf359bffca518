import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { padBatch, padTracks, planBatches } from './batch.ts';
import { thrown } from './pieces.fixture.ts';

const lengthsOf = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 20_000 })), { maxLength: 300 })
  .map((lengths) => Int32Array.from(lengths));
const options = fc.record({
  batchSize: fc.integer({ min: 1, max: 40 }),
  maxTokens: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  seed: fc.nat(),
  epoch: fc.nat(100),
  shuffle: fc.boolean(),
});
const defined = <T extends object>(o: T) =>
  Object.fromEntries(Object.entries(o).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

describe('planning batches', () => {
  it('puts every record into exactly one batch and keeps both limits', () => {
    fc.assert(
      fc.property(lengthsOf, options, (lengths, options) => {
        const batches = planBatches(lengths, defined(options));
        const seen = batches.flatMap((batch) => [...batch]).sort((a, b) => a - b);
        expect(seen).toEqual([...lengths.keys()]);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(options.batchSize);
          const longest = Math.max(...batch.map((i) => lengths[i]!));
          if (batch.length > 1) {
            expect(batch.length * longest).toBeLessThanOrEqual(options.maxTokens ?? Infinity);
          }
        }
      }),
    );
  });

  it('never pads a batch beyond twice its letters and 1,024 positions, so cost is linear in the letters', () => {
    fc.assert(
      fc.property(lengthsOf, options, (lengths, options) => {
        for (const batch of planBatches(lengths, defined(options))) {
          const own = Array.from(batch, (i) => lengths[i]!);
          const letters = own.reduce((a, b) => a + b, 0);
          expect(batch.length * Math.max(...own)).toBeLessThanOrEqual(2 * letters + 1024);
        }
      }),
    );
  });

  it('depends on seed and epoch alone', () => {
    const lengths = Int32Array.from({ length: 500 }, (_, i) => 20 + ((i * 37) % 90));
    const plan = (seed: number, epoch: number) =>
      planBatches(lengths, { batchSize: 16, seed, epoch }).map((batch) => [...batch]);
    expect(plan(1, 3)).toEqual(plan(1, 3));
    expect(plan(1, 3)).not.toEqual(plan(1, 4));
    expect(plan(1, 3)).not.toEqual(plan(2, 3));
  });

  it('leaves 50-letter records their size beside one of a million', () => {
    const lengths = new Int32Array(320).fill(50);
    lengths[100] = 1_000_000;
    const batches = planBatches(lengths, { batchSize: 32, seed: 5 });
    const padded = batches.map((batch) => batch.length * Math.max(...batch.map((i) => lengths[i]!)));
    expect(padded.reduce((a, b) => a + b, 0)).toBe(1_000_000 + 319 * 50);
  });

  it('pads little: under 10 % for lengths that vary fourfold', () => {
    const lengths = Int32Array.from({ length: 5000 }, (_, i) => 50 + ((i * 7919) % 151));
    const batches = planBatches(lengths, { batchSize: 32 });
    const padded = batches.reduce((sum, b) => sum + b.length * Math.max(...b.map((i) => lengths[i]!)), 0);
    expect(padded / lengths.reduce((a, b) => a + b, 0)).toBeLessThan(1.1);
  });

  it('sorts by length when not shuffled', () => {
    const plan = planBatches(Int32Array.of(9, 2, 9, 2), { batchSize: 2, shuffle: false });
    expect(plan.map((batch) => [...batch])).toEqual([
      [1, 3],
      [0, 2],
    ]);
  });

  it('refuses impossible sizes', async () => {
    const lengths = Int32Array.of(1);
    expect((await thrown(() => planBatches(lengths, { batchSize: 0 }))).message).toBe(
      'A batch holds one or more records, not 0.',
    );
    expect((await thrown(() => planBatches(lengths, { batchSize: 1, maxTokens: 0 }))).message).toBe(
      'A batch holds one or more positions, not 0.',
    );
  });
});

describe('padding', () => {
  it('keeps every token in its row and fills the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(8), { maxLength: 9 }), { minLength: 1, maxLength: 6 }), (rows) => {
        const encoded = rows.map((row) => Int32Array.from(row));
        const order = [...rows.keys()].reverse();
        const { tokens, lengths, batch, time } = padBatch(encoded, order, 9);
        expect([batch, time]).toEqual([rows.length, Math.max(...rows.map((row) => row.length))]);
        order.forEach((i, b) => {
          const row = [...tokens.subarray(b * time, (b + 1) * time)];
          expect(row).toEqual([...rows[i]!, ...new Array(time - rows[i]!.length).fill(9)]);
          expect(lengths[b]).toBe(rows[i]!.length);
        });
      }),
    );
  });

  it('lays tracks out as batch × time × channel with zeros after the end', () => {
    const tracks = [
      [Float32Array.of(1, 2), Float32Array.of(3, 4)],
      [Float32Array.of(5), Float32Array.of(6)],
    ];
    expect([...padTracks(tracks, [1, 0], 2)]).toEqual([5, 6, 0, 0, 1, 3, 2, 4]);
  });
});
