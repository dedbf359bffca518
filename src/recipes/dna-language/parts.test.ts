import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { codons } from '../../tokenize/codons.ts';
import { textCorpus } from '../../train/tasks/language/training.fixture.ts';
import { drawnParts, familyParts } from './parts.ts';

const random = randomStream(1, 'families');
const drawn = (length: number) => Array.from({ length }, () => 'ACGT'[random.below(4)]).join('');
/** The same with some letters changed. */
const relative = (text: string, share: number) =>
  Array.from(text, (letter) => (random.uniform() < share ? 'ACGT'[random.below(4)]! : letter)).join('');

describe('families', () => {
  it('of similar DNA are held out whole, and nothing is lost', () => {
    const families = Array.from({ length: 40 }, () => drawn(200));
    const texts = families.flatMap((text) => [text, relative(text, 0.02), relative(text, 0.02)]);
    const corpus = textCorpus(texts, { kind: 'letters', ends: true });
    const { rest, held, validation, note } = familyParts(corpus, { test: 0.2, seed: 3, coding: false });
    if (typeof validation === 'number') throw new Error('expected sequences that choose the epoch');
    const familiesOf = ({ ids }: { ids: readonly string[] }) =>
      new Set(ids.map((id) => Math.floor(Number(id.slice(1)) / 3)));
    const sides = [rest, held, validation];
    expect(sides.reduce((sum, { ids }) => sum + ids.length, 0)).toBe(120);
    expect(sides.reduce((sum, side) => sum + familiesOf(side).size, 0)).toBe(40);
    expect(held.ids.length).toBe(24);
    expect(note).toContain('120 sequences form 40 families of similar DNA');
    expect(note).toMatch(/highest 0\.\d\d; 0 of 24 above 0\.9/);
  });

  it('of coding sequences are those of their proteins, whatever codons they are written in', () => {
    const tokens = codons();
    const sense = Array.from({ length: 64 }, (_, id) => id).filter((id) => tokens.aminoAcid(id) !== '*');
    const genes = Array.from({ length: 30 }, () =>
      Array.from({ length: 80 }, () => sense[random.below(sense.length)]!),
    );
    const rewritten = (gene: readonly number[]) =>
      gene.map((id) => {
        const same = sense.filter((other) => tokens.aminoAcid(other) === tokens.aminoAcid(id));
        return same[random.below(same.length)]!;
      });
    const texts = genes.flatMap((gene) => [gene, rewritten(gene)]).map((gene) => tokens.decode(gene));
    const corpus = textCorpus(texts, { kind: 'letters', ends: true });
    const asProteins = familyParts(corpus, { test: 0.2, seed: 1, coding: true });
    expect(asProteins.note).toContain('60 sequences form 30 families of similar proteins');
    const asDna = familyParts(corpus, { test: 0.2, seed: 1, coding: false });
    expect(Number(/form (\d+) families/.exec(asDna.note)![1])).toBeGreaterThan(45);
  });

  it('are not asked for in one sequence, or in sequences that are all alike', () => {
    const one = textCorpus([drawn(1000)], { kind: 'letters', ends: true });
    expect(familyParts(one, { test: 0.1, seed: 1, coding: false })).toEqual(
      drawnParts(one, { test: 0.1, seed: 1 }),
    );
    expect(drawnParts(one, { test: 0.1, seed: 1 }).held.texts[0]!.length).toBe(100);
    const alike = textCorpus(new Array<string>(20).fill(drawn(90)), { kind: 'letters', ends: true });
    expect(familyParts(alike, { test: 0.2, seed: 1, coding: false }).held.texts.length).toBe(4);
  });
});
