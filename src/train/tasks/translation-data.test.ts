import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPairs, readTexts, splitPairs } from './translation-data.ts';
import { tokenizerOf } from './translation-tokenizers.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-pairs-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}
const texts = async (path: string, columns = {}) => {
  const found = [];
  for await (const { id, text } of readTexts(path, columns)) found.push([id, text]);
  return found;
};

describe('pairs of texts', () => {
  it('come from the named columns, in order, with row numbers where no ids are named', async () => {
    const path = await file('pairs.tsv', 'n\ten\tfr\na\tthe cat\tle chat\nb\ta "dog"\t\n');
    const { pairs, sources } = await readPairs(path, { source: 'en', target: 'fr' });
    expect(pairs).toEqual([
      { id: '1', source: 'the cat', target: 'le chat' },
      { id: '2', source: 'a "dog"', target: '' },
    ]);
    expect(sources[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    const named = await readPairs(path, { id: 'n', source: 'fr', target: 'en' }).catch(
      (error) => error.message,
    );
    expect(named).toContain('pairs.tsv:3: the column "fr" is empty');
  });

  it('are refused where a column is missing, both are one, or there are none', async () => {
    const path = await file('few.csv', 'source,target\n');
    await expect(readPairs(path)).rejects.toThrow('has a header but no pairs');
    await expect(readPairs(path, { source: 'x' })).rejects.toThrow('has no column "x"');
    await expect(readPairs(path, { source: 'x', target: 'x' })).rejects.toThrow('name the same column');
  });

  it('are split so that no source stands on both sides', () => {
    const pairs = Array.from({ length: 300 }, (_, i) => ({
      id: `${i}`,
      source: `s${i % 90}`,
      target: `${i}`,
    }));
    const { fit, test } = splitPairs({ pairs, sources: [] }, { test: 0.25, seed: 3 });
    const seen = new Set(fit.pairs.map(({ source }) => source));
    expect(test.pairs.some(({ source }) => seen.has(source))).toBe(false);
    expect(fit.pairs.length + test.pairs.length).toBe(300);
    expect(test.pairs.length).toBeGreaterThan(50);
  });
});

describe('texts to translate', () => {
  it('are the lines of a plain file, or a column', async () => {
    expect(await texts(await file('plain.txt', 'walk twice\r\n\njump'))).toEqual([
      ['1', 'walk twice'],
      ['2', ''],
      ['3', 'jump'],
    ]);
    const table = await file('rows.tsv', 'id\tsource\tx\nq\twalk\t1\nr\tjump\t2\n');
    expect(await texts(table)).toEqual([
      ['1', 'walk'],
      ['2', 'jump'],
    ]);
    expect(await texts(table, { id: 'id', source: 'x' })).toEqual([
      ['q', '1'],
      ['r', '2'],
    ]);
    await expect(texts(await file('none.txt', ''))).rejects.toThrow('is empty; expected texts');
  });
});

describe('tokens learned from texts', () => {
  it('are words where texts hold white space, else characters, with punctuation as it is written', () => {
    expect(tokenizerOf(['walk twice', 'jump now'], 'auto').name).toBe('words');
    expect(tokenizerOf(['MKV', 'MLA'], 'auto').size).toBe(6);
    const prose = tokenizerOf(['The cat sat.', 'A dog, too.'], 'auto');
    expect(prose.decode(prose.encode('A cat, too.'))).toBe('A cat, too.');
    expect(Array.from(prose.encode('cat.'), (id) => prose.token(id))).toEqual(['cat', '.']);
    const code = tokenizerOf(['f (x)', 'g [y]'], 'words');
    expect(code.decode(code.encode('g (x)'))).toBe('g (x)');
    expect(() => tokenizerOf(['a'], 'syllables' as never)).toThrow('received "syllables"');
  });
});
