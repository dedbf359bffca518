import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { dna } from '../../data/alphabet.ts';
import { define, type TrainArguments } from '../verbs/train.ts';
import { tokensWithinMemory } from './memory.ts';
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
    expect(tokensWithinMemory(fit, {}, args, { machine: 8e9, messages })).toBe(args.maxTokens);
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

  it('warns, without a limit, where the machine may have too little', () => {
    const { said, messages } = tell();
    expect(tokensWithinMemory(fit, {}, args, { machine: 0.5e9, messages })).toBe(args.maxTokens);
    expect(said[0]).toMatch(
      /^Training may take up to about [\d.]+ \wB, and this machine has 500\.0 MB: record "s1"/,
    );
  });
});
