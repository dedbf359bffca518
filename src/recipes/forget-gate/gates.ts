import type { Alphabet } from '../../data/alphabet.ts';
import { input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { oneHotInput } from '../../nn/input.ts';
import { module } from '../../nn/module.ts';
import { recurrentTrace } from '../../nn/recurrence/trace.ts';
import { compile, type Device } from '../../runtime/compile.ts';
import type { TaggerModel } from '../../train/tasks/tagging.ts';
import { whole } from '../learn.ts';
import { withWeights } from '../network.ts';

/** The forget gates of one sequence: gates[t · hidden + unit]. */
export type Gates = Float32Array;

/** Letters that are read at once, and how many of those before are read with them, so that the state is that of the whole sequence. */
const [piece, lead] = [20_000, 1000];
const together = 64;

const prefix = 'body.recurrent.';

/** Reads the forget gates of the forward LSTM of a tagger, letter by letter. `weights`: those of the tagger, trained or not. */
export async function forgetGates(
  sequences: readonly string[],
  {
    weights,
    alphabet,
    hidden,
    device,
  }: Pick<TaggerModel, 'weights'> & { alphabet: Alphabet; hidden: number; device: Device },
): Promise<Gates[]> {
  const root = module({
    params: { trace: recurrentTrace('lstm', { in: alphabet.size, hidden, bidirectional: true }) },
    apply: ({ trace }, tokens: Value) =>
      trace(oneHotInput(tokens, { table: alphabet.table(), size: alphabet.size })).traces[0]!.forward.gates
        .forget!,
  });
  const own = new Map(
    [...weights].flatMap(([path, w]) =>
      path.startsWith(prefix) ? [[`trace.${path.slice(prefix.length)}`, w] as const] : [],
    ),
  );
  const tokens = input('tokens', ['time', 'batch'], 'int32');
  const { model, constants } = withWeights(root, own);
  const program = await compile(
    { inputs: { tokens }, outputs: { forget: model(tokens) }, constants },
    { device },
  );
  const found = sequences.map(({ length }) => new Float32Array(length * hidden));
  const jobs = sequences.flatMap((sequence, s) =>
    Array.from({ length: Math.ceil(sequence.length / piece) }, (_, p) => {
      const from = p * piece;
      return { s, from, start: Math.max(0, from - lead), end: Math.min(sequence.length, from + piece) };
    }),
  );
  for (let at = 0; at < jobs.length; ) {
    // As many short sequences side by side, or one long piece.
    let count = 1;
    while (
      count < together &&
      at + count < jobs.length &&
      jobs[at + count]!.end - jobs[at + count]!.start <= 2000
    )
      count++;
    const some = jobs.slice(at, at + count);
    at += count;
    const time = Math.max(...some.map(({ start, end }) => end - start));
    const ids = new Int32Array(time * count).fill(alphabet.padding);
    some.forEach(({ s, start, end }, b) => {
      alphabet.encode(sequences[s]!.slice(start, end)).forEach((id, t) => {
        ids[t * count + b] = id;
      });
    });
    const { forget } = await program.run({ tokens: whole([time, count], ids) });
    const all = forget!.data as Float32Array;
    some.forEach(({ s, from, start, end }, b) => {
      for (let t = from; t < end; t++) {
        const row = ((t - start) * count + b) * hidden;
        found[s]!.set(all.subarray(row, row + hidden), t * hidden);
      }
    });
  }
  await program.release();
  return found;
}

/** One unit of the gates. */
export const unitOf = (gates: Gates, unit: number, hidden: number): Float32Array =>
  Float32Array.from({ length: gates.length / hidden }, (_, t) => gates[t * hidden + unit]!);
