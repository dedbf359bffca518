import { usageError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import type { Series } from '../../markov/hmm/emissions/emissions.ts';
import type { Hmm } from '../../markov/hmm/model.ts';
import { sampleHmm } from '../../markov/hmm/sample.ts';
import { type HmmFile, spellingOf } from '../../models/markov/hmm-file.ts';
import { requireTrained } from '../../models/markov/language.ts';
import type { HmmSampleArguments } from '../verbs/hmm.ts';

/** Where no end is modelled, so many positions are drawn; where one is, so many at most. */
const usual = 200;
const mostWithEnd = 1000;

/** Draws sequences, or series of numbers, from an HMM, with the states that they came from. */
export async function sampleHmmFile(
  { file, name }: { file: HmmFile; name: string },
  { output, count, seed, length, format: asked }: HmmSampleArguments,
): Promise<void> {
  requireTrained(file, name);
  const format = asked ?? formatOf(output, file);
  if (format === 'fasta' && file.observes.kind !== 'letters')
    throw usageError(
      'FASTA holds letters, and this model draws symbols or numbers; use --format tsv or jsonl.',
    );
  const most = length ?? (file.model.end ? mostWithEnd : usual);
  async function* lines() {
    if (format === 'tsv') yield `${['id', 'position', ...columnsOf(file), 'state'].join('\t')}\n`;
    for (let i = 1; i <= count; i++) yield* written(file, `sample${i}`, drawn(file, seed, i, most), format);
  }
  await atomicWrite(output, lines());
}

const formatOf = (output: string, { observes }: HmmFile) =>
  /\.tsv(\.gz)?$/i.test(output)
    ? 'tsv'
    : /\.jsonl(\.gz)?$/i.test(output)
      ? 'jsonl'
      : observes.kind === 'letters'
        ? 'fasta'
        : 'tsv';

const columnsOf = ({ observes }: HmmFile) =>
  observes.kind === 'columns' ? observes.columns : [observes.kind === 'letters' ? 'letter' : 'symbol'];

interface Drawn {
  /** The cells of each position. */
  readonly cells: readonly (readonly (string | number)[])[];
  readonly states: Int32Array;
}

function drawn({ model, observes }: HmmFile, seed: number, index: number, length: number): Drawn {
  const stream = randomStream(seed, 'hmm sample', index);
  const { observations, states } = sampleHmm(model as Hmm<unknown>, stream, { length });
  const spelling = spellingOf(observes);
  if (spelling)
    return { states, cells: Array.from(observations as ArrayLike<number>, (token) => [spelling[token]!]) };
  const { values, width } = observations as Series;
  const row = (t: number) => Array.from(values.subarray(t * width, (t + 1) * width));
  return { states, cells: Array.from(states, (_, t) => row(t)) };
}

function* written(file: HmmFile, id: string, { cells, states }: Drawn, format: 'fasta' | 'tsv' | 'jsonl') {
  const all = (file.model as Hmm<unknown>).states;
  if (format === 'tsv') {
    for (const [t, own] of cells.entries())
      yield `${[id, t + 1, ...own, all[states[t]!]!.name].join('\t')}\n`;
    return;
  }
  const path = Array.from(states, (s) => all[s]!.letter).join('');
  const sequence = cells.map(([letter]) => letter).join('');
  if (format === 'fasta') {
    if (sequence !== '') yield* fastaText([{ id, sequence }]);
    return;
  }
  const observed =
    file.observes.kind === 'letters'
      ? { sequence }
      : { observed: file.observes.kind === 'symbols' ? cells.flat() : cells };
  yield `${JSON.stringify({ id, length: cells.length, ...observed, path })}\n`;
}
