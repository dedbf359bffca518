import { scaleLinear } from 'd3-scale';
import { curveLinear, curveStepBefore, line } from 'd3-shape';
import type { Curve } from '../../train/metrics/index.ts';
import { figure, shorten } from '../format.ts';
import { html } from '../markup.ts';
import { at, type Described, drawing, legend, type Size, seriesClass, xAxis, yAxis } from './frame.ts';

/** Options of `rocChart` and `prChart`. */
export interface CurveChartOptions extends Partial<Described>, Size {
  curves: Curve[];
}

/** ROC curves with their areas; the dotted diagonal is what guessing gives. */
export const rocChart = ({ curves, title = 'ROC curves', ...rest }: CurveChartOptions): string =>
  chart({ curves, title, ...rest, axes: ['False positive rate', 'True positive rate'], steps: false });

/** Precision–recall curves with their average precision; dotted lines are the shares of positives. */
export const prChart = ({ curves, title = 'Precision–recall curves', ...rest }: CurveChartOptions): string =>
  chart({ curves, title, ...rest, axes: ['Recall', 'Precision'], steps: true });

function chart({
  curves,
  title,
  description,
  axes,
  steps,
  width = 480,
  height = 400,
}: CurveChartOptions & { title: string; axes: [string, string]; steps: boolean }): string {
  const names = curves.map(({ name, area }, i) => ({
    name: `${shorten(name, 24)} ${figure(area)}`,
    className: seriesClass(i),
  }));
  const key = legend(names, { left: 58, right: width - 16, top: 14 });
  const area = { left: 58, right: width - 16, top: 18 + key.height, bottom: height - 46 };
  const x = scaleLinear([0, 1], [area.left, area.right]);
  const y = scaleLinear([0, 1], [area.bottom, area.top]);
  const path = line<[number, number]>()
    .curve(steps ? curveStepBefore : curveLinear)
    .x(([v]) => at(x(v)))
    .y(([, v]) => at(y(v)));
  const chance = steps
    ? curves.map((c, i) => ({ i, from: c.prevalence, to: c.prevalence }))
    : [{ i: -1, from: 0, to: 1 }];
  return drawing(
    { title, description, width, height },
    key.markup,
    xAxis(x, area, { label: axes[0], ticks: 5 }),
    yAxis(y, area, { label: axes[1] }),
    chance.map(
      ({ i, from, to }) =>
        html`<g class="${i < 0 ? 'chance' : seriesClass(i)}"><line class="reference" x1="${at(x(0))}" y1="${at(y(from))}" x2="${at(x(1))}" y2="${at(y(to))}"/></g>`,
    ),
    curves.map((c, i) => html`<g class="${seriesClass(i)}"><path class="line" d="${path(c.points)}"/></g>`),
  );
}
