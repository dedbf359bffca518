import { scaleLinear } from 'd3-scale';
import type { MetricValue } from '../../train/metrics/index.ts';
import { bounds, figure, shorten } from '../format.ts';
import { html } from '../markup.ts';
import { at, type Described, drawing, extent, legend, marker, seriesClass, xAxis } from './frame.ts';

/** Options of `forestPlot`. */
export interface ForestPlotOptions extends Partial<Described> {
  /** One row a metric (or fold, or class), with what each contender reached. */
  rows: { label: string; values: (MetricValue | undefined)[] }[];
  /** The contenders; the first is drawn as a dot, the others as diamonds. */
  contenders: string[];
  xLabel?: string;
  width?: number;
}

/** Values with their intervals, one row each, contenders beside one another. */
export function forestPlot({
  rows,
  contenders,
  xLabel = 'Value (right is better)',
  title = 'Metrics with intervals beside baselines',
  description,
  width = 560,
}: ForestPlotOptions): string {
  const key = legend(
    contenders.map((name, i) => ({
      name,
      className: seriesClass(i),
      mark: i === 0 ? ('dot' as const) : ('diamond' as const),
    })),
    { left: 8, right: width - 16, top: 12 },
  );
  const left = 28 + 7 * Math.min(24, Math.max(4, ...rows.map((r) => Array.from(r.label).length)));
  const step = Math.max(30, 13 * contenders.length + 6);
  const top = key.height + 10;
  const area = { left, right: width - 18, top, bottom: top + step * rows.length };
  const numbers = rows.flatMap((r) => r.values.flatMap((v) => [v?.value, v?.low, v?.high]));
  const [low, high] = extent(numbers.filter((v) => v != null));
  const x = scaleLinear([Math.min(0, low), Math.max(1, high)], [area.left, area.right]);
  return drawing(
    { title, description, width, height: Math.ceil(area.bottom + 44) },
    key.markup,
    xAxis(x, area, { label: xLabel }),
    rows.map(({ label, values }, r) => {
      const middle = area.top + (r + 0.5) * step;
      const split =
        r > 0 &&
        html`<line class="split" x1="8" x2="${at(area.right)}" y1="${at(area.top + r * step)}" y2="${at(area.top + r * step)}"/>`;
      return html`<g class="row">${split}<text x="${at(left - 12)}" y="${at(middle + 4)}" text-anchor="end">${shorten(label, 24)}</text>${values.map(
        (v, i) => contender(v, i, contenders[i]!, middle + (i - (values.length - 1) / 2) * 12, x),
      )}</g>`;
    }),
  );
}

function contender(v: MetricValue | undefined, i: number, name: string, y: number, x: (v: number) => number) {
  if (v?.value == null) return null;
  const tip = `${name}: ${figure(v.value)}${v.low === undefined ? '' : ` (${bounds(v)})`}`;
  const whisker =
    v.low !== undefined &&
    v.high !== undefined &&
    html`<path class="whisker" d="M${at(x(v.low))} ${at(y - 3)}v6m0-3H${at(x(v.high))}m0-3v6"/>`;
  return html`<g class="${seriesClass(i)}">${whisker}${marker(i === 0 ? 'dot' : 'diamond', x(v.value), y, tip)}</g>`;
}
