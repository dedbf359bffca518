import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { protein } from '../../data/alphabet.ts';
import type { TaggedData } from './tagging-data.ts';
import { readTagged, type TaggedSource } from './tagging-read.ts';

const folder = mkdtempSync(join(tmpdir(), 'tagged-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const shown = ({ sequences, tags }: TaggedData) =>
  sequences.map(({ id, tokens, truth }) => [
    id,
    Array.from(tokens).join(' '),
    Array.from(truth, (tag) => tags[tag] ?? '?').join(' '),
  ]);
const read = (options: TaggedSource) => readTagged(options);

describe('readTagged', () => {
  it('reads CoNLL: the last column by default, others by number or usual name, documents as groups', async () => {
    const text = '-DOCSTART- O O\n\nAnn NNP B-PER\nran VBD O\n\n-DOCSTART- O O\n\nBo NNP B-PER\n';
    const sequences = file('a.conll', text);
    const data = await read({ sequences });
    expect(shown(data)).toEqual([
      ['1', 'Ann ran', 'B-PER O'],
      ['2', 'Bo', 'B-PER'],
    ]);
    expect(data).toMatchObject({ kind: 'words', scheme: 'bio', tags: ['O', 'B-PER'] });
    expect(data.sequences.map(({ group }) => group)).toEqual(['document 1', 'document 2']);
    for (const label of ['2', 'pos']) expect((await read({ sequences, label })).tags).toEqual(['NNP', 'VBD']);
    expect((await read({ sequences, label: 'ner' })).tags).toEqual(['O', 'B-PER']);
  });

  it('reads CoNLL-U by the names of its columns', async () => {
    const line = (n: number, form: string, pos: string) =>
      [n, form, '_', pos, ...Array(6).fill('_')].join('\t');
    const sequences = file('u.conllu', `# sent_id = x\n${line(1, 'I', 'PRON')}\n${line(2, 'go', 'VERB')}\n`);
    expect(shown(await read({ sequences, label: 'upos' }))).toEqual([['x', 'I go', 'PRON VERB']]);
  });

  it('reads FASTA with tags in a table or in FASTA of its own, and leaves out what has none', async () => {
    const sequences = file('p.fa', '>a\nMKVLAAGG\n>b\nMKVL\n>c\nMKLL\n');
    const table = file('p.tsv', 'name\tfold\na\tCCHHHHCC\nb\tC,C,H,H\n');
    const data = await read({ sequences, labels: table, alphabet: protein });
    expect(shown(data)).toEqual([
      ['a', 'M K V L A A G G', 'C C H H H H C C'],
      ['b', 'M K V L', 'C C H H'],
    ]);
    expect(data.skipped).toEqual([{ reason: 'no tags', count: 1, examples: ['c'] }]);
    const letters = file('p.ss', '>a\nCCHHHHCC\n>b\nCCHH\n>c\nHHHH\n');
    expect((await read({ sequences, labels: letters, alphabet: protein })).sequences).toHaveLength(3);
  });

  it('reads tables of sequences and tags, with groups', async () => {
    const sequences = file('t.csv', 'id,seq,family,tags\nx,ACGT,f1,IIEE\ny,AACC,f2,IEI?\n');
    const data = await read({ sequences, group: 'family' });
    expect(shown(data)).toEqual([
      ['x', 'A C G T', 'I I E E'],
      ['y', 'A A C C', 'I E I ?'],
    ]);
    expect(data).toMatchObject({ alphabet: { name: 'dna' }, scheme: 'none' });
    expect(data.sequences.map(({ group }) => group)).toEqual(['f1', 'f2']);
  });

  it('reads CoNLL of letters where an alphabet is given', async () => {
    const data = await read({ sequences: file('l.conll', 'M C\nK H\n\nL C\n'), alphabet: protein });
    expect(data.kind).toBe('letters');
    expect(shown(data)).toEqual([
      ['1', 'M K', 'C H'],
      ['2', 'L', 'C'],
    ]);
  });

  it('refuses what is wrong in a file, with file and line', async () => {
    const refused = async (options: TaggedSource) =>
      read(options).then(
        () => 'nothing was refused',
        (error: Error) => error.message.replaceAll(`${folder}/`, ''),
      );
    const fa = file('r.fa', '>a\nACGT\n>b\nACG\n');
    expect(await refused({ sequences: fa })).toMatch(/^r\.fa: no record has tags\. Give a table/);
    expect(await refused({ sequences: fa, labels: file('r.tsv', 'id\ttags\na\tIIE\nb\tIEE\n') })).toBe(
      'r.tsv:2: record "a" has 3 tags for 4 letters; expected one each.',
    );
    expect(await refused({ sequences: file('one.conll', 'Ann\nran\n') })).toMatch(
      /no column of tags beside its words/,
    );
    expect(await refused({ sequences: file('b.conll', 'Ann O\nran\n') })).toMatch(/^b\.conll:2: 1 columns/);
    expect(await refused({ sequences: file('c.conll', 'a O\nb O\n'), label: '7' })).toBe(
      'c.conll has 2 columns; there is no column 7.',
    );
    expect(await refused({ sequences: file('d.conll', 'a O\nb X\n'), label: 'chunk' })).toMatch(
      /CoNLL columns have no names; there is no "chunk"\. Give a number from 1 to 2/,
    );
    expect(await refused({ sequences: file('e.csv', 'id,seq,x,y\na,ACG,1,2\n') })).toMatch(
      /Which column of e\.csv holds the tags/,
    );
    expect(await refused({ sequences: file('f.conll', 'AC C\nK H\n'), alphabet: protein })).toMatch(
      /f\.conll:1: expected one letter a line/,
    );
    expect(await refused({ sequences: file('g.csv', 'id,seq,tags\na,ACG,IIE\na,ACG,IEE\n') })).toMatch(
      /already taken/,
    );
    expect(await refused({ sequences: 'nowhere.conll' })).toMatch(/no such file/);
  });

  it('holds data to what a model reads and knows', async () => {
    const model = {
      input: { kind: 'letters', alphabet: { name: 'protein', letters: protein.letters } },
      tags: ['C', 'H'],
      rules: { scheme: 'none', allowed: null },
    } as const;
    const data = await read({ sequences: file('m.csv', 'id,seq,tags\na,MK,HC\n'), model });
    expect([...data.sequences[0]!.truth]).toEqual([1, 0]);
    await expect(read({ sequences: file('n.csv', 'id,seq,tags\na,MK,HE\n'), model })).rejects.toThrow(
      /has the tag "E" at token 2; the model knows: C, H\./,
    );
    const words = { ...model, input: { kind: 'words', words: [], characters: [], lowercase: true } } as const;
    await expect(read({ sequences: file('o.csv', 'id,seq,tags\na,MK,HC\n'), model: words })).rejects.toThrow(
      /holds letters; the model tags words/,
    );
  });
});
