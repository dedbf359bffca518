import type { Scorer } from '../../core/scorer.ts';
import {
  beam,
  beamEach,
  type Decoded,
  generate,
  greedyEach,
  type Hypothesis,
  nucleus,
  type Reshape,
  rerank,
  temperature,
  topK,
} from '../../decode/index.ts';
import type { TranslationScorer } from '../../models/translator/scorer.ts';
import type { DecodingConfig } from '../decoding.ts';

/** What one way of decoding said to every prompt: one reply each, or several draws. */
export interface Said {
  readonly name: string;
  readonly kind: 'search' | 'drawn' | 'marginal' | 'contrast';
  /** By prompt. */
  readonly replies: readonly (readonly Decoded[])[];
}

/** A model of replies given prompts, and one of replies alone. */
export interface Models {
  readonly conditional: TranslationScorer;
  readonly marginal: Scorer<unknown, unknown>;
}

/** Greedy, beams, re-ranking by mutual information, and draws, over the same prompts. */
export async function decodeAll(
  { conditional, marginal }: Models,
  prompts: readonly Int32Array[],
  config: DecodingConfig,
  seed: number,
): Promise<Said[]> {
  const { length, widths, lengthPenalty, mmi, draws } = config;
  const one = (found: readonly Decoded[]): readonly (readonly Decoded[])[] => found.map((reply) => [reply]);
  const said: Said[] = [
    { name: 'greedy', kind: 'search', replies: one(await greedyEach(conditional, prompts, { length })) },
  ];
  for (const width of widths) {
    const found = await beamEach(conditional, prompts, { length, width, count: 1 });
    said.push({ name: `beam ${width}`, kind: 'search', replies: found });
  }
  const widest = Math.max(...widths);
  const penalised = await beamEach(conditional, prompts, { length, width: widest, count: 1, lengthPenalty });
  said.push({
    name: `beam ${widest}, length penalty ${lengthPenalty}`,
    kind: 'search',
    replies: penalised,
  });
  const [best] = await beam(marginal, { length, width: widest, count: 1 });
  said.push({ name: 'marginal, beam', kind: 'marginal', replies: prompts.map(() => [best!]) });
  const lists = await beamEach(conditional, prompts, { length, width: mmi.candidates });
  const chosen: Hypothesis[][] = [];
  for (const list of lists)
    chosen.push((await rerank(list, { marginal, weight: mmi.weight, first: mmi.first })).slice(0, 1));
  said.push({ name: `MMI re-ranking, λ = ${mmi.weight}`, kind: 'contrast', replies: chosen });
  for (const [name, sample] of samplers(config))
    said.push({
      name,
      kind: 'drawn',
      replies: await drawn(conditional, prompts, { length, sample, count: draws, seed }),
    });
  return said;
}

const samplers = ({ temperatures, k, p }: DecodingConfig): [string, Reshape[]][] => [
  ...temperatures.map((t): [string, Reshape[]] => [`temperature ${t}`, [temperature(t)]]),
  [`top-${k}`, [topK(k)]],
  [`nucleus ${p}`, [nucleus(p)]],
];

async function drawn(
  conditional: TranslationScorer,
  prompts: readonly Int32Array[],
  { length, sample, count, seed }: { length: number; sample: Reshape[]; count: number; seed: number },
): Promise<Decoded[][]> {
  const all: Decoded[][] = [];
  for (const [i, context] of prompts.entries()) {
    const own: Decoded[] = [];
    for await (const reply of generate(conditional, {
      context,
      length,
      count,
      sample,
      seed: seed + i,
      batch: count,
    }))
      own.push(reply);
    all.push(own);
  }
  return all;
}
