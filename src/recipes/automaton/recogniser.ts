import { failure } from '../../core/errors.ts';
import { cast, greater, input, reshape } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { elmanCell } from '../../nn/cells.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { exportOnnx } from '../../runtime/program.ts';
import { withWeights } from '../network.ts';
import { letterOf, type Table } from './pattern.ts';

/** A unit is on (+1) just after a step that led to `to`, from one of `from`, by one of `by`. Exactly one unit is on at a time. */
export interface Unit {
  readonly to: number;
  readonly from: readonly number[];
  readonly by: readonly number[];
}

/** The weights of a tanh network that is the automaton, as `recurrent` and `linear` name them. */
export interface Recogniser {
  readonly units: readonly Unit[];
  readonly symbols: number;
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The state before the first letter. */
  readonly begin: Float32Array;
}

/**
 * An automaton as an Elman network: unit (P → q by A) is on where the state before was in P and the letter is in A, both of which
 * a threshold can tell: pre = gain · ([before ∈ P] + [letter ∈ A] − 1½), which is ±gain/2. At a gain of 40 tanh gives exactly ±1 in
 * single precision, and all sums are whole multiples of gain/2, so that nothing drifts however long the sequence (after Minsky
 * 1967; Alon, Dewdney and Ott 1991). A state that every letter keeps is one unit that keeps itself on: the absorbing
 * state. The read-out is above 0 where an accepting unit is on.
 */
export function recogniserOf(table: Table, { gain = 40 } = {}): Recogniser {
  const units = unitsOf(table);
  const { symbols } = table;
  const n = units.length;
  const recurrentWeight = new Float32Array(n * n);
  const weight = new Float32Array(symbols * n);
  const bias = new Float32Array(n);
  units.forEach(({ from, by }, v) => {
    const before = units.flatMap(({ to }, u) => (from.includes(to) ? [u] : []));
    // (h + 1) / 2 is 1 for the unit that is on and 0 for all others.
    for (const u of before) recurrentWeight[u * n + v] = gain / 2;
    for (const a of by) weight[a * n + v] = gain;
    bias[v] = gain * (before.length / 2 - 1.5);
  });
  const accepting = units.map(({ to }) => table.accepts[to]!);
  const counted = accepting.reduce((a, b) => a + b, 0);
  const first = units.findIndex(({ to }) => to === table.start);
  return {
    units,
    symbols,
    weights: new Map([
      ['read.layers.0.forward.weight', weight],
      ['read.layers.0.forward.recurrent', recurrentWeight],
      ['read.layers.0.forward.bias', bias],
      ['accept.weight', Float32Array.from(accepting, (yes) => yes / 2)],
      ['accept.bias', Float32Array.of((counted - 1) / 2)],
    ]),
    begin: Float32Array.from(units, (_, u) => (u === first ? 1 : -1)),
  };
}

/** Transitions that have their target and their set of origins in common are one unit. */
function unitsOf({ states, symbols, start, next }: Table): Unit[] {
  const all = Array.from({ length: symbols }, (_, a) => a);
  const units: Unit[] = [];
  for (let to = 0; to < states; to++) {
    const stays = all.every((a) => next[to * symbols + a] === to);
    if (stays) units.push({ to, from: [to], by: all });
    const byOrigins = new Map<string, { from: number[]; by: number[] }>();
    for (const a of all) {
      const from = Array.from({ length: states }, (_, s) => s).filter(
        (s) => next[s * symbols + a] === to && !(stays && s === to),
      );
      if (from.length === 0) continue;
      const same = byOrigins.get(from.join()) ?? { from, by: [] };
      same.by.push(a);
      byOrigins.set(from.join(), same);
    }
    units.push(...[...byOrigins.values()].map(({ from, by }) => ({ to, from, by })));
  }
  // A start that nothing leads back to still needs a unit, which is never on again.
  return units.some(({ to }) => to === start) ? units : [{ to: start, from: [], by: [] }, ...units];
}

const network = (symbols: number, units: number) =>
  module({
    params: {
      read: recurrent(elmanCell(), { in: symbols, hidden: units }),
      accept: linear({ in: units, out: 1 }),
    },
    apply: ({ read, accept }, tokens: Value, before: Value) => {
      const { output, final } = read(oneHotInput(tokens, identity(symbols)), { initial: [[before]] });
      const [time, batch] = tokens.shape;
      const yes = cast(greater(accept(output), 0), 'int32');
      return { accepted: reshape(yes, [time!, batch!]), units: output, after: final[0]![0]! };
    },
  });

const identity = (size: number) => ({
  table: Array.from({ length: size * size }, (_, i) => +(i % (size + 1) === 0)),
  size,
});

function graphOf({ symbols, units, weights }: Recogniser) {
  const { model, constants } = withWeights(network(symbols, units.length), weights);
  const tokens = input('tokens', ['time', 'batch'], 'int32');
  const before = input('before', ['batch', units.length]);
  return { inputs: { tokens, before }, outputs: model(tokens, before), constants };
}

/** The network as an ONNX file: int32 tokens[time, batch] (A C G T N as 0 to 4) and the units before → accepted[time, batch], units, after. */
export function recogniserFile(recogniser: Recogniser): Uint8Array {
  const { inputs, outputs, constants } = graphOf(recogniser);
  return exportOnnx({ inputs, outputs }, constants, { begin: JSON.stringify([...recogniser.begin]) });
}

/** A recogniser that runs. */
export interface RunningRecogniser {
  /** Reads sequences side by side; for each, 1 at every letter where the network accepts. */
  accepted(sequences: readonly Uint8Array[]): Promise<Uint8Array[]>;
  /** All units at every letter of one sequence: [letters · units]. */
  trace(sequence: Uint8Array): Promise<Float32Array>;
  release(): Promise<void>;
}

/** How many numbers of a piece the runtime holds at once. */
const mostNumbers = 4e6;

/** Compiles a recogniser; long sequences go through it in pieces, from which the units are carried on. */
export async function openRecogniser(
  recogniser: Recogniser,
  place: CompileOptions = {},
): Promise<RunningRecogniser> {
  const program = await compile(graphOf(recogniser), place);
  const n = recogniser.units.length;
  return {
    async accepted(sequences) {
      const batch = sequences.length;
      const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
      const found = sequences.map(({ length }) => new Uint8Array(length));
      const piece = Math.max(1, Math.floor(mostNumbers / (batch * Math.max(n, recogniser.symbols))));
      let before = repeated(recogniser.begin, batch);
      for (let from = 0; from < longest; from += piece) {
        const time = Math.min(piece, longest - from);
        const tokens = rows(sequences, from, time);
        const result = await program.run({
          tokens: { dtype: 'int32', shape: [time, batch], data: tokens },
          before: { dtype: 'float32', shape: [batch, n], data: before },
        });
        const yes = result.accepted!.data;
        if (yes.length !== time * batch)
          throw failure('the recogniser gave another number of answers than letters.');
        // What a sequence does after its end is of no interest: nothing looks ahead.
        for (let b = 0; b < batch; b++) {
          const own = found[b]!;
          for (let t = 0, end = Math.min(time, own.length - from); t < end; t++)
            own[from + t] = yes[t * batch + b]!;
        }
        before = result.after!.data.slice() as Float32Array<ArrayBuffer>;
      }
      return found;
    },
    async trace(sequence) {
      const { units } = await program.run({
        tokens: { dtype: 'int32', shape: [sequence.length, 1], data: rows([sequence], 0, sequence.length) },
        before: { dtype: 'float32', shape: [1, n], data: recogniser.begin.slice() },
      });
      return units!.data.slice() as Float32Array;
    },
    release: () => program.release(),
  };
}

function repeated(row: Float32Array, count: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(row.length * count);
  for (let b = 0; b < count; b++) all.set(row, b * row.length);
  return all;
}

/** `time` letters of all sequences from one place on, as tokens[time, batch]; N after the end. */
function rows(sequences: readonly Uint8Array[], from: number, time: number): Int32Array<ArrayBuffer> {
  const batch = sequences.length;
  const tokens = new Int32Array(time * batch).fill(4);
  sequences.forEach((own, b) => {
    for (let t = 0, end = Math.min(time, own.length - from); t < end; t++)
      tokens[t * batch + b] = letterOf[own[from + t]!]!;
  });
  return tokens;
}
