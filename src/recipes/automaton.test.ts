import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everSince, readPattern } from './automaton/pattern.ts';
import { openRecogniser, recogniserOf } from './automaton/recogniser.ts';
import { type AutomatonConfig, automatonDefaults, runAutomaton } from './automaton.ts';
import { loadRecipe } from './index.ts';
import type { RecipeContext } from './recipe.ts';

const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: false };
const small: AutomatonConfig = { ...automatonDefaults, positions: 100_000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const iupac = { syntax: 'iupac', bothStrands: false } as const;
const expression = { syntax: 'expression', bothStrands: false } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-automaton-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('automaton', () => {
  it.each([1, 2, 3])('agrees with search everywhere, with seed %i', async (seed) => {
    const { report } = await runAutomaton(small, { ...context, seed });
    expect(report.claims!.map(({ id, value, met }) => [id, value, met])).toEqual([
      ['bound', 0, true],
      ['sites', 0, true],
      ['transitions', 0, true],
    ]);
    expect(report.claims![0]!.text).toContain('100,000 random bases');
    expect(report.metrics!.accuracy!.low).toBeGreaterThan(0.9999);
    expect(report.baselines!['last letter']!.accuracy!.value).toBeLessThan(0.99);
  });

  it('does not agree where the units are too flat to saturate', async () => {
    const { report } = await runAutomaton({ ...small, gain: 2 }, context);
    expect(report.claims!.map(({ met }) => met)).toEqual([false, false, false]);
    expect(report.claims![0]!.value).toBeGreaterThan(1000);
  });

  it.each([
    ['GANTC', 'iupac', false],
    ['GGTCTC', 'iupac', true],
    ['TATA[AT]A[AT]|CAC{2,}T', 'expression', false],
    ['ATG([ACG][ACGT]{2}){1,4}TAA', 'expression', false],
  ] as const)('reads %s (%s)', async (pattern, syntax, bothStrands) => {
    const { report } = await runAutomaton({ ...small, pattern, syntax, bothStrands }, context);
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });

  it('searches FASTA of the user, in capitals or not, and says where', async () => {
    const path = join(folder, 'mine.fa');
    await writeFile(path, '>one\nTTACGacgTT\n>two\nACNGACUG\n>three\nTTTT\n');
    const { report, extraFiles } = await runAutomaton(small, { ...context, input: { path } });
    expect(extraFiles!['sites.bed']).toBe('one\t2\t5\tACG\none\t5\t8\tACG\n');
    expect(extraFiles!['bound.tsv']).toBe('id\tlength\tboundFrom\none\t10\t5\ntwo\t8\t\nthree\t4\t\n');
    expect(report.claims!.map(({ met }) => met)).toEqual([true, true, true]);
    expect(report.data!.records).toBe(3);
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('automaton');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(automatonDefaults);
  });

  it.each([
    [{ pattern: '' }, /expected at least one letter/],
    [{ pattern: 'A*', syntax: 'expression' }, /matches the empty sequence/],
    [{ pattern: 'AXG' }, /"X" is none of the letters/],
    [{ syntax: 'regex' }, /syntax: expected iupac or expression, received "regex"/],
    [{ pattern: 'A', syntax: 'expression', bothStrands: true }, /write both strands into the expression/],
    [{ gain: 0 }, /gain: expected a number above 0/],
    [{ positions: 0 }, /positions: expected a whole number/],
  ])('refuses %j', async (given, message) => {
    await expect(runAutomaton({ ...small, ...given } as AutomatonConfig, context)).rejects.toThrow(message);
  });
});

describe('the recogniser', () => {
  it('is in the state of its automaton after every letter, for any pattern and any sequence', async () => {
    const bases = fc.stringMatching(/^[ACGTRYN]{1,5}$/);
    await fc.assert(
      fc.asyncProperty(bases, fc.stringMatching(/^[ACGTN]{1,60}$/), async (text, sequence) => {
        const pattern = readPattern(text, iupac);
        const network = recogniserOf(pattern.sites);
        const running = await openRecogniser(network);
        const units = await running.trace(bytes(sequence));
        await running.release();
        let state = pattern.sites.start;
        for (const [t, letter] of [...sequence].entries()) {
          state = pattern.sites.next[state * 5 + 'ACGTN'.indexOf(letter)]!;
          const row = units.subarray(t * network.units.length, (t + 1) * network.units.length);
          expect(row.filter((h) => h === 1).length).toBe(1);
          expect(row.filter((h) => h === -1).length).toBe(row.length - 1);
          expect(network.units[row.indexOf(1)]!.to).toBe(state);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('reads sequences of different lengths, in pieces, as it reads each alone', async () => {
    const pattern = readPattern('A[CG]+T', expression);
    const running = await openRecogniser(recogniserOf(pattern.bound));
    const sequences = ['ACT', 'GGGGGACCGGTAAA', 'T'].map(bytes);
    const together = await running.accepted(sequences);
    for (const [i, sequence] of sequences.entries()) {
      expect((await running.accepted([sequence]))[0]).toEqual(together[i]);
      expect(together[i]).toEqual(everSince(pattern.search(sequence)));
    }
    await running.release();
  });

  it('has one absorbing unit, which no letter turns off', () => {
    const { units } = recogniserOf(readPattern('ACG', iupac).bound);
    expect(units.filter(({ to, from, by }) => from.includes(to) && by.length === 5).length).toBe(1);
  });
});

describe('the plain search', () => {
  it.each([
    ['ACG', 'ACGACG', [0, 0, 1, 0, 0, 1]],
    ['AA', 'AAAA', [0, 1, 1, 1]],
    ['AN', 'ANAC', [0, 0, 0, 1]],
    ['RY', 'GTNAC', [0, 1, 0, 0, 1]],
  ])('%s in %s', (text, sequence, found) => {
    expect([...readPattern(text, iupac).search(bytes(sequence))]).toEqual(found);
  });

  it('finds ends of occurrences of an expression that overlap', () => {
    const { search } = readPattern('A[CG]+T|C', expression);
    expect([...search(bytes('ACGT'))]).toEqual([0, 1, 0, 1]);
  });
});
