import { usageError } from '../core/errors.ts';
import { type AmbiguityPolicy, alphabetByName } from '../data/alphabet.ts';
import { padBatch, padTracks, planBatches } from '../data/batch.ts';
import type { HostTensor } from '../runtime/backend.ts';
import { type CompileOptions, compile } from '../runtime/compile.ts';
import type { Program } from '../runtime/program.ts';
import { pooledLength } from './architectures/convolutions.ts';
import { type DropoutPasses, dropoutInputs, dropoutRunner } from './dropout-passes.ts';
import { type Encoded, type PredictionInput, recordEncoder } from './encode-record.ts';
import type { Model } from './model.ts';
import { inferenceGraph, network } from './network.ts';
import { outputCount } from './spec.ts';

/** One record's prediction: a probability per class or label, or the values in the units of the training table. */
export interface Prediction {
  readonly id: string;
  readonly values: Float32Array;
  /**
   * Where the model looked, one weight for each letter (or for each run of letters that max pooling joins, in order), adding up to 1; only
   * if asked for and only from models with attention.
   */
  readonly attention?: Float32Array;
  /** With `dropout`: the standard deviation of each value over the drawn networks. */
  readonly deviation?: Float32Array;
}

/** How a model predicts, and where. */
export interface PredictorOptions extends CompileOptions {
  /** The most records in one run. */
  batchSize?: number;
  /** The most letters in one run, padding included, so that memory does not grow with the input; a longer record runs alone. */
  maxTokens?: number;
  /** `error` refuses letters such as N, `mask` lets the model see them as unknown, `skip` leaves such records out. */
  ambiguous?: AmbiguityPolicy;
  attention?: boolean;
  /**
   * Monte-Carlo dropout: values are the means of so many networks, each with masks of its own. The same records in the same batches and the
   * same seed give the same numbers. Not with `attention`.
   */
  dropout?: DropoutPasses | undefined;
}

/** A model that is ready to predict. */
export interface Predictor {
  /** Predictions in the order of the records, in constant memory. */
  predict(
    records: AsyncIterable<PredictionInput> | Iterable<PredictionInput>,
  ): AsyncGenerator<Prediction, void, undefined>;
  close(): Promise<void>;
}

/** How many batches' worth of records are looked at together, so that records of like length can share a batch. */
const LOOK_AHEAD = 16;

/**
 * Opens a model for prediction. `predict` reads a bounded number of records ahead, runs those of like length together, and gives the
 * results in the order of the records; which records share a batch changes no prediction beyond float32's last digits.
 *
 * `predict` throws a data error that names the record for an empty sequence, letters outside the alphabet (or ambiguous
 * ones under `error`), missing or misfitting tracks. `close` frees the runtime's memory.
 * @example
 * const predictor = await openPredictor(await loadModel('promoters.model'));
 * for await (const { id, values } of predictor.predict([{ id: 'a', sequence: 'TATAATGCGC' }])) console.log(id, values);
 * await predictor.close();
 */
export async function openPredictor(
  { spec, weights }: Pick<Model, 'spec' | 'weights'>,
  {
    batchSize = 64,
    maxTokens = 65_536,
    ambiguous = 'mask',
    attention = false,
    dropout,
    ...where
  }: PredictorOptions = {},
): Promise<Predictor> {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw usageError(`expected a batch size of 1 or more records, received ${batchSize}.`);
  if (dropout && attention)
    throw usageError(
      'attention and dropout do not go together: where a model looked would be told of none of the networks drawn.',
    );
  const drawing = dropout && dropoutInputs();
  const graph = inferenceGraph(spec, drawing?.context);
  const { predictions, attention: looked } = graph.outputs;
  const program = await compile(
    {
      inputs: { ...graph.inputs, ...drawing?.random },
      outputs: attention && looked ? { predictions, attention: looked } : { predictions },
      constants: new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!])),
    },
    where,
  );
  const alphabet = alphabetByName(spec.alphabet.name, spec.alphabet.letters);
  const { fixedLength, config } = network(spec);
  const encode = recordEncoder({
    ...{ alphabet, fixedLength, ambiguous },
    tracks: spec.tracks,
    features: spec.features,
  });
  const pools = (config.pools as readonly number[] | undefined) ?? [];
  const shape = { padding: alphabet.padding, outputs: outputCount(spec.output), pools };
  const run = batchRunner(program, shape, dropout && dropoutRunner(program, dropout));
  return {
    async *predict(records) {
      for await (const window of windows(records, encode, {
        records: LOOK_AHEAD * batchSize,
        letters: LOOK_AHEAD * maxTokens,
      }))
        yield* await predictWindow(window, run, { batchSize, maxTokens });
    },
    close: () => program.release(),
  };
}

/** Collects records until there are enough of them, or enough letters, to be worth sorting. */
async function* windows(
  records: AsyncIterable<PredictionInput> | Iterable<PredictionInput>,
  encode: (input: PredictionInput) => Encoded | undefined,
  most: { records: number; letters: number },
): AsyncGenerator<Encoded[], void, undefined> {
  let window: Encoded[] = [];
  let letters = 0;
  for await (const input of records) {
    const encoded = encode(input);
    if (!encoded) continue;
    window.push(encoded);
    letters += encoded.tokens.length;
    if (window.length < most.records && letters < most.letters) continue;
    yield window;
    window = [];
    letters = 0;
  }
  if (window.length > 0) yield window;
}

type Runner = (window: readonly Encoded[], indices: Int32Array) => Promise<Prediction[]>;

function batchRunner(
  program: Program,
  { padding, outputs, pools }: { padding: number; outputs: number; pools: readonly number[] },
  drawn?: ReturnType<typeof dropoutRunner>,
): Runner {
  return async (window, indices) => {
    const encoded = window.map(({ tokens }) => tokens);
    const { tokens, lengths, batch, time } = padBatch(encoded, indices, padding);
    const channels = window[indices[0]!]!.tracks.length;
    const tracks = () => ({
      dtype: 'float32' as const,
      shape: [batch, time, channels],
      data: padTracks(
        window.map((record) => record.tracks),
        indices,
        time,
      ),
    });
    const feeds: Record<string, HostTensor> = {
      tokens: { dtype: 'int32', shape: [batch, time], data: tokens },
      lengths: { dtype: 'int32', shape: [batch], data: lengths },
      ...(channels > 0 && { tracks: tracks() }),
      ...(window[indices[0]!]!.features.length > 0 && { features: featureRows(window, indices) }),
    };
    const own = (all: Float32Array, row: number) => all.slice(row * outputs, (row + 1) * outputs);
    if (drawn) {
      const { values, deviation } = await drawn(feeds);
      return Array.from(indices, (record, row) => ({
        id: window[record]!.id,
        values: own(values, row),
        deviation: own(deviation, row),
      }));
    }
    const results = await program.run(feeds);
    const values = results.predictions!.data as Float32Array;
    return Array.from(indices, (record, row) => ({
      id: window[record]!.id,
      values: own(values, row),
      ...(results.attention && {
        attention: rowOf(results.attention, row, pooledLength(lengths[row]!, { pools })),
      }),
    }));
  };
}

function featureRows(window: readonly Encoded[], indices: Int32Array): HostTensor {
  const width = window[indices[0]!]!.features.length;
  const data = new Float32Array(indices.length * width);
  indices.forEach((record, row) => {
    data.set(window[record]!.features, row * width);
  });
  return { dtype: 'float32', shape: [indices.length, width], data };
}

const rowOf = ({ shape, data }: HostTensor, row: number, length: number) =>
  (data as Float32Array).slice(row * shape[1]!, row * shape[1]! + length);

async function predictWindow(
  window: readonly Encoded[],
  run: Runner,
  { batchSize, maxTokens }: { batchSize: number; maxTokens: number },
): Promise<Prediction[]> {
  const lengths = Int32Array.from(window, ({ tokens }) => tokens.length);
  const results = new Array<Prediction>(window.length);
  for (const indices of planBatches(lengths, { batchSize, maxTokens, shuffle: false })) {
    const batch = await run(window, indices);
    batch.forEach((prediction, row) => {
      results[indices[row]!] = prediction;
    });
  }
  return results;
}
