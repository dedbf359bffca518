import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { dna } from '../../data/alphabet.ts';
import type { FitEvent } from '../../train/options.ts';
import type { Messages } from '../messages.ts';
import { define, type TrainArguments } from '../verbs/train.ts';
import { tokensWithinMemory, withinMemory } from './memory.ts';
import { planted } from './planted-dataset.ts';

const command = new Command();
define(command);
const args = { ...command.opts<TrainArguments>(), model: 'lstm' };
const fit = planted(dna, { length: 2000 });
const tell = () => {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  return { said, messages: { say, log: say, progress() {}, clear() {} } };
};

describe('tokensWithinMemory', () => {
  it('leaves batches as they are where they fit, and where nothing limits them', () => {
    const { said, messages } = tell();
    expect(tokensWithinMemory(fit, {}, args, { limit: 8e9, messages })).toBe(args.maxTokens);
    expect(tokensWithinMemory(fit, {}, args, { messages })).toBe(args.maxTokens);
    expect(said).toEqual([]);
  });

  it('makes batches smaller until they fit, and says so', () => {
    const { said, messages } = tell();
    const half = tokensWithinMemory(fit, {}, args, { limit: 0.5e9, messages });
    const tight = tokensWithinMemory(fit, {}, args, { limit: 0.4e9, messages });
    expect(half % 2000).toBe(0);
    expect(half).toBeLessThan(32 * 2000);
    expect(tight).toBeGreaterThanOrEqual(2000);
    expect(tight).toBeLessThan(half);
    expect(said[0]).toMatch(/^Batches hold at most [\d,]+ letters, to stay within 500\.0 MB; other batches/);
  });

  it('refuses a record that does not fit alone, by name', () => {
    const { messages } = tell();
    expect(() => tokensWithinMemory(fit, {}, args, { limit: 0.31e9, messages })).toThrow(
      /^record "s1" has 2,000 letters; training lstm on it takes up to about \d+\.\d MB, and --max-memory allows 310\.0 MB\./,
    );
  });
});

/** A batch of 32 rows of 500 that takes 300 MB and 10 MB a row. */
const planned = (rows: number): FitEvent => ({
  kind: 'planned',
  memory: () => ({
    needed: 300e6 + 10e6 * rows,
    shape: [rows, 500],
    rowsWithin: (limit) => Math.max(0, Math.min(rows, Math.floor((limit - 300e6) / 10e6))),
  }),
});

describe('withinMemory', () => {
  const given = { batchSize: 32, model: 'lstm' };
  const run = (options: { maxMemory?: number }, messages: Messages, free?: () => number) =>
    withinMemory(
      { ...given, ...options },
      messages,
      async (batchSize, tell) => {
        tell(planned(batchSize));
        return batchSize;
      },
      free,
    );

  it('trains with batches as they are where they fit', async () => {
    const { said, messages } = tell();
    expect(await run({ maxMemory: 1e9 }, messages)).toBe(32);
    expect(await run({}, messages, () => 1e9)).toBe(32);
    expect(said).toEqual([]);
  });

  it('trains with as many rows as fit, and says so', async () => {
    const { said, messages } = tell();
    expect(await run({ maxMemory: 425e6 }, messages)).toBe(12);
    expect(said).toEqual([
      'Batches hold at most 12 rows, to stay within 425.0 MB; other batches give other weights.',
    ]);
  });

  it('refuses where not even one row fits, before anything is computed', async () => {
    const { messages } = tell();
    await expect(run({ maxMemory: 305e6 }, messages)).rejects.toThrow(
      'training lstm takes up to about 620.0 MB for 32 rows of 500, and not even one such row stays within the 305.0 MB of --max-memory. Use shorter sequences',
    );
  });

  it('without a limit says what would fit into what is free, and goes on', async () => {
    const { said, messages } = tell();
    expect(await run({}, messages, () => 450e6)).toBe(32);
    expect(said[0]).toBe(
      'Training may take up to about 620.0 MB (a batch of 32 rows of 500), and this machine has 450.0 MB free. --batch-size 15 would fit, or --max-memory 450M, which sees to it.',
    );
    await run({}, messages, () => 200e6);
    expect(said[1]).toContain('Not even one such row would fit. Use shorter sequences');
  });

  it('lets other errors through', async () => {
    const { messages } = tell();
    const fails = withinMemory({ ...given, maxMemory: 1e9 }, messages, () => Promise.reject(new Error('no')));
    await expect(fails).rejects.toThrow('no');
  });
});
