import { dataError } from '../../core/errors.ts';
import { type AmbiguityPolicy, dna, reverseComplement } from '../../data/alphabet.ts';
import { type Skipped, skipCounter } from '../../data/dataset.ts';
import { overOrigin } from '../../data/genbank/annotations.ts';
import { annotatedRecords } from '../../data/genbank/genbank.ts';
import type { GeneticCode } from '../../data/genetic-codes.ts';
import type { Feature } from '../../data/gff/feature.ts';
import { linkFeatures, splicedFeatures } from '../../data/gff/gene-models.ts';
import { gffFeatures } from '../../data/gff/gff.ts';
import type { Interval } from '../../data/interval.ts';
import { checkLetters } from '../../data/letters.ts';
import { peek } from '../../data/opening.ts';
import { streamRecords } from '../../data/read-records.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';
import { tellOther } from '../../data/tell-format.ts';
import { type Contig, type Gene, leftToRight, lettersOf } from './gene.ts';

/** Contigs as they were read. */
export interface ReadContigs {
  readonly contigs: readonly Contig[];
  readonly sources: readonly SourceDigest[];
  readonly skipped: readonly Skipped[];
}

/** What makes an annotated stretch a gene that can be learned from and judged by. */
export interface GeneRules {
  readonly code: GeneticCode;
  readonly starts: readonly string[];
}

interface Annotated {
  readonly segments: readonly Interval[];
  readonly whole: boolean;
}

/**
 * Reads contigs from GenBank or EMBL with their genes, or from FASTA; `annotation` is GFF3 or GTF with the genes of a FASTA file. Throws a data error for letters that are no bases and for an annotation of other
 * sequences.
 */
export async function readContigs(
  path: string,
  rules: GeneRules,
  { annotation, ambiguous = 'mask' }: { annotation?: string; ambiguous?: AmbiguityPolicy } = {},
): Promise<ReadContigs> {
  const source = openSource(path);
  const { opening, chunks } = await peek(source.chunks);
  if (tellOther(opening) === 'genbank') {
    if (annotation !== undefined)
      throw dataError(
        `${path} is GenBank or EMBL, which holds its own genes; leave --labels ${annotation} out.`,
      );
    return readRecords(chunks, source, rules, ambiguous);
  }
  return readFasta(path, rules, { annotation, ambiguous });
}

const notWhole = 'no whole reading frame: partial, joined, pseudo, or with another start';

async function readRecords(
  chunks: AsyncIterable<Uint8Array>,
  { name, digest }: Pick<ReturnType<typeof openSource>, 'name' | 'digest'>,
  rules: GeneRules,
  ambiguous: AmbiguityPolicy,
): Promise<ReadContigs> {
  const contigs: Contig[] = [];
  const skipped = skipCounter(notWhole);
  const left = skipCounter('letters outside the alphabet');
  for await (const record of annotatedRecords(chunks, { name })) {
    const { id, circular, line } = record;
    if (record.sequence === '')
      throw dataError(
        `${name}:${line}: record "${id}" has no sequence; download it with its letters ("GenBank (full)").`,
      );
    if (!checkLetters(record.sequence, dna, ambiguous, { file: name, line, id })) {
      left.add(id);
      continue;
    }
    const sequence = record.sequence.replaceAll('U', 'T');
    const genes = record.features
      .filter(({ type }) => type === 'CDS')
      .map(({ segments, partial, qualifiers }) => ({
        segments: circular ? overOrigin(segments, sequence.length) : segments,
        whole: !partial && !('pseudo' in qualifiers) && !('pseudogene' in qualifiers),
      }));
    contigs.push(withGenes({ id, sequence, circular }, genes, rules, skipped));
  }
  return { contigs, sources: [digest()], skipped: counted([left, skipped]) };
}

async function readFasta(
  path: string,
  rules: GeneRules,
  { annotation, ambiguous }: { annotation: string | undefined; ambiguous: AmbiguityPolicy },
): Promise<ReadContigs> {
  const stream = await streamRecords(path, { alphabet: dna, ambiguous, foldCase: true });
  const bare: Contig[] = [];
  for await (const { id, sequence } of stream.records)
    bare.push({ id, sequence: sequence.replaceAll('U', 'T'), circular: false, unclear: [] });
  const sources = [stream.digest()];
  if (bare.length === 0) throw dataError(`${path} has no contigs that can be read.`);
  if (annotation === undefined) return { contigs: bare, sources, skipped: counted([stream.skipped]) };
  const { genes, digest } = await readAnnotation(annotation);
  const other = skipCounter(`annotated on a sequence that is not in ${path}`);
  const known = new Set(bare.map(({ id }) => id));
  for (const [chrom, all] of genes)
    if (!known.has(chrom)) for (let i = 0; i < all.length; i++) other.add(chrom);
  if (![...genes.keys()].some((chrom) => known.has(chrom)))
    throw dataError(
      `No sequence of ${annotation} (such as "${[...genes.keys()][0] ?? 'none: it has no CDS'}") is in ${path} (such as "${bare[0]!.id}").`,
    );
  const skipped = skipCounter(notWhole);
  const contigs = bare.map((contig) => withGenes(contig, genes.get(contig.id) ?? [], rules, skipped));
  return { contigs, sources: [...sources, digest], skipped: counted([stream.skipped, other, skipped]) };
}

const counted = (all: readonly Skipped[]) =>
  all.filter(({ count }) => count > 0).map(({ reason, count, examples }) => ({ reason, count, examples }));

/** Coding sequences of GFF3 or GTF by chromosome. */
async function readAnnotation(path: string) {
  const source = openSource(path);
  const features: Feature[] = [];
  for await (const feature of gffFeatures(source.chunks, { name: source.name })) features.push(feature);
  const linked = linkFeatures(features);
  const broken = (id: string) =>
    linked.byId
      .get(id)
      ?.some(({ attributes: { pseudo, partial } }) => pseudo !== undefined || partial?.[0] === 'true') ??
    false;
  const genes = new Map<string, Annotated[]>();
  for (const { id, segments } of splicedFeatures(linked)) {
    const { chrom } = segments[0]!;
    genes.set(chrom, [...(genes.get(chrom) ?? []), { segments, whole: !broken(id) }]);
  }
  return { genes, digest: source.digest() };
}

/** A contig with its annotated genes, those that are whole open reading frames apart from the others. */
function withGenes(
  bare: Pick<Contig, 'id' | 'sequence' | 'circular'>,
  annotated: readonly Annotated[],
  rules: GeneRules,
  skipped: ReturnType<typeof skipCounter>,
): Contig {
  const [genes, unclear]: [Gene[], Gene[]] = [[], []];
  for (const { segments, whole } of annotated) {
    const stretches = segments.map(
      ({ start, end, strand }): Gene => ({ start, end, strand: strand === '-' ? '-' : '+' }),
    );
    if (whole && stretches.length === 1 && isWholeGene(bare.sequence, stretches[0]!, rules))
      genes.push(stretches[0]!);
    else {
      unclear.push(...stretches);
      skipped.add(`${bare.id}:${stretches[0]!.start + 1}`);
    }
  }
  return { ...bare, genes: leftToRight(genes), unclear };
}

/** Whether a stretch is an open reading frame from a start to the first stop. */
export function isWholeGene(sequence: string, gene: Gene, { code, starts }: GeneRules): boolean {
  const letters = lettersOf(sequence, gene);
  const read = gene.strand === '+' ? letters : reverseComplement(letters, dna);
  const codons = read.match(/.../g) ?? [];
  return (
    read.length >= 9 &&
    read.length % 3 === 0 &&
    read.length === gene.end - gene.start &&
    starts.includes(codons[0]!) &&
    code.stops.includes(codons.at(-1)!) &&
    !codons.slice(0, -1).some((codon) => code.stops.includes(codon) || codon === 'NNN')
  );
}
