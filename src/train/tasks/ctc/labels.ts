import { dataError } from '../../../core/errors.ts';
import { openSource, type SourceDigest } from '../../../data/source.ts';
import { openTable } from '../../../data/table/table.ts';
import { columnOf, targetNames } from './columns.ts';
import type { RecordingColumns } from './data.ts';

/** A table of transcriptions by id. Throws a data error for an id that occurs twice, and where it is not told which column is which. */
export async function readLabels(
  path: string,
  { id, target }: RecordingColumns,
): Promise<{ texts: Map<string, string>; digest: SourceDigest }> {
  const opened = openSource(path);
  const table = await openTable(opened.chunks, { name: opened.name });
  const { columns } = table;
  const ids = columns.indexOf(
    id !== undefined && columns.includes(id) ? id : columns.includes('id') ? 'id' : columns[0]!,
  );
  const others = columns.filter((_, i) => i !== ids);
  const written =
    columnOf(columns, target, targetNames) ??
    (others.length === 1 && target === undefined ? others[0] : undefined);
  if (written === undefined)
    throw dataError(
      `${opened.name} has no column "${target ?? targetNames.join('" or "')}"; it has: ${columns.join(', ')}. Name the one of transcriptions with --target.`,
    );
  const at = columns.indexOf(written);
  const texts = new Map<string, string>();
  for await (const { cells, line } of table.rows) {
    if (texts.has(cells[ids]!))
      throw dataError(
        `${opened.name}:${line}: id "${cells[ids]}" occurs for the second time; expected one transcription each.`,
      );
    texts.set(cells[ids]!, cells[at]!);
  }
  return { texts, digest: opened.digest() };
}
