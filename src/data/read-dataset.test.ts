import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { dna, protein, rna } from './alphabet.ts';
import { classesOf, encodeAll } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { fastaText } from './fasta/fasta-text.ts';
import { collect, thrown } from './pieces.fixture.ts';
import { fasta, readDataset, table } from './read-dataset.ts';
import { streamRecords } from './read-records.ts';
import { leakage, split } from './split/split.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const problem = async (options: DatasetOptions) => {
  const { kind, message } = await thrown(() => readDataset(options));
  return `${kind}: ${message.replaceAll(`${folder}/`, '')}`;
};
const readable = (notes: string[]) => notes.map((note) => note.replaceAll(`${folder}/`, ''));

const three = '>a class=x one\nACGTAC\n>b class=y\nGGTT\n>c class=x\nACCA\n';
const fa = () => file('t.fa', three);

describe('reading a dataset', () => {
  it('joins labels to sequences by id, in the order of the sequences', async () => {
    const labels = file('t.tsv', 'name\tkind\tfamily\nc\tq\tF1\na\tp\tF2\nb\tq\tF1\n');
    const read = await readDataset({ sequences: fa(), labels, label: 'kind', group: 'family' });
    expect(read.records.map(({ id, labels, group }) => [id, labels, group])).toEqual([
      ['a', ['p'], 'F2'],
      ['b', ['q'], 'F1'],
      ['c', ['q'], 'F1'],
    ]);
    expect(read.target).toEqual({ kind: 'classes', classes: ['p', 'q'], truth: Int32Array.of(0, 1, 1) });
    expect(read.alphabet).toBe(dna);
    expect(read.notes).toEqual([
      'Alphabet dna: 100 % of the letters are bases.',
      'Task: 2 classes: p, q; positive is q (the labels are names).',
    ]);
    expect(read.sources.map(({ path, bytes }) => [path, bytes])).toEqual([
      [fa(), three.length],
      [labels, 38],
    ]);
  });

  it('takes the only free column as the label, or one called so', async () => {
    const only = file('only.csv', 'id,activity\na,1.5\nb,2.5\nc,0.25\n');
    expect((await readDataset({ sequences: fa(), labels: only })).target).toMatchObject({
      names: ['activity'],
    });
    const named = file('named.csv', 'id,extra,Label\na,1,p\nb,2,q\nc,3,q\n');
    expect(classesOf(await readDataset({ sequences: fa(), labels: named }))).toEqual(['p', 'q']);
  });

  it('reads labels from headers', async () => {
    const read = await readDataset({ sequences: fa(), labelFrom: 'class=(\\S+)' });
    expect(read.target).toEqual({ kind: 'classes', classes: ['x', 'y'], truth: Int32Array.of(0, 1, 0) });
  });

  it('reads sequence and label from one table, numbering rows that have no id', async () => {
    const both = file('both.csv', 'sequence,label\nACGT,1\nGGTT,0\nAC-N,1\n');
    const read = await readDataset({ sequences: both });
    expect(read.records.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['1', 'ACGT'],
      ['2', 'GGTT'],
      ['3', 'AC-N'],
    ]);
    expect(read.target).toEqual({ kind: 'classes', classes: ['0', '1'], truth: Int32Array.of(1, 0, 1) });
    const named = file('named.tsv', 'who\tletters\ty\nu\tMKLV\t0.5\nv\tWWPE\t0.75\n');
    const other = await readDataset({ sequences: named, id: 'who', sequence: 'letters' });
    expect([other.records[0]!.id, other.alphabet, other.target!.kind]).toEqual(['u', protein, 'values']);
  });

  it('reads the same from gzip', async () => {
    const plain = await readDataset({ sequences: fa(), labelFrom: 'class=(\\S+)' });
    const packed = await readDataset({
      sequences: file('t.fa.gz', gzipSync(three)),
      labelFrom: 'class=(\\S+)',
    });
    expect({ ...packed, sources: [] }).toEqual({ ...plain, sources: [] });
  });

  it('loses no record, whatever the width and packing', async () => {
    const record = fc.tuple(fc.stringMatching(/^[ACGTN]{1,30}$/), fc.constantFrom('x', 'y'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 3, maxLength: 20 }),
        fc.nat(12),
        fc.boolean(),
        async (all, width, gz) => {
          const records = all.map(([sequence, label], i) => ({
            id: `r${i}`,
            sequence,
            description: `l=${label}`,
          }));
          const text = [...fastaText(records, { width })].join('');
          const path = file('any', gz ? gzipSync(text) : text);
          const read = await readDataset({
            sequences: path,
            labelFrom: 'l=(.)',
            task: 'classes',
            schema: { kind: 'classes', classes: ['x', 'y'] },
            alphabet: dna,
          });
          expect(read.records.map(({ id, sequence, labels }) => [id, sequence, labels![0]])).toEqual(
            all.map(([sequence, label], i) => [`r${i}`, sequence, label]),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves out sequences without label and labels without sequence, and says so', async () => {
    const labels = file('part.csv', 'id,label\na,p\nb,q\nz,q\n');
    const read = await readDataset({ sequences: fa(), labels });
    expect(read.records.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(readable(read.notes.slice(2))).toEqual([
      'Left out 1 record (no label): c.',
      'Left out 1 record (label in part.csv without a sequence): z.',
    ]);
    expect(read.skipped.map(({ count, examples }) => [count, examples])).toEqual([
      [1, ['c']],
      [1, ['z']],
    ]);
  });

  it('masks, skips or refuses ambiguity letters as asked', async () => {
    const path = file('n.fa', '>a\nACGT\n>b\nANNT\n>c\nGGTT\n');
    expect((await readDataset({ sequences: path })).records.length).toBe(3);
    const skipped = await readDataset({ sequences: path, ambiguous: 'skip' });
    expect(skipped.records.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(skipped.notes[1]).toBe('Left out 1 record (letters outside the alphabet): b.');
    const labels = file('n.csv', 'id,label\na,x\nb,y\nc,y\n');
    const joined = await readDataset({ sequences: path, labels, ambiguous: 'skip' });
    expect(joined.skipped.map(({ reason }) => reason)).toEqual(['letters outside the alphabet']);
    expect(await problem({ sequences: file('nn.fa', '>a\nN\n>b\nNN\n'), ambiguous: 'skip' })).toBe(
      'data: nn.fa has 0 usable records; at least 2 are needed.',
    );
    expect(await problem({ sequences: path, ambiguous: 'error' })).toBe(
      'data: n.fa:3: record "b" has "N" at position 2; expected one of A C G T. ' +
        'Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.',
    );
  });

  it('reads tracks and weights beside the sequence', async () => {
    const path = file(
      'tracks.tsv',
      'id\tsequence\tlabel\tsignal\tweight\na\tACG\t1\t0.5, 1 2\t2\nb\tAC\t0\t3,4\t0.5\n',
    );
    const read = await readDataset({ sequences: path, tracks: ['signal'], weight: 'weight' });
    expect(read.tracks).toEqual(['signal']);
    expect(read.records.map(({ tracks, weight }) => [tracks!.map((track) => [...track]), weight])).toEqual([
      [[[0.5, 1, 2]], 2],
      [[[3, 4]], 0.5],
    ]);
    const label = { sequences: path, label: 'label' };
    const short = file('short.tsv', 'id\tsequence\tlabel\tsignal\na\tACG\t1\t0.5,1\nb\tAC\t0\t3,4\n');
    expect(await problem({ ...label, sequences: short, tracks: ['signal'] })).toBe(
      'data: short.tsv:2: record "a" has 2 numbers as "signal" for 3 letters; expected one a letter.',
    );
    const words = file('words.tsv', 'id\tsequence\tlabel\tsignal\tw\na\tAC\t1\t1,x\t-1\nb\tAC\t0\t3,4\t1\n');
    expect(await problem({ ...label, sequences: words, tracks: ['signal'] })).toBe(
      'data: words.tsv:2: record "a" has "x" as number 2 of "signal"; expected a finite number.',
    );
    expect(await problem({ ...label, sequences: words, weight: 'w' })).toBe(
      'data: words.tsv:2: record "a" has "-1" as "w"; expected a weight of zero or more.',
    );
  });

  it('is friendly as a library', async () => {
    const records = await fasta(fa(), { alphabet: rna, label: (r) => r.tags.class, group: (r) => r.id });
    expect([classesOf(records), records.records[1]!.group, encodeAll(records)[1]]).toEqual([
      ['x', 'y'],
      'b',
      Int32Array.of(2, 2, 3, 3),
    ]);
    const path = file('lib.csv', 'sequence,score\nACGT,10\nGGTT,2\n');
    const scored = await table(path, { label: (r) => Number(r.tags.score) / 4 });
    expect(scored.target).toEqual({ kind: 'values', names: ['label'], truth: Float64Array.of(2.5, 0.5) });
    const some = await fasta(fa(), { label: (r) => (r.id === 'c' ? undefined : r.id), task: 'classes' });
    expect(some.records.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('has no target where there are no labels', async () => {
    expect('target' in (await readDataset({ sequences: fa() }))).toBe(false);
  });
});

describe('bad input', () => {
  const labelled = (labels: string, more: Partial<DatasetOptions> = {}) =>
    problem({ sequences: fa(), labels: file('l.csv', labels), ...more });

  it('names both lines of a duplicate id', async () => {
    expect(await problem({ sequences: file('d.fa', '>a\nA\n>b\nC\n>a\nG\n') })).toBe(
      'data: d.fa:5: id "a" is already taken on line 1; ids must be unique.',
    );
    expect(await labelled('id,label\na,p\nb,q\na,q\n')).toBe(
      'data: l.csv:4: id "a" is already taken on line 2; ids must be unique.',
    );
  });

  it('refuses labels of which none joins', async () => {
    expect(await labelled('id,label\nu,p\nv,q\n')).toBe(
      'data: No id of t.fa (such as "a") is in column "id" of l.csv (such as "u"). Choose the id column with --id.',
    );
  });

  it('lists the columns where one is missing or the choice is open', async () => {
    expect(await labelled('id,p,q\na,1,0\n', { label: 'r' })).toBe(
      'data: l.csv has no column "r"; it has: id, p, q.',
    );
    expect(await labelled('id,p,q\na,1,0\n', { id: 'name' })).toBe(
      'data: l.csv has no column "name"; it has: id, p, q.',
    );
    expect(await labelled('id,p,q\na,1,0\n')).toBe(
      'usage: Which column of l.csv holds the labels? Say --label with one or more of: p, q.',
    );
    expect(await problem({ sequences: file('noseq.csv', 'id,label\na,1\n') })).toBe(
      'data: noseq.csv has no column "sequence"; it has: id, label.',
    );
    expect(await problem({ sequences: fa(), label: 'class' })).toBe(
      'usage: t.fa is no table and has no column "class"; give a table with --labels.',
    );
  });

  it('refuses one sequence, none, and one class', async () => {
    expect(await problem({ sequences: file('one.fa', '>a\nACGT\n') })).toBe(
      'data: one.fa has 1 usable record; at least 2 are needed.',
    );
    expect(await problem({ sequences: file('head.csv', 'sequence,label\n') })).toBe(
      'data: head.csv holds a header line but no rows.',
    );
    expect(await labelled('id,label\n')).toBe('data: l.csv holds a header line but no rows.');
    expect(await labelled('id,label\na,p\nb,p\nc,p\n')).toBe(
      'data: l.csv: every record has the class "p"; training needs at least two classes.',
    );
  });

  it('refuses a zero-length sequence and an empty id in a table', async () => {
    expect(await problem({ sequences: file('z.csv', 'sequence,label\nACGT,1\n,0\n') })).toBe(
      'data: z.csv:3: record "2" has an empty sequence.',
    );
    expect(await problem({ sequences: file('i.csv', 'id,sequence\n,ACGT\n') })).toBe(
      'data: i.csv:2: the cell of column "id" is empty.',
    );
  });

  it('names file, line, record and position of a wrong letter, and the alphabet that fits', async () => {
    expect(await problem({ sequences: file('p.fa', '>a\nACGT\n>b\nMKLV\n'), alphabet: dna })).toBe(
      'data: p.fa:3: record "b" has "L" at position 3; expected a DNA letter (A C G T or IUPAC). ' +
        'Use --alphabet protein if these are proteins.',
    );
  });

  it('refuses a file that is not FASTA, by name', async () => {
    expect(await problem({ sequences: file('r.sam', '@HD\tVN:1.6\n') })).toBe(
      'data: r.sam:1: expected FASTA, a line that starts with ">"; this looks like SAM.',
    );
    expect(await problem({ sequences: file('e.fa', '') })).toBe('data: e.fa is empty; expected FASTA.');
  });

  it('refuses options that contradict one another', async () => {
    expect(await problem({ sequences: '-', labels: '-' })).toBe(
      'usage: Sequences and labels cannot both come from standard input; name a file for one of them.',
    );
    expect(await problem({ sequences: fa(), labelFrom: '(x)', label: 'y' })).toBe(
      'usage: Labels come either from the headers (--label-from) or from a table or column, not both.',
    );
    expect(await problem({ sequences: fa(), labelFrom: 'class' })).toBe(
      `usage: --label-from "class" has 0 groups; expected one, such as 'class=(\\S+)'.`,
    );
    expect(await problem({ sequences: fa(), labelFrom: 'k=(\\S+)' })).toBe(
      'data: t.fa: no header matches "k=(\\S+)"; the first is "a class=x one".',
    );
    expect(await problem({ sequences: fa(), labelFrom: '(' })).toMatch(
      /^usage: --label-from "\(": Invalid regular/,
    );
  });
});

describe('streaming records', () => {
  it('checks letters, counts what it leaves out and keeps order, with ids that repeat', async () => {
    const path = file('s.fa', '>a\nACGT\n>b\nNN\n>a\nggtt\n');
    const stream = await streamRecords(path, { alphabet: dna, ambiguous: 'skip' });
    const records = await collect(stream.records);
    expect(records.map(({ id, sequence }) => [id, sequence])).toEqual([
      ['a', 'ACGT'],
      ['a', 'ggtt'],
    ]);
    expect([stream.skipped.count, stream.digest().bytes]).toEqual([1, 22]);
  });
});

const bench = new URL('../../../shared/data/bench/gue_tf/0/train.csv', import.meta.url);
describe('public benchmark files', () => {
  it.skipIf(!existsSync(bench))('are read as they come, and their leakage measured', async () => {
    const [train, test] = await Promise.all(
      ['train', 'test'].map((part) => readDataset({ sequences: new URL(`${part}.csv`, bench).pathname })),
    );
    expect([train!.records.length, test!.records.length]).toEqual([32378, 1000]);
    expect(leakage(train!, test!).tested).toBe(1000);
    expect(split(train!, { by: 'homology', test: 0.1 }).test.records.length).toBeGreaterThan(3000);
  });
});
