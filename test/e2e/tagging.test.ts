import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const names = ['Ann', 'Bo', 'Cy', 'Dee', 'Eva', 'Fay', 'Gus', 'Hal'];
const others = ['saw', 'the', 'old', 'cat', 'near', 'a', 'red', 'hill'];

/** Sentences in which capitalised words are persons; a few of them end in a name of two words. */
const sentences = Array.from({ length: 120 }, (_, s) => {
  const word = (i: number) => others[(s * 7 + i * 3) % others.length]!;
  const person = [names[s % names.length]!, ...(s % 3 === 0 ? [names[(s * 5 + 1) % names.length]!] : [])];
  const tokens = [word(0), ...person, word(1), word(2), names[(s * 3) % names.length]!];
  const tags = ['O', ...person.map((_, i) => (i === 0 ? 'B-PER' : 'I-PER')), 'O', 'O', 'B-PER'];
  return { tokens, tags };
});
const conll = (rows: typeof sentences) =>
  rows
    .map(({ tokens, tags }) => `${tokens.map((token, t) => `${token} X ${tags[t]}`).join('\n')}\n\n`)
    .join('');

/** Chains in which every run of five or more of A, L and E is a helix. */
const chains = Array.from({ length: 80 }, (_, s) => {
  const helix = 'ALEALEAL'.slice(0, 5 + (s % 4));
  const sequence = `${'GPGS'.slice(0, 1 + (s % 4))}${helix}GPSG${s % 2 ? 'ALEAL' : 'GG'}`;
  const tags = sequence.replace(/[ALE]{5,}/g, (run) => 'H'.repeat(run.length)).replace(/[^H]/g, 'C');
  return { id: `c${s}`, sequence, tags };
});

const small = ['--epochs', '6', '--rate', '0.01', '--batch-size', '8'];
const wordModel = [...small, '--set', 'hidden=8', '--set', 'wordSize=8', '--set', 'characterHidden=6'];
const refused = (code: number, err: string) => ({ code, signal: null, out: '', err: `seqwright: ${err}\n` });

beforeAll(() => {
  writeFileSync(at.path('train.conll'), conll(sentences));
  writeFileSync(at.path('new.conll'), conll(sentences.slice(0, 3)));
  writeFileSync(at.path('chains.fa'), chains.map(({ id, sequence }) => `>${id}\n${sequence}\n`).join(''));
  writeFileSync(
    at.path('fold.tsv'),
    `id\tfold\n${chains.map(({ id, tags }) => `${id}\t${tags}\n`).join('')}`,
  );
});

describe('words in CoNLL columns', () => {
  it('train: says what it read, and leaves a model and a report beside the unigram tagger', async () => {
    const { code, out, err } = await at.seqwright(
      ...['train', 'train.conll', '--task', 'tagging', '--label', 'ner', '-o', 'ner.model', ...wordModel],
    );
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toContain('Tags: spans as B-, I- and O (BIO).\n');
    expect(err).toMatch(/^120 sentences, 640 words; O 360, B-PER 240, I-PER 40\.$/m);
    expect(err).toMatch(/^Split at random\. 86 training, 10 validation, 24 test\.$/m);
    expect(out).toMatch(/^bilstm tagger of train\.conll: \d+ records evaluated in 24 groups$/m);
    expect(out).toMatch(/^metric +value +95 % interval +majority +unigram$/m);
    expect(out).toMatch(/^spanF1 +[01]\.\d+ +0\.\d+–[01]\.\d+ +0\.000 +0\.\d+$/m);
    expect(at.list('ner.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    expect(at.read('ner.report/report.html').toString()).toContain('Span F1');
  });

  it('evaluate: prints the same shape of results, with baselines where it sees the training data', async () => {
    const { code, out } = await at.seqwright(
      ...['evaluate', 'ner.model', 'new.conll', '--train', 'train.conll', '--json', '--quiet'],
    );
    expect(code).toBe(0);
    const results = JSON.parse(out);
    expect(Object.keys(results.baselines)).toEqual(['majority', 'unigram']);
    expect(results.metrics.spanF1).toMatchObject({ value: expect.any(Number) });
    expect(results.similarity.sentence).toMatch(
      /^3 of 3 test sentences \(100 %\) stand in the training data/,
    );
    expect(results.confusion.classes).toEqual(['O', 'B-PER', 'I-PER']);
  });

  it('tag: adds a column to CoNLL, from a file and from a pipe', async () => {
    const { code, out, err } = await at.seqwright('tag', 'ner.model', 'new.conll');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const rows = out.split('\n').map((line) => line.split('\t'));
    expect(rows[0]).toEqual([sentences[0]!.tokens[0], 'X', 'O', expect.stringMatching(/^(O|B-PER)$/)]);
    expect(out.split('\n\n')).toHaveLength(4);
    expect(await at.seqwright('tag', 'ner.model', 'new.conll', '-o', 'tagged.conll')).toMatchObject({
      code: 0,
      out: '',
    });
    expect(at.read('tagged.conll').toString()).toBe(out);
    expect((await at.shell('cat new.conll | seqwright tag ner.model -')).out).toBe(out);
  });

  it('tag: reads text, and writes JSON lines with the best ways', async () => {
    const { out } = await at.shell(
      "echo 'Ann saw a red hill near Bo.' | seqwright tag ner.model - --json --best 2",
    );
    const found = JSON.parse(out);
    expect(found.tokens).toEqual(['Ann', 'saw', 'a', 'red', 'hill', 'near', 'Bo', '.']);
    expect(found.best).toHaveLength(2);
    expect(found.best[0].tags).toEqual(found.tags);
    expect(found.best[0].logProbability).toBeGreaterThanOrEqual(found.best[1].logProbability);
    const sum = ['O', 'B-PER', 'I-PER'].reduce((total, tag) => total + found.probabilities[tag][0], 0);
    expect(sum).toBeCloseTo(1, 4);
  });
});

describe('letters in FASTA, their tags in a table', () => {
  it('trains, and writes tables, intervals and tracks', async () => {
    const { code, out } = await at.seqwright(
      ...[
        'train',
        'chains.fa',
        '--labels',
        'fold.tsv',
        '--task',
        'tagging',
        '--alphabet',
        'protein',
        '-o',
        'fold.model',
      ],
      ...[
        '--model',
        'cnn',
        '--set',
        'width=16',
        '--set',
        'dilations=1,2',
        '--set',
        'output=softmax',
        ...small,
        '--quiet',
      ],
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^metric +value +95 % interval +majority +3-letter unigram +15-letter logistic$/m);
    writeFileSync(at.path('one.fa'), '>x\nGPGSALEALEALGPSG\n');
    const tagged = async (...args: string[]) =>
      (await at.seqwright('tag', 'fold.model', 'one.fa', ...args)).out;
    const table = (await tagged()).trimEnd().split('\n');
    expect(table[0]).toBe('id\tposition\ttoken\ttag\tprobability\tp(C)\tp(H)');
    expect(table).toHaveLength(17);
    const bed = (await tagged('--format', 'bed'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect([bed[0]![1], bed.at(-1)![2]]).toEqual(['0', '16']);
    const gff = (await tagged('--format', 'gff3')).trimEnd().split('\n');
    expect(gff[0]).toBe('##gff-version 3');
    expect(gff).toHaveLength(bed.length + 1);
    expect(gff[1]!.split('\t')[3]).toBe('1');
    const track = (await tagged('--format', 'bedgraph', '--track', 'H')).trimEnd().split('\n');
    expect(track[0]).toMatch(/^x\t0\t\d+\t[01]/);
  });
});

describe('what cannot be', () => {
  const train = (...args: string[]) =>
    at.seqwright(
      'train',
      'train.conll',
      '--task',
      'tagging',
      '-o',
      'no.model',
      '--quiet',
      ...wordModel,
      ...args,
    );

  it('is refused before anything is trained', async () => {
    writeFileSync(at.path('stuck.txt'), 'START O\nO O\n');
    expect(await train('--transitions', 'stuck.txt')).toEqual(
      refused(
        2,
        'the rules of the tags allow no sequence in which B-PER or I-PER stands: it cannot be reached from the beginning, or the end not from it. Allow more transitions, or choose another scheme.',
      ),
    );
    expect((await train('--class-weights', 'balanced')).err).toMatch(/go with the output softmax/);
    expect((await train('--label', '9')).err).toBe(
      'seqwright: train.conll has 3 columns; there is no column 9.\n',
    );
    expect((await train('--model', 'gru')).err).toMatch(/there is no tagger "gru"\. Did you mean bigru\?/);
    expect(at.list()).not.toContain('no.model');
  });

  it('is refused where data and model do not go together', async () => {
    writeFileSync(at.path('other.conll'), 'Ann B-ORG\nran O\n');
    expect(await at.seqwright('evaluate', 'ner.model', 'other.conll', '--quiet')).toEqual(
      refused(3, 'other.conll:1 has the tag "B-ORG" at token 1; the model knows: O, B-PER, I-PER.'),
    );
    expect((await at.seqwright('tag', 'ner.model', 'chains.fa')).err).toMatch(
      /looks like FASTA; the model tags words/,
    );
    expect((await at.seqwright('tag', 'ner.model', 'new.conll', '--format', 'bed')).err).toMatch(
      /bed is for letters/,
    );
    expect((await at.seqwright('predict', 'ner.model', 'chains.fa')).err).toMatch(/ner\.model is a tagger/);
    writeFileSync(at.path('bad.fa'), '>x\nGPG1\n');
    expect((await at.seqwright('tag', 'fold.model', 'bad.fa')).err).toMatch(
      /bad\.fa:1: record "x" has "1" at position 4/,
    );
  });
});
