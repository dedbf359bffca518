import { usageError } from '../../core/errors.ts';
import type { CrfConstraints } from '../../nn/structured/index.ts';
import type { TagRules, TagScheme } from './spec.ts';

/** A tag of a span scheme: where in a span it stands, and of which kind the span is; `O` is outside of all. */
export interface SpanTag {
  readonly place: 'O' | 'B' | 'I' | 'E' | 'S';
  readonly kind: string;
}

/** `B-gene` → { place: 'B', kind: 'gene' }; undefined for what is no tag of a scheme. */
export function spanTag(tag: string): SpanTag | undefined {
  if (tag === 'O') return { place: 'O', kind: '' };
  const [, place, kind] = /^([BIES])-(.+)$/.exec(tag) ?? [];
  return place ? { place: place as SpanTag['place'], kind: kind! } : undefined;
}

const inside = ({ place }: SpanTag) => place === 'I' || place === 'E';
const open = ({ place }: SpanTag) => place === 'B' || place === 'I';

/** Whether `to` may stand after `from` (undefined: the edge of the sequence). */
function follows(scheme: TagScheme, from: SpanTag | undefined, to: SpanTag | undefined): boolean {
  const continues = from && to && inside(to) && open(from) && from.kind === to.kind;
  if (scheme === 'bio') return !to || !inside(to) || continues === true;
  // In BIOES whatever is open must go on, and nothing else may.
  const [opened, goesOn] = [from !== undefined && open(from), to !== undefined && inside(to)];
  return opened || goesOn ? continues === true : true;
}

/**
 * The constraints that rules put on tags: those of the scheme and, where there are any, the user's own pairs; undefined where nothing is
 * forbidden. Throws a usage error for tags that the scheme does not have, pairs of unknown tags, and rules that no sequence satisfies.
 * @example tagConstraints(['O', 'B-gene', 'I-gene'], { scheme: 'bio', allowed: null }) // no I-gene at the beginning or after O
 */
export function tagConstraints(tags: readonly string[], rules: TagRules): CrfConstraints | undefined {
  if (rules.scheme === 'none' && !rules.allowed) return undefined;
  const byScheme = schemeTest(tags, rules.scheme);
  const byPairs = pairTest(tags, rules.allowed);
  const may = (from: number | undefined, to: number | undefined) => byScheme(from, to) && byPairs(from, to);
  const each = tags.map((_, t) => t);
  const constraints = {
    transitions: each.map((from) => each.map((to) => may(from, to))),
    start: each.map((to) => may(undefined, to)),
    end: each.map((from) => may(from, undefined)),
  };
  refuseImpossible(tags, constraints);
  return constraints;
}

type Test = (from: number | undefined, to: number | undefined) => boolean;

function schemeTest(tags: readonly string[], scheme: TagScheme): Test {
  if (scheme === 'none') return () => true;
  const parsed = tags.map((tag) => {
    const found = spanTag(tag);
    const known = found && (scheme === 'bioes' || 'OBI'.includes(found.place));
    if (known) return found;
    const expected = scheme === 'bio' ? 'O, B-… and I-…' : 'O, B-…, I-…, E-… and S-…';
    throw usageError(
      `the tag "${tag}" is none of the scheme ${scheme}; expected ${expected}. Choose another scheme, or none.`,
    );
  });
  const at = (t: number | undefined) => (t === undefined ? undefined : parsed[t]);
  return (from, to) => follows(scheme, at(from), at(to));
}

function pairTest(tags: readonly string[], allowed: TagRules['allowed']): Test {
  if (!allowed) return () => true;
  const unknown = allowed.flat().find((tag) => tag !== '' && !tags.includes(tag));
  if (unknown !== undefined)
    throw usageError(
      `the allowed transitions name "${unknown}", which is no tag; the tags are ${tags.join(', ')}.`,
    );
  const key = (from: string, to: string) => `${from}\n${to}`;
  const pairs = new Set(allowed.map(([from, to]) => key(from, to)));
  // Where nothing is said of an edge, every tag may stand at it.
  const freeStart = !allowed.some(([from]) => from === '');
  const freeEnd = !allowed.some(([, to]) => to === '');
  const name = (t: number | undefined) => (t === undefined ? '' : tags[t]!);
  return (from, to) =>
    (from === undefined && freeStart) ||
    (to === undefined && freeEnd) ||
    pairs.has(key(name(from), name(to)));
}

/** Throws where no sequence of any length satisfies the constraints, or some tag can stand in none. */
function refuseImpossible(
  tags: readonly string[],
  { transitions, start, end }: Required<CrfConstraints>,
): void {
  const each = tags.map((_, t) => t);
  const closure = (first: number[], steps: (from: number, to: number) => boolean) => {
    const found = new Set(first);
    for (const from of found) for (const to of each) if (steps(from, to)) found.add(to);
    return found;
  };
  const reached = closure(
    each.filter((t) => start[t]),
    (from, to) => transitions[from]![to]!,
  );
  const ends = closure(
    each.filter((t) => end[t]),
    (from, to) => transitions[to]![from]!,
  );
  const dead = each.filter((t) => !reached.has(t) || !ends.has(t)).map((t) => tags[t]);
  if (dead.length === 0) return;
  const what =
    dead.length === tags.length
      ? `no sequence at all of the tags ${tags.join(', ')}`
      : `no sequence in which ${dead.join(' or ')} stands`;
  throw usageError(
    `the rules of the tags allow ${what}: it cannot be reached from the beginning, or the end not from it. Allow more transitions, or choose another scheme.`,
  );
}

/** The first place at which a sequence of tags breaks the constraints, its length where it may not end so; −1 where it keeps them. Negative tags are unknown. */
export function firstViolation(
  truth: ArrayLike<number>,
  { transitions, start, end }: CrfConstraints,
): number {
  for (let t = 0; t < truth.length; t++) {
    const [before, now] = [truth[t - 1], truth[t]!];
    if (now < 0) continue;
    if (t === 0 ? start?.[now] === false : before! >= 0 && transitions?.[before!]?.[now] === false) return t;
  }
  const last = truth[truth.length - 1];
  return last !== undefined && last >= 0 && end?.[last] === false ? truth.length : -1;
}
