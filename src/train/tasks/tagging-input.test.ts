import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  splitWords,
  type TaggingInput,
  type TaggingInputOptions,
  taggingInput,
  wordFormat,
} from './tagging-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'untagged-'));
afterAll(() => rmSync(folder, { recursive: true }));
const words = { kind: 'words', words: [], characters: [], lowercase: true } as const;
const letters = { kind: 'letters', alphabet: { name: 'dna', letters: 'ACGT' } } as const;

async function read(text: string, reads: typeof words | typeof letters, options: TaggingInputOptions = {}) {
  const path = join(folder, 'input');
  writeFileSync(path, text);
  const found: TaggingInput[] = [];
  for await (const input of taggingInput(path, reads, options)) found.push(input);
  return found;
}

describe('taggingInput', () => {
  it('reads CoNLL with all columns and comments, the words by number', async () => {
    const text = '# id = a\n1 Ann\n2 ran\n\n1 Bo\n';
    expect(await read(text, words, { word: '2' })).toEqual([
      {
        id: 'a',
        tokens: ['Ann', 'ran'],
        columns: [
          ['1', '2'],
          ['Ann', 'ran'],
        ],
        comments: ['id = a'],
      },
      { id: '2', tokens: ['Bo'], columns: [['1'], ['Bo']], comments: [] },
    ]);
  });

  it('reads text, a sentence a line', async () => {
    expect(await read('Ann ran home.\n\nShe slept.\n', words)).toEqual([
      { id: 'line 1', tokens: ['Ann', 'ran', 'home', '.'] },
      { id: 'line 3', tokens: ['She', 'slept', '.'] },
    ]);
    expect((await read('Ann ran\n', words))[0]!.tokens).toEqual(['Ann', 'ran']);
    expect((await read('Ann ran\nBo sat\n', words, { format: 'text' })).map(({ tokens }) => tokens)).toEqual([
      ['Ann', 'ran'],
      ['Bo', 'sat'],
    ]);
  });

  it('reads FASTA for letters, and leaves out what it is told to', async () => {
    const left: string[] = [];
    const skipped = { add: (id: string) => void left.push(id) };
    const found = await read('>a\nACGT\n>b\nACGN\n', letters, { ambiguous: 'skip', skipped });
    expect(found).toEqual([{ id: 'a', tokens: 'ACGT' }]);
    expect(left).toEqual(['b']);
  });

  it('refuses FASTA where words are read, and letters that are none', async () => {
    await expect(read('>a\nACGT\n', words)).rejects.toThrow(/looks like FASTA; the model tags words/);
    await expect(read('>a\nAC!T\n', letters)).rejects.toThrow(/record "a" has "!" at position 3/);
  });
});

describe('wordFormat', () => {
  it('tells columns from text', () => {
    const of = (text: string) => wordFormat(new TextEncoder().encode(text));
    expect(of('Ann B\nran O\n\nBo B\n')).toBe('conll');
    expect(of('Ann\nran\n\nBo\n')).toBe('conll');
    expect(of('Ann ran home\nBo slept\n')).toBe('text');
    expect(of('Ann ran home')).toBe('text');
    expect(of('Ann\tB\nran home\tO\n')).toBe('conll');
  });
});

describe('splitWords', () => {
  it('keeps words whole and takes marks apart', () => {
    expect(splitWords('Mr. Hall-Dane paid 3.50, no? «Zoë’s»')).toEqual([
      ...['Mr', '.', 'Hall-Dane', 'paid', '3.50', ',', 'no', '?', '«', 'Zoë’s', '»'],
    ]);
    expect(splitWords('  ')).toEqual([]);
  });
});
