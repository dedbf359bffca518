import { html, type Markup, type Part } from '../markup.ts';

/** Size of a plot in its own units; the page scales it to its column. */
export interface Size {
  width?: number;
  height?: number;
}

/** What every plot says of itself to those who do not see it. */
export interface Described {
  title: string;
  /** One sentence on what is to be seen. */
  description?: string;
}

/** How many series have colours of their own before they repeat with other dashes. */
export const palette = 8;

/** Class names of the series with this number: colour and dash pattern, so that colour is never alone. */
export const seriesClass = (i: number) => `s${i % palette}${i === 0 ? '' : ` d${i % 4}`}`;

/** An accessible drawing of the given size. */
export const drawing = (
  { title, description, width, height }: Described & Required<Size>,
  ...content: Part[]
): string =>
  html`<svg class="plot" role="img" viewBox="0 0 ${width} ${height}" aria-label="${title}"><title>${title}</title>${
    description && html`<desc>${description}</desc>`
  }${content}</svg>`.markup;

/** A scale as d3 makes them, continuous on both sides. */
export interface Scale {
  (value: number): number;
  ticks(count?: number): number[];
  tickFormat(count?: number): (value: number) => string;
}

const round = (v: number) => Math.round(v * 10) / 10;

/** A coordinate for an attribute: one decimal is finer than a pixel. */
export const at = (v: number): number => (Number.isFinite(v) ? round(v) : 0);

/** Edges of the area in which data are drawn. */
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Axis {
  label?: string;
  ticks?: number;
  format?: (value: number) => string;
}

/** Horizontal axis below the area, with labels and faint lines. */
export function xAxis(
  scale: Scale,
  area: Area,
  { label, ticks = 6, format = scale.tickFormat(ticks) }: Axis = {},
): Markup {
  const middle = (area.left + area.right) / 2;
  return html`<g class="axis">${scale.ticks(ticks).map((t) => {
    const x = at(scale(t));
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${at(area.top)}" y2="${at(area.bottom)}"/><text x="${x}" y="${at(area.bottom + 16)}" text-anchor="middle">${format(t)}</text>`;
  })}<line class="base" x1="${at(area.left)}" x2="${at(area.right)}" y1="${at(area.bottom)}" y2="${at(area.bottom)}"/>${
    label &&
    html`<text class="label" x="${at(middle)}" y="${at(area.bottom + 34)}" text-anchor="middle">${label}</text>`
  }</g>`;
}

/** Vertical axis left of the area. */
export function yAxis(
  scale: Scale,
  area: Area,
  { label, ticks = 5, format = scale.tickFormat(ticks) }: Axis = {},
): Markup {
  const middle = (area.top + area.bottom) / 2;
  return html`<g class="axis">${scale.ticks(ticks).map((t) => {
    const y = at(scale(t));
    return html`<line class="grid" x1="${at(area.left)}" x2="${at(area.right)}" y1="${y}" y2="${y}"/><text x="${at(area.left - 8)}" y="${at(y + 4)}" text-anchor="end">${format(t)}</text>`;
  })}${
    label &&
    html`<text class="label" transform="translate(14 ${at(middle)}) rotate(-90)" text-anchor="middle">${label}</text>`
  }</g>`;
}

/** A sample of each series with its name, set in rows from `top` on; `height` is what it takes. */
export function legend(
  items: { name: string; className: string; mark?: 'line' | 'dot' | 'diamond' }[],
  { left, right, top }: Omit<Area, 'bottom'>,
): { markup: Markup; height: number } {
  let [x, y] = [left, top];
  const entries = items.map(({ name, className, mark = 'line' }) => {
    const width = 34 + Array.from(name).length * 6.9;
    if (x > left && x + width > right) {
      x = left;
      y += 18;
    }
    const [cx, cy] = [at(x), at(y)];
    x += width + 8;
    const sample =
      mark === 'line'
        ? html`<line class="line" x1="${cx}" x2="${at(cx + 18)}" y1="${cy}" y2="${cy}"/>`
        : marker(mark, cx + 9, cy);
    return html`<g class="${className}">${sample}<text x="${at(cx + 24)}" y="${at(cy + 4)}">${name}</text></g>`;
  });
  return { markup: html`<g class="legend">${entries}</g>`, height: items.length === 0 ? 0 : y - top + 18 };
}

/** A filled dot or a hollow diamond, so that the two differ without colour. */
export const marker = (shape: 'dot' | 'diamond', x: number, y: number, title?: string): Markup => {
  const tip = title && html`<title>${title}</title>`;
  return shape === 'dot'
    ? html`<circle class="dot" cx="${at(x)}" cy="${at(y)}" r="4.5">${tip}</circle>`
    : html`<path class="diamond" d="M${at(x)} ${at(y - 5)}l5 5l-5 5l-5-5z">${tip}</path>`;
};

/** Smallest and largest finite number; `fallback` where there is none. */
export function extent(values: Iterable<number>, fallback: [number, number] = [0, 1]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) {
    if (!Number.isFinite(v)) continue;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : fallback;
}

/** A range of some width: one of a single value, but for rounding, gets half a unit (or half itself) to both sides. */
export function widened([low, high]: [number, number]): [number, number] {
  if (high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high), 1e-290)) return [low, high];
  const half = Math.max(0.5, Math.abs(low) / 2);
  return [low - half, high + half];
}
