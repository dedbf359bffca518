import type { Value } from './value.ts';

/** All elements of a value lie from `low` to `high`, both included. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

const found = new WeakMap<Value, Bounds | null>();
/** Constants of more numbers than this are not looked through, and chains of ops longer than `farthest` not followed. */
const mostNumbers = 64;
const farthest = 16;

/**
 * What the elements of a value are known to lie between before anything runs, from constants, counters and sizes; undefined where an input
 * decides. Masks of sequences that all have one known length become constants by it.
 * @example boundsOf(add(iota(10), 1)) // { low: 1, high: 10 }
 */
export function boundsOf(v: Value, depth = 0): Bounds | undefined {
  const known = found.get(v);
  if (known !== undefined) return known ?? undefined;
  if (depth > farthest) return undefined;
  const bounds = derived(v, (of) => boundsOf(of, depth + 1));
  found.set(v, bounds ?? null);
  return bounds;
}

/** The one number that all elements are, if there is one. */
export function uniformOf(v: Value): number | undefined {
  const bounds = boundsOf(v);
  return bounds && bounds.low === bounds.high ? bounds.low : undefined;
}

type Of = (v: Value) => Bounds | undefined;

function derived({ node, index }: Value, of: Of): Bounds | undefined {
  if (index > 0) return undefined;
  const [a, b] = node.inputs as [Value, Value];
  switch (node.op) {
    case 'constant':
      return ofNumbers(node.attrs.data);
    case 'iota':
      return typeof node.attrs.size === 'number' && node.attrs.size > 0
        ? { low: 0, high: node.attrs.size - 1 }
        : undefined;
    case 'broadcastTo':
    case 'reshape':
    case 'transpose':
    case 'slice':
    case 'stopGradient':
      return of(a);
    case 'floor':
      return rising(of(a), Math.floor);
    case 'cast':
      return castBounds(of(a), node.attrs.to);
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'maximum':
    case 'minimum':
    case 'less':
      return ofPair(node.op, of(a), of(b));
    default:
      return undefined;
  }
}

function ofNumbers(data: ArrayLike<number>): Bounds | undefined {
  if (data.length === 0 || data.length > mostNumbers) return undefined;
  const numbers = Array.from(data, Number);
  return numbers.some(Number.isNaN) ? undefined : { low: Math.min(...numbers), high: Math.max(...numbers) };
}

const rising = (x: Bounds | undefined, f: (n: number) => number): Bounds | undefined =>
  x && { low: f(x.low), high: f(x.high) };

function castBounds(x: Bounds | undefined, to: string): Bounds | undefined {
  if (to === 'float32') return x;
  if (to === 'int32') return rising(x, Math.trunc);
  if (!x) return undefined;
  const never = x.low > 0 || x.high < 0;
  return { low: never ? 1 : 0, high: x.low === 0 && x.high === 0 ? 0 : 1 };
}

function ofPair(op: string, x: Bounds | undefined, y: Bounds | undefined): Bounds | undefined {
  if (!x || !y) return undefined;
  switch (op) {
    case 'add':
      return { low: x.low + y.low, high: x.high + y.high };
    case 'sub':
      return { low: x.low - y.high, high: x.high - y.low };
    case 'mul': {
      const ends = [x.low * y.low, x.low * y.high, x.high * y.low, x.high * y.high];
      return { low: Math.min(...ends), high: Math.max(...ends) };
    }
    case 'div': {
      if (y.low <= 0 || y.low !== y.high) return undefined;
      return { low: x.low / y.low, high: x.high / y.low };
    }
    case 'maximum':
      return { low: Math.max(x.low, y.low), high: Math.max(x.high, y.high) };
    case 'minimum':
      return { low: Math.min(x.low, y.low), high: Math.min(x.high, y.high) };
    default:
      return { low: x.high < y.low ? 1 : 0, high: x.low >= y.high ? 0 : 1 };
  }
}
