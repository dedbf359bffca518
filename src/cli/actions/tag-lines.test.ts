import { describe, expect, it } from 'vitest';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import { type TagFormat, type TaggedLine, tagFormat, tagLines } from './tag-lines.ts';

const letters = { kind: 'letters', alphabet: { name: 'protein', letters: 'ACDEFGHIKLMNPQRSTVWY' } } as const;
const words = { kind: 'words', words: [], characters: [], lowercase: true } as const;
const spec = (input: TaggerSpec['input'], tags: string[]): TaggerSpec => ({
  kind: 'tagger',
  architecture: 'bilstm',
  config: {},
  input,
  tags,
  rules: { scheme: 'none', allowed: null },
});

/** The tag that was decided has 0.75 everywhere, the rest is shared. */
function line(id: string, tokens: string | string[], tags: string[], all: string[], input = {}): TaggedLine {
  const probabilities = Float32Array.from(
    tags.flatMap((tag) => all.map((name) => (name === tag ? 0.75 : 0.25 / (all.length - 1)))),
  );
  return {
    input: { id, tokens, ...input },
    tagged: { id, tokens, tags, logProbability: -1.5, probabilities },
  };
}

async function written(
  of: TaggerSpec,
  lines: TaggedLine[],
  format: TagFormat,
  track?: string,
): Promise<string> {
  async function* stream() {
    yield* lines;
  }
  let text = '';
  for await (const piece of tagLines(of, stream(), { format, track })) text += piece;
  return text;
}

const fold = ['C', 'H'];
const protein = line('p1', 'MKVLA', ['C', 'H', 'H', 'H', 'C'], fold);
const genes = ['O', 'B-x', 'I-x'];
const sentence = line('7', ['the', 'IL-2', 'gene'], ['O', 'B-x', 'I-x'], genes, {
  columns: [
    ['the', 'IL-2', 'gene'],
    ['DT', 'NN', 'NN'],
  ],
  comments: ['sent_id = 7'],
});

describe('tagLines', () => {
  it('adds the tags to the columns of CoNLL, comments kept', async () => {
    expect(await written(spec(words, genes), [sentence], 'conll')).toBe(
      '# sent_id = 7\nthe\tDT\tO\nIL-2\tNN\tB-x\ngene\tNN\tI-x\n\n',
    );
  });

  it('writes a table of tokens', async () => {
    const text = await written(spec(letters, fold), [protein], 'tsv');
    const rows = text.trimEnd().split('\n');
    expect(rows[0]).toBe('id\tposition\ttoken\ttag\tprobability\tp(C)\tp(H)');
    expect(rows[2]).toBe('p1\t2\tK\tH\t0.75\t0.25\t0.75');
    expect(rows).toHaveLength(6);
  });

  it('writes runs from 0 half-open in BED and from 1 in GFF3, spans where tags write them', async () => {
    expect(await written(spec(letters, fold), [protein], 'bed')).toBe(
      'p1\t0\t1\tC\t750\np1\t1\t4\tH\t750\np1\t4\t5\tC\t750\n',
    );
    const spans = line('s', 'ACGTA', ['O', 'B-x', 'I-x', 'B-x', 'O'], genes);
    expect(await written(spec(letters, genes), [spans], 'bed')).toBe('s\t1\t3\tx\t750\ns\t3\t4\tx\t750\n');
    const gff = await written(spec(letters, genes), [spans], 'gff3');
    expect(gff).toBe(
      '##gff-version 3\ns\tseqwright\tregion\t2\t3\t0.75\t.\t.\tName=x\ns\tseqwright\tregion\t4\t4\t0.75\t.\t.\tName=x\n',
    );
  });

  it('writes the probability of one tag as bedGraph, equal neighbours joined', async () => {
    expect(await written(spec(letters, fold), [protein], 'bedgraph', 'H')).toBe(
      'p1\t0\t1\t0.25\np1\t1\t4\t0.75\np1\t4\t5\t0.25\n',
    );
  });

  it('writes JSON lines, with the best ways where they were asked for', async () => {
    const best = [{ tags: sentence.tagged.tags, logProbability: -1.5 }];
    const text = await written(
      spec(words, genes),
      [{ ...sentence, tagged: { ...sentence.tagged, best } }],
      'jsonl',
    );
    expect(JSON.parse(text)).toMatchObject({
      id: '7',
      tokens: ['the', 'IL-2', 'gene'],
      tags: ['O', 'B-x', 'I-x'],
      logProbability: -1.5,
      best: [{ tags: ['O', 'B-x', 'I-x'], logProbability: -1.5 }],
      probabilities: { O: [0.75, 0.125, 0.125] },
    });
  });
});

describe('tagFormat', () => {
  it('is told by the name of the output, else by what is tagged', () => {
    const of = (output: string, input: TaggerSpec['input'] = letters, track?: string) =>
      tagFormat(output, undefined, spec(input, fold), track);
    expect(['x.bed', 'x.gff.gz', 'x.jsonl', 'x.conll', '-'].map((name) => of(name))).toEqual([
      ...['bed', 'gff3', 'jsonl', 'conll', 'tsv'],
    ]);
    expect(of('-', words)).toBe('conll');
    expect(of('x.bg', letters, 'H')).toBe('bedgraph');
  });

  it('refuses what cannot be', () => {
    expect(() => tagFormat('x.bed', undefined, spec(words, fold), undefined)).toThrow(/bed is for letters/);
    expect(() => tagFormat('-', 'bedgraph', spec(letters, fold), undefined)).toThrow(
      /give --track with one of C, H/,
    );
    expect(() => tagFormat('-', 'bedgraph', spec(letters, fold), 'E')).toThrow(/one of C, H/);
    expect(() => tagFormat('-', 'bed', spec(letters, fold), 'H')).toThrow(
      /--track names the tag of a bedGraph/,
    );
  });
});
