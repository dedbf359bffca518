import { int, type LowerContext } from '../op.ts';

/** A change of the distribution that tokens are drawn from; what each means is said in `decode/sampling.ts`. */
export interface DrawRule {
  readonly kind: 'temperature' | 'topK' | 'nucleus' | 'typical' | 'minP';
  readonly value: number;
}

/** How a rule changes log-probabilities: as nodes over rows of doubles, and, slow and obvious, over one row. */
interface Rule {
  lower(n: Rows, logs: string, value: number): string;
  evaluate(logs: Float64Array, value: number): Float64Array;
}

/** Short names for the nodes that rules are made of; a value is double [rows, vocabulary] unless said otherwise. */
export function rowNodes(c: LowerContext<unknown>, vocabulary: number) {
  const axis = c.constant('int64', [1], [1]);
  const axis0 = c.constant('int64', [], [1]);
  const op = (type: string, ...inputs: string[]): string => c.emit(type, inputs)[0];
  const number = (x: number) => c.constant('float64', [1], [x]);
  const reduced = (type: string, x: string) => c.emit(type, [x, axis], { keepdims: int(1) })[0];
  const only = (keep: string, x: string) => op('Where', keep, x, number(Number.NEGATIVE_INFINITY));
  /** 1 + 2 + … along a row; `exclusive` leaves out the place itself. */
  const sums = (x: string, exclusive = false) =>
    c.emit('CumSum', [x, axis0], { exclusive: int(Number(exclusive)) })[0];
  return {
    ...{ vocabulary, axis, op, number, only, sums },
    double: (name: string) => c.emit('Cast', [name], { to: int(11) })[0],
    places: () =>
      c.constant(
        'int64',
        [vocabulary],
        Array.from({ length: vocabulary }, (_, i) => i),
      ),
    except: (tokens: readonly number[]) =>
      c.constant(
        'bool',
        [vocabulary],
        Array.from({ length: vocabulary }, (_, i) => Number(!tokens.includes(i))),
      ),
    columns: (x: string, places: readonly number[]) =>
      c.emit('Gather', [x, c.constant('int64', [places.length], places)], { axis: int(1) })[0],
    sum: (x: string) => reduced('ReduceSum', x),
    largest: (x: string) => reduced('ReduceMax', x),
    /** As `summary` of decode/sampling.ts: [rows, 1] but for the weights. */
    summary(logs: string) {
      const largest = reduced('ReduceMax', logs);
      const weights = op('Exp', op('Sub', logs, largest));
      const last = c.constant('int64', [1], [vocabulary - 1]);
      return { largest, weights, total: c.emit('Gather', [sums(weights), last], { axis: int(1) })[0] };
    },
    /** The first place where a condition holds, int64 [rows, 1]. */
    first: (condition: string) =>
      c.emit('ArgMax', [c.emit('Cast', [condition], { to: int(6) })[0]], { axis: int(1) })[0],
    /** The last place of a run of such from the first on. */
    lastOfRun(condition: string) {
      const count = c.emit('ReduceSum', [c.emit('Cast', [condition], { to: int(7) })[0], axis], {
        keepdims: int(1),
      })[0];
      return op('Sub', count, axis);
    },
    at: (x: string, places: string) => c.emit('GatherElements', [x, places], { axis: int(1) })[0],
    /** The k largest (or smallest) of a row in their order, equals by their places; and these places. */
    sorted(x: string, k: number, largest = true) {
      const attributes = { axis: int(1), largest: int(Number(largest)) };
      const [values, places] = c.emit('TopK', [x, c.constant('int64', [1], [k])], attributes, { outputs: 2 });
      return { values, places: places! };
    },
  };
}
export type Rows = ReturnType<typeof rowNodes>;

/** 1, 1 + 2, 1 + 2 + 3 … */
export function runningSums(x: Float64Array): Float64Array {
  let sum = 0;
  return x.map((v) => {
    sum += v;
    return sum;
  });
}

/** Places in the order of a key, equals by their places. */
const order = (key: Float64Array) => Array.from(key, (_, i) => i).sort((i, j) => key[i]! - key[j]! || i - j);

const weightsOf = (logs: Float64Array) => {
  const largest = Math.max(...logs);
  return logs.map((x) => Math.exp(x - largest));
};
const total = (x: Float64Array) => x.reduce((a, b) => a + b, 0);

/** How many of the places, in their order, it takes until their weights add up to `mass`. */
function needed(places: readonly number[], weights: Float64Array, mass: number): number {
  let [count, sum] = [0, 0];
  while (count < places.length && (count === 0 || sum < mass)) sum += weights[places[count++]!]!;
  return count;
}

const keeping = (logs: Float64Array, isKept: (i: number) => boolean) =>
  logs.map((x, i) => (isKept(i) ? x : Number.NEGATIVE_INFINITY));

/** Every rule in both forms. */
export const rules: Readonly<Record<DrawRule['kind'], Rule>> = {
  temperature: {
    lower: (n, logs, t) => n.op('Div', logs, n.number(t)),
    evaluate: (logs, t) => logs.map((x) => x / t),
  },
  topK: {
    lower(n, logs, k) {
      if (k >= n.vocabulary) return logs;
      const { values } = n.sorted(logs, k);
      return n.only(n.op('GreaterOrEqual', logs, n.columns(values, [k - 1])), logs);
    },
    evaluate(logs, k) {
      const kth = logs.toSorted().at(-Math.min(k, logs.length))!;
      return keeping(logs, (i) => logs[i]! >= kth);
    },
  },
  nucleus: {
    lower(n, logs, p) {
      if (p === 1) return logs;
      const { weights, total } = n.summary(logs);
      const { values, places } = n.sorted(logs, n.vocabulary);
      const before = n.sums(n.at(weights, places), true);
      const last = n.lastOfRun(n.op('Less', before, n.op('Mul', total, n.number(p))));
      const [edge, place] = [n.at(values, last), n.at(places, last)];
      // Of equals at the edge, the first.
      const atEdge = n.op('And', n.op('Equal', logs, edge), n.op('LessOrEqual', n.places(), place));
      return n.only(n.op('Or', n.op('Greater', logs, edge), atEdge), logs);
    },
    evaluate(logs, p) {
      const weights = weightsOf(logs);
      const places = order(logs.map((x) => -x));
      const kept = new Set(places.slice(0, needed(places, weights, p * total(weights))));
      return keeping(logs, (i) => kept.has(i));
    },
  },
  typical: {
    lower(n, logs, mass) {
      if (mass === 1) return logs;
      const { largest, weights, total } = n.summary(logs);
      const information = n.op('Sub', n.op('Add', largest, n.op('Log', total)), logs);
      const shares = n.op('Mul', n.op('Div', weights, total), information);
      const entropy = n.sum(n.op('Where', n.op('Greater', weights, n.number(0)), shares, n.number(0)));
      const distance = n.op('Abs', n.op('Sub', information, entropy));
      const { values, places } = n.sorted(distance, n.vocabulary, false);
      const before = n.sums(n.at(weights, places), true);
      const last = n.lastOfRun(n.op('Less', before, n.op('Mul', total, n.number(mass))));
      return n.only(n.op('LessOrEqual', distance, n.at(values, last)), logs);
    },
    evaluate(logs, mass) {
      const weights = weightsOf(logs);
      const shift = Math.max(...logs) + Math.log(total(weights));
      const information = logs.map((x) => shift - x);
      const shares = weights.map((w, i) => (w > 0 ? (w / total(weights)) * information[i]! : 0));
      const distance = information.map((x) => Math.abs(x - total(shares)));
      const places = order(distance);
      const edge = distance[places[needed(places, weights, mass * total(weights)) - 1]!]!;
      return keeping(logs, (i) => distance[i]! <= edge);
    },
  },
  minP: {
    lower: (n, logs, p) =>
      n.only(n.op('GreaterOrEqual', logs, n.op('Add', n.largest(logs), n.number(Math.log(p)))), logs),
    evaluate: (logs, p) => keeping(logs, (i) => logs[i]! >= Math.max(...logs) + Math.log(p)),
  },
};
