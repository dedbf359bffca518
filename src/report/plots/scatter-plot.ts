import { scaleLinear } from 'd3-scale';
import { html } from '../markup.ts';
import { at, type Described, drawing, extent, type Size, widened, xAxis, yAxis } from './frame.ts';

/** Options of `scatterPlot`. */
export interface ScatterPlotOptions extends Partial<Described>, Size {
  points: [x: number, y: number][];
  xLabel?: string;
  yLabel?: string;
  /** Same range on both axes, with the diagonal of equal values. */
  diagonal?: boolean;
}

/** Dots, such as predicted over true values. They are drawn as one path, so that thousands stay light. */
export function scatterPlot({
  points,
  xLabel = 'True',
  yLabel = 'Predicted',
  diagonal = true,
  title = 'True and predicted values',
  description = 'The nearer to the diagonal, the better.',
  width = 480,
  height = 400,
}: ScatterPlotOptions): string {
  const area = { left: 64, right: width - 16, top: 14, bottom: height - 46 };
  const shown = points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const xs = extent(shown.map(([v]) => v));
  const ys = extent(shown.map(([, v]) => v));
  const both: [number, number] = [Math.min(xs[0], ys[0]), Math.max(xs[1], ys[1])];
  const x = scaleLinear(widened(diagonal ? both : xs), [area.left, area.right]).nice(6);
  const y = scaleLinear(widened(diagonal ? both : ys), [area.bottom, area.top]).nice(6);
  const [low, high] = x.domain() as [number, number];
  const dots = shown.map(([a, b]) => `M${at(x(a))} ${at(y(b))}h0`).join('');
  return drawing(
    { title, description, width, height },
    xAxis(x, area, { label: xLabel }),
    yAxis(y, area, { label: yLabel }),
    diagonal &&
      html`<g class="chance"><line class="reference" x1="${at(x(low))}" y1="${at(y(low))}" x2="${at(x(high))}" y2="${at(y(high))}"/></g>`,
    html`<g class="s0"><path class="dots${shown.length > 300 && ' many'}" d="${dots}"/></g>`,
  );
}
