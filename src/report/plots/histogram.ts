import { scaleLinear, scaleLog } from 'd3-scale';
import { compact, plain, whole } from '../format.ts';
import { html } from '../markup.ts';
import {
  at,
  type Described,
  drawing,
  extent,
  type Scale,
  type Size,
  widened,
  xAxis,
  yAxis,
} from './frame.ts';

/** Options of `histogram`. */
export interface HistogramOptions extends Described, Size {
  values: ArrayLike<number>;
  xLabel: string;
  yLabel?: string;
  /** Range of the axis; the values' own by default. */
  domain?: [number, number];
  bins?: number;
  /** A vertical line with a note. */
  mark?: { x: number; label: string };
}

/** How many values lie in each of some equal parts of their range; on a log axis where they span a factor of 100. */
export function histogram({
  values,
  xLabel,
  yLabel = 'Records',
  domain,
  bins = 30,
  mark,
  title,
  description,
  width = 480,
  height = 260,
}: HistogramOptions): string {
  const finite = Float64Array.from(values).filter(Number.isFinite);
  // A note stands above the bars, which may be as high as the frame.
  const area = { left: 58, right: width - 16, top: mark ? 30 : 14, bottom: height - 46 };
  const { x, edges } = cut(domain ?? extent(finite), bins, [area.left, area.right], domain !== undefined);
  const counts = new Float64Array(edges.length - 1);
  for (const v of finite) counts[place(v, edges)]!++;
  const y = scaleLinear([0, Math.max(1, ...counts)], [area.bottom, area.top]).nice(4);
  return drawing(
    { title, description, width, height },
    xAxis(x, area, { label: xLabel, ticks: 6 }),
    yAxis(y, area, { label: yLabel, ticks: Math.min(4, y.domain()[1]!), format: compact }),
    html`<g class="s0">${Array.from(counts, (count, b) => {
      const [left, right] = [x(edges[b]!) + 0.5, x(edges[b + 1]!) - 0.5];
      const tip = `${plain(edges[b])} to ${plain(edges[b + 1])}: ${whole(count)}`;
      return (
        count > 0 &&
        html`<rect class="bar" x="${at(left)}" width="${at(Math.max(1, right - left))}" y="${at(y(count))}" height="${at(area.bottom - y(count))}"><title>${tip}</title></rect>`
      );
    })}</g>`,
    mark && note(mark, x(mark.x), area),
  );
}

function note(
  { x: value, label }: { x: number; label: string },
  x: number,
  area: { left: number; right: number; top: number; bottom: number },
) {
  const text = `${label} ${plain(value)}`;
  const half = 3.4 * text.length;
  const middle = Math.min(area.right - half, Math.max(area.left + half, x));
  return html`<g class="note"><line x1="${at(x)}" x2="${at(x)}" y1="${area.top - 6}" y2="${at(area.bottom)}"/><text x="${at(middle)}" y="${area.top - 11}" text-anchor="middle">${text}</text></g>`;
}

/** Bin edges and the axis: ten-based steps where the range is small, equal ratios where it is wide. */
function cut(
  range: [number, number],
  bins: number,
  span: [number, number],
  exact: boolean,
): { x: Scale; edges: number[] } {
  const [low, high] = widened(range);
  if (!exact && low > 0 && high / low >= 100) {
    const edges = Array.from({ length: bins + 1 }, (_, i) => low * (high / low) ** (i / bins));
    const x = scaleLog([low, high], span);
    const decades = Object.assign((v: number) => x(v), {
      ticks: () => x.ticks().filter((t) => Number.isInteger(Math.round(Math.log10(t) * 1e6) / 1e6)),
      tickFormat: () => compact,
    });
    return { x: decades, edges };
  }
  const x = exact ? scaleLinear([low, high], span) : scaleLinear([low, high], span).nice(bins);
  const [start, end] = x.domain() as [number, number];
  const ticks = x.ticks(bins);
  const edges = exact
    ? Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins)
    : [...new Set([start, ...ticks, end])];
  return { x, edges };
}

/** The bin whose edges hold the value; the last bin holds its upper edge, too. */
function place(value: number, edges: number[]): number {
  let [low, high] = [0, edges.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value >= edges[middle]!) low = middle;
    else high = middle;
  }
  return low;
}
