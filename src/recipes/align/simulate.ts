import type { RandomStream } from '../../core/random.ts';

/** Two sequences of letters 0 to 3, and what became of what. */
export interface AlignedPair {
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** For each letter of b the place in a that it comes from; −1 for an inserted one. */
  readonly partners: readonly number[];
}

/** How sequences come apart. */
export interface Divergence {
  /** Letters of a: this many, give or take six. */
  readonly length: number;
  /** Share of letters that something happens to: three in four are substituted, else one to three are deleted or inserted there. */
  readonly divergence: number;
}

/** Shares of what happens. */
export const events = { deletion: 0.12, insertion: 0.12, substitution: 0.76 } as const;

/** A random sequence and what it becomes; the alignment is known. */
export function divergedPair(random: RandomStream, { length, divergence: d }: Divergence): AlignedPair {
  const n = length - 6 + random.below(13);
  const a = Int32Array.from({ length: n }, () => random.below(4));
  const b: number[] = [];
  const partners: number[] = [];
  const write = (letter: number, from: number) => {
    b.push(letter);
    partners.push(from);
  };
  for (let i = 0; i < n; i++) {
    const drawn = random.uniform();
    if (drawn < d * events.deletion) {
      i += random.below(3);
      continue;
    }
    if (drawn < d * (events.deletion + events.insertion))
      for (let more = 1 + random.below(3); more > 0; more--) write(random.below(4), -1);
    write(random.uniform() < d * events.substitution ? (a[i]! + 1 + random.below(3)) % 4 : a[i]!, i);
  }
  // Nothing at all would be no sequence.
  if (b.length === 0) write(a[0]!, 0);
  return { a, b: Int32Array.from(b), partners };
}
