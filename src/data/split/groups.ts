import { dataError, usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { checkShares, type Shares, type Split, splitsByFold } from './random.ts';

/** Numbers the distinct names from 0 in the order of their first record. */
export function groupNumbers(names: readonly string[]): Int32Array {
  const seen = new Map<string, number>();
  return Int32Array.from(names, (name) => {
    if (!seen.has(name)) seen.set(name, seen.size);
    return seen.get(name)!;
  });
}

/**
 * Splits records so that each group lies on one side whole. Groups are shuffled, taken largest first, and each goes
 * where it brings sizes and class proportions closest to the asked shares.
 * Throws a data error where there are fewer groups than sides.
 * @example groupSplit(Int32Array.of(0, 0, 1, 1, 2), { test: 0.4 }).test // both records of one group, as [2, 3]
 */
export function groupSplit(
  groups: Int32Array,
  { test = 0.2, validation = 0, seed = 42, strata }: Shares & { strata?: Int32Array | undefined } = {},
): Split {
  checkShares(groups.length, test, validation);
  const shares = [1 - test - validation, test, validation];
  const side = assignGroups(groups, { shares, seed, strata });
  const pick = (s: number) => Int32Array.from(groups, (_, i) => i).filter((i) => side[i] === s);
  const split: Split = { train: pick(0), test: pick(1) };
  return validation > 0 ? { ...split, validation: pick(2) } : split;
}

/** `folds` splits whose tests together hold every record once, no group in two folds. */
export function groupKFold(
  groups: Int32Array,
  { folds = 10, seed = 42, strata }: { folds?: number; seed?: number; strata?: Int32Array | undefined } = {},
): Split[] {
  if (!Number.isInteger(folds) || folds < 2) throw usageError(`There are 2 or more folds, not ${folds}.`);
  const fold = assignGroups(groups, { shares: new Array<number>(folds).fill(1 / folds), seed, strata });
  return splitsByFold(fold, folds);
}

/** The part (0 … shares.length − 1) each record goes to; every part with a share gets at least one group. */
function assignGroups(
  groups: Int32Array,
  {
    shares,
    seed,
    strata = new Int32Array(groups.length),
  }: { shares: number[]; seed: number; strata?: Int32Array | undefined },
): Int32Array {
  const members = membersOf(groups);
  const parts = shares.map((_, part) => part).filter((part) => shares[part]! > 0);
  if (members.length < parts.length) {
    throw dataError(
      `The records form ${members.length} ${members.length === 1 ? 'group' : 'groups'}, which cannot be split into ` +
        `${parts.length} parts. Use finer groups, or a random split.`,
    );
  }
  const balance = balancer(strata, shares);
  const order = randomStream(seed, 'split', 'groups').shuffle(members);
  order.sort((a, b) => b.length - a.length);
  const assigned = new Int32Array(groups.length);
  const empty = new Set(parts);
  order.forEach((group, g) => {
    const mustFill = order.length - g <= empty.size;
    const candidates = mustFill ? [...empty] : parts;
    const part = candidates.reduce((best, next) =>
      balance.cost(group, next) < balance.cost(group, best) ? next : best,
    );
    balance.add(group, part);
    empty.delete(part);
    for (const i of group) assigned[i] = part;
  });
  return assigned;
}

function membersOf(groups: Int32Array): number[][] {
  const lists = new Map<number, number[]>();
  groups.forEach((group, i) => {
    const list = lists.get(group);
    if (list) list.push(i);
    else lists.set(group, [i]);
  });
  return [...lists.values()];
}

/**
 * How far parts are from their share of each stratum: Σ (count − target)² / target over strata and parts, plus
 * the same for sizes. `cost` is the change that adding a group to a part would bring.
 */
function balancer(strata: Int32Array, shares: number[]) {
  const totals = countBy(strata);
  const held = shares.map(() => new Map<number, number>());
  const sizes = shares.map(() => 0);
  const change = (now: number, more: number, target: number) => (more * (2 * (now - target) + more)) / target;
  return {
    cost(group: number[], part: number): number {
      let cost = change(sizes[part]!, group.length, shares[part]! * strata.length);
      for (const [stratum, more] of countBy(group.map((i) => strata[i]!))) {
        cost += change(held[part]!.get(stratum) ?? 0, more, shares[part]! * totals.get(stratum)!);
      }
      return cost;
    },
    add(group: number[], part: number) {
      sizes[part]! += group.length;
      for (const i of group) held[part]!.set(strata[i]!, (held[part]!.get(strata[i]!) ?? 0) + 1);
    },
  };
}

function countBy(values: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < values.length; i++) counts.set(values[i]!, (counts.get(values[i]!) ?? 0) + 1);
  return counts;
}
