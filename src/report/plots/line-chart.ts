import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { html } from '../markup.ts';
import {
  at,
  type Described,
  drawing,
  extent,
  legend,
  type Size,
  seriesClass,
  widened,
  xAxis,
  yAxis,
} from './frame.ts';

/** A named line; points with a y that is no number interrupt it. */
export interface Series {
  name: string;
  points: [x: number, y: number][];
}

/** Options of `lineChart`. */
export interface LineChartOptions extends Described, Size {
  series: Series[];
  xLabel: string;
  yLabel: string;
  /** A vertical line with a note, such as the best epoch. */
  mark?: { x: number; label: string };
}

/** Lines over a common axis, such as losses over epochs. */
export function lineChart({
  series,
  xLabel,
  yLabel,
  mark,
  title,
  description,
  width = 480,
  height = 320,
}: LineChartOptions): string {
  const names = series.map(({ name }, i) => ({ name, className: seriesClass(i) }));
  const points = series.flatMap((s) => s.points);
  const range = scaleLinear(widened(extent(points.map(([, v]) => v))), [0, 1]).nice(5);
  const left = 36 + 6.8 * Math.max(...range.ticks(5).map((t) => range.tickFormat(5)(t).length));
  const key = legend(names, { left, right: width - 16, top: 14 });
  const area = { left, right: width - 16, top: 14 + key.height, bottom: height - 46 };
  const x = scaleLinear(widened(extent(points.map(([v]) => v))), [area.left, area.right]);
  const y = range.copy().range([area.bottom, area.top]);
  const wholeTicks = Math.min(8, Math.max(1, Math.round(x.domain()[1]! - x.domain()[0]!)));
  const path = line<[number, number]>()
    .defined(([, v]) => Number.isFinite(v))
    .x(([v]) => at(x(v)))
    .y(([, v]) => at(y(v)));
  return drawing(
    { title, description, width, height },
    key.markup,
    xAxis(x, area, { label: xLabel, ticks: wholeTicks }),
    yAxis(y, area, { label: yLabel }),
    mark && note(mark, x(mark.x), area),
    series.map(
      (s, i) =>
        html`<g class="${seriesClass(i)}"><path class="line" d="${path(s.points)}"/>${
          s.points.length <= 40 &&
          s.points.map(
            ([px, py]) =>
              Number.isFinite(py) && html`<circle class="dot" cx="${at(x(px))}" cy="${at(y(py))}" r="2.2"/>`,
          )
        }</g>`,
    ),
  );
}

function note({ label }: { label: string }, x: number, area: { right: number; top: number; bottom: number }) {
  const before = x > area.right - label.length * 6.5 - 8;
  return html`<g class="note"><line x1="${at(x)}" x2="${at(x)}" y1="${at(area.top)}" y2="${at(area.bottom)}"/><text x="${at(x + (before ? -6 : 6))}" y="${at(area.top + 12)}" text-anchor="${before ? 'end' : 'start'}">${label}</text></g>`;
}
