import type { Feature, Spliced } from './feature.ts';

/** Features by id and by what they are part of. */
export interface LinkedFeatures {
  features: Feature[];
  /** The lines of each id; a feature may have several. */
  byId: Map<string, Feature[]>;
  /** The parts of each id, in the order of the file. */
  children: Map<string, Feature[]>;
  /** Features whose parent is not there, with the id of that parent. They are kept, as if they had none. */
  orphans: { feature: Feature; parent: string }[];
}

/**
 * Links features to what they are part of; those with a parent that is not there are listed as orphans and kept.
 * @example linkFeatures(await collect(gffFeatures(bytes))).children.get('gene1') // its transcripts
 */
export function linkFeatures(features: Feature[]): LinkedFeatures {
  const byId = new Map<string, Feature[]>();
  const children = new Map<string, Feature[]>();
  for (const feature of features) {
    if (feature.id !== undefined) push(byId, feature.id, feature);
    for (const parent of feature.parents) push(children, parent, feature);
  }
  const orphans = features.flatMap((feature) =>
    feature.parents.filter((parent) => !byId.has(parent)).map((parent) => ({ feature, parent })),
  );
  return { features, byId, children, orphans };
}

function push<K>(to: Map<K, Feature[]>, key: K, feature: Feature) {
  const all = to.get(key);
  if (all) all.push(feature);
  else to.set(key, [feature]);
}

/**
 * The spliced features of a type, `CDS` by default: lines of one transcript are one sequence, in the direction of their
 * strand, or of their `part` numbers where they have such; where the parent is a gene (bacteria) or there is none, lines of one id are. Phase is that of the first part.
 * Ids are those of the transcript, or else the feature's own, or chromosome and line.
 */
export function splicedFeatures({ features, byId }: LinkedFeatures, { type = 'CDS' } = {}): Spliced[] {
  const groups = new Map<string, { id: string; parts: Feature[] }>();
  for (const feature of features) {
    if (feature.type !== type) continue;
    for (const { key, id } of keysOf(feature, byId)) {
      const group = groups.get(key);
      if (group) group.parts.push(feature);
      else groups.set(key, { id, parts: [feature] });
    }
  }
  return [...groups.values()].map(({ id, parts }) => spliced(id, type, parts));
}

function keysOf(feature: Feature, byId: Map<string, Feature[]>): { key: string; id: string }[] {
  const { id, parents, chrom, line } = feature;
  const own = id ?? parents[0] ?? `${chrom}:${line}`;
  const transcripts = parents.filter((parent) => byId.get(parent)?.[0]?.type !== 'gene');
  if (transcripts.length === 0) return [{ key: `own ${own}`, id: own }];
  return transcripts.map((parent) => ({ key: `part of ${parent}`, id: parent }));
}

function spliced(id: string, type: string, parts: Feature[]): Spliced {
  const [first] = parts as [Feature];
  const ordered = inReadingOrder(parts);
  const { name, line } = first;
  return {
    id,
    type,
    segments: ordered.map(({ chrom, start, end, strand }) => ({ chrom, start, end, strand })),
    phase: ordered[0]!.phase ?? 0,
    ...(name !== undefined && { name }),
    ...(line !== undefined && { line }),
  };
}

/** By `part` where the lines are numbered (trans-splicing), else by position in the direction of the strand. */
function inReadingOrder(parts: Feature[]): Feature[] {
  const numbers = parts.map(({ attributes }) => Number.parseInt(attributes.part?.[0] ?? '', 10));
  if (numbers.every((number) => Number.isFinite(number)))
    return parts
      .map((_, i) => i)
      .sort((a, b) => numbers[a]! - numbers[b]!)
      .map((i) => parts[i]!);
  const [{ strand, chrom }] = parts as [Feature];
  // Parts on both strands and without numbers: only the order of the file is left.
  if (parts.some((part) => part.strand !== strand || part.chrom !== chrom)) return parts;
  const ordered = [...parts].sort((a, b) => a.start - b.start);
  return strand === '-' ? ordered.reverse() : ordered;
}
