import { scaleLinear } from 'd3-scale';
import type { CalibrationBin } from '../../train/metrics/index.ts';
import { compact, counted, figure } from '../format.ts';
import { html } from '../markup.ts';
import { at, type Described, drawing, type Size, xAxis, yAxis } from './frame.ts';

/** Options of `reliabilityDiagram`. */
export interface ReliabilityDiagramOptions extends Partial<Described>, Size {
  bins: CalibrationBin[];
  /** Which probability is drawn, for the axis. */
  of?: string;
}

/** How often what was predicted with some probability came true, over the number of records in each bin. */
export function reliabilityDiagram({
  bins,
  of = 'Predicted probability',
  title = 'Calibration',
  description = 'On the diagonal, probabilities mean what they say; below it, they are too high.',
  width = 480,
  height = 400,
}: ReliabilityDiagramOptions): string {
  const area = { left: 58, right: width - 16, top: 14, bottom: height - 116 };
  const strip = { ...area, top: area.bottom + 14, bottom: height - 46 };
  const x = scaleLinear([0, 1], [area.left, area.right]);
  const y = scaleLinear([0, 1], [area.bottom, area.top]);
  const most = Math.max(1, ...bins.map((b) => b.count));
  const tall = scaleLinear([0, most], [strip.bottom, strip.top]);
  const points = bins.map((b) => {
    const tip = `${counted(b.count, 'record')}: predicted ${figure(b.confidence)}, observed ${figure(b.observed)}`;
    const [px, py] = [at(x(b.confidence)), at(y(b.observed))];
    const r = at(2.5 + 6 * Math.sqrt(b.count / most));
    return html`<line class="gap" x1="${px}" x2="${px}" y1="${at(y(b.confidence))}" y2="${py}"/><circle class="bubble" cx="${px}" cy="${py}" r="${r}"><title>${tip}</title></circle>`;
  });
  const bars = bins.map((b) => {
    const [left, right] = [x(b.low) + 1, x(b.high) - 1];
    return html`<rect class="bar" x="${at(left)}" width="${at(right - left)}" y="${at(tall(b.count))}" height="${at(strip.bottom - tall(b.count))}"><title>${counted(b.count, 'record')} from ${figure(b.low)} to ${figure(b.high)}</title></rect>`;
  });
  return drawing(
    { title, description, width, height },
    yAxis(y, area, { label: 'Observed share' }),
    html`<g class="chance"><line class="reference" x1="${at(x(0))}" y1="${at(y(0))}" x2="${at(x(1))}" y2="${at(y(1))}"/></g>`,
    xAxis(x, strip, { label: of.charAt(0).toUpperCase() + of.slice(1), ticks: 5 }),
    html`<g class="axis"><text x="${at(strip.left - 8)}" y="${at(strip.top + 8)}" text-anchor="end">${compact(most)}</text></g>`,
    html`<g class="s0">${bars}${points}</g>`,
  );
}
