import type { TokenPair } from '../../models/translator/forced.ts';

/** Word by word: what each source token becomes; nothing for one that is usually left out. */
export interface Dictionary {
  /** The most probable target token by source token; absent where it is left out or was never seen. */
  readonly entries: ReadonlyMap<number, number>;
  translate(source: ArrayLike<number>): number[];
}

/** More pairs make no better dictionary, only a slower one. */
const mostPairs = 20_000;

/**
 * A dictionary learned from pairs by the expectation–maximisation of IBM model 1 (Brown et al. 1993), with an empty source token: every target
 * token comes from one source token, which one is unknown. A source token from which fewer than half a token comes on average is left out.
 * @example dictionary([{ source: [0, 1], target: [5, 7] }, { source: [0], target: [5] }]).translate([1, 0]) // [7, 5]
 */
export function dictionary(
  given: readonly { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> }[],
  { rounds = 8 }: { rounds?: number } = {},
): Dictionary {
  const pairs = given.slice(0, mostPairs);
  let table: Translations | undefined;
  for (let round = 0; round < rounds; round++) table = maximised(expected(pairs, table));
  const counts = expected(pairs, table);
  const seen = new Map<number, number>();
  for (const { source } of pairs)
    for (let i = 0; i < source.length; i++) seen.set(source[i]!, (seen.get(source[i]!) ?? 0) + 1);
  const entries = new Map<number, number>();
  for (const [token, count] of seen) {
    const row = counts.get(token) ?? new Map<number, number>();
    const total = [...row.values()].reduce((a, b) => a + b, 0);
    if (total < count / 2) continue;
    entries.set(token, [...row].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0]);
  }
  return {
    entries,
    translate: (source) => Array.from(source).flatMap((token) => entries.get(token) ?? []),
  };
}

/** P(target token | source token), or expected counts of the two together. */
type Translations = Map<number, Map<number, number>>;

/** The source token of what comes from nowhere. */
const nowhere = -1;

/** How often each target token comes from each source token, given the table; evenly from all at first. */
function expected(
  pairs: readonly { readonly source: ArrayLike<number>; readonly target: ArrayLike<number> }[],
  table: Translations | undefined,
): Translations {
  const counts: Translations = new Map();
  for (const { source, target } of pairs) {
    const origins = [nowhere, ...Array.from(source)];
    for (let j = 0; j < target.length; j++) {
      const written = target[j]!;
      const shares = origins.map((origin) => table?.get(origin)?.get(written) ?? (table ? 0 : 1));
      const total = shares.reduce((a, b) => a + b, 0);
      origins.forEach((origin, i) => {
        const row = counts.get(origin) ?? new Map<number, number>();
        counts.set(origin, row);
        row.set(written, (row.get(written) ?? 0) + shares[i]! / total);
      });
    }
  }
  return counts;
}

function maximised(counts: Translations): Translations {
  const least = 1e-9;
  return new Map(
    [...counts].map(([origin, row]) => {
      const total = [...row.values()].reduce((a, b) => a + b, 0);
      return [origin, new Map([...row].map(([token, count]) => [token, Math.max(count / total, least)]))];
    }),
  );
}

/** The truth of pairs without its end, as a dictionary is learned from it. */
export const withoutEnds = (pairs: readonly TokenPair[]) =>
  pairs.map(({ source, target }) => ({ source, target: target.subarray(0, target.length - 1) }));
