import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptor, allSequences, disagreements } from './constraint.fixture.ts';
import { spell } from './guide.ts';
import { matches } from './matches.ts';

const whole = (expression: RegExp) => new RegExp(`^(?:${expression.source})$`, expression.flags);

describe('matches, against JavaScript on every short sequence', () => {
  const expressions = [
    /ATG(?:[ACGT]{3})*T(AA|AG|GA)/,
    /(A|C)*G?T+/,
    /[^AC]{2,4}|A{3}/,
    /A{2,}(CG)?.?/,
    /.*GA.T.*/,
    /^A.*|C+$/,
    /(?:A|(?:CG){1,2}|)T/,
    /[A-C\x47]+?[\u0054]??/,
    /(A*)*C/,
    /\w\S\D/,
    /a[c-g]+/i,
  ];
  for (const expression of expressions)
    it(`${expression}`, () => {
      expect(disagreements(matches(expression), (s) => whole(expression).test(s))).toEqual([]);
    });

  it('reads a string as it reads the source of a RegExp, and IUPAC codes by option', () => {
    expect(disagreements(matches('AR{2}N*', { iupac: true }), (s) => /^A[AG]{2}[ACGT]*$/.test(s))).toEqual(
      [],
    );
    expect(disagreements(matches('A[AG]'), (s) => /^A[AG]$/.test(s))).toEqual([]);
  });

  it('the dot leaves out line ends unless the flag s is given', () => {
    const letters = 'ab\n';
    expect(disagreements(matches(/a.*/), (s) => /^a.*$/.test(s), { letters, most: 4 })).toEqual([]);
    expect(disagreements(matches(/a.*/s), (s) => /^a.*$/s.test(s), { letters, most: 4 })).toEqual([]);
    expect(disagreements(matches(/[\n\s]a/), (s) => s === '\na', { letters, most: 4 })).toEqual([]);
  });

  it('random expressions', () => {
    const { source } = fc.letrec<{ source: string; atom: string; repeated: string }>((tie) => ({
      atom: fc.oneof(
        fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\w'),
        fc.tuple(tie('source')).map(([s]) => `(${s})`),
      ),
      repeated: fc
        .tuple(tie('atom'), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{2,}'))
        .map((parts) => parts.join('')),
      source: fc.oneof(
        { depthSize: 'small' },
        tie('repeated'),
        fc.tuple(tie('repeated'), tie('repeated')).map((parts) => parts.join('')),
        fc.tuple(tie('repeated'), tie('source')).map((parts) => parts.join('|')),
      ),
    }));
    const sequences = [...allSequences('abc', 4)];
    fc.assert(
      fc.property(source, (text) => {
        const rule = new RegExp(`^(?:${text})$`);
        const accepts = acceptor(matches(text), 'abc');
        expect(sequences.filter((s) => accepts(s) !== rule.test(s))).toEqual([]);
      }),
      { numRuns: 150, seed: 1 },
    );
  });
});

describe('the automaton of an expression', () => {
  /** States that can be told apart by what may follow, counted by brute force over all sequences. */
  const residuals = (expression: RegExp, letters: string, most: number) => {
    const follow = [...allSequences(letters, most)];
    const rule = whole(expression);
    const languages = [...allSequences(letters, most)].map((s) =>
      follow.map((t) => +rule.test(s + t)).join(''),
    );
    return new Set(languages.filter((language) => language.includes('1'))).size;
  };
  it.each([/(a|b)*abb/, /a{2,3}|b/, /(ab|ba)*/, /.*a.{2}/, /(aa)*b?/])(
    '%s has no more states than Myhill and Nerode allow',
    (expression) => {
      const { letters } = spell(['a', 'b']);
      const automaton = matches(expression).automaton(letters);
      const seen = new Set([automaton.start]);
      for (const state of seen)
        for (const s of [0, 1]) if (automaton.next(state, s) >= 0) seen.add(automaton.next(state, s));
      expect(seen.size).toBe(residuals(expression, 'ab', 5));
    },
  );

  it('of more states than can be written out is still right', () => {
    const accepts = acceptor(matches(/.*A.{14}/), 'AC');
    const random = (i: number) =>
      Array.from({ length: 40 }, (_, k) => 'AC'[(i * 7919 + k * k * 31 + ((i * k) >> 2)) & 1]).join('');
    const sequences = Array.from({ length: 200 }, (_, i) => random(i));
    expect(new Set(sequences.map(accepts)).size).toBe(2);
    expect(sequences.filter((s) => accepts(s) !== (s.at(-15) === 'A'))).toEqual([]);
  });
});

describe('matches refuses, naming the place', () => {
  const refusals: [RegExp | string, string][] = [
    [/(?=A)C/, '"(?=" is not supported at position 1'],
    [/(A)\1/, '"\\1" is not supported at position 4'],
    [/\bA/, '"\\b" is not supported at position 1'],
    ['A(C', '"(" is never closed at position 2'],
    ['A)C', '")" closes nothing at position 2'],
    ['[AC', '"[" is never closed at position 1'],
    ['*A', '"*" is not understood at position 1'],
    ['A**', '"*" repeats a repetition at position 3'],
    ['A{3,2}', '{3,2} has its numbers the wrong way round at position 2'],
    ['A{5000}', '{5000} repeats more than 1000 times'],
    ['[T-A]', 'a range is out of order'],
    ['A$C', '"$" is not at the end at position 2'],
    ['AZ', '"Z" is none of the letters that this model writes (A C G T)'],
    ['(A{1000}){1000}', 'unfold to more than 100000 states'],
  ];
  it.each(refusals)('%s', (expression, message) => {
    expect(() => acceptor(matches(expression), 'ACGT')).toThrow(message);
  });
  it('flags without a meaning', () => {
    expect(() => matches(/A/g)).toThrow('matches(/A/g): the flag g has no meaning here');
  });
});
