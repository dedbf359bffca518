import { usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';

/** Which records are for training, for validation (where asked for) and for the test; sorted, none in two. */
export interface Split {
  train: Int32Array;
  test: Int32Array;
  validation?: Int32Array;
}

/** Shares of the records held out for the test and, carved from the rest, for validation. */
export interface Shares {
  test?: number;
  validation?: number;
  seed?: number;
}

/**
 * Splits n records by chance. Every side gets at least one record. Throws a usage error for impossible shares.
 * @example randomSplit(10, { test: 0.2, seed: 1 }).test.length // 2
 */
export const randomSplit = (n: number, shares: Shares = {}): Split =>
  stratifiedSplit(new Int32Array(n), shares);

/**
 * Splits records by chance so that every stratum (class) has nearly the same share on every side: records are
 * shuffled within strata, and places on the sides are dealt evenly along that order.
 */
export function stratifiedSplit(
  strata: Int32Array,
  { test = 0.2, validation = 0, seed = 42 }: Shares = {},
): Split {
  checkShares(strata.length, test, validation);
  const order = shuffledWithinStrata(strata, seed);
  const n = order.length;
  const tests = atLeastOne(test, n);
  const validations = atLeastOne(validation, n);
  const side = spread(n, tests, validations);
  return splitBySides(order, side);
}

/**
 * `folds` splits whose tests together hold every record once; sizes differ by at most one, and so do the
 * counts of each stratum when `strata` is given.
 * @example kFold(10, { folds: 5 }).map(({ test }) => test.length) // [2, 2, 2, 2, 2]
 */
export function kFold(
  n: number,
  {
    folds = 10,
    seed = 42,
    strata = new Int32Array(n),
  }: { folds?: number; seed?: number; strata?: Int32Array } = {},
): Split[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > n) {
    throw usageError(`${n} records can be split into 2 to ${n} folds, not ${folds}.`);
  }
  const order = shuffledWithinStrata(strata, seed);
  const fold = new Int32Array(n);
  order.forEach((record, i) => {
    fold[record] = i % folds;
  });
  return splitsByFold(fold, folds);
}

/** n splits, each with one record as its test. */
export function leaveOneOut(n: number): Split[] {
  if (n < 2) throw usageError(`Leave-one-out needs at least 2 records, not ${n}.`);
  return splitsByFold(
    Int32Array.from({ length: n }, (_, i) => i),
    n,
  );
}

/** The splits that a fold number per record describes. */
export function splitsByFold(fold: Int32Array, folds: number): Split[] {
  const indices = Int32Array.from(fold, (_, i) => i);
  return Array.from({ length: folds }, (_, f) => ({
    train: indices.filter((i) => fold[i] !== f),
    test: indices.filter((i) => fold[i] === f),
  }));
}

/** Throws a usage error unless n records can give every side its share and at least one record. */
export function checkShares(n: number, test: number, validation: number) {
  const valid = (share: number) => share >= 0 && share < 1;
  if (!valid(test) || !valid(validation) || test + validation >= 1 || test + validation === 0) {
    throw usageError(
      `Shares of ${test} for the test and ${validation} for validation leave nothing to train on or hold nothing out; ` +
        'give fractions that add up to less than 1.',
    );
  }
  const sides = 1 + Number(test > 0) + Number(validation > 0);
  if (n < sides) throw usageError(`${n} records cannot be split into ${sides} parts.`);
}

const atLeastOne = (share: number, n: number) => (share === 0 ? 0 : Math.max(1, Math.round(share * n)));

/** Side of each of n places: 1 test, 2 validation, 0 training, each spread as evenly as its number allows. */
function spread(n: number, tests: number, validations: number): Uint8Array {
  const side = new Uint8Array(n);
  const held = Math.min(tests + validations, n - 1);
  const test = Math.max(Math.min(tests, held - Number(validations > 0)), Number(tests > 0));
  let heldSoFar = 0;
  for (let i = 0; i < n; i++) {
    if (Math.floor(((i + 1) * held) / n) === heldSoFar) continue;
    heldSoFar++;
    side[i] = Math.floor((heldSoFar * test) / held) > Math.floor(((heldSoFar - 1) * test) / held) ? 1 : 2;
  }
  return side;
}

function splitBySides(order: Int32Array, side: Uint8Array): Split {
  const pick = (s: number) => order.filter((_, i) => side[i] === s).sort();
  const split: Split = { train: pick(0), test: pick(1) };
  const validation = pick(2);
  return validation.length > 0 ? { ...split, validation } : split;
}

/** Records ordered by stratum, shuffled within each; strata in a seeded order so that remainders fall by chance. */
function shuffledWithinStrata(strata: Int32Array, seed: number): Int32Array {
  const stream = randomStream(seed, 'split');
  const members = new Map<number, number[]>();
  strata.forEach((stratum, i) => {
    const list = members.get(stratum);
    if (list) list.push(i);
    else members.set(stratum, [i]);
  });
  const groups = stream.shuffle([...members.values()]);
  return Int32Array.from(groups.flatMap((group) => stream.shuffle(group)));
}
