import { describe, expect, it } from 'vitest';
import { add, input, mul } from '../graph/library.ts';
import { compile } from './compile.ts';
import { programPool } from './program-pool.ts';

/** w ← w + x; y = factor · w. */
function counting(initial: number, factor = 2) {
  const [x, w] = [input('x', []), input('w', [])];
  const next = add(w, x);
  return {
    inputs: { x },
    outputs: { y: mul(next, factor) },
    state: { w: { value: w, next, initial: Float32Array.of(initial) } },
  };
}

const y = async (program: Awaited<ReturnType<typeof compile>>, x: number) =>
  (await program.run({ x })).y!.data[0];

describe('a pool of programs', () => {
  it('gives a released program again, with the state that was asked for and nothing of the former one', async () => {
    const pool = programPool();
    const first = await compile(counting(1), { pool });
    expect([await y(first, 1), await y(first, 1)]).toEqual([4, 6]);
    await first.release();
    const second = await compile(counting(10), { pool });
    expect([await y(second, 1), await y(second, 1)]).toEqual([22, 24]);
    await second.release();
    await pool.release();
  });

  it('opens a model once however often it is used in turn, and another model or one in use anew', async () => {
    const pool = programPool();
    let opened = 0;
    const open = async () => {
      opened++;
      return fake();
    };
    const model = (byte: number) => ({ model: Uint8Array.of(byte), inputs: [], outputs: [], state: {} });
    const a = await pool.take(model(1), {}, open);
    const beside = await pool.take(model(1), {}, open);
    expect(opened).toBe(2);
    await a.release();
    await beside.release();
    await pool.take(model(1), {}, open);
    expect(opened).toBe(2);
    await pool.take(model(2), {}, open);
    expect(opened).toBe(3);
  });

  it('frees what waits too long, what waits at its end and what comes back after', async () => {
    const released: number[] = [];
    const pool = programPool(1);
    const take = (n: number) =>
      pool.take({ model: Uint8Array.of(n), inputs: [], outputs: [], state: {} }, {}, async () =>
        fake(() => released.push(n)),
      );
    const [one, two, three] = [await take(1), await take(2), await take(3)];
    await one.release();
    expect(released).toEqual([]);
    await two.release();
    expect(released).toEqual([1]);
    await pool.release();
    expect(released).toEqual([1, 2]);
    await three.release();
    expect(released).toEqual([1, 2, 3]);
  });
});

const fake = (release = () => {}) => ({
  run: async () => ({}),
  state: async () => ({}),
  undo: async () => {},
  load: async () => {},
  release: async () => void release(),
});
