import { dataError } from '../../core/errors.ts';
import type { Skipped } from '../../data/dataset.ts';
import type { SourceDigest } from '../../data/source.ts';
import { firstViolation, spanTag, tagConstraints } from '../../models/tagger/constraints.ts';
import type { TagScheme } from '../../models/tagger/spec.ts';
import type { Tokens } from '../../models/tagger/vocabulary.ts';

/** Letters or words with a tag for each. */
export interface TaggedSequence {
  readonly id: string;
  readonly tokens: Tokens;
  /** A place in the list of tags for each token; −1 where the truth is not known. */
  readonly truth: Int32Array;
  /** Sequences of one group (document, family, patient) stay on one side of a split. */
  readonly group?: string;
}

/** Sequences whose tokens are tagged. */
export interface TaggedData {
  readonly kind: 'letters' | 'words';
  /** Of letters. */
  readonly alphabet?: { readonly name: string; readonly letters: string };
  readonly sequences: readonly TaggedSequence[];
  readonly tags: readonly string[];
  readonly scheme: TagScheme;
  readonly sources: readonly SourceDigest[];
  readonly skipped: readonly Skipped[];
  /** Sentences about what was inferred, for the user to read. */
  readonly notes: readonly string[];
}

/** A sequence as it was read: tags are texts. */
export interface RawTagged {
  readonly id: string;
  readonly tokens: Tokens;
  readonly labels: readonly string[];
  readonly group?: string;
  /** Where it stands, for messages: `train.conll:17`. */
  readonly place?: string;
}

/** How tags are understood. */
export interface TaggedOptions {
  /** Tags of tokens whose truth is not known. */
  unknown?: string;
  /** What a trained model knows; then no other tag may occur. */
  known?: { readonly tags: readonly string[]; readonly scheme: TagScheme };
  /** `auto` tells it by the tags. */
  scheme?: TagScheme | 'auto';
}

type Rest = Pick<TaggedData, 'kind' | 'alphabet'> &
  Partial<Pick<TaggedData, 'sources' | 'skipped' | 'notes'>>;

/**
 * Numbers the tags of sequences. The scheme of spans is told by the tags and said in a note; old-style labels, in which an I may begin a
 * span (IOB1), become BIO. Throws a data error for a sequence without tokens, with more or fewer tags than tokens or with a tag
 * that the model does not know, fewer than two tags in all, and tags that break the scheme that was asked for.
 */
export function taggedData(
  raw: readonly RawTagged[],
  { unknown = '?', known, scheme: asked = 'auto', ...rest }: TaggedOptions & Rest,
): TaggedData {
  for (const sequence of raw) checkCounts(sequence);
  const told = toldByTags(raw, { unknown, asked: known?.scheme ?? asked });
  const tags = known?.tags ?? sortedTags(told.labels, unknown);
  if (tags.length < 2)
    throw dataError(
      `only one tag occurs (${tags[0] ?? 'none'}); a tagger needs at least two. Check that the right column was read.`,
    );
  const ids = new Map(tags.map((tag, i) => [tag, i]));
  const sequences = raw.map(({ id, tokens, group, place }, s): TaggedSequence => {
    const truth = Int32Array.from(told.labels[s]!, (label, t) => {
      const found = label === unknown ? -1 : ids.get(label);
      if (found !== undefined) return found;
      throw dataError(
        `${place ?? `sequence "${id}"`} has the tag "${label}" at token ${t + 1}; the model knows: ${tags.join(', ')}.`,
      );
    });
    return { id, tokens, truth, ...(group !== undefined && { group }) };
  });
  if (!known && asked !== 'auto') checkScheme(sequences, raw, tags, told.scheme);
  const { sources = [], skipped = [], notes = [], ...kind } = rest;
  return {
    ...kind,
    sequences,
    tags,
    scheme: told.scheme,
    sources,
    skipped,
    notes: [...notes, ...told.notes],
  };
}

function checkCounts({ id, tokens, labels, place = `sequence "${id}"` }: RawTagged): void {
  if (tokens.length === 0) throw dataError(`${place} has no tokens. Leave it out.`);
  if (labels.length === tokens.length) return;
  throw dataError(
    `${place} has ${labels.length} tags for ${tokens.length} ${typeof tokens === 'string' ? 'letters' : 'words'}; expected one each.`,
  );
}

/** `O` first, then by kind, so that B-x stands beside I-x. */
function sortedTags(labels: readonly (readonly string[])[], unknown: string): string[] {
  const tags = new Set(labels.flat());
  tags.delete(unknown);
  const key = (tag: string) => {
    const { place, kind } = spanTag(tag) ?? { place: '', kind: tag };
    return place === 'O' ? '' : `${kind}\n${place}`;
  };
  return [...tags].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

interface Told {
  readonly labels: readonly (readonly string[])[];
  readonly scheme: TagScheme;
  readonly notes: readonly string[];
}

/** What the tags say of themselves. */
function toldByTags(
  raw: readonly RawTagged[],
  { unknown, asked }: { unknown: string; asked: TagScheme | 'auto' },
): Told {
  const labels = raw.map((sequence) => sequence.labels);
  const used = [...new Set(labels.flat())].filter((tag) => tag !== unknown);
  const places = new Set(used.map((tag) => spanTag(tag)?.place));
  const isScheme = used.length > 0 && !places.has(undefined) && used.some((tag) => tag !== 'O');
  if (asked === 'none' || (asked === 'auto' && !isScheme)) return { labels, scheme: 'none', notes: [] };
  const scheme = asked !== 'auto' ? asked : places.has('E') || places.has('S') ? 'bioes' : 'bio';
  if (scheme === 'bioes') {
    const broken = asked === 'auto' && breaks(labels, { tags: used, scheme, unknown });
    if (!broken) return { labels, scheme, notes: ['Tags: spans as B-, I-, E-, S- and O (BIOES).'] };
    return {
      labels,
      scheme: 'none',
      notes: ['Tags look like BIOES but break its rules; no rules are put on them.'],
    };
  }
  const repaired = labels.map((row) => beganWithB(row));
  const changed = repaired.reduce(
    (sum, row, s) => sum + row.filter((tag, t) => tag !== labels[s]![t]).length,
    0,
  );
  const note =
    changed === 0
      ? 'Tags: spans as B-, I- and O (BIO).'
      : `Tags: spans as I- and O (IOB1) or loose BIO; ${changed} I- that begin a span became B-.`;
  return { labels: repaired, scheme: 'bio', notes: [note] };
}

/** Whether some row breaks the scheme; tags that make it impossible, such as a B- without its E-, do not follow it either. */
function breaks(
  rows: readonly (readonly string[])[],
  { tags, scheme, unknown }: { tags: readonly string[]; scheme: TagScheme; unknown: string },
): boolean {
  try {
    const constraints = tagConstraints(tags, { scheme, allowed: null }) ?? {};
    const ids = new Map(tags.map((tag, i) => [tag, i]));
    return rows.some(
      (row) =>
        firstViolation(
          row.map((tag) => (tag === unknown ? -1 : ids.get(tag)!)),
          constraints,
        ) >= 0,
    );
  } catch {
    return true;
  }
}

/** Every span begins with B. */
function beganWithB(row: readonly string[]): readonly string[] {
  let before = spanTag('O');
  return row.map((tag) => {
    const now = spanTag(tag);
    const begins =
      now?.place === 'I' && (before?.place === 'O' || before?.kind !== now.kind) && before !== undefined;
    before = now;
    return begins ? `B-${now.kind}` : tag;
  });
}

function checkScheme(
  sequences: readonly TaggedSequence[],
  raw: readonly RawTagged[],
  tags: readonly string[],
  scheme: TagScheme,
): void {
  const constraints = tagConstraints(tags, { scheme, allowed: null });
  if (!constraints) return;
  sequences.forEach(({ truth, id }, s) => {
    const at = firstViolation(truth, constraints);
    if (at < 0) return;
    const where = `${raw[s]!.place ?? `sequence "${id}"`}`;
    const what =
      at < truth.length ? `"${tags[truth[at]!]}" at token ${at + 1}` : `"${tags[truth[at - 1]!]}" at its end`;
    throw dataError(
      `${where} has the tag ${what}, which the scheme ${scheme} does not allow there. Correct it, or choose the scheme none.`,
    );
  });
}

/** Some of the sequences, in the given order. */
export const taggedSubset = (data: TaggedData, indices: ArrayLike<number>): TaggedData => ({
  ...data,
  sequences: Array.from(indices, (i) => data.sequences[i]!),
});

/** Tokens in all. */
export const tokenTotal = ({ sequences }: Pick<TaggedData, 'sequences'>): number =>
  sequences.reduce((sum, { tokens }) => sum + tokens.length, 0);
