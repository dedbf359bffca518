import { html, type Part } from '../markup.ts';
import { manifest } from '../results-json.ts';
import type { RunReport, Table } from '../run-report.ts';
import { drawn, type Section, shown, table } from './parts.ts';

/** Figures and tables of the recipe's own. */
export function extraSection({ figures = [], tables = [] }: RunReport): Section | null {
  if (figures.length === 0 && tables.length === 0) return null;
  const content: Part[] = [
    figures.length > 0 &&
      html`<div class="figures">${figures.map((f) => drawn(f.svg, f.title, f.caption))}</div>`,
    tables.map(extraTable),
  ];
  return { id: 'more', title: 'More results', content };
}

function extraTable({ title, columns, rows, note }: Table) {
  const heads = columns.map((label, i) => ({
    label,
    numeric: i > 0 && rows.every((row) => typeof row[i] === 'number' || row[i] == null),
  }));
  return table(
    title,
    heads,
    rows.map((row) => row.map(shown)),
    note,
  );
}

/** What the author of the recipe has to add. */
export function notesSection({ notes = [] }: RunReport): Section | null {
  if (notes.length === 0) return null;
  return { id: 'notes', title: 'Notes', content: notes.map((n) => html`<p class="measure">${n}</p>`) };
}

/** All that is needed to make the run again, folded away. */
export function manifestSection(report: RunReport): Section {
  const { command } = report.manifest ?? {};
  const text = JSON.stringify(manifest(report), null, 2);
  return {
    id: 'manifest',
    title: 'Making it again',
    content: html`${command && html`<pre>${command}</pre>`}<details><summary>Versions, seed, configuration and data hashes</summary><pre>${text}</pre></details>`,
  };
}
