// @ts-check
/** The peers' side of the conversation: one JSON object a line on stdin and stdout. See ../README.md. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** @typedef {(steps: number) => unknown} Work runs that many steps to their end; may be asynchronous */

/**
 * The data file's tensors by name.
 * @param {{ name: string, shape: number[], dtype: 'float32' | 'int32' }[]} tensors
 * @param {string} path
 * @returns {Map<string, { shape: number[], data: Float32Array | Int32Array }>}
 */
export function load(tensors, path) {
  const { buffer, byteOffset } = new Uint8Array(readFileSync(path));
  let start = byteOffset;
  return new Map(
    tensors.map(({ name, shape, dtype }) => {
      const length = shape.reduce((a, b) => a * b, 1);
      const data =
        dtype === 'int32' ? new Int32Array(buffer, start, length) : new Float32Array(buffer, start, length);
      start += 4 * length;
      return [name, { shape, data }];
    }),
  );
}

/** @param {Work} work */
export async function seconds(work, steps) {
  const start = process.hrtime.bigint();
  await work(steps);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Billions of operations a second of a `size` × `size` matrix product, the best of five short timings. */
export async function peak(size, multiply) {
  await multiply();
  let best = Number.POSITIVE_INFINITY;
  for (let k = 0; k < 5; k++) best = Math.min(best, await seconds(multiply, 1));
  return (2 * size ** 3) / best / 1e9;
}

/**
 * The quickest of some variants: each is warmed up, then the best of three short timings counts. One whose first
 * step takes thrice the best so far is not tried further.
 * @param {Map<string, Work>} variants
 */
export async function fastest(variants, probe = 0.15) {
  let [name] = variants.keys();
  let least = Number.POSITIVE_INFINITY;
  for (const [key, work] of variants.size > 1 ? variants : []) {
    await work(1);
    const once = await seconds(work, 1);
    if (once > 3 * least) continue;
    const steps = Math.max(1, Math.min(20, Math.floor(probe / once)));
    for (let k = 0; k < 3; k++) {
      const time = (await seconds(work, steps)) / steps;
      if (time < least) [least, name] = [time, key];
    }
  }
  return name;
}

/**
 * Answer commands until stdin closes.
 * @param {object} hello name, versions, threads
 * @param {(message: any) => Promise<{ reply: object, work: Work }>} prepare
 * @param {(size: number) => Promise<number>} matmul
 */
export async function serve(hello, prepare, matmul) {
  // Whatever a library prints must not get between the lines of the protocol.
  const write = process.stdout.write.bind(process.stdout);
  console.log = console.info = console.error;
  const say = (message) => write(`${JSON.stringify(message)}\n`);
  say({ ready: true, ...hello });
  /** @type {Work} */
  let work = () => {
    throw new Error('run came before prepare');
  };
  const commands = {
    prepare: async (message) => {
      const prepared = await prepare(message);
      work = prepared.work;
      return prepared.reply;
    },
    run: async ({ steps }) => ({ seconds: await seconds(work, steps) }),
    matmul: async ({ size }) => ({ gflops: await matmul(size) }),
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    try {
      say(await commands[message.cmd](message));
    } catch (error) {
      say({ error: String(error?.message ?? error).slice(0, 500) });
    }
  }
}
