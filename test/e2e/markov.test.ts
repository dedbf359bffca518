import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const write = (name: string, content: string) => writeFileSync(at.path(name), content);
const json = (name: string) => JSON.parse(at.read(name).toString());
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
/** Twenty letters of A and T, twenty of G and C, and so on. */
const striped = (id: string, stripes: number) =>
  `>${id}\n${Array.from({ length: stripes }, (_, i) => (i % 2 === 0 ? 'ATTAATATTAATTATAATTA' : 'GCCGGCGCCGGCCGCGGCCG')).join('')}\n`;

beforeAll(() => {
  write('topology.json', JSON.stringify(topology));
  write('trained.json', JSON.stringify(trained));
  write('striped.fa', striped('one', 8) + striped('two', 5));
  const stripes = ['one', 'two'].flatMap((id, n) =>
    Array.from(
      { length: [8, 5][n]! },
      (_, i) => `${id}\t${20 * i}\t${20 * i + 20}\t${i % 2 === 0 ? 'sea' : 'island'}`,
    ),
  );
  write('stripes.bed', `${stripes.join('\n')}\n`);
});

describe('hmm train', () => {
  it('fills in what a topology leaves open, says what it found, and gives the same bytes each time', async () => {
    const command = ['hmm', 'train', 'topology.json', 'striped.fa', '--restarts', '3'];
    const { code, out, err } = await at.seqwright(...command, '-o', 'found.json');
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(
      /^Baum–Welch: 2 states, 2 sequences of 260 positions\.\nLog-likelihood -\d+\.\d{3} after \d+ rounds.*; \d+ free parameters, BIC \d+\.\d\.\nsea: lasts 2\d\.\d+ positions on average; /,
    );
    const { emissions, training } = json('found.json');
    const rows: number[][] = Object.values(emissions.distributions);
    const weak = ([a, , , t]: number[]) => a! + t!;
    expect(rows.map(weak).sort((a, b) => a - b)).toEqual([expect.closeTo(0, 3), expect.closeTo(1, 3)]);
    expect(training).toMatchObject({
      method: 'baum-welch',
      sequences: 2,
      positions: 260,
      converged: true,
      seed: 42,
    });
    const again = await at.seqwright(...command, '--quiet');
    expect(again.err).toBe('');
    expect(again.out.replace(/ --quiet| -o found.json/g, '')).toBe(
      at.read('found.json').toString().replace(' -o found.json', ''),
    );
  });

  it('counts labels, from BED or from letters as decode writes them, and learns the rest where some are missing', async () => {
    const { code, err } = await at.seqwright(
      'hmm',
      'train',
      'topology.json',
      'striped.fa',
      '--labels',
      'stripes.bed',
      '-o',
      'counted.json',
    );
    expect(code).toBe(0);
    expect(err).toMatch(
      /^Counts of labels: 2 states, 2 sequences of 260 positions, 260 of them labelled\.\n/,
    );
    const { states, emissions } = json('counted.json');
    // Of 140 positions of sea one is the last of its sequence, and six are the last before an island.
    expect(states[0].to).toEqual({ sea: expect.closeTo(133 / 139, 12), island: expect.closeTo(6 / 139, 12) });
    expect(emissions.distributions.sea[1]).toBe(0);
    await at.seqwright('hmm', 'decode', 'counted.json', 'striped.fa', '-o', 'path.fa', '--quiet');
    expect(at.read('path.fa').toString()).toMatch(/^>one logProbability=-\d+\.\d{4}\ns{20}i{20}s{20}\n/);
    await at.seqwright(
      'hmm',
      'train',
      'topology.json',
      'striped.fa',
      '--labels',
      'path.fa',
      '-o',
      'counted2.json',
      '--quiet',
    );
    expect(json('counted2.json').states).toEqual(states);
    write('some.bed', 'one\t0\t5\tsea\none\t20\t25\tisland\n');
    const some = await at.seqwright(
      'hmm',
      'train',
      'topology.json',
      'striped.fa',
      '--labels',
      'some.bed',
      '-o',
      'some.json',
    );
    expect(some.err).toMatch(/^Baum–Welch: .*, 10 of them labelled\.\n/);
    expect(json('some.json').emissions.distributions.sea[0]).toBeGreaterThan(0.4);
    const rest = await at.seqwright(
      'hmm',
      'train',
      'topology.json',
      'striped.fa',
      '--labels',
      'some.bed',
      '--elsewhere',
      'sea',
      '--prior',
      '1',
    );
    expect(rest.err).toMatch(/^Counts of labels: .* 260 of them labelled\.\n/);
  });

  it('makes a model of so many states from a column of numbers, counts or symbols', async () => {
    const rows = Array.from({ length: 600 }, (_, i) => {
      const high = Math.floor(i / 50) % 2;
      return [
        i < 300 ? 'x' : 'y',
        high * 4 + Math.sin(i * 1.7),
        high * 9 + (i % 3),
        high ? 'run' : i % 5 === 0 ? 'NA' : 'rest',
        high ? 'up' : 'down',
      ];
    });
    write('steps.csv', `series,speed,spikes,act,truth\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    const table = ['hmm', 'train', 'steps.csv', '--states', '2', '--group', 'series'];
    const normal = await at.seqwright(
      ...table,
      '--emissions',
      'gaussian',
      '--column',
      'speed',
      '-o',
      'speed.json',
    );
    expect(normal.err).toMatch(/^Baum–Welch: 2 states, 2 sequences of 600 positions\.\n/);
    expect(normal.err).toMatch(/state\d: lasts 50\.\d+ positions on average; speed [-−0.]\S* ± 0\.7\d\d\.\n/);
    const decoded = await at.seqwright(
      'hmm',
      'decode',
      'speed.json',
      'steps.csv',
      '--group',
      'series',
      '--posterior',
    );
    const cells = lines(decoded.out).map((line) => line.split('\t'));
    expect(cells[0]).toEqual(['id', 'position', 'observed', 'state', 'p(state1)', 'p(state2)']);
    expect(cells).toHaveLength(601);
    const calm = cells[1]![3];
    expect(
      cells.slice(1).every(([, , , state], i) => (state === calm) === (Math.floor(i / 50) % 2 === 0)),
    ).toBe(true);
    expect(cells.slice(1).every(([, , , , p, q]) => Math.abs(Number(p) + Number(q) - 1) < 2e-6)).toBe(true);
    await at.seqwright(
      ...table,
      '--emissions',
      'poisson',
      '--column',
      'spikes',
      '-o',
      'spikes.json',
      '--quiet',
    );
    const rates = Object.values<{ rate: [number] }>(json('spikes.json').emissions.distributions).map(
      ({ rate }) => rate[0],
    );
    expect(rates.sort((a, b) => a - b)).toEqual([expect.closeTo(1, 1), expect.closeTo(10, 1)]);
    await at.seqwright(...table, '--column', 'act', '-o', 'acts.json', '--quiet');
    expect(json('acts.json').symbols).toEqual(['NA', 'rest', 'run']);
    const labelled = { ...json('speed.json'), training: undefined };
    labelled.states[0].label = calm === 'state1' ? 'down' : 'up';
    labelled.states[1].label = calm === 'state1' ? 'up' : 'down';
    write('updown.json', JSON.stringify(labelled));
    const counted = await at.seqwright(
      'hmm',
      'train',
      'updown.json',
      'steps.csv',
      '--group',
      'series',
      '--label',
      'truth',
      '-o',
      'taught.json',
    );
    expect(counted.err).toMatch(/^Counts of labels: .* 600 of them labelled\.\n/);
  });

  it('trains greedily, left to right, with ends, priors and parts that stay', async () => {
    write('words.fa', '>a\naaabbbccc\n>b\naabbbbcc\n>c\naaaabbcccc\n');
    const command = [
      'hmm',
      'train',
      'words.fa',
      '--states',
      '3',
      '--topology',
      'left-right',
      '--letters',
      'abc',
      '--ends',
    ];
    const { code } = await at.seqwright(
      ...command,
      '--method',
      'viterbi',
      '--prior',
      'emissions=0.1',
      '-o',
      'words.json',
      '--json',
      '--quiet',
    );
    expect(code).toBe(0);
    const path = await at.seqwright('hmm', 'decode', 'words.json', 'words.fa', '--quiet');
    expect(path.out.match(/^[123]+$/gm)).toEqual(['111222333', '11222233', '1111223333']);
    const kept = await at.seqwright(
      'hmm',
      'train',
      'words.json',
      'words.fa',
      '--fix',
      'transitions',
      '--fix',
      'start',
      '--quiet',
    );
    expect(JSON.parse(kept.out).states).toEqual(json('words.json').states);
  });
});

describe('hmm decode', () => {
  it('writes runs as BED, with mean posteriors, and only those that are asked for', async () => {
    const bed = await at.seqwright(
      'hmm',
      'decode',
      'trained.json',
      'striped.fa',
      '--format',
      'bed',
      '--quiet',
    );
    expect(bed.out).toBe(at.read('stripes.bed').toString());
    await at.seqwright(
      'hmm',
      'decode',
      'trained.json',
      'striped.fa',
      '--only',
      'island',
      '--method',
      'mea',
      '--posterior',
      '-o',
      'islands.bed',
      '--quiet',
    );
    const rows = lines(at.read('islands.bed').toString()).map((line) => line.split('\t'));
    expect(rows.map((row) => row.slice(0, 4).join(' '))).toEqual([
      'one 20 40 island',
      'one 60 80 island',
      'one 100 120 island',
      'one 140 160 island',
      'two 20 40 island',
      'two 60 80 island',
    ]);
    expect(rows.every((row) => Number(row[4]) > 900 && Number(row[4]) <= 1000)).toBe(true);
  });

  it('finds the k best paths, best first, and the best is Viterbi’s', async () => {
    const best = await at.seqwright(
      'hmm',
      'decode',
      'trained.json',
      'striped.fa',
      '--best',
      '3',
      '--json',
      '--quiet',
    );
    const found = lines(best.out).map((line) => JSON.parse(line));
    expect(found.map(({ id, rank }) => `${id} ${rank}`)).toEqual([
      'one 1',
      'one 2',
      'one 3',
      'two 1',
      'two 2',
      'two 3',
    ]);
    expect(new Set(found.slice(0, 3).map(({ path }) => path)).size).toBe(3);
    const viterbi = await at.seqwright('hmm', 'decode', 'trained.json', 'striped.fa', '--json', '--quiet');
    const [one] = lines(viterbi.out).map((line) => JSON.parse(line));
    expect(one.path).toBe(found[0].path);
    expect(one.logProbability).toBeCloseTo(found[0].logProbability, 9);
    expect(found[1].logProbability).toBeLessThanOrEqual(found[0].logProbability);
    expect(one.runs[0]).toEqual({ name: 'sea', start: 0, end: 20 });
  });

  it('leaves unknown letters unobserved, refuses them or leaves the record out', async () => {
    write('n.fa', '>n\nATTANNNNNATTA\n>m\nGGGG\n');
    const masked = await at.seqwright('hmm', 'decode', 'trained.json', 'n.fa', '--quiet');
    expect(masked.out).toMatch(/\ns{13}\n/);
    const skipped = await at.seqwright('hmm', 'decode', 'trained.json', 'n.fa', '--ambiguous', 'skip');
    expect(skipped.err).toBe(
      'Left out 1 record (letters outside the alphabet): n.\nDecoded 1 sequence of 4 positions.\n',
    );
    const refused = await at.seqwright('hmm', 'decode', 'trained.json', 'n.fa', '--ambiguous', 'error');
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toMatch(/n\.fa:1: record "n" has "N" at position 5; expected one of A C G T/);
  });
});

describe('hmm score', () => {
  it('gives log-likelihoods, log-odds against another model, and how surprising each position is', async () => {
    const flat = {
      ...topology,
      states: [{ name: 'sea', to: { sea: 1 } }],
      emissions: { kind: 'categorical', distributions: { sea: [0.25, 0.25, 0.25, 0.25] } },
    };
    write('flat.json', JSON.stringify(flat));
    const scored = await at.seqwright('hmm', 'score', 'trained.json', 'striped.fa', '--null', 'flat.json');
    const [header, one] = lines(scored.out).map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'length', 'logLikelihood', 'bitsPerPosition', 'impossibleAt', 'logOdds']);
    const [, length, log, bits, , odds] = one!.map(Number);
    expect(bits).toBeCloseTo(-log! / Math.LN2 / length!, 3);
    expect(odds).toBeCloseTo(log! / Math.LN2 + 2 * length!, 2);
    const each = await at.seqwright('hmm', 'score', 'trained.json', 'striped.fa', '--positions');
    const sum = lines(each.out)
      .slice(1, 161)
      .reduce((total, line) => total + Number(line.split('\t')[3]), 0);
    expect(sum).toBeCloseTo(-log! / Math.LN2, 1);
  });

  it('explains a sequence that is impossible instead of failing', async () => {
    const strict = {
      ...trained,
      states: [
        { name: 'sea', start: 1, to: { sea: 0.5, island: 0.5 } },
        { name: 'island', to: { island: 1 } },
      ],
      emissions: { kind: 'categorical', distributions: { sea: [1, 0, 0, 0], island: [0, 1, 0, 0] } },
    };
    write('strict.json', JSON.stringify(strict));
    write('odd.fa', '>fine\nAACC\n>odd\nAACA\n');
    const { code, out } = await at.seqwright('hmm', 'score', 'strict.json', 'odd.fa');
    expect(code).toBe(0);
    expect(
      lines(out)
        .slice(1)
        .map((line) => line.split('\t')),
    ).toEqual([
      ['fine', '4', (2 * Math.log(0.5)).toFixed(4), '0.5000', ''],
      ['odd', '4', '-Infinity', 'Infinity', '4'],
    ]);
    const decoded = await at.seqwright('hmm', 'decode', 'strict.json', 'odd.fa');
    expect(decoded.code).toBe(3);
    expect(decoded.err).toMatch(
      /^seqwright: odd\.fa:3: record "odd": The sequence has probability zero: no path of the model can emit position 4 of 4/,
    );
  });
});

describe('hmm sample', () => {
  it('tells an HMM from a profile by the file, and draws letters, or steps with their states', async () => {
    const fasta = await at.seqwright('hmm', 'sample', 'trained.json', '--count', '2', '--length', '70');
    expect(fasta.out).toMatch(/^>sample1\n[ACGT]{60}\n[ACGT]{10}\n>sample2\n[ACGT]{60}\n[ACGT]{10}\n$/);
    const tsv = await at.seqwright('hmm', 'sample', 'trained.json', '--length', '3', '--format', 'tsv');
    expect(tsv.out).toMatch(/^id\tposition\tletter\tstate\n(sample1\t\d\t[ACGT]\t(sea|island)\n){3}$/);
    const { profile } = JSON.parse(
      readFileSync(join(root, 'test', 'golden', 'markov', 'profile.json'), 'utf8'),
    ).cases[0];
    write('profile.hmm', profile);
    expect((await at.seqwright('hmm', 'sample', 'profile.hmm')).out).toMatch(/^>synthetic-protein-sample1\n/);
    const long = await at.seqwright('hmm', 'sample', 'profile.hmm', '--length', '9');
    expect(long).toMatchObject({ code: 2, out: '' });
  });
});
