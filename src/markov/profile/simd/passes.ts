import { B, C, N, type ProfilePass } from '../forward.ts';
import { type LengthModel, lengthModel, type SearchProfile } from '../search-profile.ts';
import { backwardKernel } from './backward.ts';
import { forwardKernel, places, recordSize } from './forward.ts';
import { type Kernel, striped, vectors } from './memory.ts';

/** Forward and Backward of a local profile in float32, 4 nodes at a time. Null where memory does not suffice. */
export interface FastPasses {
  /** The score alone, with several domains. */
  score(codes: Uint8Array): number | null;
  forward(codes: Uint8Array, lengths: LengthModel, options?: { rows?: boolean }): ProfilePass | null;
  backward(
    codes: Uint8Array,
    lengths: LengthModel,
    forward: ProfilePass,
    options?: { rows?: boolean },
  ): ProfilePass | null;
}

const first = 64;
/** More memory than this is not asked for. */
const most = 2 ** 29;

/** One kernel's tables, put into its memory when it is another profile's turn. */
interface Tables {
  readonly kernel: (bytes: number) => Kernel | null;
  readonly steps: readonly Float32Array[];
  readonly skips: Float32Array;
  readonly odds: readonly Float32Array[];
  readonly owner: object;
}

/** The passes of a profile; null where there is no SIMD. */
export function fastPasses(p: SearchProfile): FastPasses | null {
  let length = 0;
  const stripe = (of: (node: number) => number) => {
    const out: number[] = [];
    length = striped(p.nodes, 4, (index, node) => {
      out[index] = node > 0 ? of(node) : 0;
    });
    return Float32Array.from(out);
  };
  const at = (of: Float64Array) => stripe((k) => of[k]!);
  const into = (of: Float64Array) => stripe((k) => of[k - 1]!);
  const shared = { skips: at(p.dd), odds: p.odds.map(at) };
  const ahead: Tables = {
    ...shared,
    kernel: forwardKernel,
    steps: [at(p.begin), into(p.mm), into(p.im), into(p.dm), at(p.md), at(p.mi), at(p.ii)],
    owner: {},
  };
  const back: Tables = {
    ...shared,
    kernel: backwardKernel,
    steps: [p.begin, p.dm, p.dd, p.mm, p.mi, p.md, p.im, p.ii].map(at).concat(stripe(() => 1)),
    owner: {},
  };
  if (!forwardKernel(1) || !backwardKernel(1)) return null;
  const shape = { nodes: p.nodes, vectors: length };
  return {
    score(codes) {
      const run = runPass(ahead, shape, codes, lengthModel(codes.length), false);
      return run && lastScore(run, codes.length, lengthModel(codes.length).move);
    },
    forward(codes, lengths, { rows = false } = {}) {
      const run = runPass(ahead, shape, codes, lengths, rows);
      if (!run) return null;
      const { specials, scales } = readRecords(run, codes.length);
      specials.fill(0, 0, 5);
      specials[N] = 1;
      specials[B] = lengths.move;
      scales[0] = 1;
      const score = lastScore(run, codes.length, lengths.move);
      const kept = rows && { rows: unstriped(run, shape, codes.length) };
      return { score, length: codes.length, specials, scales, ...kept };
    },
    backward(codes, lengths, { scales }, { rows = false } = {}) {
      const run = runPass(back, shape, codes, lengths, rows, scales);
      if (!run) return null;
      const { specials } = readRecords(run, codes.length);
      let score = Math.log(specials[N]!);
      for (let i = 1; i < scales.length; i++) if (scales[i] !== 1) score += Math.log(scales[i]!);
      const kept = rows && { rows: unstriped(run, shape, codes.length) };
      return { score, length: codes.length, specials, scales, ...kept };
    },
  };
}

/** Where records and rows lie after a run. */
interface Run {
  readonly floats: Float32Array;
  readonly records: number;
  readonly rows: number;
}

function runPass(
  tables: Tables,
  { vectors: length }: { vectors: number },
  codes: Uint8Array,
  { loop, move, again, end }: LengthModel,
  keep: boolean,
  scales?: Float64Array,
): Run | null {
  const width = 16 * length;
  const count = codes.length;
  const layout = {
    steps: first,
    skips: first + tables.steps.length * width,
    odds: first + (tables.steps.length + 1) * width,
    letters: first + (tables.steps.length + 1 + tables.odds.length) * width,
  };
  const scalesAt = vectors(layout.letters + count + 1);
  const records = vectors(scalesAt + 4 * (count + 2));
  const rows = records + recordSize * (count + 1);
  const bytes = rows + 3 * width * (keep ? count + 2 : 1);
  const kernel = bytes <= most ? tables.kernel(bytes) : null;
  if (!kernel) return null;
  const floats = new Float32Array(kernel.memory);
  const numbers = new Int32Array(kernel.memory);
  if (kernel.owner !== tables.owner) {
    kernel.owner = tables.owner;
    writeTables(floats, tables, layout, length);
  }
  const parameters = { ...layout, width, scales: scalesAt, records, rows, stride: keep ? 3 * width : 0 };
  for (const [name, value] of Object.entries(parameters))
    numbers[places[name as keyof typeof places] / 4] = value;
  for (const [name, value] of Object.entries({ loop, move, again, end }))
    floats[places[name as keyof typeof places] / 4] = value;
  const letters = new Uint8Array(kernel.memory);
  letters.set(codes, layout.letters);
  letters[layout.letters + count] = 0;
  if (scales) {
    for (let i = 0; i <= count; i++) floats[scalesAt / 4 + i] = 1 / scales[i]!;
    floats[scalesAt / 4 + count + 1] = 1;
  }
  kernel.run(count);
  return { floats, records, rows };
}

function writeTables(
  floats: Float32Array,
  { steps, skips, odds }: Tables,
  at: { steps: number; skips: number; odds: number },
  length: number,
): void {
  for (let q = 0; q < length; q++)
    for (const [t, table] of steps.entries())
      floats.set(table.subarray(4 * q, 4 * q + 4), at.steps / 4 + 4 * (q * steps.length + t));
  floats.set(skips, at.skips / 4);
  for (const [code, table] of odds.entries()) floats.set(table, at.odds / 4 + 4 * code * length);
}

function lastScore({ floats, records }: Run, length: number, move: number): number {
  const size = recordSize / 4;
  let score = Math.log(floats[records / 4 + length * size + C]! * move);
  for (let i = 1; i <= length; i++) {
    const scale = floats[records / 4 + i * size + 5]!;
    if (scale !== 1) score += Math.log(scale);
  }
  return score;
}

function readRecords(
  { floats, records }: Run,
  length: number,
): { specials: Float64Array; scales: Float64Array } {
  const specials = new Float64Array(5 * (length + 1));
  const scales = new Float64Array(length + 1);
  for (let i = 0; i <= length; i++) {
    const at = (records + i * recordSize) / 4;
    for (let s = 0; s < 5; s++) specials[5 * i + s] = floats[at + s]!;
    scales[i] = floats[at + 5]!;
  }
  return { specials, scales };
}

/** Rows in the order of nodes, as `ProfilePass` has them. */
function unstriped(
  { floats, rows }: Run,
  { nodes, vectors: length }: { nodes: number; vectors: number },
  count: number,
) {
  const width = nodes + 1;
  const out = new Float32Array((count + 1) * 3 * width);
  for (let i = 1; i <= count; i++) {
    const row = rows / 4 + i * 12 * length;
    for (let z = 0, k = 1; z < 4 && k <= nodes; z++)
      for (let q = 0; q < length && k <= nodes; q++, k++) {
        const from = row + 12 * q + z;
        const to = i * 3 * width + k;
        out[to] = floats[from]!;
        out[to + width] = floats[from + 4]!;
        out[to + 2 * width] = floats[from + 8]!;
      }
  }
  return out;
}
