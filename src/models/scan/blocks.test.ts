import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dna, protein } from '../../data/alphabet.ts';
import { collect, thrown } from '../../data/pieces.fixture.ts';
import type { StretchPiece } from '../../data/stretches.ts';
import { type BlockOptions, blockCount, blockPlace, letterCheck, scanBlocks } from './blocks.ts';
import { answerWindows, positionWindows } from './windowing.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Stretches cut into pieces of `size` letters, from a place on. */
function* piecesOf(
  sequences: readonly string[],
  size: number,
  from = { stretch: 0, at: 0 },
): Generator<StretchPiece> {
  for (const [stretch, text] of sequences.entries()) {
    if (stretch < from.stretch) continue;
    const place = { stretch, chrom: `c${stretch}`, start: 100 };
    for (let at = stretch === from.stretch ? from.at : 0; ; at += size) {
      const last = at + size >= text.length;
      yield { ...place, at, letters: bytes(text.slice(at, at + size)), last };
      if (last) break;
    }
  }
}

const options = (more: Partial<BlockOptions>): BlockOptions => ({
  windowing: answerWindows({ width: 5, step: 2 }),
  size: 3,
  alphabet: dna,
  ambiguous: 'mask',
  name: 'g.fa',
  ...more,
});

/** What a block says: each window with its letters as text. */
const read = (blocks: Awaited<ReturnType<typeof collect<import('./blocks.ts').ScanBlock>>>) =>
  blocks.map(({ index, windows, letters }) => ({
    index,
    windows: windows.map(({ place, start, end, ...window }) => ({
      ...window,
      start,
      text:
        place < 0
          ? null
          : Array.from(letters.slice(place, place + end - start), (t) => dna.tokens[t]).join(''),
    })),
  }));

const windowings = fc.constantFrom(
  answerWindows({ width: 5, step: 2 }),
  answerWindows({ width: 7, step: 7 }),
  answerWindows({ width: 4, step: 1 }),
  positionWindows({ width: 6, flank: 2 }),
  positionWindows({ width: 5, flank: 0 }),
);
const genome = fc.array(fc.stringMatching(/^[ACGTN]{1,40}$/), { minLength: 1, maxLength: 5 });

describe('blocks', () => {
  it('hold all windows in order with their letters, however the input is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        genome,
        windowings,
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 50 }),
        async (sequences, windowing, size, piece) => {
          const own = options({ windowing, size });
          const blocks = read(await collect(scanBlocks(piecesOf(sequences, piece), own)));
          const expected = sequences.flatMap((text, stretch) =>
            Array.from({ length: windowing.count(text.length) }, (_, k) => {
              const { start, end, from, to } = windowing.at(k, text.length);
              const letters = text.slice(start, end);
              const unknown = letters.replace(/[^N]/g, '').length;
              return {
                ...{ start, from, to, chrom: `c${stretch}`, offset: 100 },
                text: 2 * unknown > letters.length ? null : letters,
              };
            }),
          );
          expect(blocks.flatMap(({ windows }) => windows)).toEqual(expected);
          blocks.forEach(({ index, windows }, i) => {
            expect(index).toBe(i);
            if (i < blocks.length - 1) expect(windows.length).toBe(size);
          });
          expect(blocks.length).toBe(
            blockCount(
              sequences.map(({ length }) => ({ length })),
              own,
            ),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are the same when reading begins at any of them', async () => {
    await fc.assert(
      fc.asyncProperty(genome, windowings, fc.nat({ max: 12 }), async (sequences, windowing, index) => {
        const own = options({ windowing });
        const all = read(await collect(scanBlocks(piecesOf(sequences, 11), own)));
        const place = blockPlace(
          sequences.map(({ length }) => ({ length })),
          index,
          own,
        );
        const rest = read(await collect(scanBlocks(piecesOf(sequences, 8, place), own, place)));
        expect(rest).toEqual(all.slice(index));
      }),
      { numRuns: 150 },
    );
  });

  it('share the letters of windows that overlap', async () => {
    const [block] = await collect(scanBlocks(piecesOf(['ACGTACGTA'], 4), options({})));
    expect(block!.letters.length).toBe(9);
    expect(block!.windows.map(({ place }) => place)).toEqual([0, 2, 4]);
  });

  it('leave windows out by the policy: with skip for a single unknown letter, with mask for more than half', async () => {
    const sequences = ['ACNGTNNNNNAC'];
    const outOf = async (ambiguous: 'mask' | 'skip') => {
      const own = options({ windowing: answerWindows({ width: 4, step: 4 }), ambiguous });
      return read(await collect(scanBlocks(piecesOf(sequences, 5), own)))[0]!.windows.map(({ text }) => text);
    };
    expect(await outOf('mask')).toEqual(['ACNG', null, 'NNAC']);
    expect(await outOf('skip')).toEqual([null, null, null]);
  });

  it('refuse letters of another alphabet, and with error unknown ones, by name and position', async () => {
    const run = (text: string, more: Partial<BlockOptions> = {}) =>
      collect(scanBlocks(piecesOf([text], 3), options(more)));
    expect(await thrown(() => run('ACGTAEACC'))).toEqual({
      kind: 'data',
      message: expect.stringMatching(/^g\.fa: "c0" has "E" at position 106; the model reads dna/),
    });
    expect((await thrown(() => run('ACGTANACC', { ambiguous: 'error' }))).message).toMatch(
      /"c0" has "N" at position 106; expected one of A C G T\. Use --ambiguous mask/,
    );
    expect((await thrown(() => run('ACGTAéACC'))).kind).toBe('data');
    expect(await run('ACDEFGHIK', { alphabet: protein })).toHaveLength(1);
    const check = letterCheck(options({}));
    expect((await thrown(() => [...piecesOf(['AC', 'GX'], 9)].forEach(check))).message).toMatch(
      /"c1" has "X" at position 102/,
    );
  });
});
