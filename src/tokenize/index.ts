/** Tokenizers: text and sequences to numbers and back. Train, encode, decode, save. */
export { type GeneticCode, geneticCode, geneticCodes } from '../data/genetic-codes.ts';
export type { Split } from './base-symbols.ts';
export { type BpeOptions, type BpeTrainOptions, bpe, trainBpe } from './bpe.ts';
export { bytes } from './bytes.ts';
export { characterCounts, characters, charactersOf } from './characters.ts';
export {
  type CodonTable,
  codonAdaptationIndex,
  codonCounts,
  relativeAdaptiveness,
  relativeSynonymousUsage,
} from './codon-usage.ts';
export { type CodonTokenizer, type CodonTokenizerOptions, codons } from './codons.ts';
export { type TokenizerDescription, tokenizerFrom } from './description.ts';
export { huggingface } from './huggingface/huggingface.ts';
export { type KmerOptions, kmers, type Remainder } from './kmers.ts';
export { type AmbiguousLetters, letters } from './letters.ts';
export {
  type SpecialName,
  type SpecialOption,
  type SpecialTokens,
  specialNames,
  type Tokenizer,
} from './tokenizer.ts';
export { type TranslateOptions, translate } from './translate.ts';
export { type Piece, trainUnigram, type UnigramTrainOptions, unigram } from './unigram.ts';
export { type WordOptions, type WordVocabularyOptions, words, wordsOf } from './words.ts';
