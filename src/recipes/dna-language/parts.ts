import { alphabetByName } from '../../data/alphabet.ts';
import { groupSplit } from '../../data/split/groups.ts';
import { homologyClusters } from '../../data/split/homology.ts';
import { similarityReport, similaritySentence } from '../../data/split/similarity.ts';
import { translate } from '../../tokenize/translate.ts';
import { type Corpus, corpusOf, splitCorpus } from '../../train/tasks/language/corpus.ts';

/** What is learned from, what chooses the epoch (or which share of what is learned from does), and what is held out. */
export interface Parts {
  readonly rest: Corpus;
  readonly validation: Corpus | number;
  readonly held: Corpus;
  /** How the sequences were divided, in sentences. */
  readonly note: string;
}

/** k-mers that two sequences share, as a share of the fewer, from which on they are one family: about 90 % of identical bases, 55 % of residues. */
const alike = { dna: 0.3, protein: 0.05 };
const chosenBy = 0.05;

/**
 * Holds out whole families, so that no sequence is judged by a model that has learned from a relative. Coding sequences are compared as
 * proteins, others as DNA. A single sequence, or sequences that are all of one family, are divided at random or in place (`splitCorpus`).
 */
export function familyParts(
  corpus: Corpus,
  { test, validation, seed, coding }: { test: number; validation?: number; seed: number; coding: boolean },
): Parts {
  const compared = coding ? corpus.texts.map(residues) : corpus.texts;
  const alphabet = alphabetByName(coding ? 'protein' : 'dna');
  const threshold = coding ? alike.protein : alike.dna;
  const { cluster, clusters } = corpus.ends
    ? homologyClusters(compared, alphabet, { threshold })
    : { cluster: new Int32Array(), clusters: 1 };
  if (clusters < 3) return drawnParts(corpus, { test, seed });
  const indices = groupSplit(cluster, { test, validation: validation ?? chosenBy, seed });
  const of = (some: Int32Array) => corpusOf(corpus, Array.from(some));
  const [rest, held] = [of(indices.train), of(indices.test)];
  const similarity = similarityReport(rest.texts, held.texts, alphabetByName('dna'));
  return {
    ...{ rest, held, validation: of(indices.validation!) },
    note: `${corpus.texts.length} sequences form ${clusters} families of ${coding ? 'similar proteins' : 'similar DNA'}, each of which is on one side whole. ${similaritySentence(similarity)}`,
  };
}

/** Divides at random (whole sequences) or in place (a single one). */
export const drawnParts = (
  corpus: Corpus,
  {
    test,
    seed,
    note = 'What was held out was chosen at random; whether it resembles what was learned from was not measured.',
  }: { readonly test: number; readonly seed: number; readonly note?: string },
): Parts => ({
  ...splitCorpus(corpus, { share: test, seed }),
  validation: chosenBy,
  note,
});

/** A stop within is X, as any residue that is not known. */
const residues = (text: string): string => translate(text).replace(/\*$/, '').replaceAll('*', 'X');
