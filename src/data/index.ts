export { a2mAlignment, a2mText } from './alignment/a2m.ts';
export { alignedFasta, alignedFastaText } from './alignment/aligned-fasta.ts';
export * from './alignment/alignment.ts';
export * from './alignment/alignments.ts';
export { stockholmAlignments } from './alignment/stockholm.ts';
export { stockholmText } from './alignment/stockholm-text.ts';
export * from './alphabet.ts';
export { atomicWrite, type Content } from './atomic-write.ts';
export { type AlignedRead, type Bam, isSecondary, openBam } from './bam/bam.ts';
export * from './batch.ts';
export {
  type BedFormat,
  type BedInterval,
  bedBlocks,
  bedGraphLine,
  bedIntervals,
  bedLine,
} from './bed/bed.ts';
export { openSignal, type Signal, type SignalStretch } from './bigwig/bigwig.ts';
export { type ConllOptions, type ConllSentence, conllSentences, conllText } from './conll/conll.ts';
export { type Cram, openCram } from './cram/cram.ts';
export * from './dataset.ts';
export type { FeatureColumn, FeatureValue } from './dataset-features.ts';
export { type NamedGroups, namedGroups } from './dataset-groups.ts';
export * from './dataset-options.ts';
export { eulerShuffle } from './euler-shuffle.ts';
export { buildFaidx, type FaidxEntry, faidxText, indexedFasta, readFaidx } from './fasta/faidx.ts';
export { type FastaRecord, fastaRecords } from './fasta/fasta-records.ts';
export { fastaText } from './fasta/fasta-text.ts';
export { type FastqRecord, fastqRecords, fastqText, phred, phredText } from './fastq/fastq.ts';
export { recordFeatures, recordSpliced } from './genbank/annotations.ts';
export { type AnnotatedFeature, type AnnotatedRecord, annotatedRecords } from './genbank/genbank.ts';
export { type Location, parseLocation } from './genbank/location.ts';
export { fetchInterval, fetchSpliced, type OffTheEnd } from './genome/fetch.ts';
export { type Chromosome, type Genome, genomeOf } from './genome/genome.ts';
export * from './genome/overlap.ts';
export * from './genome/regions.ts';
export { type Anchor, type Peak, type ResizeOptions, resize } from './genome/resize.ts';
export type { Feature, Phase, Spliced } from './gff/feature.ts';
export { type LinkedFeatures, linkFeatures, splicedFeatures } from './gff/gene-models.ts';
export { type GffFormat, gffFeatures, gffSequences } from './gff/gff.ts';
export { gff3Header, gff3Line } from './gff/gff-text.ts';
export { type Interval, intervalName, type Strand } from './interval.ts';
export { type Json, type JsonlRecord, jsonLine, jsonlRecords } from './jsonl/jsonl.ts';
export { jsonlTable } from './jsonl/jsonl-table.ts';
export { type AlphabetGuess, checkLetters, guessAlphabet, type Place } from './letters.ts';
export { type LineBatch, lineBatches } from './lines.ts';
export { type Motif, type MotifFile, memeMotifs, memeText } from './meme/meme.ts';
export { leavesOf, newickText, newickTrees, type TreeNode } from './newick/newick.ts';
export { openFile } from './open-file.ts';
export { type GenomeOptions, openGenome } from './open-genome.ts';
export type { ByteChunks } from './opening.ts';
export * from './orf.ts';
export { parquetTable } from './parquet/parquet.ts';
export type { PgnGame, PgnResult } from './pgn/game.ts';
export { pgnGames } from './pgn/pgn.ts';
export { pgnText } from './pgn/pgn-text.ts';
export { inMemory, type RandomAccess } from './random-access.ts';
export * from './read-dataset.ts';
export type { GenomeRegions } from './read-formats.ts';
export {
  type OpenedRecords,
  openRecords,
  type RawRecord,
  type RecordOptions,
  type RecordStream,
  streamRecords,
} from './read-records.ts';
export { type LabelCells, type ReadTarget, readTarget } from './read-target.ts';
export { openSource, type Source, type SourceDigest } from './source.ts';
export { groupKFold, groupNumbers, groupSplit } from './split/groups.ts';
export { type Clusters, homologyClusters } from './split/homology.ts';
export * from './split/random.ts';
export * from './split/similarity.ts';
export * from './split/split.ts';
export { columnIndex, openTable, type Table, type TableRow } from './table/table.ts';
export { tsvLine } from './table/tsv-text.ts';
export * from './target.ts';
export { twoBitGenome } from './twobit/twobit.ts';
export { matchingVariants } from './vcf/reference.ts';
export { type InfoValue, openVcf, type Vcf, type VcfRecord } from './vcf/vcf.ts';
export { type InfoField, type VcfVariant, vcfHeader, vcfLine } from './vcf/vcf-text.ts';
