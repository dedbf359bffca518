import type { Feature, Phase, Spliced } from '../gff/feature.ts';
import type { Interval } from '../interval.ts';
import type { AnnotatedFeature, AnnotatedRecord } from './genbank.ts';

/** Feature keys whose name in the Sequence Ontology, which GFF3 asks for, is another. */
const ontology: Record<string, string> = {
  source: 'region',
  misc_feature: 'sequence_feature',
  misc_RNA: 'transcript',
  "5'UTR": 'five_prime_UTR',
  "3'UTR": 'three_prime_UTR',
  '-10_signal': 'minus_10_signal',
  '-35_signal': 'minus_35_signal',
  RBS: 'ribosome_entry_site',
  rep_origin: 'origin_of_replication',
  mat_peptide: 'mature_protein_region',
  sig_peptide: 'signal_peptide',
  variation: 'sequence_alteration',
  conflict: 'sequence_conflict',
  regulatory: 'regulatory_region',
  mobile_element: 'mobile_genetic_element',
  polyA_site: 'polyA_site',
};

const nameOf = ({ qualifiers: { locus_tag, gene, product } }: AnnotatedFeature) =>
  locus_tag?.[0] ?? gene?.[0] ?? product?.[0];

/**
 * The features of a GenBank or EMBL record as GFF3 has them: one for each segment, with one id and the types of the Sequence
 * Ontology; those of a gene's locus tag (or gene name) are its parts; CDS have phases. What crosses the origin of a circular record
 * is one feature that ends behind the last base, as the GFF3 specification wants it.
 */
export function recordFeatures(record: AnnotatedRecord): Feature[] {
  const used = new Map<string, number>();
  const fresh = (id: string) => {
    const before = used.get(id) ?? 0;
    used.set(id, before + 1);
    return before === 0 ? id : `${id}-${before + 1}`;
  };
  const genes = new Map<string, string>();
  const ids = record.features.map((feature, i) => {
    const id = fresh(`${feature.type}-${nameOf(feature) ?? i + 1}`);
    const name = nameOf(feature);
    if (feature.type === 'gene' && name !== undefined && !genes.has(name)) genes.set(name, id);
    return id;
  });
  return record.features.flatMap((feature, i) => featureLines(feature, ids[i]!, record, genes));
}

function featureLines(
  feature: AnnotatedFeature,
  id: string,
  { sequence, circular }: AnnotatedRecord,
  genes: Map<string, string>,
): Feature[] {
  const { type, qualifiers, partial, line } = feature;
  const { locus_tag, gene } = qualifiers;
  const parent =
    type === 'gene' ? undefined : (genes.get(locus_tag?.[0] ?? '') ?? genes.get(gene?.[0] ?? ''));
  const segments = circular ? overOrigin(feature.segments, sequence.length) : feature.segments;
  const phases = type === 'CDS' ? phasesOf(segments, startPhase(feature)) : [];
  const name = gene?.[0] ?? locus_tag?.[0];
  const attributes: Record<string, readonly string[]> = Object.assign(Object.create(null), qualifiers, {
    ...(partial && { partial: ['true'] }),
    ...(type === 'source' && circular && { Is_circular: ['true'] }),
  });
  const inOrder = isOrdered(segments);
  return segments
    .filter(({ start, end }) => end > start)
    .map((segment, k) => ({
      ...segment,
      type: ontology[type] ?? type,
      ...(phases[k] !== undefined && { phase: phases[k] }),
      id,
      ...(name !== undefined && { name }),
      parents: parent === undefined ? [] : [parent],
      attributes: inOrder
        ? attributes
        : Object.assign(Object.create(null), attributes, { part: [String(k + 1)] }),
      line,
    }));
}

/** Whether position and strand tell in which order segments are read; where they do not, GFF3 lines are numbered. */
function isOrdered(segments: readonly Interval[]): boolean {
  return segments.every((segment, k) => {
    const next = segments[k + 1];
    if (!next) return true;
    const forward = segment.strand === '-' ? next.start < segment.start : next.start > segment.start;
    return next.strand === segment.strand && next.chrom === segment.chrom && forward;
  });
}

/** Segments that meet at the origin as one that runs on behind the last base. */
export function overOrigin(segments: readonly Interval[], length: number): Interval[] {
  const joined: Interval[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const forward = last?.strand !== '-' && last?.end === length && segment.start === 0;
    const backward = last?.strand === '-' && last.start === 0 && segment.end === length;
    if (last && last.strand === segment.strand && (forward || backward)) {
      const [before, after] = forward ? [last, segment] : [segment, last];
      joined[joined.length - 1] = { ...last, start: before.start, end: length + after.end };
    } else joined.push(segment);
  }
  return joined;
}

const startPhase = ({ qualifiers }: AnnotatedFeature): Phase => {
  const start = qualifiers.codon_start?.[0];
  return start === '2' ? 1 : start === '3' ? 2 : 0;
};

/** The phase of every segment of a coding sequence, in its direction. */
export function phasesOf(segments: readonly Interval[], first: Phase): Phase[] {
  let read = -first;
  return segments.map(({ start, end }) => {
    const phase = (((-read % 3) + 3) % 3) as Phase;
    read += end - start;
    return phase;
  });
}

/** The spliced features of a type of a record, `CDS` by default; ids are protein ids, locus tags or gene names. */
export function recordSpliced({ features, id: chrom }: AnnotatedRecord, { type = 'CDS' } = {}): Spliced[] {
  return features
    .filter((feature) => feature.type === type)
    .map((feature) => {
      const { protein_id, gene, locus_tag } = feature.qualifiers;
      const name = gene?.[0] ?? locus_tag?.[0];
      return {
        id: protein_id?.[0] ?? nameOf(feature)?.replace(/\s+/g, '_') ?? `${chrom}:${feature.line}`,
        type,
        segments: feature.segments,
        phase: startPhase(feature),
        ...(name !== undefined && { name }),
        line: feature.line,
      };
    });
}
