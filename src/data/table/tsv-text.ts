/**
 * A line of a tab-separated table. Cells with a tab, a line break, a quote or blanks at their ends are quoted, quotes doubled, so that
 * `openTable` gives back the same cells. Undefined and null are empty cells.
 * @example tsvLine(['a', 1, undefined]) // 'a\t1\t\n'
 */
export const tsvLine = (cells: readonly (string | number | boolean | null | undefined)[]): string =>
  // A line of one empty cell would be a blank line.
  `${cells.length === 1 && (cells[0] ?? '') === '' ? '""' : cells.map(cellText).join('\t')}\n`;

const cellText = (cell: string | number | boolean | null | undefined): string => {
  const text = String(cell ?? '');
  return /[\t\r\n"]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
