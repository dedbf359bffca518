import { usageError } from '../core/errors.ts';

/**
 * One dimension of a shape: a number, or an expression over named sizes that are known only when a program
 * runs, such as `batch`, `2*time` or `floor((time-3)/2)+1`. Expressions are kept in one canonical spelling, so that two
 * dimensions are equal exactly when their strings are.
 */
export type Dim = number | string;
export type Shape = readonly Dim[];

/** A factor of a term: a named size, or a floor division of another dimension by a whole number. */
export type DimAtom = { kind: 'name'; name: string } | { kind: 'floorDiv'; of: Dim; by: number };
export type DimTerm = { coefficient: number; atoms: DimAtom[] };

/** A polynomial: canonical product of atoms → coefficient; the empty product is the constant. */
type Polynomial = Map<string, { coefficient: number; atoms: string[] }>;

const parsed = new Map<string, Polynomial>();
const divisions = new Map<string, { of: Dim; by: number }>();
const identifier = /^[A-Za-z_]\w*$/;

function polynomial(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map(dim === 0 ? [] : [['', { coefficient: dim, atoms: [] }]]);
  const known = parsed.get(dim);
  if (known) return known;
  if (!identifier.test(dim))
    throw usageError(
      `"${dim}" is not a dimension: expected a whole number or a name such as "batch" or "time".`,
    );
  return new Map([[dim, { coefficient: 1, atoms: [dim] }]]);
}

function canonical(terms: Polynomial): Dim {
  const nonzero = [...terms].filter(([, t]) => t.coefficient !== 0).sort(([a], [b]) => order(a, b));
  if (nonzero.length === 0) return 0;
  if (nonzero.length === 1 && nonzero[0]![0] === '') return nonzero[0]![1].coefficient;
  const text = nonzero.map(([key, { coefficient }], i) => spell(key, coefficient, i === 0)).join('');
  if (!parsed.has(text)) parsed.set(text, new Map(nonzero));
  return text;
}

// Constants go last, as a reader expects: `time+3`.
const order = (a: string, b: string) => (a === '' ? 1 : b === '' ? -1 : a < b ? -1 : a > b ? 1 : 0);

function spell(key: string, coefficient: number, first: boolean): string {
  const sign = coefficient < 0 ? '-' : first ? '' : '+';
  const size = Math.abs(coefficient);
  return sign + (key === '' ? `${size}` : size === 1 ? key : `${size}*${key}`);
}

export function dimAdd(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum: Polynomial = new Map(polynomial(a));
  for (const [key, term] of polynomial(b))
    sum.set(key, { atoms: term.atoms, coefficient: term.coefficient + (sum.get(key)?.coefficient ?? 0) });
  return canonical(sum);
}

export const dimSub = (a: Dim, b: Dim): Dim => dimAdd(a, dimMul(b, -1));

export function dimMul(a: Dim, b: Dim): Dim {
  // Adding 0 turns −0 into 0.
  if (typeof a === 'number' && typeof b === 'number') return a * b + 0;
  const product: Polynomial = new Map();
  for (const p of polynomial(a).values())
    for (const q of polynomial(b).values()) {
      const atoms = [...p.atoms, ...q.atoms].sort();
      const key = atoms.join('*');
      const coefficient = p.coefficient * q.coefficient + (product.get(key)?.coefficient ?? 0);
      product.set(key, { atoms, coefficient });
    }
  return canonical(product);
}

/** ⌊a / by⌋ for a positive whole number `by`. */
export function dimFloorDiv(a: Dim, by: number): Dim {
  if (typeof a === 'number') return Math.floor(a / by);
  if (by === 1) return a;
  const terms = [...polynomial(a).values()];
  if (terms.every((t) => t.coefficient % by === 0)) {
    return canonical(
      new Map([...polynomial(a)].map(([k, t]) => [k, { ...t, coefficient: t.coefficient / by }])),
    );
  }
  const atom = `floor((${a})/${by})`;
  divisions.set(atom, { of: a, by });
  parsed.set(atom, new Map([[atom, { coefficient: 1, atoms: [atom] }]]));
  return atom;
}

export const dimProduct = (dims: Shape): Dim => dims.reduce<Dim>(dimMul, 1);

/** The terms of a dimension, for code that must compute it at run time. */
export function dimTerms(dim: Dim): DimTerm[] {
  return [...polynomial(dim).values()].map(({ coefficient, atoms }) => ({
    coefficient,
    atoms: atoms.map((atom): DimAtom => {
      const division = divisions.get(atom);
      return division ? { kind: 'floorDiv', ...division } : { kind: 'name', name: atom };
    }),
  }));
}

/** The names that a dimension depends on. */
export function dimNames(dim: Dim): string[] {
  return dimTerms(dim).flatMap((t) =>
    t.atoms.flatMap((a) => (a.kind === 'name' ? [a.name] : dimNames(a.of))),
  );
}

/** The number that a dimension stands for when the named sizes are known. */
export function dimValue(dim: Dim, sizes: ReadonlyMap<string, number>): number {
  if (typeof dim === 'number') return dim;
  let total = 0;
  for (const { coefficient, atoms } of dimTerms(dim)) {
    let product = coefficient;
    for (const atom of atoms) {
      if (atom.kind === 'floorDiv') product *= Math.floor(dimValue(atom.of, sizes) / atom.by);
      else if (sizes.has(atom.name)) product *= sizes.get(atom.name)!;
      else
        throw usageError(
          `the size of dimension "${atom.name}" is not known: no input of the program has it.`,
        );
    }
    total += product;
  }
  return total;
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

export const shapeText = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The shape of an elementwise result under NumPy's broadcasting rule, or `undefined` where the shapes do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[i - rank + a.length] ?? 1;
    const q = b[i - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return undefined;
    result.push(p === 1 ? q : p);
  }
  return result;
}
