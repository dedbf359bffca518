import type { Compiled } from '../compiled.ts';
import { beginForward, type LogSum, logSumValue, multiply } from '../forward-block.ts';
import type { Hmm } from '../model.ts';
import { wordReader, wordSpan, wordTables } from './tables.ts';
import { wordSteps } from './word-steps.ts';

/** The forward row of the first position, scaled; null where it is impossible. */
export function firstRow<O>(model: Hmm<O>, c: Compiled, tokens: O, sum: LogSum): Float64Array | null {
  const row = new Float64Array(c.states);
  const emit = new Float64Array(c.groups);
  beginForward(c, row);
  model.emissions.fill(tokens, 0, 1, emit);
  let total = 0;
  for (let s = 0; s < row.length; s++) total += row[s] = c.start[s]! * emit[c.group[s]!]!;
  if (!(total > 0)) return null;
  multiply(sum, total);
  return row.map((x) => x / total);
}

/**
 * ln P(observations) by steps over whole words (`wordTables`); null where words do not pay or do not apply, and where a sequence looks impossible,
 * which the recursion over single positions is to decide.
 */
export function forwardWords<O>(model: Hmm<O>, c: Compiled, observations: O): number | null {
  const length = model.emissions.length(observations);
  const span = wordSpan(model, c, length);
  if (span < 2) return null;
  const tables = wordTables(model, c, span, 'sum');
  const steps = wordSteps(tables, 'sum');
  const sum: LogSum = { log: 0, product: 1 };
  const first = firstRow(model, c, observations, sum);
  if (!steps || !first) return null;
  const { most, stride, rows, totals } = steps;
  const reader = wordReader(observations as ArrayLike<number>, tables, most);
  const { states: n } = c;
  let row = first;
  for (let t = 1; t < length; ) {
    const { count, next } = reader.read(t);
    rows.set(row);
    steps.run(reader.words, count);
    for (let i = 0; i < count; i++) {
      const total = totals[i]!;
      if (!(total > 0)) return null;
      multiply(sum, total);
    }
    const scale = 1 / totals[count - 1]!;
    row = rows.slice(count * stride, count * stride + n).map((x) => x * scale);
    t = next;
  }
  const end = row.reduce((total, x, s) => total + x * c.end[s]!, 0);
  return end > 0 ? logSumValue(sum) + Math.log(end) : null;
}
