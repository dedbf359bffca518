import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all } from './all.ts';
import { codons } from './codons.ts';
import { acceptor, allSequences } from './constraint.fixture.ts';
import type { Constraint } from './constraint.ts';
import { gc } from './gc.ts';
import { compileConstraints, type Guide } from './guide.ts';
import { length } from './length.ts';
import { mask } from './mask.ts';
import { matches } from './matches.ts';
import { avoid, endsWith, require, startsWith } from './motifs.ts';
import { sites } from './restriction-sites.ts';

const dna = [...'ACGT'];
const walk = ({ start, next }: Guide, tokens: number[]) =>
  tokens.reduce((state, token) => (state < 0 ? state : next(state, token)), start);

describe('reachability, against trying every continuation', () => {
  const pool: Constraint[] = [
    avoid('AC'),
    avoid(['CA', 'TT'], { bothStrands: true }),
    require('GA'),
    require('C', { times: 3 }),
    startsWith('A'),
    endsWith('TA'),
    gc({ min: 0.4, max: 0.6 }),
    gc({ min: 0.3, max: 0.7, window: 3 }),
    codons({ start: false }),
    codons({ start: false, stop: false }),
    length(5),
    length({ min: 2, max: 4 }),
    matches(/(AT|G.)*/),
    mask((position) => (position === 1 ? 'CG' : undefined), { lookBack: 0 }),
    mask((_, prefix) => dna.filter((letter) => !prefix.includes(letter))),
  ];
  const total = 6;
  const sequences = [...allSequences('ACGT', total)];
  const accepted = new Map(
    pool.map((constraint) => {
      const accepts = acceptor(constraint, 'ACGT');
      return [constraint, new Set(sequences.filter(accepts))] as const;
    }),
  );

  it.each([true, false])('for sums of constraints, all prefixes and all lengths (exact: %s)', (exact) => {
    fc.assert(
      fc.property(
        fc.subarray(pool, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: total }),
        (where, n) => {
          const [first, ...others] = where.map((constraint) => accepted.get(constraint)!);
          const good = [...first!].filter((s) => others.every((set) => set.has(s)));
          const goals = good.filter((s) => (exact ? s.length === n : s.length <= n));
          const beginnings = new Set(
            goals.flatMap((s) => Array.from({ length: s.length + 1 }, (_, i) => s.slice(0, i))),
          );
          const compile = () => compileConstraints(where, { tokens: dna, length: n, exact });
          if (goals.length === 0) {
            expect(compile).toThrow(/keeps/);
            return;
          }
          const guide = compile();
          const reachable = (prefix: string) => {
            const state = walk(
              guide,
              Array.from(prefix, (letter) => dna.indexOf(letter)),
            );
            return state >= 0 && guide.reachable(state, n - prefix.length);
          };
          const wrong = [...allSequences('ACGT', Math.min(n, 4))].filter(
            (s) => reachable(s) !== beginnings.has(s),
          );
          expect([where.map(({ text }) => text), n, wrong]).toEqual([where.map(({ text }) => text), n, []]);
        },
      ),
      { numRuns: 150, seed: 7 },
    );
  });

  it.each([true, false])('for tokens that spell several letters (exact: %s)', (exact) => {
    const tokens = ['', 'A', 'CG', 'TTT', 'GA'];
    const pools = [
      [length({ min: 6, max: 7 }), avoid('GC'), endsWith('CG')],
      [gc({ min: 0.5, max: 0.5 })],
      [gc({ min: 0.3, max: 0.7, window: 4 }), length({ max: 8 })],
    ];
    for (const where of pools) {
      const accepts = where.map((constraint) => acceptor(constraint, 'ACGT'));
      const good = (spelled: string) => accepts.every((one) => one(spelled));
      const guide = compileConstraints(where, { tokens, length: 4, exact });
      const possible = (spelled: string, left: number): boolean =>
        ((left === 0 || !exact) && good(spelled)) ||
        (left > 0 && tokens.slice(1).some((token) => possible(spelled + token, left - 1)));
      let checked = 0;
      for (const picks of allSequences('01234', 4)) {
        const state = walk(guide, [...picks].map(Number));
        const spelled = [...picks].map((pick) => tokens[Number(pick)]).join('');
        const expected = !picks.includes('0') && possible(spelled, 4 - picks.length);
        expect([picks, state >= 0 && guide.reachable(state, 4 - picks.length)]).toEqual([picks, expected]);
        checked += Number(expected);
      }
      expect(checked).toBeGreaterThan(5);
    }
  });

  it('stays quick where counters have very many states', () => {
    const where = [
      gc({ min: 0.5, max: 0.5 }),
      gc({ min: 0.4, max: 0.6, window: 40 }),
      codons(),
      sites(['EcoRI', 'BsaI', 'NotI']),
    ];
    const guide = compileConstraints(where, { tokens: dna, length: 1200, exact: true });
    expect(guide.reachable(guide.start, 1200)).toBe(true);
    // Ten thousand letters do not overflow a stack.
    const long = compileConstraints([gc({ min: 0.45, max: 0.55 }), endsWith('TAA')], {
      tokens: dna,
      length: 10_000,
      exact: true,
    });
    expect(long.reachable(long.start, 9_999)).toBe(true);
  });
});

describe('an impossible combination is reported before anything is sampled', () => {
  const compile =
    (where: Constraint[], n: number, prompt: number[] = []) =>
    () =>
      compileConstraints(where, { tokens: dna, length: n, exact: true, prompt });

  it('names the smallest set of constraints that exclude each other', () => {
    const harmless = [avoid('GGGG'), gc({ min: 0.1, max: 0.9 }), sites(['NotI'])];
    expect(compile([...harmless, endsWith('TAA'), require('CCC'), avoid('AA')], 30)).toThrow(
      'No sequence of 30 letters keeps all of endsWith("TAA"), avoid("AA"). Change one of them, or the length.',
    );
    expect(compile([startsWith('TAA'), ...harmless, codons()], 30)).toThrow(
      'keeps all of startsWith("TAA"), codons().',
    );
  });

  it('looks inside all()', () => {
    expect(compile([all(avoid('GGGG'), all(endsWith('TAA'))), avoid('TA')], 9)).toThrow(
      'keeps all of endsWith("TAA"), avoid("TA").',
    );
  });

  it('names the lengths near by that are possible', () => {
    expect(compile([codons(), avoid('GGGG')], 91)).toThrow(
      'No sequence of 91 letters keeps codons(). Possible with 90 or 93 letters.',
    );
    expect(compile([length(5)], 9)).toThrow(
      'No sequence of 9 letters keeps length(5). Possible with 5 letters.',
    );
  });

  it('sees a prompt that breaks a constraint, or leaves no room', () => {
    expect(compile([avoid('AC')], 9, [0, 0, 1, 2])).toThrow(
      'The prompt "AACG" already breaks avoid("AC"), at token 3; change one of them.',
    );
    expect(compile([endsWith('TAA')], 4, [1, 1, 1])).toThrow(
      'No sequence of 4 letters that begins with "CCC" keeps endsWith("TAA"). Possible with 6 letters.',
    );
    expect(compile([], 2, [1, 1, 1])).toThrow('The prompt has 3 tokens, more than the length of 2');
  });

  it('is not confused with one that is too large to decide', () => {
    const everyPrefix = mask((position, prefix) =>
      position < 30 ? (position < 10 ? 'A' : undefined) : prefix.endsWith('x') ? 'A' : '',
    );
    expect(compile([everyPrefix], 31)).toThrow('could not be decided within the memory they may use');
  });
});
