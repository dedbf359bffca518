import { dataError, usageError } from '../../core/errors.ts';
import { bedIntervals, bedLine } from '../../data/bed/bed.ts';
import { skipCounter } from '../../data/dataset.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { recordFeatures, recordSpliced } from '../../data/genbank/annotations.ts';
import { annotatedRecords } from '../../data/genbank/genbank.ts';
import { fetchSpliced } from '../../data/genome/fetch.ts';
import { type Genome, genomeOf } from '../../data/genome/genome.ts';
import { regionSequences } from '../../data/genome/regions.ts';
import { resize } from '../../data/genome/resize.ts';
import type { Feature, Spliced } from '../../data/gff/feature.ts';
import { type LinkedFeatures, linkFeatures, splicedFeatures } from '../../data/gff/gene-models.ts';
import { gffFeatures, gffSequences } from '../../data/gff/gff.ts';
import { gff3Header, gff3Line } from '../../data/gff/gff-text.ts';
import { type Interval, intervalName } from '../../data/interval.ts';
import { jsonLine } from '../../data/jsonl/jsonl.ts';
import { openGenome } from '../../data/open-genome.ts';
import { openSource } from '../../data/source.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { Conversion, Writers } from './convert.ts';

const bedFormat = ({ from }: Conversion) => ({
  format: from === 'narrowpeak' ? ('narrowPeak' as const) : ('bed' as const),
});
const sizeOf = ({ args: { width, around, flank } }: Conversion) => ({
  around,
  ...(width !== undefined && { width }),
  ...(flank && { flank }),
});
const isResized = ({ args: { width, flank } }: Conversion) => width !== undefined || flank !== undefined;

/** Features as they come, of the type that was asked for; those of BED are regions. */
async function* featuresOf(conversion: Conversion): AsyncGenerator<Feature> {
  const { path, from, args } = conversion;
  const other = skipCounter(`features other than ${args.feature}`);
  if (from !== 'bed' && from !== 'narrowpeak') conversion.skipped.push(other);
  const wanted = (feature: Feature) => args.feature === undefined || feature.type === args.feature;
  for await (const feature of allFeatures(conversion, path, from)) {
    if (!wanted(feature)) other.add(feature.id ?? feature.name ?? feature.type);
    else yield isResized(conversion) ? cutAtStart(resize(feature, sizeOf(conversion))) : feature;
  }
}

/** What reaches beyond the first base is cut there; where a sequence ends is not known without it. */
const cutAtStart = (feature: Feature): Feature =>
  feature.start < 0 ? { ...feature, start: 0, end: Math.max(0, feature.end) } : feature;

async function* allFeatures(
  conversion: Conversion,
  path: string,
  from: Conversion['from'],
): AsyncGenerator<Feature> {
  const { name, chunks } = openSource(path);
  if (from === 'gff3' || from === 'gtf') yield* gffFeatures(chunks, { name, format: from });
  else if (from === 'genbank' || from === 'embl')
    for await (const record of annotatedRecords(chunks, { name })) yield* recordFeatures(record);
  else {
    const type = conversion.args.feature ?? 'region';
    for await (const { rest, ...interval } of bedIntervals(chunks, { name, ...bedFormat(conversion) }))
      yield { ...interval, type, parents: [], attributes: {} };
  }
}

/** The genome that was named; else the one that the file itself carries. `round` are sequences known to be circular. */
async function genomeFor({ path, from, args }: Conversion, round: readonly string[] = []): Promise<Genome> {
  const { genome } = args;
  const circular = [...(args.circular ?? []), ...round];
  if (genome !== undefined) return openGenome(genome, { circular });
  const { name, chunks } = openSource(path);
  if (from === 'gff3' && path !== '-') {
    const records: { id: string; sequence: string; circular?: boolean }[] = [];
    for await (const record of gffSequences(chunks, { name }))
      records.push({ ...record, ...(circular.includes(record.id) && { circular: true }) });
    if (records.length > 0) return genomeOf(records, { name });
  }
  throw usageError(`${path} has no bases of its own. Say where they are with --genome.`);
}

/** BED: one sequence for each interval. */
async function* intervalsToFasta(conversion: Conversion): AsyncGenerator<string> {
  const { path, args } = conversion;
  const genome = await genomeFor(conversion);
  try {
    const { name, chunks } = openSource(path);
    const intervals = bedIntervals(chunks, { name, ...bedFormat(conversion) });
    yield* regionsText(conversion, genome, intervals, args.offTheEnd);
  } finally {
    await genome.close();
  }
}

async function* regionsText(
  conversion: Conversion,
  genome: Genome,
  intervals: AsyncIterable<Interval> | Iterable<Interval>,
  offTheEnd: Conversion['args']['offTheEnd'],
): AsyncGenerator<string> {
  const { sequences, skipped } = regionSequences(genome, intervals, { ...sizeOf(conversion), offTheEnd });
  conversion.skipped.push(...skipped);
  for await (const { id, description, sequence } of sequences)
    yield [...fastaText([{ id, description, sequence }])].join('');
}

/** GFF3 and GTF: coding sequences and the like joined, or each line of the type by itself where it has a size of its own. */
async function* featuresToFasta(conversion: Conversion): AsyncGenerator<string> {
  const { path, from, args } = conversion;
  const { name, chunks } = openSource(path);
  const features: Feature[] = [];
  for await (const feature of gffFeatures(chunks, { name, format: from === 'gtf' ? 'gtf' : 'gff3' }))
    features.push(feature);
  const linked = linkFeatures(features);
  noteOrphans(linked, conversion);
  const round = features.filter(({ attributes }) => attributes.Is_circular?.[0] === 'true');
  const genome = await genomeFor(conversion, [...new Set(round.map(({ chrom }) => chrom))]);
  try {
    const type = args.feature ?? 'CDS';
    refuseNone(features, type, conversion);
    if (isResized(conversion)) {
      const lines = features.filter((feature) => feature.type === type).map(withName);
      yield* regionsText(conversion, genome, lines, args.offTheEnd);
    } else yield* splicedText(splicedFeatures(linked, { type }), genome, conversion);
  } finally {
    await genome.close();
  }
}

/** No feature of the type: most likely another name was meant. */
function refuseNone(features: readonly Feature[], type: string, { path }: Conversion) {
  if (features.some((feature) => feature.type === type)) return;
  const types = [...new Set(features.map((feature) => feature.type))].join(', ');
  throw dataError(
    `${path} has no feature of type ${type}; it has ${types || 'no features at all'}. Choose one with --feature.`,
  );
}

const withName = (feature: Feature): Feature => ({
  ...feature,
  name: feature.id ?? feature.name ?? intervalName(feature),
});

function noteOrphans({ orphans }: LinkedFeatures, { notes, path }: Conversion) {
  if (orphans.length === 0) return;
  const parents = [...new Set(orphans.map(({ parent }) => parent))];
  const shown = `${parents.slice(0, 5).join(', ')}${parents.length > 5 ? ', …' : ''}`;
  notes.push(
    `${orphans.length} ${orphans.length === 1 ? 'feature' : 'features'} of ${path} ${orphans.length === 1 ? 'has a parent' : 'have parents'} that the file does not have (${shown}); kept as they are.`,
  );
}

async function* splicedText(
  all: readonly Spliced[],
  genome: Genome,
  conversion: Conversion,
): AsyncGenerator<string> {
  const off = skipCounter('off the end of their sequence');
  conversion.skipped.push(off);
  for (const spliced of all) {
    if (conversion.args.offTheEnd === 'skip' && !isInside(spliced, genome)) {
      off.add(spliced.id);
      continue;
    }
    const { id, name, segments } = spliced;
    const place = segments.map(intervalName).join(',');
    const description = name === undefined || name === id ? place : `${name} ${place}`;
    const sequence = await fetchSpliced(genome, spliced);
    yield [...fastaText([{ id: id.replace(/\s+/g, '_'), description, sequence }])].join('');
  }
}

const isInside = ({ segments }: Spliced, { chromosomes }: Genome) =>
  segments.every(({ chrom, start, end }) => {
    const { length = 0, circular = false } = chromosomes.get(chrom) ?? {};
    return circular || (start >= 0 && end <= length);
  });

/** GenBank and EMBL: features of the records, from the records' own bases. */
async function* recordsToFasta(conversion: Conversion): AsyncGenerator<string> {
  const { path, args } = conversion;
  const { name, chunks } = openSource(path);
  const type = args.feature ?? 'CDS';
  const bare = skipCounter('records without bases');
  conversion.skipped.push(bare);
  for await (const record of annotatedRecords(chunks, { name })) {
    if (record.sequence === '') {
      bare.add(record.id);
      continue;
    }
    const genome = genomeOf([record], { name });
    if (isResized(conversion)) {
      const lines = recordFeatures(record).filter((feature) => feature.type === type);
      yield* regionsText(conversion, genome, lines.map(withName), args.offTheEnd);
    } else yield* splicedText(recordSpliced(record, { type }), genome, conversion);
  }
}

/** What features can be written as. */
export const featureWriters: Writers = {
  fasta(conversion) {
    const { from } = conversion;
    if (from === 'gff3' || from === 'gtf') return featuresToFasta(conversion);
    return from === 'genbank' || from === 'embl' ? recordsToFasta(conversion) : intervalsToFasta(conversion);
  },
  async *gff3(conversion) {
    const empty = skipCounter('empty intervals, which GFF3 does not have');
    const bare = skipCounter('CDS without a phase');
    conversion.skipped.push(empty, bare);
    yield gff3Header;
    for await (const feature of featuresOf(conversion)) {
      if (feature.end === feature.start) empty.add(feature.name ?? intervalName(feature));
      else if (feature.type === 'CDS' && feature.phase === undefined)
        bare.add(feature.id ?? intervalName(feature));
      else yield gff3Line(feature);
    }
  },
  async *bed(conversion) {
    if (conversion.from === 'bed' || conversion.from === 'narrowpeak') {
      const { name, chunks } = openSource(conversion.path);
      for await (const interval of bedIntervals(chunks, { name, ...bedFormat(conversion) }))
        yield bedLine(isResized(conversion) ? cutInterval(resize(interval, sizeOf(conversion))) : interval);
      return;
    }
    for await (const { chrom, start, end, strand, score, id, name, type } of featuresOf(conversion))
      yield bedLine({
        chrom,
        start,
        end,
        strand,
        score: score ?? 0,
        name: (id ?? name ?? type).replace(/\s+/g, '_'),
      });
  },
  async *tsv(conversion) {
    yield tsvLine(['chrom', 'start', 'end', 'strand', 'type', 'id', 'name', 'parents', 'score', 'phase']);
    for await (const { chrom, start, end, strand, type, id, name, parents, score, phase } of featuresOf(
      conversion,
    ))
      yield tsvLine([chrom, start, end, strand, type, id, name, parents.join(','), score, phase]);
  },
  async *jsonl(conversion) {
    for await (const { line: _, attributes, ...feature } of featuresOf(conversion))
      yield jsonLine({ ...feature, attributes: { ...attributes } });
  },
};

const cutInterval = <I extends Interval>(interval: I): I =>
  interval.start < 0 ? { ...interval, start: 0, end: Math.max(0, interval.end) } : interval;
