import { dataError } from '../../core/errors.ts';
import type { NgramCounts } from './counts.ts';
import { nodesOf } from './smoothing.ts';

/**
 * What followed a context, by the spelling of the token, and the contexts that are one token longer, by the spelling of the token
 * before it. The empty spelling is the end of a sequence in `next` and the beginning of one in `before`.
 */
export interface NgramTree {
  readonly next: Readonly<Record<string, number>>;
  readonly before?: Readonly<Record<string, NgramTree>>;
}

/**
 * Counts as trees of contexts, one for each phase, read backwards in time: `trees[0].before.A.before.C.next.G` is how often G
 * followed CA. `names` spells the tokens, each in its own way; the end of sequences spells nothing.
 */
export function ngramTrees(counts: NgramCounts, names: readonly string[]): NgramTree[] {
  const { children, grams, period, vocabulary, end } = counts;
  const count = counts.count();
  const spell = (token: number) => (token === end || token === vocabulary ? '' : names[token]!);
  const made = Array.from({ length: nodesOf(counts) }, () => ({
    next: Object.create(null) as Record<string, number>,
    before: undefined as Record<string, NgramTree> | undefined,
  }));
  for (let g = 0; g < grams.size; g++) made[grams.first[g]!]!.next[spell(grams.second[g]!)] = count[g]!;
  for (let n = 0; n < children.size; n++) {
    const parent = made[children.first[n]!]!;
    parent.before ??= Object.create(null) as Record<string, NgramTree>;
    parent.before[spell(children.second[n]!)] = made[period + n] as NgramTree;
  }
  return made.slice(0, period) as NgramTree[];
}

/**
 * Adds trees as `ngramTrees` gave them to empty counts of the same shape. Throws a data error that begins with `file` for tokens that
 * `names` does not have, counts that are none, contexts longer than the order, and counts that a shorter context lacks.
 */
export function addTrees(
  counts: NgramCounts,
  trees: readonly unknown[],
  names: readonly string[],
  file: string,
): void {
  const { children, grams, order, period, vocabulary, end, begin } = counts;
  const numbers = new Map(names.map((name, token) => [name, token]));
  if (trees.length !== period)
    throw dataError(
      `${file} has ${trees.length} trees of counts; expected one for each of ${period} phases.`,
    );
  const tokenOf = (name: string, where: string, boundary: number | null): number => {
    const token = name === '' ? (boundary ?? undefined) : numbers.get(name);
    if (token !== undefined) return token;
    throw dataError(`${where} holds ${JSON.stringify(name)}, which is no token of the model.`);
  };
  const add = (value: unknown, node: number, parent: number, depth: number, context: string) => {
    const where = `${file}: counts after ${JSON.stringify(context)}`;
    const { next, before } = checkedTree(value, where);
    for (const [name, times] of Object.entries(next)) {
      const token = tokenOf(name, where, end);
      if (!(Number.isSafeInteger(times) && times > 0))
        throw dataError(
          `${where}: ${JSON.stringify(name)} was seen ${times} times; expected a whole number from 1.`,
        );
      const above = parent < 0 ? -1 : grams.find(parent, token);
      if (parent >= 0 && !(above >= 0 && counts.count()[above]! >= times))
        throw dataError(
          `${where}: ${JSON.stringify(name)} was seen more often than after the shorter context.`,
        );
      counts.addGram(node, token, times);
    }
    for (const [name, longer] of Object.entries(before ?? {})) {
      if (depth === order)
        throw dataError(`${where} go on to a longer context; expected at most order ${order}.`);
      const child = children.insert(node, tokenOf(name, where, begin ? vocabulary : null));
      add(longer, period + child, node, depth + 1, `${name}${context}`);
    }
  };
  trees.forEach((tree, phase) => {
    add(tree, phase, -1, 0, '');
  });
}

function checkedTree(
  value: unknown,
  where: string,
): { next: Record<string, number>; before?: Record<string, unknown> } {
  const isRecord = (x: unknown): x is Record<string, unknown> =>
    typeof x === 'object' && x !== null && !Array.isArray(x);
  if (!isRecord(value) || !isRecord(value.next) || !(value.before === undefined || isRecord(value.before)))
    throw dataError(`${where}: expected { "next": { token: count }, "before": { token: … } }.`);
  return value as ReturnType<typeof checkedTree>;
}
