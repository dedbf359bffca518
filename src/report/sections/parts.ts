import { figure as number, plain } from '../format.ts';
import { html, type Markup, type Part, trusted } from '../markup.ts';

/** One part of the page: its anchor, what the navigation calls it, and its content. */
export interface Section {
  id: string;
  title: string;
  content: Part;
}

/** A section, or none where it has no content. */
export const section = ({ id, title, content }: Section): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${content}
</section>
`;

/** A drawing with its caption; `svg` comes from the plot functions. */
export const drawn = (svg: string, title: string, caption?: Part, { wide = false } = {}): Markup =>
  html`<figure${wide && trusted(' class="wide"')}>${trusted(svg)}<figcaption><b>${title}.</b> ${caption}</figcaption></figure>
`;

/** What is too wide for a narrow screen scrolls by itself, with the keyboard too. */
const scrolling = (label: string, content: Part): Markup =>
  html`<div class="scroll" role="region" tabindex="0" aria-label="${label}">${content}</div>`;

/** A heading of a table; numbers stand right. */
export type Column = string | { label: string; title?: string; numeric?: boolean };

/** A table in a card; the first cell of each row is its heading. It scrolls by itself where it is too wide. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
  note?: Part,
): Markup {
  const heads = columns.map((c) => (typeof c === 'string' ? { label: c } : c));
  const style = (i: number) => heads[i]?.numeric && trusted(' class="n"');
  const cell = (content: Part, i: number) =>
    i === 0 ? html`<th scope="row"${style(i)}>${content}</th>` : html`<td${style(i)}>${content}</td>`;
  return html`<div class="card">${scrolling(
    caption,
    html`<table><caption><span>${caption}</span></caption><thead><tr>${heads.map(
      (c, i) => html`<th scope="col"${style(i)}${c.title && html` title="${c.title}"`}>${c.label}</th>`,
    )}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table>`,
  )}${note && html`<p class="quiet">${note}</p>`}</div>
`;
}

/** What a table of mixed content shows for a cell: text as it is, numbers formatted, a dash for nothing. */
export const shown = (value: string | number | null | undefined): string =>
  typeof value === 'string' ? value : value == null ? number(null) : plain(value);
