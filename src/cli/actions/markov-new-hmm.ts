import { usageError } from '../../core/errors.ts';
import { guessAlphabet } from '../../data/letters.ts';
import { openRecords } from '../../data/read-records.ts';
import { openSource } from '../../data/source.ts';
import { columnIndex, openTable } from '../../data/table/table.ts';
import type { HmmFile, Observed } from '../../models/markov/hmm-file.ts';
import { simpleHmm } from '../../models/markov/simple-hmm.ts';
import type { HmmTrainArguments } from '../verbs/hmm-models.ts';
import { tableColumns } from './markov-observations.ts';

const ofModel = ['topology', 'emissions', 'letters', 'order', 'period', 'components', 'ends'] as const;

/** Throws a usage error for an option that describes a model, where a file does. */
export function refuseModelOptions(args: HmmTrainArguments): void {
  const stray = ofModel.find((name) => args[name] !== undefined);
  if (stray) throw usageError(`--${stray} goes with --states; the model that is given says it itself.`);
}

/** An HMM of so many states for what the data hold, and the arguments to read them by. */
export async function newHmm(
  data: string,
  args: HmmTrainArguments,
): Promise<{ file: HmmFile; args: HmmTrainArguments }> {
  const emissions = args.emissions ?? 'categorical';
  refuseFamily(emissions, args);
  const { observes, args: read } = await observedOf(data, emissions, args);
  const file = simpleHmm({
    ...{ states: args.states!, observes, emissions },
    ...(args.topology && { topology: args.topology }),
    ...(args.order !== undefined && { order: args.order }),
    ...(args.period !== undefined && { period: args.period }),
    ...(args.components !== undefined && { components: args.components }),
    ...(args.ends && { ends: true }),
  });
  return { file, args: read };
}

function refuseFamily(emissions: string, args: HmmTrainArguments): void {
  const families = {
    order: 'categorical',
    period: 'categorical',
    letters: 'categorical',
    components: 'gaussian',
  };
  for (const [name, family] of Object.entries(families))
    if (args[name as keyof typeof families] !== undefined && emissions !== family)
      throw usageError(`--${name} goes with --emissions ${family}.`);
}

async function observedOf(
  data: string,
  emissions: string,
  args: HmmTrainArguments,
): Promise<{ observes: Observed; args: HmmTrainArguments }> {
  if (emissions !== 'categorical') {
    const columns = args.column ?? (await tableColumns(data, args));
    return { observes: { kind: 'columns', columns }, args };
  }
  if (args.column) {
    const symbols = await symbolsOf(data, args.column, args.letters);
    return { observes: { kind: 'symbols', symbols }, args };
  }
  if (args.letters !== undefined) return { observes: { kind: 'letters', letters: [...args.letters] }, args };
  if (data === '-')
    throw usageError('Say what the letters are with --letters where sequences are standard input.');
  const { records } = await openRecords(data, {
    ...(args.id !== undefined && { id: args.id }),
    ...(args.sequence !== undefined && { sequence: args.sequence }),
  });
  const [first] = await firstOf(records);
  const { alphabet } = guessAlphabet([first!.sequence]);
  return { observes: { kind: 'letters', letters: [...alphabet.letters] }, args };
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item];
  return [];
}

/** The different cells of a column, in alphabetical order. */
async function symbolsOf(data: string, [column, ...more]: readonly string[], letters: string | undefined) {
  if (more.length > 0)
    throw usageError('Symbols stand in one column; give --column once, or --emissions gaussian for numbers.');
  if (letters !== undefined)
    throw usageError('--letters are of sequences, --column is of a table of steps; give one of them.');
  if (data === '-')
    throw usageError(
      'Symbols are gathered before training, so the table cannot be standard input. Name the file.',
    );
  const source = openSource(data);
  const table = await openTable(source.chunks, { name: source.name });
  const place = columnIndex(table, column!);
  const found = new Set<string>();
  for await (const { cells } of table.rows) {
    if (cells[place] !== '') found.add(cells[place]!);
    if (found.size > 10_000)
      throw usageError(
        `Column "${column}" has more than 10,000 different symbols. Are these numbers? Use --emissions gaussian or poisson.`,
      );
  }
  return [...found].sort();
}
