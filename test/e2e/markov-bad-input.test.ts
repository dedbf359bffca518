import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const write = (name: string, content: string) => writeFileSync(at.path(name), content);
const lines = (text: string) => text.trimEnd().split('\n');

const topology = {
  ...{ format: 'seqwright hmm', version: 1, letters: 'ACGT' },
  states: [
    { name: 'sea', start: 0.5, to: { sea: 0.95, island: 0.05 } },
    { name: 'island', start: 0.5, to: { sea: 0.1, island: 0.9 } },
  ],
  emissions: { kind: 'categorical' },
};
const trained = {
  ...topology,
  emissions: {
    kind: 'categorical',
    distributions: { sea: [0.4, 0.1, 0.1, 0.4], island: [0.1, 0.4, 0.4, 0.1] },
  },
};
beforeAll(() => {
  write('topology.json', JSON.stringify(topology));
  write('trained.json', JSON.stringify(trained));
  const letters = 'ATTAATATTAATTATAATTAGCCGGCGCCGGCCGCGGCCG';
  write('striped.fa', `>one\n${letters.repeat(4)}\n>two\n${letters.repeat(2)}\n`);
});

describe('bad input to Markov models', () => {
  const cases: [what: string, args: string[], code: number, line: string | RegExp][] = [
    [
      'no topology',
      ['hmm', 'train', 'striped.fa'],
      2,
      /^one file; expected a topology and sequences: .* With --states 3 no topology is needed\.$/,
    ],
    [
      'a topology and --states',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--states', '2'],
      2,
      /^2 files with --states; expected the sequences alone\./,
    ],
    [
      'options that a topology decides',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--order', '1'],
      2,
      '--order goes with --states; the model that is given says it itself.',
    ],
    [
      'FASTA for a model',
      ['hmm', 'decode', 'striped.fa', 'striped.fa'],
      3,
      'striped.fa is no Markov model: it begins with ">one\\nATTAATATTAATTAT"; expected JSON, "{". Is it the file that was meant?',
    ],
    [
      'a model that is cut off',
      ['hmm', 'decode', 'cut.json', 'striped.fa'],
      3,
      'cut.json is truncated: its JSON ends too early. Copy it again, or close what is open.',
    ],
    [
      'a model of another version',
      ['hmm', 'decode', 'later.json', 'striped.fa'],
      3,
      'later.json is of version 7 of the format "seqwright hmm"; this Seqwright reads version 1. Update Seqwright.',
    ],
    [
      'rows that do not sum to one',
      ['hmm', 'decode', 'sum.json', 'striped.fa'],
      3,
      'sum.json: The probabilities of leaving state sea sum to 0.9; expected 1.',
    ],
    [
      'a state that no path reaches',
      ['hmm', 'decode', 'lost.json', 'striped.fa'],
      3,
      'lost.json: no path from the start reaches state "island". Give it a start, lead a transition to it, or remove it.',
    ],
    [
      'a topology that is not trained',
      ['hmm', 'decode', 'topology.json', 'striped.fa'],
      2,
      /^topology\.json has no emission probabilities for sea, island; train it first: seqwright hmm train topology\.json/,
    ],
    ['no such model', ['hmm', 'score', 'none.json', 'striped.fa'], 3, /^none\.json: no such file/],
    [
      'letters that it does not know',
      ['hmm', 'decode', 'trained.json', 'protein.fa'],
      3,
      /^protein\.fa:1: record "p" has "E" at position 2; expected a DNA letter/,
    ],
    [
      'a label that it does not know',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--labels', 'lake.bed'],
      3,
      'lake.bed:1: the label "lake" is none of the model\'s; expected sea, island.',
    ],
    [
      'labels off the end',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--labels', 'far.bed'],
      3,
      'far.bed:1: end 999 lies beyond the 160 letters of "one".',
    ],
    [
      'labels of other sequences',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--labels', 'other.bed'],
      3,
      'other.bed has labels for "three", which is none of the sequences. Check that both files name them alike.',
    ],
    [
      'labels that overlap',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--labels', 'overlap.bed'],
      3,
      'overlap.bed:2: position 5 of "one" has another label already. Labels must not overlap.',
    ],
    [
      'labels of another length',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--labels', 'short.fa'],
      3,
      'short.fa:1: record "one" has 3 labels for 160 positions; expected one letter for each.',
    ],
    [
      'supervised training without labels',
      ['hmm', 'train', 'topology.json', 'striped.fa', '--method', 'supervised'],
      2,
      '--method supervised counts what labels say, and there are none: give --labels or --label.',
    ],
    [
      'several columns',
      ['hmm', 'train', 'two.csv', '--states', '2', '--emissions', 'gaussian'],
      2,
      'two.csv has the columns x, y; say with --column which of them hold the numbers.',
    ],
    [
      'text for numbers',
      ['hmm', 'train', 'two.csv', '--states', '2', '--emissions', 'gaussian', '--column', 'y'],
      3,
      'two.csv:2: "y" is "b"; expected a number, or an empty cell or NA where it is missing.',
    ],
    [
      'fractions for counts',
      ['hmm', 'train', 'two.csv', '--states', '2', '--emissions', 'poisson', '--column', 'x'],
      3,
      /0\.5 at position 2 is no count; expected 0, 1, 2/,
    ],
    [
      'a column that is not there',
      ['hmm', 'train', 'two.csv', '--states', '2', '--emissions', 'gaussian', '--column', 'z'],
      3,
      'two.csv has no column "z"; it has: x, y.',
    ],
    [
      'the k best of another method',
      ['hmm', 'decode', 'trained.json', 'striped.fa', '--best', '2', '--method', 'mea'],
      2,
      '--best goes with --method viterbi, not mea.',
    ],
    [
      'an n-gram model for an HMM',
      ['hmm', 'decode', 'small.ngram.json', 'striped.fa'],
      3,
      /^small\.ngram\.json is an n-gram model; expected a hidden Markov model/,
    ],
    [
      'an HMM of numbers for a language model',
      ['generate', 'numbers.json'],
      2,
      /^numbers\.json is an HMM of numbers, which foretells no letters\./,
    ],
    [
      'fitting options for an n-gram model',
      ['train', 'striped.fa', '--task', 'language', '--model', 'ngram', '--smoothing', '0.1', '-o', 'x.json'],
      2,
      '--smoothing does not go with --model ngram, which is counted, not fitted. How counts are smoothed: --set smoothing=kneser-ney.',
    ],
    [
      'an unknown setting',
      ['train', 'striped.fa', '--task', 'language', '--model', 'ngram', '--set', 'ordre=2', '-o', 'x.json'],
      2,
      'the language model ngram has no setting "ordre". Did you mean order?',
    ],
    [
      'an unknown smoothing',
      [
        'train',
        'striped.fa',
        '--task',
        'language',
        '--model',
        'ngram',
        '--set',
        'smoothing=laplace',
        '-o',
        'x.json',
      ],
      2,
      '--set smoothing: expected one of auto, witten-bell, kneser-ney, additive, received "laplace".',
    ],
    [
      'an n-gram model without its task',
      ['train', 'striped.fa', '--model', 'ngram', '-o', 'x.json'],
      2,
      'ngram is a language model: it goes with --task language.',
    ],
    [
      'a folder in the way',
      ['train', 'striped.fa', '--task', 'language', '--model', 'ngram', '-o', '.'],
      2,
      '. is a folder; an n-gram model is one file. Choose another name, or move it away.',
    ],
    [
      'an n-gram model that was edited',
      ['generate', 'edited.ngram.json'],
      3,
      /^edited\.ngram\.json: counts after "A": "C" was seen more often than after the shorter context\.$/,
    ],
    [
      'an n-gram model that is cut off',
      ['evaluate', 'cut.ngram.json', 'striped.fa'],
      3,
      /^cut\.ngram\.json is truncated/,
    ],
  ];

  beforeAll(async () => {
    const text = JSON.stringify(trained);
    write('cut.json', text.slice(0, 200));
    write('later.json', text.replace('"version":1', '"version":7'));
    write('sum.json', text.replace('0.95', '0.85'));
    write(
      'lost.json',
      text
        .replace('"sea":0.95,"island":0.05', '"sea":1')
        .replace('"name":"island","start":0.5', '"name":"island"')
        .replace('"start":0.5', '"start":1'),
    );
    write('protein.fa', '>p\nMEEPQSDPSV\n'.replace('M', 'A'));
    write('lake.bed', 'one\t0\t5\tlake\n');
    write('far.bed', 'one\t0\t999\tsea\n');
    write('other.bed', 'three\t0\t5\tsea\n');
    write('overlap.bed', 'one\t0\t5\tsea\none\t4\t9\tisland\n');
    write('short.fa', '>one\nsis\n');
    write('two.csv', 'x,y\n1,b\n0.5,2\n1,3\n');
    write(
      'numbers.json',
      JSON.stringify({ ...trained, letters: undefined, columns: ['x'], emissions: { kind: 'gaussian' } }),
    );
    await at.seqwright(
      'train',
      'striped.fa',
      '--task',
      'language',
      '--model',
      'ngram',
      '--set',
      'order=1',
      '--no-test',
      '--no-report',
      '-o',
      'small.ngram.json',
    );
    const small = at.read('small.ngram.json').toString();
    write('cut.ngram.json', small.slice(0, -20));
    const edited = JSON.parse(small);
    edited.counts[0].before.A.next.C = 1e6;
    write('edited.ngram.json', JSON.stringify(edited));
  });

  it.each(cases)('%s', async (_, args, code, line) => {
    const before = at.list();
    const result = await at.seqwright(...args);
    expect(result).toMatchObject({ code, out: '' });
    expect(
      lines(result.err)
        .at(-1)!
        .replace(/^seqwright: /, ''),
    ).toMatch(line);
    expect(at.list()).toEqual(before);
  });
});
