import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../metrics/edit.ts';
import { alignedTexts, editAlignment } from './edits.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 });

describe('an alignment of two texts', () => {
  it('has both of them in order, and as many mistakes as their edit distance', () => {
    fc.assert(
      fc.property(text, text, (truth, written) => {
        const edits = editAlignment(truth, written)!;
        expect(edits.flatMap((edit) => edit.truth ?? [])).toEqual(truth);
        expect(edits.flatMap((edit) => edit.written ?? [])).toEqual(written);
        expect(edits.filter((edit) => edit.truth !== edit.written)).toHaveLength(
          editDistance(truth, written),
        );
        for (const { written: own, at } of edits) if (own !== undefined) expect(written[at]).toBe(own);
      }),
    );
  });

  it('is shown as two lines of one width', () => {
    const edits = editAlignment([...'kitten'], [...'sitting'])!;
    expect(alignedTexts(edits)).toEqual({ truth: 'kitten–', written: 'sitting' });
    const words = editAlignment(['up', 'left'], ['up', 'down', 'left'])!;
    expect(alignedTexts(words, { between: ' ' })).toEqual({ truth: 'up –    left', written: 'up down left' });
  });

  it('is not made of texts too long for it', () => {
    const long = new Array<number>(8000).fill(1);
    expect(editAlignment(long, long)).toBeUndefined();
  });
});
