import { dataError } from '../../core/errors.ts';

/**
 * Free energies at 37 °C in kcal/mol of two neighbouring pairs, written 5′ XY 3′ over 3′ X′Y′ 5′ as `XYX′Y′`. Watson–Crick: Xia et al. 1998;
 * with G·U: Mathews et al. 1999. The other strand's reading of a stack is the same stack.
 */
const half: Readonly<Record<string, number>> = {
  AAUU: -0.93,
  AUUA: -1.1,
  UAAU: -1.33,
  CUGA: -2.08,
  CAGU: -2.11,
  GUCA: -2.24,
  GACU: -2.35,
  CGGC: -2.36,
  GGCC: -3.26,
  GCCG: -3.42,
  AGUU: -0.55,
  AUUG: -1.36,
  CGGU: -1.41,
  CUGG: -2.11,
  GGCU: -1.53,
  GUCG: -2.51,
  GAUU: -1.27,
  GGUU: -0.5,
  GUUG: 1.29,
  UAGU: -1.0,
  UGGU: 0.3,
};

const letters = 'ACGU';
/** Place of XYX′Y′ in the table: letters are 0 to 3. */
const placeOf = (stack: ArrayLike<number>) => ((stack[0]! * 4 + stack[1]!) * 4 + stack[2]!) * 4 + stack[3]!;

/** The energy of every stack by its place, NaN for what does not pair. */
const stacks = new Float64Array(256).fill(Number.NaN);
for (const [stack, energy] of Object.entries(half)) {
  const codes = Array.from(stack, (letter) => letters.indexOf(letter));
  stacks[placeOf(codes)] = energy;
  stacks[placeOf(codes.reverse())] = energy;
}

/** Bringing two strands together, and each end of the helix that is not G–C (Xia et al. 1998). */
const initiation = 4.09;
const weakEnd = 0.45;

/** The 3′ end of the 16S ribosomal RNA of E. coli, 5′ → 3′, with which a Shine–Dalgarno sequence pairs (Shine and Dalgarno 1974). */
export const ribosomalTail = 'GAUCACCUCCUUA';

/** The strongest helix of two strands. */
export interface Duplex {
  /** Free energy at 37 °C, kcal/mol: 0 where no helix is better than none. */
  readonly energy: number;
  /** Where it begins in the first strand, and how many pairs it has; 0 pairs where there is none. */
  readonly start: number;
  readonly pairs: number;
}

/**
 * The helix without bulges that two RNA strands, both 5′ → 3′, form with the lowest free energy by nearest neighbours: initiation, stacks,
 * and a penalty for ends that are A–U or G·U. T is read as U.
 *
 * Throws a data error for letters other than A, C, G, T, U.
 * @example strongestDuplex('AGGAGG', 'CCUCCU').energy // 4.09 − 2.08 − 3.26 − 2.35 − 2.08 − 3.26 + 0.45 = −8.49
 */
export function strongestDuplex(strand: string, other: string): Duplex {
  const a = codesOf(strand);
  const b = codesOf(other).reverse();
  let best: Duplex = { energy: 0, start: 0, pairs: 0 };
  for (let shift = 1 - b.length; shift < a.length; shift++) {
    const from = Math.max(0, shift);
    const to = Math.min(a.length, b.length + shift);
    for (let start = from; start < to - 1; start++) {
      let energy = initiation + endOf(a[start]!, b[start - shift]!);
      for (let i = start; i + 1 < to; i++) {
        const place = ((a[i]! * 4 + a[i + 1]!) * 4 + b[i - shift]!) * 4 + b[i + 1 - shift]!;
        const stack = stacks[place]!;
        if (Number.isNaN(stack)) break;
        energy += stack;
        const closed = energy + endOf(a[i + 1]!, b[i + 1 - shift]!);
        if (closed < best.energy) best = { energy: closed, start, pairs: i + 2 - start };
      }
    }
  }
  return best;
}

/** C and G are 1 and 2: their pair alone is no weak end. */
const endOf = (x: number, y: number) => (x + y === 3 && x !== 0 && y !== 0 ? 0 : weakEnd);

function codesOf(strand: string): Uint8Array {
  const rna = strand.toUpperCase().replaceAll('T', 'U');
  const odd = /[^ACGU]/.exec(rna);
  if (odd)
    throw dataError(
      `duplex energy: "${strand[odd.index]}" at position ${odd.index + 1} has no pairing; expected A, C, G, T or U.`,
    );
  return Uint8Array.from(rna, (letter) => letters.indexOf(letter));
}
