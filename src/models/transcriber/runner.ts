import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { StateSpec } from '../../runtime/program.ts';
import { transcriberGraph } from './graph.ts';
import { transcriberNetwork } from './network.ts';
import type { TranscriberSpec } from './spec.ts';

type Weights = ReadonlyMap<string, Float32Array>;

/** What is read, ready for the network: frames in units of the training data, row-major [time, channels], or ids of symbols [time]. */
export type Encoded = Float32Array | Int32Array;

/** What a network says of one record. */
export interface StepLogs {
  /** ln P of every class at every step, row-major [steps, classes]. */
  readonly logs: Float32Array;
  readonly steps: number;
}

/** A transcriber that runs. */
export interface TranscriberRunner {
  readonly classes: number;
  /** How many places of the input become one step. */
  readonly stride: number;
  /** Which records share a batch changes nothing beyond float32's last digits. */
  run(records: readonly Encoded[]): Promise<StepLogs[]>;
  /** Other weights from now on. */
  load(weights: Weights): Promise<void>;
  close(): Promise<void>;
}

/** Places in a batch at most, padding included; a longer record has a batch of its own. */
const placesAtOnce = 2 ** 16;

const numbersAPlace = ({ input }: Pick<TranscriberSpec, 'input'>) =>
  input.kind === 'frames' ? input.channels.length : 1;

/** How many places an encoded record has. */
export const placesOf = (record: Encoded, spec: Pick<TranscriberSpec, 'input'>): number =>
  record.length / numbersAPlace(spec);

/** Records side by side as the inputs of a transcriber, filled up with zeros. */
export function paddedRecords(
  records: readonly Encoded[],
  spec: Pick<TranscriberSpec, 'input'>,
): Record<string, HostTensor> {
  const width = numbersAPlace(spec);
  const lengths = Int32Array.from(records, (record) => record.length / width);
  const time = lengths.reduce((a, b) => Math.max(a, b), 0);
  const lengthsTensor: HostTensor = { dtype: 'int32', shape: [records.length], data: lengths };
  const fill = <T extends Float32Array | Int32Array>(data: T): T => {
    records.forEach((record, b) => {
      data.set(record, b * time * width);
    });
    return data;
  };
  const size = records.length * time * width;
  if (spec.input.kind === 'frames')
    return {
      frames: { dtype: 'float32', shape: [records.length, time, width], data: fill(new Float32Array(size)) },
      lengths: lengthsTensor,
    };
  return {
    symbols: { dtype: 'int32', shape: [records.length, time], data: fill(new Int32Array(size)) },
    lengths: lengthsTensor,
  };
}

/** Compiles a transcriber; `close` frees the memory of the runtime. */
export async function openTranscriberRunner(
  spec: TranscriberSpec,
  weights: Weights,
  where: CompileOptions = {},
): Promise<TranscriberRunner> {
  const { classes, stride } = transcriberNetwork(spec);
  const { inputs, outputs, weights: values } = transcriberGraph(spec);
  const state: Record<string, StateSpec> = Object.fromEntries(
    [...values].map(([path, value]) => [path, { value, initial: weights.get(path)! }]),
  );
  const program = await compile({ inputs: { ...inputs }, outputs, state }, where);
  const runBatch = async (batch: readonly Encoded[]): Promise<StepLogs[]> => {
    const found = await program.run(paddedRecords(batch, spec));
    const [logs, steps] = [found.logProbabilities!.data as Float32Array, found.steps!.data];
    const size = logs.length / batch.length;
    return batch.map((_, b) => ({
      logs: logs.slice(b * size, b * size + steps[b]! * classes),
      steps: steps[b]!,
    }));
  };
  return {
    ...{ classes, stride },
    async run(records) {
      const found: StepLogs[] = new Array(records.length);
      for (const batch of batchesOf(records, (record) => placesOf(record, spec))) {
        const results = await runBatch(batch.map((i) => records[i]!));
        batch.forEach((i, b) => {
          found[i] = results[b]!;
        });
      }
      return found;
    },
    load: (next) => program.load(Object.fromEntries(next)),
    close: () => program.release(),
  };
}

/** Indices by length, cut where a batch would hold too many places. */
function batchesOf(records: readonly Encoded[], places: (record: Encoded) => number): number[][] {
  const order = records.map((_, i) => i).sort((a, b) => places(records[a]!) - places(records[b]!));
  const batches: number[][] = [];
  for (let at = 0; at < order.length; ) {
    let to = at + 1;
    while (to < order.length && (to + 1 - at) * places(records[order[to]!]!) <= placesAtOnce) to++;
    batches.push(order.slice(at, to));
    at = to;
  }
  return batches;
}
