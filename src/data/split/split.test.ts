import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { dna, protein, reverseComplement } from '../alphabet.ts';
import type { Dataset } from '../dataset.ts';
import { thrown } from '../pieces.fixture.ts';
import { groupKFold, groupNumbers, groupSplit } from './groups.ts';
import { homologyClusters } from './homology.ts';
import { kFold, leaveOneOut, randomSplit, type Split, stratifiedSplit } from './random.ts';
import { similarityReport, similaritySentence } from './similarity.ts';
import { kmerHashes } from './sketch.ts';
import { foldIndices, split } from './split.ts';

const sides = ({ train, test, validation = new Int32Array() }: Split) => [train, test, validation];
const everyRecordOnce = (parts: Int32Array[], n: number) =>
  expect(parts.flatMap((part) => [...part]).sort((a, b) => a - b)).toEqual([...Array(n).keys()]);

const shares = fc.record({
  test: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
  validation: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 0.3, noNaN: true })),
  seed: fc.nat(),
});
const strata = fc.array(fc.nat(4), { minLength: 3, maxLength: 80 }).map((all) => Int32Array.from(all));
const count = (indices: Int32Array, of: Int32Array, value: number) =>
  indices.filter((i) => of[i] === value).length;

describe('random splits', () => {
  it('lose no record, repeat none, fill every side and keep their sizes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 200 }), shares, (n, shares) => {
        const split = randomSplit(n, shares);
        everyRecordOnce(sides(split), n);
        expect(split.train.length).toBeGreaterThan(0);
        expect(Math.abs(split.test.length - Math.max(1, Math.round(shares.test * n)))).toBeLessThanOrEqual(1);
        expect(split.validation !== undefined).toBe(shares.validation > 0);
        expect(randomSplit(n, shares)).toEqual(split);
      }),
    );
  });

  it('change with the seed', () => {
    expect(randomSplit(100, { seed: 1 }).test).not.toEqual(randomSplit(100, { seed: 2 }).test);
  });

  it('keep the share of every class to within two records', () => {
    fc.assert(
      fc.property(strata, shares, (strata, shares) => {
        const split = stratifiedSplit(strata, shares);
        everyRecordOnce(sides(split), strata.length);
        const share = split.test.length / strata.length;
        for (const value of new Set(strata)) {
          const own = strata.filter((s) => s === value).length;
          expect(Math.abs(count(split.test, strata, value) - share * own)).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('refuse shares that cannot be', async () => {
    expect(await thrown(() => randomSplit(10, { test: 0.7, validation: 0.3 }))).toEqual({
      kind: 'usage',
      message:
        'Shares of 0.7 for the test and 0.3 for validation leave nothing to train on or hold nothing out; ' +
        'give fractions that add up to less than 1.',
    });
    expect((await thrown(() => randomSplit(1))).message).toBe('1 records cannot be split into 2 parts.');
  });
});

describe('folds', () => {
  it('test every record once, with sizes and class counts that differ by at most one', () => {
    fc.assert(
      fc.property(strata, fc.integer({ min: 2, max: 12 }), fc.nat(), (strata, most, seed) => {
        const folds = Math.min(most, strata.length);
        const splits = kFold(strata.length, { folds, seed, strata });
        everyRecordOnce(
          splits.map(({ test }) => test),
          strata.length,
        );
        for (const split of splits) everyRecordOnce(sides(split), strata.length);
        const spread = (counts: number[]) => Math.max(...counts) - Math.min(...counts);
        expect(spread(splits.map(({ test }) => test.length))).toBeLessThanOrEqual(1);
        for (const value of new Set(strata)) {
          expect(spread(splits.map(({ test }) => count(test, strata, value)))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('can leave one record out at a time', async () => {
    expect(leaveOneOut(3).map(({ test, train }) => [[...test], [...train]])).toEqual([
      [[0], [1, 2]],
      [[1], [0, 2]],
      [[2], [0, 1]],
    ]);
    expect((await thrown(() => leaveOneOut(1))).message).toBe(
      'Leave-one-out needs at least 2 records, not 1.',
    );
    expect((await thrown(() => kFold(3, { folds: 4 }))).message).toBe(
      '3 records can be split into 2 to 3 folds, not 4.',
    );
  });
});

describe('splits by group', () => {
  const groups = fc.array(fc.nat(12), { minLength: 6, maxLength: 100 }).map((all) => Int32Array.from(all));
  const apart = (parts: Int32Array[], groups: Int32Array) => {
    const names = parts.map((part) => [...new Set(part.map((i) => groups[i]!))]);
    expect(new Set(names.flat()).size).toBe(names.flat().length);
  };

  it('keep groups whole, lose no record and fill every side', () => {
    fc.assert(
      fc.property(groups, shares, (groups, shares) => {
        fc.pre(new Set(groups).size >= 3);
        const split = groupSplit(groups, shares);
        everyRecordOnce(sides(split), groups.length);
        apart(sides(split), groups);
        for (const side of shares.validation > 0 ? sides(split) : sides(split).slice(0, 2)) {
          expect(side.length).toBeGreaterThan(0);
        }
        expect(groupSplit(groups, shares)).toEqual(split);
      }),
    );
  });

  it('give folds of whole groups', () => {
    fc.assert(
      fc.property(groups, fc.integer({ min: 2, max: 5 }), fc.nat(), (groups, folds, seed) => {
        fc.pre(new Set(groups).size >= folds);
        const tests = groupKFold(groups, { folds, seed }).map(({ test }) => test);
        everyRecordOnce(tests, groups.length);
        apart(tests, groups);
        expect(Math.min(...tests.map((test) => test.length))).toBeGreaterThan(0);
      }),
    );
  });

  it('come close to the asked sizes and class proportions where groups are small', () => {
    const groups = Int32Array.from({ length: 1000 }, (_, i) => Math.floor(i / 4));
    const strata = Int32Array.from(groups, (group) => Number(group % 5 === 0));
    const { test } = groupSplit(groups, { test: 0.2, strata });
    expect(Math.abs(test.length - 200)).toBeLessThanOrEqual(4);
    expect(Math.abs(count(test, strata, 1) - 40)).toBeLessThanOrEqual(4);
  });

  it('refuse fewer groups than sides', async () => {
    expect(await thrown(() => groupSplit(groupNumbers(['a', 'a', 'a'])))).toEqual({
      kind: 'data',
      message:
        'The records form 1 group, which cannot be split into 2 parts. Use finer groups, or a random split.',
    });
  });
});

/** Random sequences, some of them mutated, shifted or reversed copies of earlier ones. */
function relatives(n: number, seed: number) {
  const random = randomStream(seed, 'relatives');
  const letters = (length: number) => Array.from({ length }, () => 'ACGT'[random.below(4)]!).join('');
  const sequences: string[] = [];
  for (let i = 0; i < n; i++) {
    const source = i > 0 && random.uniform() < 0.5 ? sequences[random.below(i)]! : undefined;
    if (source === undefined) {
      sequences.push(letters(60 + random.below(60)));
      continue;
    }
    const at = random.below(source.length);
    const mutant = `${letters(random.below(15))}${source.slice(0, at)}${letters(1)}${source.slice(at + 1)}`;
    sequences.push(random.uniform() < 0.5 ? reverseComplement(mutant, dna) : mutant);
  }
  return sequences;
}

/** The oracle: sets of k-mers, both strands spelled out, every pair compared. */
function slowKmers(sequence: string, k: number) {
  const all = Array.from({ length: Math.max(0, sequence.length - k + 1) }, (_, i) =>
    sequence.slice(i, i + k),
  );
  return new Set(all.map((kmer) => [kmer, reverseComplement(kmer, dna)].sort()[0]!));
}
const slowContainment = (one: Set<string>, other: Set<string>) =>
  [...one].filter((kmer) => other.has(kmer)).length / Math.min(one.size, other.size);

describe('homology', () => {
  it('sees the same k-mers on both strands and in both cases', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ACGTN]{1,60}$/), fc.integer({ min: 1, max: 16 }), (sequence, k) => {
        const hashes = kmerHashes(sequence, dna, k);
        expect(kmerHashes(reverseComplement(sequence, dna), dna, k)).toEqual(hashes);
        expect(kmerHashes(sequence.toLowerCase(), dna, k)).toEqual(hashes);
      }),
    );
  });

  it('measures similarity as comparing every pair of k-mer sets does', () => {
    for (const seed of [1, 2, 3]) {
      const all = relatives(60, seed);
      const [train, test] = [all.slice(0, 40), all.slice(40)];
      const report = similarityReport(train, test, dna, { k: 8 });
      const known = train.map((sequence) => slowKmers(sequence, 8));
      test.forEach((sequence, t) => {
        const own = slowKmers(sequence, 8);
        const best = Math.max(...known.map((other) => slowContainment(own, other)));
        expect(report.similarity[t]).toBeCloseTo(best, 12);
      });
      expect(report.exact).toBe(true);
    }
  });

  it('clusters as single linkage over every pair does', () => {
    for (const seed of [4, 5, 6]) {
      const all = relatives(60, seed);
      const { cluster } = homologyClusters(all, dna, { threshold: 0.3, k: 8 });
      const slow = all.map((_, i) => i);
      const kmers = all.map((sequence) => slowKmers(sequence, 8));
      for (let i = 0; i < all.length; i++) {
        for (let j = 0; j < i; j++) {
          if (slowContainment(kmers[i]!, kmers[j]!) < 0.3) continue;
          const [from, to] = [Math.max(slow[i]!, slow[j]!), Math.min(slow[i]!, slow[j]!)];
          slow.forEach((root, m) => {
            if (root === from) slow[m] = to;
          });
        }
      }
      expect([...cluster]).toEqual([...groupNumbers(slow.map(String))]);
      expect(new Set(slow).size).toBeLessThan(60);
    }
  });

  it('puts no test sequence within the threshold of a training sequence', () => {
    const dataset = datasetOf(relatives(300, 7));
    const { indices, note } = split(dataset, { by: 'homology', threshold: 0.3, seed: 3, test: 0.3 });
    everyRecordOnce(sides(indices), 300);
    const pick = (part: Int32Array) => Array.from(part, (i) => dataset.records[i]!.sequence);
    expect(similarityReport(pick(indices.train), pick(indices.test), dna).max).toBeLessThan(0.3);
    expect(note).toMatch(
      /^Split by homology: \d+ clusters of 300 sequences \(sharing at least 0\.3 of their 11-mers\)/,
    );
    const tests = foldIndices(dataset, { by: 'homology', folds: 5 }).splits.map(({ test }) => test);
    everyRecordOnce(tests, 300);
  });

  it('counts exact duplicates on either strand', () => {
    const train = ['ACGTTGCATGCATTAGGC', 'TTTTTGGGGGCCCCCAAAAA'];
    const test = [reverseComplement(train[0]!, dna), train[1]!.toLowerCase(), 'GATTACAGATTACAGATTACA'];
    const report = similarityReport(train, test, dna);
    expect([report.duplicates, report.above90, report.max, [...report.nearest]]).toEqual([
      2,
      2,
      1,
      [0, 1, -1],
    ]);
    expect(similaritySentence(report)).toBe(
      'Similarity of test to training sequences (shared 11-mers): median 1.00, 95 % up to 1.00, highest 1.00; ' +
        '2 of 3 above 0.9, 2 exact duplicates.',
    );
  });

  it('finds fragments of a long sequence, sketched or not', () => {
    const random = randomStream(1, 'long');
    const long = Array.from({ length: 20_000 }, () => 'ACGT'[random.below(4)]!).join('');
    const report = similarityReport([long], [long.slice(5000, 5050), long.slice(100, 9000)], dna);
    expect([...report.similarity]).toEqual([1, 1]);
  });

  it('tells proteins apart and puts mutants of one together', () => {
    const one = 'MKTAYIAKQRQISFVKSHFSRQLEERLGLIEVQAPILSRVGDGTQDNLSGAEKAVQVKVK';
    const { cluster } = homologyClusters(
      [one, one.replace('SHFS', 'SHAS'), 'WWPYHHCCMMNNQQRRSSTTVVKKLLIIGGFFEEDDCCAA'],
      protein,
    );
    expect([...cluster]).toEqual([0, 0, 1]);
  });

  it('clusters a family of 3,000 near-identical sequences and 3,000 strangers in seconds', {
    timeout: 20_000,
  }, () => {
    const random = randomStream(9, 'family');
    const letters = (n: number) => Array.from({ length: n }, () => 'ACGT'[random.below(4)]!);
    const founder = letters(100);
    const member = () =>
      founder.map((letter) => (random.uniform() < 0.02 ? 'ACGT'[random.below(4)]! : letter)).join('');
    const family = Array.from({ length: 3000 }, member);
    const strangers = Array.from({ length: 3000 }, () => `${letters(60).join('')}${'A'.repeat(20)}`);
    const { cluster } = homologyClusters([...family, ...strangers], dna, { pairs: 200_000 });
    expect(new Set(cluster.subarray(0, 3000)).size).toBe(1);
    expect(new Set(cluster.subarray(3000)).size).toBe(3000);
  });

  it('says so when everything is one family', async () => {
    const sequences = Array.from({ length: 5 }, () => 'ACGTTGCATGCATTAGGCATCGATCGATCAGCTA');
    expect(await thrown(() => split(datasetOf(sequences), { by: 'homology' }))).toEqual({
      kind: 'data',
      message:
        'All 5 sequences are one cluster of homologs at similarity 0.3. ' +
        'Raise the threshold, or split at random and read the figures as those of one family.',
    });
  });
});

describe('splitting a dataset', () => {
  it('keeps classes in proportion by default and carries the target along', () => {
    const dataset = datasetOf(
      relatives(100, 1),
      Int32Array.from({ length: 100 }, (_, i) => Number(i % 5 === 0)),
    );
    const { fit, test, validation, indices, note } = split(dataset, { test: 0.2, validation: 0.1 });
    expect([fit.records.length, test.records.length, validation!.records.length]).toEqual([70, 20, 10]);
    expect(note).toBe('Split at random with class proportions kept.');
    for (const [part, own] of [
      [fit, indices.train],
      [test, indices.test],
    ] as const) {
      expect(part.records.map(({ id }) => id)).toEqual(Array.from(own, (i) => `r${i}`));
      expect([...part.target!.truth]).toEqual(Array.from(own, (i) => Number(i % 5 === 0)));
    }
    expect(test.target!.truth.filter((c) => c === 1).length).toBe(4);
  });

  it('asks for groups when there are none', async () => {
    expect(await thrown(() => split(datasetOf(['ACGT', 'TTTT']), { by: 'group' }))).toEqual({
      kind: 'usage',
      message: 'A split by group needs a column of groups: give --group.',
    });
  });
});

function datasetOf(sequences: string[], truth?: Int32Array): Dataset {
  const records = sequences.map((sequence, i) => ({ id: `r${i}`, sequence }));
  const target = truth && { kind: 'classes' as const, classes: ['a', 'b'], truth };
  return {
    records,
    alphabet: dna,
    tracks: [],
    sources: [],
    skipped: [],
    notes: [],
    ...(target && { target }),
  };
}
