import { describe, expect, it } from 'vitest';
import { type RawTagged, taggedData } from './tagging-data.ts';

const words = (...rows: string[]): RawTagged[] =>
  rows.map((row, s) => {
    const labels = row.split(' ');
    return { id: `s${s + 1}`, tokens: labels.map((_, t) => `w${t}`), labels };
  });
const read = (rows: string[], options = {}) => taggedData(words(...rows), { kind: 'words', ...options });
const labels = ({ sequences, tags }: ReturnType<typeof read>) =>
  sequences.map(({ truth }) => Array.from(truth, (tag) => tags[tag] ?? '?').join(' '));

describe('taggedData', () => {
  it('tells the scheme of spans by the tags', () => {
    expect(read(['O B-x I-x', 'B-y O']).scheme).toBe('bio');
    expect(read(['O B-x E-x', 'S-y O']).scheme).toBe('bioes');
    expect(read(['H E C', 'C C']).scheme).toBe('none');
    expect(read(['O B-x I-x H']).scheme).toBe('none');
  });

  it('makes BIO of IOB1, where an I may begin a span, and says so', () => {
    const data = read(['I-x I-x O I-y B-y', 'I-x I-y O']);
    expect(labels(data)).toEqual(['B-x I-x O B-y B-y', 'B-x B-y O']);
    expect(data.notes.join()).toContain('4 I- that begin a span became B-');
    expect(labels(read(['B-x I-x O']))).toEqual(['B-x I-x O']);
  });

  it('puts no rules on tags that break BIOES, and says so', () => {
    const data = read(['B-x I-x O', 'O S-x E-x']);
    expect(data.scheme).toBe('none');
    expect(data.notes.join()).toContain('break its rules');
  });

  it('keeps tokens without truth apart', () => {
    expect(labels(read(['O ? I-x', 'B-x ?']))).toEqual(['O ? I-x', 'B-x ?']);
    expect([...read(['O . B-x'], { unknown: '.' }).sequences[0]!.truth]).toEqual([0, -1, 1]);
  });

  it('refuses what cannot be tagged, with the place', () => {
    const bad =
      (raw: RawTagged, options = {}) =>
      () =>
        taggedData([raw], { kind: 'words', ...options });
    expect(bad({ id: 'a', tokens: ['x'], labels: ['O', 'O'], place: 'f.conll:3' })).toThrow(
      'f.conll:3 has 2 tags for 1 words; expected one each.',
    );
    expect(bad({ id: 'a', tokens: 'ACG', labels: ['O', 'O'] })).toThrow(
      'sequence "a" has 2 tags for 3 letters',
    );
    expect(bad({ id: 'a', tokens: [], labels: [] })).toThrow('sequence "a" has no tokens');
    expect(() => read(['O O', 'O'])).toThrow('only one tag occurs (O)');
    expect(() => read(['O B-z'], { known: { tags: ['O', 'B-x'], scheme: 'bio' } })).toThrow(
      'sequence "s1" has the tag "B-z" at token 2; the model knows: O, B-x.',
    );
    expect(() => read(['O E-x', 'B-x O'], { scheme: 'bioes' })).toThrow(
      /sequence "s1" has the tag "E-x" at token 2, which the scheme bioes does not allow/,
    );
  });
});
