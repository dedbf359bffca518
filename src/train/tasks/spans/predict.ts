import { usageError } from '../../../core/errors.ts';
import { planBatches } from '../../../data/batch.ts';
import type { Model } from '../../../models/model.ts';
import { spanGraph } from '../../../models/span/graph.ts';
import type { SpanSpec } from '../../../models/span/spec.ts';
import type { HostTensor } from '../../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../../runtime/compile.ts';
import type { Program } from '../../../runtime/program.ts';
import { bestSpans, spanPartition } from './best-spans.ts';
import type { Span, Unanswered } from './data.ts';
import { type EncodedPassage, passageEncoder, textSpan } from './encode.ts';
import { spanFeeder } from './feed.ts';

/** A span that may be the answer: where it stands in the passage, what is written there, and its probability among all allowed answers. */
export interface Answer extends Span {
  readonly text: string;
  readonly probability: number;
}

/** A passage with what a model found in it. */
export interface SpanResult extends Unanswered {
  /** The most probable answer; null where "none" is more probable than any one span. */
  readonly answer: Answer | null;
  /** The probability that there is no span; 0 where the model always gives one. */
  readonly none: number;
  /** The most probable spans, the best first, as many as were asked for. */
  readonly best: readonly Answer[];
  /** The probability of each token to be the first, and the last, of the span; only if asked for. */
  readonly tracks?: {
    readonly start: Float64Array;
    readonly end: Float64Array;
    readonly offsets: Int32Array;
  };
}

/** How a span model runs, and where. */
export interface SpanFinderOptions extends CompileOptions {
  /** The most passages in one run. */
  batchSize?: number;
  /** The most tokens in one run, padding included; a longer passage runs alone. */
  maxTokens?: number;
  /** How many of the best spans of each passage are wanted. */
  best?: number;
  /** Tokens in a span at most; the model's own limit by default. */
  longest?: number | undefined;
  /** Whether the probabilities of all tokens are wanted. */
  tracks?: boolean;
}

/** A span model that is ready to answer. */
export interface SpanFinder {
  /** Results in the order of the passages, in constant memory. */
  find(
    passages: AsyncIterable<Unanswered> | Iterable<Unanswered>,
  ): AsyncGenerator<SpanResult, void, undefined>;
  close(): Promise<void>;
}

/** How many batches' worth of passages are looked at together, so that those of like length share a batch. */
const lookAhead = 16;

/**
 * Opens a span model. Of every passage all spans of at most `longest` tokens are compared, exactly: the score of one is
 * ln P(first) + ln P(last), its probability the share of that among all allowed spans and "none". Throws a data error that names the record
 * where its passage is empty or has letters that the model does not know. `close` frees the runtime's memory.
 * @example
 * const finder = await openSpanFinder(model, { best: 3 });
 * for await (const { id, answer } of finder.find([{ id: 's', passage: 'ACGTAC' }])) console.log(id, answer);
 * await finder.close();
 */
export async function openSpanFinder(
  { spec, weights }: Pick<Model<SpanSpec>, 'spec' | 'weights'>,
  {
    batchSize = 32,
    maxTokens = 65_536,
    best = 1,
    longest = spec.longest,
    tracks = false,
    ...where
  }: SpanFinderOptions = {},
): Promise<SpanFinder> {
  for (const [name, value] of Object.entries({ best, batchSize, longest }))
    if (!Number.isInteger(value) || value < 1)
      throw usageError(`${name}: expected a whole number of at least 1, received ${value}.`);
  const { inputs, outputs, weights: values } = spanGraph(spec);
  const program = await compile(
    {
      inputs,
      outputs: { ...outputs },
      constants: new Map([...values].map(([path, v]) => [v, weights.get(path)!])),
    },
    where,
  );
  const encode = passageEncoder(spec);
  const running: Running = { program, spec, best, longest, tracks, batchSize, maxTokens };
  return {
    async *find(passages) {
      let records: Unanswered[] = [];
      let encoded: EncodedPassage[] = [];
      let tokens = 0;
      for await (const record of passages) {
        const read = encode(record);
        records.push(record);
        encoded.push(read);
        tokens += read.passage.length;
        if (records.length < lookAhead * batchSize && tokens < lookAhead * maxTokens) continue;
        yield* await answerAll(records, encoded, running);
        [records, encoded, tokens] = [[], [], 0];
      }
      if (records.length > 0) yield* await answerAll(records, encoded, running);
    },
    close: () => program.release(),
  };
}

interface Running extends Required<Pick<SpanFinderOptions, 'best' | 'tracks' | 'batchSize' | 'maxTokens'>> {
  readonly program: Program;
  readonly spec: SpanSpec;
  readonly longest: number;
}

async function answerAll(
  records: readonly Unanswered[],
  encoded: readonly EncodedPassage[],
  running: Running,
): Promise<SpanResult[]> {
  const { program, spec, batchSize, maxTokens } = running;
  const feeder = spanFeeder(encoded, spec);
  const results = new Array<SpanResult>(records.length);
  for (const indices of planBatches(feeder.lengths, { batchSize, maxTokens, shuffle: false })) {
    const outputs = await program.run(feeder.inputs(indices));
    indices.forEach((i, b) => {
      results[i] = answered(
        records[i]!,
        encoded[i]!,
        pointersOf(outputs, b, encoded[i]!.passage.length),
        running,
      );
    });
  }
  return results;
}

/** What the graph says of one passage, in natural logarithms. */
interface Pointers {
  readonly start: ArrayLike<number>;
  readonly end: ArrayLike<number>;
  readonly none: number;
}

function pointersOf(outputs: Record<string, HostTensor>, b: number, length: number): Pointers {
  const [, time] = outputs.start!.shape as [number, number];
  const row = (name: string) => outputs[name]!.data.slice(b * time, b * time + length);
  return { start: row('start'), end: row('end'), none: outputs.none?.data[b] ?? Number.NEGATIVE_INFINITY };
}

function answered(
  { id, passage, question }: Unanswered,
  { offsets }: EncodedPassage,
  { start, end, none }: Pointers,
  { best: count, longest, tracks }: Running,
): SpanResult {
  const total = spanPartition(start, end, { longest, none });
  const share = (score: number) => Math.min(1, Math.exp(score - total));
  const best = bestSpans(start, end, { longest, count }).map(({ first, last, score }): Answer => {
    const span = textSpan(passage, offsets, first, last);
    return { ...span, text: passage.slice(span.start, span.end), probability: share(score) };
  });
  const absent = share(none);
  const [top] = best;
  return {
    ...{ id, passage, ...(question !== undefined && { question }) },
    answer: top && top.probability >= absent ? top : null,
    ...{ none: absent, best },
    ...(tracks && {
      tracks: { start: Float64Array.from(start, Math.exp), end: Float64Array.from(end, Math.exp), offsets },
    }),
  };
}
