import { usageError } from '../core/errors.ts';
import type { Recipe } from './recipe.ts';

export type {
  InputKind,
  InputOption,
  Recipe,
  RecipeContext,
  RecipeEvent,
  RecipeInput,
  RecipeResult,
} from './recipe.ts';

/** All recipes by id, each loaded when it is asked for. */
export const recipes: Readonly<Record<string, () => Promise<Recipe>>> = {
  automaton: async () => (await import('./automaton.ts')).automaton,
  promoters: async () => (await import('./promoters.ts')).promoters,
  splice: async () => (await import('./splice.ts')).splice,
  histone: async () => (await import('./histone.ts')).histone,
  'forget-gate': async () => (await import('./forget-gate.ts')).forgetGate,
  'initial-state': async () => (await import('./initial-state.ts')).initialState,
  'leaky-enhancer': async () => (await import('./leaky-enhancer.ts')).leakyEnhancer,
  methylation: async () => (await import('./methylation.ts')).methylation,
  'no-recurrence': async () => (await import('./no-recurrence.ts')).noRecurrence,
  'vanishing-gradients': async () => (await import('./vanishing-gradients.ts')).vanishingGradients,
  'order-matters': async () => (await import('./order-matters.ts')).orderMatters,
  'circular-genome': async () => (await import('./circular-genome.ts')).circularGenome,
  'codon-vs-residue': async () => (await import('./codon-vs-residue.ts')).codonVsResidue,
  decoding: async () => (await import('./decoding.ts')).decoding,
  regularisation: async () => (await import('./regularisation.ts')).regularisation,
  shortcut: async () => (await import('./shortcut.ts')).shortcut,
  tagging: async () => (await import('./tagging.ts')).tagging,
  'text-generation': async () => (await import('./text-generation.ts')).textGeneration,
  'context-length': async () => (await import('./context-length.ts')).contextLength,
  'dna-to-protein': async () => (await import('./dna-to-protein.ts')).dnaToProtein,
  'exposure-bias': async () => (await import('./exposure-bias.ts')).exposureBias,
  openings: async () => (await import('./openings.ts')).openings,
  'long-range': async () => (await import('./long-range.ts')).longRange,
  'motif-hmm': async () => (await import('./motif-hmm.ts')).motifHmm,
  align: async () => (await import('./align.ts')).align,
  'whole-genome': async () => (await import('./whole-genome.ts')).wholeGenome,
  genes: async () => (await import('./genes.ts')).genes,
  'dna-language': async () => (await import('./dna-language.ts')).dnaLanguage,
};

/** The recipe called `id`; throws a usage error that lists the known ones. */
export async function loadRecipe(id: string): Promise<Recipe> {
  if (!Object.hasOwn(recipes, id))
    throw usageError(`There is no recipe "${id}"; choose ${Object.keys(recipes).join(', ')}.`);
  return recipes[id]!();
}
