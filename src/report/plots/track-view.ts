import { scaleLinear } from 'd3-scale';
import { plain, whole } from '../format.ts';
import { html } from '../markup.ts';
import { at, type Described, drawing, seriesClass, xAxis } from './frame.ts';

/** Something along a stretch: values bin by bin, and the truth beside them. */
export interface TrackRow {
  readonly name: string;
  /** One a bin; NaN where nothing is told. */
  readonly values: ArrayLike<number>;
  /** The top of the row; the highest value by default. */
  readonly top?: number;
  /** Of what is there or not: 1, 0 or NaN a bin, drawn as bars below. */
  readonly there?: ArrayLike<number>;
  /** Of values: the true ones, drawn as a line. */
  readonly line?: ArrayLike<number>;
  /** The number of the row's colour; its own place by default. */
  readonly series?: number;
}

/** Options of `trackView`. */
export interface TrackViewOptions extends Described {
  readonly chrom: string;
  /** The first base, 0-based, and the bases of a bin. */
  readonly start: number;
  readonly bin: number;
  readonly rows: readonly TrackRow[];
  readonly width?: number;
}

const rowHeight = 44;
const gap = 10;
const strip = 7;

/** Tracks one below the other along a stretch of a sequence, as a genome browser shows them. */
export function trackView({
  chrom,
  start,
  bin,
  rows,
  title,
  description,
  width = 520,
}: TrackViewOptions): string {
  const bins = Math.max(1, ...rows.map(({ values }) => values.length));
  const longest = Math.max(...rows.map(({ name }) => Array.from(name).length));
  const left = Math.min(150, 22 + 6.8 * longest);
  const area = { left, right: width - 16, top: 12, bottom: 12 + rows.length * (rowHeight + gap) };
  const x = scaleLinear([start, start + bins * bin], [area.left, area.right]);
  const edge = (b: number) => at(x(start + b * bin));
  return drawing(
    { title, description, width, height: area.bottom + 46 },
    xAxis(x, area, { label: `base of ${chrom}`, ticks: 4, format: whole }),
    rows.map((row, i) => {
      const bottom = area.top + (i + 1) * (rowHeight + gap) - gap;
      const ground = row.there ? bottom - strip - 2 : bottom;
      const top = row.top ?? Math.max(1e-9, ...finite(row.values), ...finite(row.line ?? []));
      const y = scaleLinear([0, top], [ground, bottom - rowHeight]).clamp(true);
      return html`<g class="row ${seriesClass(row.series ?? i)}"><line class="base" x1="${at(area.left)}" x2="${at(area.right)}" y1="${at(ground)}" y2="${at(ground)}"/><text x="${at(area.left - 10)}" y="${at(bottom - rowHeight / 2 + 4)}" text-anchor="end">${row.name}</text><text x="${at(area.left - 4)}" y="${at(bottom - rowHeight + 6)}" text-anchor="end" font-size="9" fill-opacity=".7">${plain(top)}</text><path class="bar" fill-opacity=".45" d="${steps(row.values, edge, y, ground)}"/>${
        row.line &&
        html`<path class="line" style="stroke-dasharray:none;stroke-width:1.4" d="${outline(row.line, edge, y)}"/>`
      }${
        row.there &&
        runs(row.there).map(
          ([from, to]) =>
            html`<rect class="dot" x="${edge(from)}" width="${at(Math.max(1, edge(to) - edge(from)))}" y="${at(bottom - strip)}" height="${strip}"/>`,
        )
      }</g>`;
    }),
  );
}

const finite = (values: ArrayLike<number>) => Array.from(values).filter(Number.isFinite);

/** Bars that touch, as one path; gaps where there is no value. */
function steps(
  values: ArrayLike<number>,
  edge: (b: number) => number,
  y: (value: number) => number,
  ground: number,
): string {
  const parts: string[] = [];
  for (let b = 0; b < values.length; ) {
    if (!Number.isFinite(values[b]!)) {
      b++;
      continue;
    }
    parts.push(`M${edge(b)} ${at(ground)}`);
    for (; b < values.length && Number.isFinite(values[b]!); b++)
      parts.push(`V${at(y(values[b]!))}H${edge(b + 1)}`);
    parts.push(`V${at(ground)}Z`);
  }
  return parts.join('');
}

function outline(
  values: ArrayLike<number>,
  edge: (b: number) => number,
  y: (value: number) => number,
): string {
  let open = false;
  return Array.from(values, (value, b) => {
    if (!Number.isFinite(value)) {
      open = false;
      return '';
    }
    const move = open ? 'V' : `M${edge(b)} `;
    open = true;
    return `${move}${at(y(value))}H${edge(b + 1)}`;
  }).join('');
}

/** Bins from–to that are there, side by side. */
function runs(there: ArrayLike<number>): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let b = 0; b < there.length; b++) {
    if (there[b] !== 1) continue;
    const last = found.at(-1);
    if (last?.[1] === b) last[1] = b + 1;
    else found.push([b, b + 1]);
  }
  return found;
}
