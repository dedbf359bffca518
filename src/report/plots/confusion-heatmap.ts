import { percent, shorten, whole } from '../format.ts';
import { html } from '../markup.ts';
import { at, type Described, drawing } from './frame.ts';

/** Options of `confusionHeatmap`. */
export interface ConfusionHeatmapOptions extends Partial<Described> {
  classes: string[];
  /** Rows true, columns predicted. */
  counts: number[][];
}

/**
 * Confusion matrix as tiles: the deeper the colour, the larger the share of the true class (row).
 * Numbers stand in the tiles up to 12 classes, names beside them up to 30.
 */
export function confusionHeatmap({
  classes,
  counts,
  title = 'Confusion matrix',
  description = 'Rows are true classes, columns predicted ones; the diagonal is right.',
}: ConfusionHeatmapOptions): string {
  const k = classes.length;
  const longest = Math.min(16, Math.max(3, ...classes.map((c) => Array.from(c).length)));
  const [named, numbered] = [k <= 30, k <= 12];
  const left = named ? 34 + longest * 6.6 : 34;
  const slanted = k > 4 && longest > 6;
  const top = named ? (slanted ? 34 + longest * 5 : 50) : 34;
  const tile = Math.min(180, (480 - left - 12) / k);
  const high = Math.min(tile, numbered ? Math.max(30, Math.min(120, 320 / k)) : tile);
  const [right, bottom] = [left + tile * k, top + high * k];
  const name = (c: number) => shorten(classes[c]!, 16);
  const columnName = (c: number) => {
    const x = at(left + (c + 0.5) * tile);
    return slanted
      ? html`<text transform="translate(${x} ${at(top - 8)}) rotate(-40)">${name(c)}</text>`
      : html`<text x="${x}" y="${at(top - 8)}" text-anchor="middle">${shorten(classes[c]!, Math.max(3, Math.floor(tile / 6.6)))}</text>`;
  };
  return drawing(
    { title, description, width: 480, height: Math.ceil(bottom + 12) },
    html`<g class="heat"><text class="label" x="${at((left + right) / 2)}" y="14" text-anchor="middle">Predicted</text>
<text class="label" transform="translate(14 ${at((top + bottom) / 2)}) rotate(-90)" text-anchor="middle">True</text>`,
    named && classes.map((_, c) => columnName(c)),
    named &&
      classes.map(
        (_, c) =>
          html`<text x="${at(left - 8)}" y="${at(top + (c + 0.5) * high + 4)}" text-anchor="end">${name(c)}</text>`,
      ),
    counts.map((row, t) => {
      const total = row.reduce((a, b) => a + b, 0);
      return row.map((count, p) => {
        const share = total > 0 ? count / total : 0;
        const [x, y] = [left + p * tile, top + t * high];
        const tip = `true ${classes[t]}, predicted ${classes[p]}: ${whole(count)} (${percent(share)})`;
        return html`<g class="${share > 0.55 ? 'deep' : 'pale'}"><rect class="ground" x="${at(x + 1)}" y="${at(y + 1)}" width="${at(tile - 2)}" height="${at(high - 2)}" rx="3"/><rect class="tile" x="${at(x + 1)}" y="${at(y + 1)}" width="${at(tile - 2)}" height="${at(high - 2)}" rx="3" fill-opacity="${at(share * 90) / 100}"><title>${tip}</title></rect>${
          numbered && tileText(count, share, x + tile / 2, y + high / 2, high > 44 && tile > 44)
        }</g>`;
      });
    }),
    html`</g>`,
  );
}

const tileText = (count: number, share: number, x: number, y: number, both: boolean) =>
  both
    ? html`<text class="big" x="${at(x)}" y="${at(y)}" text-anchor="middle">${whole(count)}</text><text class="small" x="${at(x)}" y="${at(y + 16)}" text-anchor="middle">${percent(share)}</text>`
    : html`<text class="small" x="${at(x)}" y="${at(y + 4)}" text-anchor="middle">${whole(count)}</text>`;
