import { usageError } from '../../core/errors.ts';
import { int, type Op } from '../op.ts';
import { tensor } from '../tensor.ts';
import { typeText } from '../value.ts';
import { type DrawRule, type Rows, rowNodes, rules as ruleTable, runningSums } from './draw-rules.ts';

export interface DrawAttrs {
  /** Applied in turn. */
  readonly rules: readonly DrawRule[];
  /** Tokens that are never drawn; the others share what they had. */
  readonly excluded: readonly number[];
}

/** What is left over where tokens that are left out had everything: the least number above 0, so that its logarithm is finite. */
const least = Number.MIN_VALUE;

/**
 * drawToken(logs[rows, vocabulary], high[rows], low[rows]) → token int32 [rows], its log-probability once `excluded` is left out, and that under
 * the rules too: the first token up to which the weights add up to more than uniform · total. The uniform number of a row is
 * (high · 2²⁶ + low) / 2⁵³, of two int32 parts. All of it in double precision, so that a loop in the graph draws what a loop outside does.
 */
export const drawToken: Op<DrawAttrs> = {
  infer(inputs) {
    const [logs, high, low] = inputs;
    const [rows, vocabulary] = logs!.shape;
    const isWords = [high!, low!].every((v) => v.dtype === 'int32' && v.shape.join() === `${rows}`);
    if (logs!.shape.length !== 2 || typeof vocabulary !== 'number' || !isWords)
      throw usageError(
        `expected logs[rows, vocabulary] and two int32 words [rows], received ${inputs.map(typeText).join(', ')}.`,
      );
    const shape = [rows!];
    return [
      { dtype: 'int32', shape },
      { dtype: 'float32', shape },
      { dtype: 'float32', shape },
    ];
  },
  gradient: null,
  lower(c) {
    const n = rowNodes(c, c.node.inputs[0]!.shape[1] as number);
    const { rules, excluded } = c.attrs;
    const own = without(n, n.double(c.inputs[0]!), excluded);
    const logs = rules.reduce((shaped, { kind, value }) => ruleTable[kind].lower(n, shaped, value), own);
    const { largest, weights, total } = n.summary(logs);
    const high = n.op('Mul', n.double(c.inputs[1]!), n.number(2 ** 26));
    const words = n.op('Add', high, n.double(c.inputs[2]!));
    const uniform = n.op('Div', n.op('Unsqueeze', words, n.axis), n.number(2 ** 53));
    const at = n.first(n.op('Less', n.op('Mul', uniform, total), n.sums(weights)));
    const drawn = n.op('Sub', n.op('Sub', n.at(logs, at), largest), n.op('Log', total));
    const row = (name: string, to: number) =>
      c.emit('Cast', [n.op('Squeeze', name, n.axis)], { to: int(to) })[0];
    return [row(at, 6), row(n.at(own, at), 1), row(drawn, 1)];
  },
  evaluate([logs, high, low], { attrs: { rules, excluded } }) {
    const [rows, vocabulary] = logs!.shape as [number, number];
    const found = [0, 1, 2].map(() => new Float64Array(rows));
    for (let row = 0; row < rows; row++) {
      const all = logs!.data.slice(row * vocabulary, (row + 1) * vocabulary);
      const left = excluded.reduce((share, token) => share - Math.exp(all[token]!), 1);
      const own: Float64Array = all.map((x, i) =>
        excluded.includes(i) ? -Infinity : x - Math.log(Math.max(left, least)),
      );
      const shaped = rules.reduce<Float64Array>(
        (x, { kind, value }) => ruleTable[kind].evaluate(x, value),
        own,
      );
      const largest = Math.max(...shaped);
      const sums = runningSums(shaped.map((x) => Math.exp(x - largest)));
      const total = sums.at(-1)!;
      const uniform = (high!.data[row]! * 2 ** 26 + low!.data[row]!) / 2 ** 53;
      const token = Math.max(
        0,
        sums.findIndex((sum) => uniform * total < sum),
      );
      [token, own[token]!, shaped[token]! - largest - Math.log(total)].forEach((x, i) => {
        found[i]![row] = x;
      });
    }
    return found.map((data) => tensor([rows], data));
  },
  stack: null,
  examples: (
    [
      [],
      [{ kind: 'temperature', value: 0.7 }],
      [{ kind: 'topK', value: 3 }],
      [
        { kind: 'temperature', value: 1.3 },
        { kind: 'nucleus', value: 0.8 },
      ],
      [{ kind: 'typical', value: 0.6 }],
      [{ kind: 'minP', value: 0.2 }],
    ] as DrawRule[][]
  ).map((rules, i) => ({
    inputs: [[5, 9], { shape: [5], below: 2 ** 27 }, { shape: [5], below: 2 ** 26 }],
    attrs: { rules, excluded: i % 2 === 0 ? [] : [2, 8] },
  })),
};

/** Log-probabilities given that some tokens do not come. */
function without(n: Rows, logs: string, excluded: readonly number[]): string {
  if (excluded.length === 0) return logs;
  const gone = n.sum(n.op('Exp', n.columns(logs, excluded)));
  const left = n.op('Max', n.op('Sub', n.number(1), gone), n.number(least));
  return n.only(n.except(excluded), n.op('Sub', logs, n.op('Log', left)));
}
