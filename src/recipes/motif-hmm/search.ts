import { failure } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { dna } from '../../data/alphabet.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import { dnaComplement } from '../../markov/motif/chain.ts';
import { type FoundMotifs, findMotifs } from '../../markov/motif/find-motifs.ts';
import { type MotifSite, motifSites } from '../../markov/motif/sites.ts';
import type { RecipeContext } from '../recipe.ts';

/** How the recipe searches; see `MotifHmmConfig`. */
export interface SearchSettings {
  readonly strands: 'both' | 'forward';
  readonly least: number;
  readonly most: number;
  readonly word: number;
  readonly starts: number;
  readonly level: number;
  readonly limit: number;
  readonly controls: number;
  readonly keep: number;
  readonly letters: number;
}

/** What was found in sequences, and all sites in them. */
export interface Searched {
  readonly found: FoundMotifs;
  readonly sites: readonly MotifSite[];
  /** Letters that were searched, and that there are. */
  readonly searched: number;
  readonly letters: number;
  readonly controls: number;
}

/** Pieces into which long sequences are cut for the search. */
const piece = 1000;

/** Searches sequences (or as many of their pieces as the setting `letters` allows, taken at random) and finds the sites in all of them. `known`: what an earlier search of such sequences found by chance. */
export async function searched(
  sequences: readonly string[],
  settings: SearchSettings,
  { seed, quick, signal, onEvent }: RecipeContext,
  {
    what,
    done: [from, to],
    known,
  }: { what: string; done: readonly [number, number]; known?: FoundMotifs['controls'] },
): Promise<Searched> {
  const pieces = sampled(sequences, settings.letters, seed);
  const count = pieces.reduce((sum, { length }) => sum + length, 0);
  // Chance is known better from more controls, and small sets take little time.
  const most = Math.max(
    settings.controls,
    Math.min((quick ? 2 : 5) * settings.controls, Math.ceil(1e5 / count)),
  );
  const shuffled = (c: number) =>
    pieces.map((text, i) =>
      dna.encode(eulerShuffle(text, settings.keep, randomStream(seed, 'control', c, i))),
    );
  const controls = known ?? Array.from({ length: most }, (_, c) => shuffled(c));
  const found = await findMotifs(
    pieces.map((text) => dna.encode(text)),
    {
      controls,
      complement: settings.strands === 'both' ? dnaComplement : null,
      widths: { least: settings.least, most: settings.most },
      word: settings.word,
      starts: settings.starts,
      level: settings.level,
      limit: settings.limit,
      async onProgress({ stage, done, total }) {
        const share = stage === 'controls' ? (0.6 * done) / total : 0.6 + 0.4 * (1 - 0.7 ** done);
        const text = stage === 'controls' ? `control ${done + 1} of ${total}` : `motif ${done + 1}`;
        onEvent?.({ kind: 'progress', text: `${what}, ${text}`, done: from + (to - from) * share });
        // A moment in which an interruption is heard.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (signal?.aborted) throw failure('interrupted; nothing was saved.');
      },
    },
  );
  const sites = motifSites(
    found.model,
    found.chain,
    sequences.map((text) => dna.encode(text)),
  );
  const letters = sequences.reduce((sum, { length }) => sum + length, 0);
  return { found, sites, searched: count, letters, controls: found.controls.scores.length };
}

/** Sequences as they are where they have no more letters than allowed, else pieces of them, drawn at random. */
function sampled(sequences: readonly string[], most: number, seed: number): string[] {
  const all = sequences.reduce((sum, { length }) => sum + length, 0);
  if (all <= most) return [...sequences];
  const pieces = sequences.flatMap((text) =>
    Array.from({ length: Math.ceil(text.length / piece) }, (_, i) => text.slice(i * piece, (i + 1) * piece)),
  );
  let left = most;
  return randomStream(seed, 'pieces')
    .shuffle(pieces)
    .filter(({ length }) => (left -= length) >= 0);
}
