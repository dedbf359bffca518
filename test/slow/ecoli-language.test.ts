import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ChainBeside,
  foretellingChains,
  learnedLanguage,
} from '../../src/recipes/dna-language/learn.ts';
import type { Parts } from '../../src/recipes/dna-language/parts.ts';
import type { RecipeContext } from '../../src/recipes/recipe.ts';
import type { MetricValue } from '../../src/train/metrics/index.ts';
import { everyChain, geneParts, genes, presets } from './ecoli-language.fixture.ts';

const context: RecipeContext = { threads: 1, device: 'cpu', seed: 42, quick: false };
const written = ({ value, low, high }: MetricValue) =>
  `${value?.toFixed(4)} (${low?.toFixed(4)} to ${high?.toFixed(4)})`;
const bitsOf = ({ metrics }: Pick<ChainBeside, 'metrics'>) => metrics.bitsPerSymbol!.value!;
const best = <T extends Pick<ChainBeside, 'metrics'>>(chains: readonly T[]): T =>
  chains.reduce((a, b) => (bitsOf(b) < bitsOf(a) ? b : a));
const lines = (chains: readonly Omit<ChainBeside, 'ahead'>[]) =>
  chains
    .map((chain) => `  order ${chain.order}, period ${chain.period}: ${bitsOf(chain).toFixed(4)}`)
    .join('\n');

/** Models that must be ahead of every chain that is told as much; the others stand in the table as they are. */
const ahead = ['LSTM over codons'];

describe.skipIf(!existsSync(genes))('language models of the coding sequences of E. coli', () => {
  let parts: Parts;
  beforeAll(async () => {
    parts = await geneParts();
    console.log(parts.note);
  });

  it('stand beside chains, which tell most where they know the places of codons', () => {
    const chains = foretellingChains(parts, { ...everyChain, tokenizer: 'dna' });
    console.log(`chains that are told what comes before:\n${lines(chains)}`);
    const [plain, periodic] = [1, 3].map((period) => best(chains.filter((chain) => chain.period === period)));
    expect(bitsOf(periodic!)).toBeLessThan(bitsOf(plain!) - 0.05);
  });

  it.each(presets)('%s', async (name, settings) => {
    const { metrics, chains, fit, drawn } = await learnedLanguage(parts, settings, context);
    const bits = metrics.bitsPerSymbol!;
    const beside = best(chains);
    console.log(
      `${name}: ${written(bits)} bits per base, ahead of the chain of order ${beside.order} and period ${beside.period} (${bitsOf(beside).toFixed(4)}) by ${written(beside.ahead)}; intervals from ${drawn}; best epoch ${fit.bestEpoch} of ${fit.history.length}, ${fit.seconds.toFixed(0)} s`,
    );
    if (chains.length > 3) console.log(`the chains, told both sides:\n${lines(chains)}`);
    expect(drawn).toBe('texts');
    // Bases alone take 2.
    expect(bits.value!).toBeLessThan(1.95);
    if (ahead.includes(name)) expect(beside.ahead.low!).toBeGreaterThan(0);
  });
});
