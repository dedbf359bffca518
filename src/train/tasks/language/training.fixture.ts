import { expect } from 'vitest';
import type { RunOptions } from '../../options.ts';
import type { Corpus } from './corpus.ts';

/** Texts as a corpus that no file holds. */
export const textCorpus = (
  texts: readonly string[],
  { kind = 'text', ends = false }: Partial<Pick<Corpus, 'kind' | 'ends'>> = {},
): Corpus => ({ texts, kind, ends, ids: texts.map((_, i) => `s${i}`), sources: [] });

/** A training of a few epochs that takes what it is run with. */
type Training = (
  run: RunOptions,
) => Promise<{ model: { readonly weights: ReadonlyMap<string, Float32Array> } }>;

/** Trains once without a break, and once interrupted after so many batches, in that epoch, and resumed: the weights must be the same to the bit. */
export async function expectSameResumed(
  train: Training,
  { batches, epoch }: { batches: number; epoch: number },
): Promise<void> {
  const bits = async (run: RunOptions) =>
    [...(await train(run)).model.weights.values()].map((data) => data.join());
  const whole = await bits({});
  let saved: Uint8Array | undefined;
  const checkpoint = {
    name: 'memory',
    read: async () => saved,
    write: async (bytes: Uint8Array) => {
      saved = bytes;
    },
  };
  const stop = new AbortController();
  let seen = 0;
  const interrupted = bits({
    ...{ checkpoint, signal: stop.signal },
    onEvent: ({ kind }) => kind === 'batch' && ++seen === batches && stop.abort(),
  });
  await expect(interrupted).rejects.toThrow(`interrupted in epoch ${epoch}; progress is saved`);
  const events: string[] = [];
  const resumed = await bits({ checkpoint, resume: true, onEvent: ({ kind }) => events.push(kind) });
  expect(events.slice(0, 2)).toEqual(['planned', 'resumed']);
  expect(resumed).toEqual(whole);
}
