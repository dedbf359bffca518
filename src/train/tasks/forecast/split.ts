import { dataError } from '../../../core/errors.ts';
import { randomStream } from '../../../core/random.ts';
import type { SeriesPart, Span } from './series.ts';

/** A part, and what was held back of it. */
export interface HeldBack {
  readonly rest: SeriesPart;
  readonly held: SeriesPart;
}

/**
 * Holds the last share of the steps back: what is forecast in `rest` lies before all that is forecast in `held`, whose forecasts may look
 * back into it. At least one horizon is held back. Where times are given, all series are cut at one moment, so that nothing is learned of a time
 * that another series is tested on; else each is cut by its own length.
 * Throws a data error where no whole horizon is left on either side.
 */
export function holdBackTime(
  part: SeriesPart,
  { share, horizon, name = 'test' }: { share: number; horizon: number; name?: string },
): HeldBack {
  const cut = cutter(part, share, horizon);
  const rest: Span[] = [];
  const held: Span[] = [];
  for (const span of part.spans) {
    const at = Math.max(span.from, Math.min(span.to, cut(span)));
    if (at > span.from) rest.push({ ...span, to: at });
    if (at < span.to) held.push({ ...span, from: at });
  }
  const sides = { rest: { ...part, spans: rest }, held: { ...part, spans: held } };
  refuseShort(part, sides, { horizon, name });
  return sides;
}

/** Where a span is cut. */
function cutter({ data, spans }: SeriesPart, share: number, horizon: number): (span: Span) => number {
  if (data.series.some(({ times }) => !times))
    return ({ from, to }) => to - Math.max(horizon, Math.round(share * (to - from)));
  const moments = [
    ...new Set(
      spans.flatMap(({ series, from, to }) => Array.from(data.series[series]!.times!.subarray(from, to))),
    ),
  ].sort((a, b) => a - b);
  const first = moments[Math.max(0, moments.length - Math.max(horizon, Math.round(share * moments.length)))]!;
  return ({ series, from, to }) => {
    const times = data.series[series]!.times!;
    let at = from;
    while (at < to && times[at]! < first) at++;
    return at;
  };
}

/** Holds whole series back, a random choice. Throws a data error where there is but one, or where no series is as long as a horizon. */
export function holdBackSeries(
  part: SeriesPart,
  { share, seed, name, horizon }: { share: number; seed: number; name: string; horizon: number },
): HeldBack {
  const ids = [...new Set(part.spans.map(({ series }) => series))];
  if (ids.length < 2)
    throw dataError(
      `there is only one series to hold ${name} series back from; leave --split out to hold back its end.`,
    );
  const count = Math.min(ids.length - 1, Math.max(1, Math.round(share * ids.length)));
  const chosen = new Set(randomStream(seed, 'series', name).shuffle(ids).slice(0, count));
  const side = (wanted: boolean): SeriesPart => ({
    ...part,
    spans: part.spans.filter(({ series }) => chosen.has(series) === wanted),
  });
  const sides = { rest: side(false), held: side(true) };
  refuseShort(part, sides, { horizon, name });
  return sides;
}

function refuseShort(
  part: SeriesPart,
  { rest, held }: HeldBack,
  { horizon, name }: { horizon: number; name: string },
): void {
  const longest = Math.max(...part.spans.map(({ from, to }) => to - from));
  if (longest <= horizon) throw tooShort(longest, horizon);
  // One step at least is looked at before what is learned from.
  const enough = (spans: readonly Span[]) =>
    spans.some(({ from, to }) => to - from >= horizon && to - Math.max(from, 1) >= horizon);
  if (!enough(rest.spans) || !enough(held.spans))
    throw dataError(
      `of ${longest} steps, ${horizon} cannot be held back for the ${name} part and leave enough to learn a horizon of ${horizon} from. Use a smaller --horizon or --no-${name}, or give more rows.`,
    );
}

/** The error for series that are not longer than the horizon. */
export const tooShort = (longest: number, horizon: number) =>
  dataError(
    `the longest series has ${longest} ${longest === 1 ? 'step' : 'steps'}; a horizon of ${horizon} needs at least ${horizon + 1}: one to look at and ${horizon} to be forecast. Use a smaller --horizon, or give more rows.`,
  );
