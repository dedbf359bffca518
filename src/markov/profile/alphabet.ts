import { dataError, usageError } from '../../core/errors.ts';

/**
 * The letters of a profile. Codes are the canonical letters in order, then the gap, the letters that stand for
 * several canonical ones, and those that stand for none.
 */
export interface ProfileAlphabet {
  /** As HMMER names it: `amino`, `DNA`, `RNA`; `custom` for letters of the user's own. */
  readonly name: string;
  /** The canonical letters: `ACGT`. */
  readonly letters: string;
  /** How many canonical letters there are. */
  readonly size: number;
  /** All symbols in the order of their codes: `ACGT-RYMKSWHBVDN*~`. */
  readonly symbols: string;
  /** The canonical letters that a code stands for; none for gap, stop and missing data. */
  readonly members: readonly (readonly number[])[];
  /** Frequencies of the canonical letters in sequences of no family. */
  readonly background: Float64Array;
  /** Code of every ASCII character, -1 where it is no symbol. */
  readonly codes: Int16Array;
}

interface Definition {
  name: string;
  letters: string;
  degenerate?: Readonly<Record<string, string>>;
  aliases?: Readonly<Record<string, string>>;
  background?: readonly number[];
}

function define({ name, letters, degenerate = {}, aliases = {}, background }: Definition): ProfileAlphabet {
  const none = [...'*~'].filter((c) => !letters.includes(c)).join('');
  const symbols = `${letters}-${Object.keys(degenerate).join('')}${none}`;
  const size = letters.length;
  const membersOf = (symbol: string) => [...(degenerate[symbol] ?? '')].map((c) => letters.indexOf(c));
  const members = [...symbols].map((symbol, code) => (code < size ? [code] : membersOf(symbol)));
  const foldCase = new Set(letters.toUpperCase()).size === size;
  const codes = new Int16Array(128).fill(-1);
  const assign = (symbol: string, code: number) => {
    codes[symbol.charCodeAt(0)] = code;
    if (!foldCase) return;
    codes[symbol.toLowerCase().charCodeAt(0)] = code;
    codes[symbol.toUpperCase().charCodeAt(0)] = code;
  };
  [...symbols].forEach(assign);
  for (const [alias, symbol] of Object.entries(aliases)) assign(alias, symbols.indexOf(symbol));
  for (const gap of '._') if (codes[gap.charCodeAt(0)] === -1) codes[gap.charCodeAt(0)] = size;
  const total = background?.reduce((sum, f) => sum + f, 0) ?? size;
  const frequencies = Float64Array.from({ length: size }, (_, i) => (background?.[i] ?? 1) / total);
  return { name, letters, size, symbols, members, background: frequencies, codes };
}

/** IUPAC-IUB codes (Cornish-Bowden 1985). */
const nucleotides = (t: 'T' | 'U') => ({
  R: 'AG',
  Y: `C${t}`,
  M: 'AC',
  K: `G${t}`,
  S: 'CG',
  W: `A${t}`,
  H: `AC${t}`,
  B: `CG${t}`,
  V: 'ACG',
  D: `AG${t}`,
  N: `ACG${t}`,
});

/** Letters of proteins; frequencies are those of Swiss-Prot 50.8, which HMMER's null model has. */
export const aminoProfile = define({
  name: 'amino',
  letters: 'ACDEFGHIKLMNPQRSTVWY',
  degenerate: { B: 'DN', J: 'IL', Z: 'EQ', O: 'K', U: 'C', X: 'ACDEFGHIKLMNPQRSTVWY' },
  background: [
    0.0787945, 0.01516, 0.0535222, 0.0668298, 0.0397062, 0.0695071, 0.0229198, 0.0590092, 0.0594422,
    0.0963728, 0.0237718, 0.0414386, 0.0482904, 0.0395639, 0.0540978, 0.0683364, 0.0540687, 0.0673417,
    0.0114135, 0.0304133,
  ],
});
export const dnaProfile = define({
  name: 'DNA',
  letters: 'ACGT',
  degenerate: nucleotides('T'),
  aliases: { U: 'T', X: 'N' },
});
export const rnaProfile = define({
  name: 'RNA',
  letters: 'ACGU',
  degenerate: nucleotides('U'),
  aliases: { T: 'U', X: 'N' },
});

/**
 * Letters of your own: events, secondary structure, steps of a time series. All are equally frequent in the
 * null model unless `background` says otherwise. Throws a usage error for letters that are not visible ASCII, that
 * come twice, or that alignments use for gaps (`-`, `.`, `_`).
 * @example customProfileAlphabet('HEC')
 */
export function customProfileAlphabet(letters: string, background?: readonly number[]): ProfileAlphabet {
  const wrong = [...letters].find((c, i) => !/^[!-,/-=?-^`-}]$/.test(c) || letters.indexOf(c) !== i);
  if (letters.length < 2 || wrong !== undefined)
    throw usageError(
      `An alphabet of "${letters}" cannot be: expected two or more different visible letters without gaps (- . _), ">" and "~".`,
    );
  if (background && (background.length !== letters.length || background.some((f) => !(f > 0))))
    throw usageError(`The background of "${letters}" needs ${letters.length} frequencies above zero.`);
  return define({ name: 'custom', letters, ...(background && { background }) });
}

const known = [aminoProfile, dnaProfile, rnaProfile];

/** The alphabet that HMMER calls `amino`, `DNA` or `RNA`; undefined for any other name. */
export const profileAlphabet = (name: string): ProfileAlphabet | undefined =>
  known.find((alphabet) => alphabet.name.toLowerCase() === name.toLowerCase());

/**
 * Tells proteins, DNA and RNA apart by their letters. Undefined where they could be neither, such as an
 * alignment of events.
 */
export function guessProfileAlphabet(rows: Iterable<string>): ProfileAlphabet | undefined {
  const seen = new Map<string, number>();
  let total = 0;
  for (const row of rows) {
    for (const letter of row.toUpperCase()) {
      if (!/[A-Z]/.test(letter)) continue;
      seen.set(letter, (seen.get(letter) ?? 0) + 1);
      total++;
    }
    if (total > 20000) break;
  }
  if (total === 0) return undefined;
  const share = (letters: string) => [...letters].reduce((sum, c) => sum + (seen.get(c) ?? 0), 0) / total;
  if (share('ACGTUN') > 0.98) return share('U') > share('T') ? rnaProfile : dnaProfile;
  const distinct = [...'DEFHIKLMPQRSVWY'].filter((c) => seen.has(c)).length;
  return distinct >= 5 ? aminoProfile : undefined;
}

/**
 * Codes of a sequence without gaps. Throws a data error that names `name` and the position of a letter that is
 * none, or of a gap.
 */
export function encodeSequence(
  sequence: string,
  { codes, name, letters, size }: ProfileAlphabet,
  of = 'sequence',
): Uint8Array {
  const out = new Uint8Array(sequence.length);
  for (let i = 0; i < sequence.length; i++) {
    const at = sequence.charCodeAt(i);
    const code = at < 128 ? codes[at]! : -1;
    if (code < 0 || code === size)
      throw dataError(
        `${of}: ${JSON.stringify(sequence[i])} at position ${i + 1}; expected a letter of the ${name} alphabet (${letters}${code === size ? ', without gaps' : ''}).`,
      );
    out[i] = code;
  }
  return out;
}

/** Codes of an aligned row, gaps included. Throws a data error as `encodeSequence` does. */
export function encodeRow(row: string, { codes, name, letters }: ProfileAlphabet, of = 'row'): Uint8Array {
  const out = new Uint8Array(row.length);
  for (let i = 0; i < row.length; i++) {
    const at = row.charCodeAt(i);
    const code = at < 128 ? codes[at]! : -1;
    if (code < 0)
      throw dataError(
        `${of}: ${JSON.stringify(row[i])} in column ${i + 1}; expected a letter of the ${name} alphabet (${letters}) or a gap (- or .).`,
      );
    out[i] = code;
  }
  return out;
}
