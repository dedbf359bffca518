import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Alphabet,
  alphabetByName,
  customAlphabet,
  dna,
  protein,
  reverseComplement,
  rna,
} from './alphabet.ts';
import { checkLetters, guessAlphabet } from './letters.ts';
import { thrown } from './pieces.fixture.ts';

const sequencesOf = (alphabet: Alphabet) =>
  fc
    .array(fc.constantFrom(...alphabet.tokens, ...alphabet.tokens.map((token) => token.toLowerCase())))
    .map((letters) => letters.join(''));
const nucleic = fc.constantFrom(dna, rna);

describe('alphabets', () => {
  it('number canonical letters first, in order', () => {
    expect([...dna.encode('ACGT')]).toEqual([0, 1, 2, 3]);
    expect([...rna.encode('ACGU')]).toEqual([0, 1, 2, 3]);
    expect([...protein.encode('ACDEFGHIKLMNPQRSTVWY')]).toEqual([...Array(20).keys()]);
    expect([dna.size, rna.size, protein.size]).toEqual([4, 4, 20]);
    expect([dna.padding, rna.padding, protein.padding]).toEqual([16, 16, 28]);
  });

  it('encode every letter as the token it is, whatever its case', () => {
    for (const alphabet of [dna, rna, protein]) {
      fc.assert(
        fc.property(sequencesOf(alphabet), (sequence) => {
          const tokens = Array.from(alphabet.encode(sequence), (id) => alphabet.tokens[id]);
          expect(tokens.join('')).toBe(sequence.toUpperCase());
        }),
      );
    }
  });

  it('read U as T in DNA and T as U in RNA', () => {
    expect([...dna.encode('uUtT')]).toEqual([3, 3, 3, 3]);
    expect([...rna.encode('uUtT')]).toEqual([3, 3, 3, 3]);
  });

  it('spread ambiguity letters evenly over what they stand for, as IUPAC says', () => {
    const row = (alphabet: Alphabet, token: string) => {
      const at = alphabet.tokens.indexOf(token) * alphabet.size;
      return [...alphabet.table().subarray(at, at + alphabet.size)];
    };
    expect(row(dna, 'G')).toEqual([0, 0, 1, 0]);
    expect(row(dna, 'R')).toEqual([0.5, 0, 0.5, 0]);
    expect(row(dna, 'N')).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(row(dna, '-')).toEqual([0, 0, 0, 0]);
    expect(dna.members('B')).toBe('CGT');
    expect(rna.members('b')).toBe('CGU');
    expect(protein.members('J')).toBe('IL');
    for (const { table, tokens, size, padding } of [dna, rna, protein]) {
      const sums = [...tokens, 'padding'].map((_, id) =>
        table()
          .subarray(id * size, (id + 1) * size)
          .reduce((a, b) => a + b, 0),
      );
      expect(sums[padding]).toBe(0);
      tokens.forEach((token, id) => {
        expect(sums[id]).toBeCloseTo(token === '-' || token === '*' ? 0 : 1, 12);
      });
    }
  });

  it('complement a letter into the letter of the complements of its members', () => {
    for (const alphabet of [dna, rna]) {
      const plain = new Map([...alphabet.letters].map((letter, i) => [letter, alphabet.letters[3 - i]!]));
      const sorted = (letters: string[]) => letters.sort().join('');
      alphabet.tokens.forEach((token, id) => {
        const other = alphabet.tokens[alphabet.complement![id]!]!;
        const expected = sorted([...alphabet.members(token)].map((letter) => plain.get(letter)!));
        expect(sorted([...alphabet.members(other)])).toBe(expected);
      });
      expect(alphabet.complement![alphabet.padding]).toBe(alphabet.padding);
    }
  });

  it('are their own reverse complement twice over', () => {
    fc.assert(
      fc.property(
        nucleic.chain((alphabet) => fc.tuple(fc.constant(alphabet), sequencesOf(alphabet))),
        ([alphabet, sequence]) => {
          const once = reverseComplement(sequence, alphabet);
          expect(reverseComplement(once, alphabet)).toBe(sequence);
          const ids = alphabet
            .encode(sequence)
            .reverse()
            .map((id) => alphabet.complement![id]!);
          expect(alphabet.encode(once)).toEqual(ids);
        },
      ),
    );
    expect(reverseComplement('AACGTTRNca', dna)).toBe('tgNYAACGTT');
    expect(reverseComplement('AACGUU-', rna)).toBe('-AACGUU');
  });

  it('can be made of any letters, folding case where that is no loss', async () => {
    const dssp = customAlphabet('dssp', 'HEC');
    expect([...dssp.encode('HeC')]).toEqual([0, 1, 2]);
    expect([...customAlphabet('cased', 'aAb').encode('aAb')]).toEqual([0, 1, 2]);
    expect(await thrown(() => customAlphabet('cased', 'aAb').encode('B'))).toEqual({
      kind: 'data',
      message: '"B" at position 1; expected a cased letter (a A b).',
    });
    expect((await thrown(() => customAlphabet('x', 'A'))).message).toBe(
      'Alphabet x needs at least two letters, not "A".',
    );
    expect((await thrown(() => customAlphabet('x', 'ABA'))).message).toBe('Alphabet x holds "A" twice.');
    expect((await thrown(() => customAlphabet('x', 'A>'))).message).toBe(
      'Alphabet x holds ">"; letters are visible ASCII other than ">".',
    );
  });

  it('are found by name, a custom one by name and letters', async () => {
    expect(alphabetByName('DNA')).toBe(dna);
    expect(alphabetByName('protein', protein.letters)).toBe(protein);
    expect(alphabetByName('dssp', 'HEC').letters).toBe('HEC');
    expect(await thrown(() => alphabetByName('dan'))).toEqual({
      kind: 'usage',
      message: 'There is no alphabet "dan"; choose dna, rna or protein.',
    });
  });
});

describe('a letter that does not belong', () => {
  const place = { file: 'reads.fa', line: 17, id: 's9' };
  const check = (sequence: string, alphabet: Alphabet, policy: 'error' | 'mask' | 'skip' = 'mask') =>
    thrown(() => checkLetters(sequence, alphabet, policy, place));

  it('is named with file, line, record and position, and with the alphabet that would fit', async () => {
    expect(await check('ACGT@', dna)).toEqual({
      kind: 'data',
      message:
        'reads.fa:17: record "s9" has "@" at position 5; expected a DNA letter (A C G T or IUPAC). ' +
        'Correct the file, or leave this record out.',
    });
    expect((await check('MKLVE', dna)).message).toBe(
      'reads.fa:17: record "s9" has "L" at position 3; expected a DNA letter (A C G T or IUPAC). Use --alphabet protein if these are proteins.',
    );
    expect((await check('AC€', protein)).message).toBe(
      'reads.fa:17: record "s9" has "€" at position 3; expected a protein letter (A C D E F G H I K L M N P Q R S T V W Y or IUPAC). ' +
        'Correct the file, or leave this record out.',
    );
    expect((await check('ACGUAACC', customAlphabet('dssp', 'HEC'))).message).toBe(
      'reads.fa:17: record "s9" has "A" at position 1; expected a dssp letter (H E C). Use --alphabet rna if these are RNA sequences.',
    );
  });

  it('is kept, skipped or refused where it is an ambiguity letter, as the policy says', async () => {
    expect(checkLetters('ACNNGT', dna, 'mask', place)).toBe(true);
    expect(checkLetters('ACNNGT', dna, 'skip', place)).toBe(false);
    expect(checkLetters('acgt', dna, 'error', place)).toBe(true);
    expect(await check('ACNNGT', dna, 'error')).toEqual({
      kind: 'data',
      message:
        'reads.fa:17: record "s9" has "N" at position 3; expected one of A C G T. ' +
        'Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.',
    });
  });

  it('is an error under every policy, also behind an ambiguity letter', async () => {
    for (const policy of ['error', 'mask', 'skip'] as const) {
      expect((await check('ACN@', dna, policy)).message).toContain('"@" at position 4');
    }
  });
});

describe('guessing the alphabet', () => {
  it('finds the alphabet that sequences were drawn from', () => {
    const draw = (letters: string) =>
      fc.array(fc.constantFrom(...letters), { minLength: 60, maxLength: 200 }).map((all) => all.join(''));
    for (const alphabet of [dna, rna, protein]) {
      fc.assert(
        fc.property(fc.array(draw(alphabet.letters), { minLength: 1, maxLength: 5 }), (sequences) => {
          expect(guessAlphabet(sequences).alphabet).toBe(alphabet);
        }),
      );
    }
  });

  it('says why', () => {
    expect(guessAlphabet(['ACGTN']).why).toBe('Alphabet dna: 100 % of the letters are bases.');
    expect(guessAlphabet(['acgu']).why).toBe('Alphabet rna: 100 % of the letters are bases, with U for T.');
    expect(guessAlphabet(['MKLA']).why).toBe(
      'Alphabet protein: 25 % of the letters are bases, 100 % are amino acids.',
    );
  });

  it('stays with DNA for one stray letter, so that the check can name its place', () => {
    expect(guessAlphabet([`${'ACGT'.repeat(20)}E`]).alphabet).toBe(dna);
  });

  it('refuses what is none of the three', async () => {
    expect(await thrown(() => guessAlphabet(['0123456789']))).toEqual({
      kind: 'data',
      message:
        'The sequences are neither DNA, RNA nor protein: 0 % of the letters are bases, 0 % are amino acids. ' +
        'Check the file, or give the alphabet.',
    });
  });
});
