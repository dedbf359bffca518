import { expect, it } from 'vitest';
import { automatonDefaults, runAutomaton } from '../../src/recipes/automaton.ts';

it.each([1, 2, 3])(
  'the automaton network agrees with search at each of 10 million positions, seed %i',
  async (seed) => {
    const { report } = await runAutomaton(
      { ...automatonDefaults, positions: 10_000_000 },
      { threads: 1, device: 'auto', seed, quick: false },
    );
    const [bound, sites] = report.claims!;
    expect([bound!.value, bound!.met, sites!.value, sites!.met]).toEqual([0, true, 0, true]);
    expect(bound!.text).toContain('10,000,000');
  },
);
