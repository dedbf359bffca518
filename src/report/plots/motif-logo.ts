import { scaleLinear } from 'd3-scale';
import { html, type Markup } from '../markup.ts';
import { at, type Described, drawing, type Size, yAxis } from './frame.ts';

/** Options of `motifLogo`. */
export interface MotifLogoOptions extends Described, Size {
  /** Probabilities of letters: one row a position. */
  matrix: readonly (readonly number[])[];
  /** Letters in the order of the columns. */
  letters?: string;
  /** Frequency of each letter outside the motif; equal by default. */
  background?: readonly number[];
}

/** Colours of bases as in most logos, taken from the series, which colour-blind readers can tell apart. */
const baseColours: Readonly<Record<string, string>> = {
  A: '--s2',
  C: '--s0',
  G: '--s4',
  T: '--s1',
  U: '--s1',
};
const others = ['--s0', '--s1', '--s2', '--s3', '--s4', '--s5', '--s6', '--s7'];
/** Height of a capital letter as a share of the font size, as in most sans-serif fonts. */
const capital = 0.72;

/**
 * A sequence logo (Schneider and Stephens 1990): at each position a stack of letters as high as its information in bits against
 * the background, each letter with the share that is its probability, the most probable on top.
 * @example motifLogo({ matrix: [[0, 0, 0, 1], [0.9, 0.1, 0, 0]], title: 'TA' })
 */
export function motifLogo({
  matrix,
  letters = 'ACGT',
  background = Array.from(letters, () => 1 / letters.length),
  title,
  description,
  width = Math.max(160, 58 + 26 * matrix.length + 16),
  height = 170,
}: MotifLogoOptions): string {
  const area = { left: 50, right: width - 12, top: 12, bottom: height - 26 };
  const columns = matrix.map((row) => ({ row, bits: information(row, background) }));
  const full = Math.log2(letters.length);
  const y = scaleLinear([0, Math.max(full, ...columns.map(({ bits }) => bits))], [area.bottom, area.top]);
  const step = (area.right - area.left) / Math.max(1, matrix.length);
  return drawing(
    { title, description, width, height },
    yAxis(y, area, { label: 'Bits', ticks: 3 }),
    columns.map(({ row, bits }, i) => {
      const x = area.left + i * step;
      const tip = `${i + 1}: ${named(row, letters)}; ${bits.toFixed(2)} bits`;
      return html`<g class="stack"><title>${tip}</title>${stack(row, bits, { letters, x, step, y })}<text x="${at(x + step / 2)}" y="${at(area.bottom + 16)}" text-anchor="middle">${i + 1}</text></g>`;
    }),
    html`<line class="base" x1="${area.left}" x2="${at(area.right)}" y1="${at(area.bottom)}" y2="${at(area.bottom)}"/>`,
  );
}

const information = (row: readonly number[], background: readonly number[]) =>
  Math.max(
    0,
    row.reduce((sum, p, i) => sum + (p > 0 ? p * Math.log2(p / background[i]!) : 0), 0),
  );

const named = (row: readonly number[], letters: string) =>
  ordered(row)
    .reverse()
    .map((i) => `${letters[i]} ${row[i]!.toFixed(2)}`)
    .join(', ');

/** Letters by number, the least probable first. */
const ordered = (row: readonly number[]) => [...row.keys()].sort((a, b) => row[a]! - row[b]! || b - a);

function stack(
  row: readonly number[],
  bits: number,
  { letters, x, step, y }: { letters: string; x: number; step: number; y: (bits: number) => number },
): Markup[] {
  let below = 0;
  return ordered(row).flatMap((i) => {
    const [from, to] = [y(below), y((below += row[i]! * bits))];
    const high = from - to;
    if (high < 0.5) return [];
    const colour = baseColours[letters[i]!] ?? others[i % others.length]!;
    // The font size makes the height, the text length the width, whatever the font.
    return [
      html`<text class="glyph" style="fill:var(${colour})" x="${at(x + 0.05 * step)}" y="${at(from)}" font-size="${at(high / capital)}" font-weight="700" textLength="${at(0.9 * step)}" lengthAdjust="spacingAndGlyphs">${letters[i]!}</text>`,
    ];
  });
}
