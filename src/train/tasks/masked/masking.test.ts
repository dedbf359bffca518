import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { exampleDna, tokenizers } from '../../../models/masked/masked.fixture.ts';
import type { Masking, MaskingName } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import { checkedMasking, drawRuns, maskedSequence, nothing } from './masking.ts';

const vocabularyOf = (name: keyof typeof tokenizers) =>
  maskedVocabulary({ tokenizer: tokenizers[name].toJSON() });
const spelled = Object.keys(tokenizers).filter((name) => name !== 'words') as (keyof typeof tokenizers)[];

/** A sequence with a few ambiguous letters, its tokens, and where they stand. */
const cases = fc.record({
  name: fc.constantFrom(...spelled),
  how: fc.constantFrom<MaskingName>('base', 'span', 'kmer'),
  length: fc.integer({ min: 12, max: 90 }),
  share: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
  seed: fc.integer({ min: 0, max: 1e6 }),
  ambiguous: fc.boolean(),
});

function masked({
  name,
  how,
  length,
  share,
  seed,
  ambiguous,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never) {
  const plain = exampleDna(length, seed);
  const unknown = tokenizers[name].special.unknown !== undefined || name === 'letters' || name === 'codons';
  const text = ambiguous && unknown ? `${plain.slice(0, 7)}N${plain.slice(8)}` : plain;
  const vocabulary = vocabularyOf(name);
  const tokens = tokenizers[name].encode(text);
  const masking = checkedMasking({ how, share }, vocabulary);
  const random = () => randomStream(seed, 'test');
  return {
    ...{ text, tokens, vocabulary, masking },
    offsets: tokenizers[name].offsets!(text),
    hidden: maskedSequence(tokens, masking, vocabulary, random()),
    again: maskedSequence(tokens, masking, vocabulary, random()),
  };
}

describe('what is hidden', () => {
  it('asks for what stood there, changes nothing else, and is the same for the same seed', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { tokens, vocabulary, hidden, again } = masked(drawn);
        expect(again).toEqual(hidden);
        const asked = new Set(
          hidden.runs.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i)),
        );
        tokens.forEach((token, t) => {
          expect(hidden.targets[t]).toBe(asked.has(t) ? token : nothing);
          const near = [...asked].some((a) => Math.abs(a - t) <= vocabulary.overlap);
          if (!near) expect(hidden.inputs[t]).toBe(token);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('is never a special token or an ambiguous letter', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { tokens, vocabulary, hidden } = masked({ ...drawn, ambiguous: true });
        tokens.forEach((token, t) => {
          if (vocabulary.maskable[token]) return;
          expect([hidden.inputs[t], hidden.targets[t]]).toEqual([token, nothing]);
        });
        for (const target of hidden.targets)
          if (target !== nothing) expect(vocabulary.maskable[target]).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it('is the share that was asked for, to the token, where tokens share no letters', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { tokens, vocabulary, hidden, masking } = masked(drawn);
        if (vocabulary.overlap > 0) return;
        const may = tokens.filter((token) => vocabulary.maskable[token]).length;
        const asked = hidden.targets.filter((target) => target !== nothing).length;
        expect(asked).toBe(Math.max(1, Math.round(masking.share * may)));
      }),
      { numRuns: 60 },
    );
  });

  it('shows no letter of what is asked through tokens that overlap it, unless it is shown itself', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { tokens, offsets, hidden, vocabulary } = masked(drawn);
        for (const { from, to } of hidden.runs) {
          if (hidden.inputs.slice(from, to).every((input, i) => input === tokens[from + i])) continue;
          const [first, last] = [offsets[2 * from]!, offsets[2 * to - 1]!];
          tokens.forEach((token, t) => {
            const inRun = t >= from && t < to;
            const touches = offsets[2 * t]! < last && offsets[2 * t + 1]! > first;
            if (touches && !inRun && vocabulary.maskable[token])
              expect(hidden.inputs[t]).toBe(vocabulary.mask);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is read as the mask, as something random and as it is in 80, 10 and 10 of 100 runs', () => {
    const vocabulary = vocabularyOf('codons');
    const tokens = tokenizers.codons.encode(exampleDna(3 * 6000));
    const masking = checkedMasking({ share: 0.5 }, vocabulary);
    const { inputs, runs } = maskedSequence(tokens, masking, vocabulary, randomStream(1, 'shares'));
    const mask = runs.filter(({ from }) => inputs[from] === vocabulary.mask).length / runs.length;
    const same = runs.filter(({ from }) => inputs[from] === tokens[from]).length / runs.length;
    expect(runs.length).toBe(3000);
    expect(mask).toBeCloseTo(0.8, 1);
    // One of 76 random tokens is the true one.
    expect(same).toBeCloseTo(0.1 + 0.1 / vocabulary.choices.length, 1);
    expect(1 - mask - same).toBeGreaterThan(0.07);
  });
});

describe('runs', () => {
  const runsOf = (masking: Partial<Masking>, name: keyof typeof tokenizers, length = 6000) => {
    const vocabulary = vocabularyOf(name);
    const tokens = tokenizers[name].encode(exampleDna(length));
    return drawRuns(tokens, checkedMasking(masking, vocabulary), vocabulary, randomStream(3, 'runs'));
  };
  const lengths = (runs: readonly { from: number; to: number }[]) => runs.map(({ from, to }) => to - from);

  it('of bases are single tokens; of spans geometric with their mean, none longer than twice that', () => {
    expect(new Set(lengths(runsOf({ how: 'base' }, 'letters')))).toEqual(new Set([1]));
    const spans = lengths(runsOf({ how: 'span', length: 5, share: 0.05 }, 'letters', 40_000));
    expect(Math.max(...spans)).toBe(10);
    const mean = spans.reduce((a, b) => a + b, 0) / spans.length;
    // The mean of a geometric number of mean 5 that is cut at 10: 5 · (1 − 0.8^10).
    expect(mean).toBeCloseTo(5 * (1 - 0.8 ** 10), 0);
    expect(spans.filter((n) => n === 1).length / spans.length).toBeCloseTo(0.2, 1);
  });

  it('of words hold so many letters: six bases, two codons, or one k-mer with all that overlap it', () => {
    const most = (values: number[]) =>
      values.sort((a, b) => values.filter((v) => v === b).length - values.filter((v) => v === a).length)[0];
    expect(most(lengths(runsOf({ how: 'kmer' }, 'letters', 600)))).toBe(6);
    expect(most(lengths(runsOf({ how: 'kmer', length: 6 }, 'codons', 600)))).toBe(2);
    expect(most(lengths(runsOf({ how: 'kmer' }, 'k-mers at each letter', 600)))).toBe(1);
    expect(most(lengths(runsOf({ how: 'kmer', length: 6 }, 'k-mers at each letter', 600)))).toBe(4);
  });

  it('do not touch one another where tokens overlap', () => {
    const runs = runsOf({ how: 'span', share: 0.5 }, 'k-mers at each letter', 500);
    expect(runs.length).toBeGreaterThan(3);
    runs.slice(1).forEach(({ from }, i) => {
      expect(from - runs[i]!.to).toBeGreaterThanOrEqual(2);
    });
  });
});

describe('a masking', () => {
  const bases = vocabularyOf('letters');
  it.each<[Partial<Masking>, keyof typeof tokenizers, RegExp]>([
    [
      { share: 0 },
      'letters',
      /mask share: expected a share above 0 and below 1, such as 0\.15, received 0\./,
    ],
    [{ share: 1.2 }, 'letters', /received 1\.2/],
    [{ share: Number.NaN }, 'letters', /received NaN/],
    [{ how: 'all' as MaskingName }, 'letters', /masking: expected one of base, span, kmer, received "all"/],
    [{ how: 'span', length: 0 }, 'letters', /mask length: expected at least 1, received 0/],
    [
      { how: 'kmer', length: 2.5 },
      'letters',
      /whole number of letters, at least the 1 of a token, received 2\.5/,
    ],
    [{ how: 'kmer', length: 2 }, 'codons', /at least the 3 of a token, received 2/],
    [{ how: 'kmer' }, 'words', /spell no alphabet/],
  ])('%j of %s is refused', (masking, name, message) => {
    expect(() => checkedMasking(masking, vocabularyOf(name))).toThrow(message);
  });

  it('has the share of BERT and lengths that suit its kind', () => {
    expect(checkedMasking({}, bases)).toEqual({ how: 'base', share: 0.15, length: 1 });
    expect(checkedMasking({ how: 'span' }, bases).length).toBe(5);
    expect(checkedMasking({ how: 'kmer' }, bases).length).toBe(6);
    expect(checkedMasking({ how: 'kmer' }, vocabularyOf('codons')).length).toBe(3);
  });
});
