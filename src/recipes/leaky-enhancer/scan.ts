import { failure } from '../../core/errors.ts';
import type { RecipeContext } from '../recipe.ts';
import { type Integrator, openIntegrator } from './integrator.ts';

/** Where one motif ends (enhancers) and another begins (promoters) in one sequence, both rising. */
export interface Sites {
  readonly enhancers: readonly number[];
  readonly promoters: readonly number[];
}

/** Letters that are read at once. */
export const pieceLength = 65_536;

/** Places of the motifs in a sequence: `found` says at which letters a motif ends. */
export function sitesOf(
  sequence: Uint8Array,
  motifs: Readonly<Record<'enhancer' | 'promoter', { search(s: Uint8Array): Uint8Array; width: number }>>,
): Sites {
  const ends = (found: Uint8Array, shift: number) => {
    const places: number[] = [];
    for (let i = found.indexOf(1); i >= 0; i = found.indexOf(1, i + 1)) places.push(i - shift);
    return places;
  };
  return {
    enhancers: ends(motifs.enhancer.search(sequence), 0),
    promoters: ends(motifs.promoter.search(sequence), motifs.promoter.width - 1),
  };
}

/**
 * h at chosen places of one sequence, read once from end to end in pieces. `places` rise; h is that of the state after the letter at the
 * place, and 0 at −1, before the first.
 */
export async function levelsAt(
  { length, enhancers }: { length: number; enhancers: readonly number[] },
  places: readonly number[],
  integrator: Integrator,
  { piece = pieceLength, signal }: { piece?: number; signal?: AbortSignal | undefined } = {},
): Promise<Float64Array> {
  const levels = new Float64Array(places.length);
  integrator.restart();
  let [event, place] = [0, 0];
  while (place < places.length && places[place]! < 0) place++;
  for (let from = 0; from < length && place < places.length; from += piece) {
    if (signal?.aborted) throw failure('interrupted; nothing was saved.');
    const events = new Uint8Array(Math.min(piece, length - from));
    for (; event < enhancers.length && enhancers[event]! < from + events.length; event++)
      events[enhancers[event]! - from] = 1;
    const h = await integrator.read(events);
    for (; place < places.length && places[place]! < from + events.length; place++)
      levels[place] = h[places[place]! - from]!;
  }
  return levels;
}

/** Opens an integrator for the time that `work` takes. */
export async function withIntegrator<T>(
  retention: number,
  { device }: Pick<RecipeContext, 'device'>,
  work: (integrator: Integrator) => Promise<T>,
): Promise<T> {
  const integrator = await openIntegrator(retention, { device });
  try {
    return await work(integrator);
  } finally {
    await integrator.release();
  }
}
