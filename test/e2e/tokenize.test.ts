import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const sequences = (text: string) =>
  text
    .split('>')
    .slice(1)
    .map((record) => record.slice(record.indexOf('\n')).replace(/\s/g, ''));

beforeAll(() => {
  writeFileSync(at.path('promoters.fa'), fastaText(promoters));
  writeFileSync(at.path('words.txt'), 'to be or not to be\nthat is the question, to be\n');
});

describe('tokenize', () => {
  it('train, encode, decode: sequences come back as they were, and so does the tokenizer, byte by byte', async () => {
    const train = ['tokenize', 'train', 'promoters.fa', '--size', '330', '-o'];
    const { code, err } = await at.seqwright(...train, 'mine.json');
    expect(err).toMatch(
      /^bpe: 330 tokens; the corpus of \d+ letters is \d+ of them, \d\.\d\d letters each\.\n$/,
    );
    expect(code).toBe(0);
    await at.seqwright(...train, 'again.json');
    expect(at.read('again.json')).toEqual(at.read('mine.json'));
    const back = await at.shell(
      'seqwright tokenize encode mine.json promoters.fa | seqwright tokenize decode mine.json - --format fasta',
    );
    expect(back.code).toBe(0);
    expect(sequences(back.out)).toEqual(promoters.map(({ sequence }) => sequence.toUpperCase()));
    expect(back.out.match(/^>\S+/gm)).toEqual(promoters.map(({ id }) => `>${id}`));
  });

  it('text: one a line, words, spelled', async () => {
    const trained = await at.seqwright(
      'tokenize',
      'train',
      'words.txt',
      '--kind',
      'words',
      '--special',
      'unknown',
      '--quiet',
      '-o',
      'words.json',
    );
    expect([trained.code, trained.err]).toEqual([0, '']);
    const { out } = await at.fed('to be, not me\n', 'tokenize', 'encode', 'words.json', '-', '--spelled');
    expect(out).toBe('id\tids\ttokens\n1\t1 0 2 2 2\tto be <unk> <unk> <unk>\n');
  });

  it('reads a tokenizer.json, with its frame, and refuses what it does not support', async () => {
    const { cases } = JSON.parse(readFileSync(join(root, 'test/golden/tokenize/huggingface.json'), 'utf8'));
    const { file, encoded } = cases.find(({ name }: { name: string }) => name === 'esm');
    writeFileSync(at.path('tokenizer.json'), JSON.stringify(file));
    const input = `>a\n${encoded[0].text}\n`;
    const { out } = await at.fed(
      input,
      'tokenize',
      'encode',
      'tokenizer.json',
      '-',
      '--frame',
      '--format',
      'jsonl',
    );
    expect(JSON.parse(out)).toEqual({ id: 'a', ids: encoded[0].framed });
    writeFileSync(at.path('tokenizer.json'), JSON.stringify({ ...file, normalizer: { type: 'Nmt' } }));
    const refused = await at.fed(input, 'tokenize', 'encode', 'tokenizer.json', '-');
    expect(refused.code).toBe(3);
    expect(refused.err).toContain('tokenizer.json.normalizer.type is "Nmt"; expected one of');
  });

  it('wrong use and wrong data are said in one line, and nothing is written', async () => {
    const unread = await at.seqwright(
      'tokenize',
      'train',
      'words.txt',
      '--kind',
      'bytes',
      '--size',
      '9',
      '-o',
      'x',
    );
    expect([unread.code, unread.err]).toEqual([
      2,
      'seqwright: --size is for --kind bpe, unigram, words, not bytes. Leave it out.\n',
    ]);
    const letters = await at.seqwright(
      'tokenize',
      'train',
      'promoters.fa',
      '--kind',
      'dna',
      '--quiet',
      '-o',
      'dna.json',
    );
    expect(letters.code).toBe(0);
    const bad = await at.fed('>a\nACGT\n>b\nAC!\n', 'tokenize', 'encode', 'dna.json', '-', '-o', 'x');
    expect(bad.code).toBe(3);
    expect(bad.err).toContain('record "b"');
    const ids = await at.fed('0 1 99\n', 'tokenize', 'decode', 'dna.json', '-', '-o', 'x');
    expect([ids.code, ids.err]).toEqual([
      3,
      expect.stringContaining('stdin:1: 99 is no id of this tokenizer'),
    ]);
    expect(at.list()).not.toContain('x');
  });
});
