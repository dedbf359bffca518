export {
  type ChainMotif,
  dnaComplement,
  firstStates,
  type MotifChain,
  motifChainHmm,
} from './chain.ts';
export {
  type FindMotifsOptions,
  type FoundMotif,
  type FoundMotifs,
  findMotifs,
  type MotifProgress,
} from './find-motifs.ts';
export { type FitOptions, type FittedChain, fitMotifChain, plainChain } from './fit.ts';
export { columnInformation, consensus, type MotifMatrix, reverseComplementMatrix } from './matrix.ts';
export { type SiteVisitor, siteScanner, type Tokens } from './scan.ts';
export { overRepresentedWords } from './seeds.ts';
export { type ChanceScores, chanceOf, chanceScores } from './significance.ts';
export { type MotifSite, motifSites } from './sites.ts';
export { type SearchShape, type StrongestMotif, strongestMotif } from './strongest.ts';
