import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { conllText } from '../data/conll/conll.ts';
import { type TaggedData, taggedSubset } from '../train/tasks/tagging-data.ts';
import { newsSentences, runTagging, shuffledTags, tagging, taggingDefaults } from './tagging.ts';

const folder = mkdtempSync(join(tmpdir(), 'tagging-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small = {
  ...taggingDefaults,
  model: { ...taggingDefaults.model, hidden: 16, wordSize: 16, characterHidden: 12, dropout: 0.2 },
  training: { epochs: 7, batchSize: 16, rate: 1e-2, patience: 0 },
  seeds: 1,
  without: false,
};
const context = (seed: number) => ({ seed, quick: false, threads: 1, device: 'auto' as const });
const some = async (count: number, label: string | null = null) => {
  const data = await newsSentences({ label });
  return taggedSubset(
    data,
    Array.from({ length: count }, (_, i) => i),
  );
};
const spans = ({ sequences, tags }: TaggedData) =>
  sequences
    .flatMap(({ truth }) => Array.from(truth, (tag) => tags[tag]!))
    .filter((tag) => tag.startsWith('B-')).length;

describe('the built-in sentences', () => {
  it('are those that the documentation names', async () => {
    const data = await newsSentences({ label: null });
    expect(data.sequences).toHaveLength(1693);
    expect(data.sequences.reduce((sum, { tokens }) => sum + tokens.length, 0)).toBe(34_212);
    expect(data.tags).toEqual(['O', 'B-NAME', 'I-NAME']);
    expect(spans(data)).toBe(1687);
    expect(new Set(data.sequences.map(({ group }) => group)).size).toBe(215);
    expect((await newsSentences({ label: 'pos' })).tags).toHaveLength(16);
  });
});

describe('tagging', () => {
  it.each([1, 2, 3])('keeps its claim with few sentences and a small network, seed %i', async (seed) => {
    const { report, model } = await runTagging(await some(600), small, context(seed));
    expect(report.claims!.find(({ id }) => id === 'ahead')).toMatchObject({ met: true });
    expect(report.evaluation!.metrics.spanF1!.value).toBeGreaterThan(0.7);
    expect(Object.keys(report.baselines!)).toEqual(['majority', 'unigram']);
    expect(model!.spec).toMatchObject({ kind: 'tagger', architecture: 'bilstm' });
  });

  it('fails its claim where it learned from shuffled tags', async () => {
    const { report } = await runTagging(await some(600), { ...small, shuffled: true }, context(1));
    expect(report.claims!.map(({ met }) => met)).toEqual([false, false]);
    expect(report.notes!.join()).toContain('the claim must fail');
  });

  it("takes the user's CoNLL, tags that are no spans included, and reports what each part is worth", async () => {
    const { sequences, tags } = await some(150, 'pos');
    const path = join(folder, 'own.conll');
    const text = sequences.map(({ tokens, truth }) =>
      conllText({
        columns: [[...tokens], Array.from(truth, (tag) => tags[tag]!), Array.from(truth, () => 'x')],
      }),
    );
    writeFileSync(path, text.join(''));
    const given = { ...small, training: { ...small.training, epochs: 2 }, without: true, seeds: 1 };
    const { report } = await tagging.run(given, { ...context(1), input: { path, options: { label: '2' } } });
    expect(report.claims!.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^accuracy less that of the unigram tagger, at least 0\.01/),
      expect.stringMatching(/^lower end of the interval of accuracy/),
    ]);
    expect(report.tables!.map(({ title, rows }) => [title, rows.length])).toEqual([
      ['Seeds', 1],
      ['Without its parts', 3],
    ]);
    expect(report.data!.sources![0]!.path).toBe(path);
  });
});

describe('shuffledTags', () => {
  it('keep how many spans and tags there are, and break what ties them to words', async () => {
    const data = await some(300);
    const shuffled = shuffledTags(data, 1);
    const counts = (d: TaggedData) =>
      d.tags.map((_, tag) =>
        d.sequences.reduce((sum, { truth }) => sum + truth.filter((t) => t === tag).length, 0),
      );
    expect(counts(shuffled)).toEqual(counts(data));
    const same = data.sequences.filter(
      ({ truth }, s) => truth.join() === shuffled.sequences[s]!.truth.join(),
    );
    expect(same.length).toBeLessThan(100);
  });
});
