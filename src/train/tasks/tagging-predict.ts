import { dataError, usageError } from '../../core/errors.ts';
import { planBatches } from '../../data/batch.ts';
import { type Chain, crfBestPaths } from '../../decode/crf.ts';
import { taggerGraph } from '../../models/tagger/graph.ts';
import type { TaggerSpec } from '../../models/tagger/spec.ts';
import type { Tokens } from '../../models/tagger/vocabulary.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import type { Program } from '../../runtime/program.ts';
import { taggingFeeder } from './tagging-feed.ts';

/** What is to be tagged. */
export interface Untagged {
  readonly id: string;
  readonly tokens: Tokens;
}

/** A way to tag a whole sequence, and its probability. */
export interface TagPathResult {
  readonly tags: readonly string[];
  /** ln of the probability of all tags together. */
  readonly logProbability: number;
}

/** A sequence with its tags. */
export interface TaggingResult extends Untagged, TagPathResult {
  /** The probability of every tag at every token, tokens × tags row-major. */
  readonly probabilities: Float32Array;
  /** The best ways to tag it, the best first; only if more than one was asked for. */
  readonly best?: readonly TagPathResult[];
}

/** How a tagger runs, and where. */
export interface TaggerOptions extends CompileOptions {
  /** The most sequences in one run. */
  batchSize?: number;
  /** The most tokens in one run, padding included; a longer sequence runs alone. */
  maxTokens?: number;
  /** How many of the best ways to tag each sequence are wanted. */
  best?: number;
}

/** A tagger that is ready to tag. */
export interface Tagger {
  /** Results in the order of the sequences, in constant memory. */
  tag(
    sequences: AsyncIterable<Untagged> | Iterable<Untagged>,
  ): AsyncGenerator<TaggingResult, void, undefined>;
  close(): Promise<void>;
}

/** How many batches' worth of sequences are looked at together, so that those of like length share a batch. */
const lookAhead = 16;

/**
 * Opens a tagger: the most probable tags of the whole sequence (Viterbi), the probability of every tag at every token
 * (forward-backward), and the k best ways. Throws a data error that names the sequence where it is empty or has letters that the
 * tagger does not know. `close` frees the runtime's memory.
 * @example
 * const tagger = await openTagger(model);
 * for await (const { id, tags } of tagger.tag([{ id: 's', tokens: ['Ann', 'sees', 'Rome'] }])) console.log(id, tags);
 * await tagger.close();
 */
export async function openTagger(
  { spec, weights }: { readonly spec: TaggerSpec; readonly weights: ReadonlyMap<string, Float32Array> },
  { batchSize = 64, maxTokens = 65_536, best = 1, ...where }: TaggerOptions = {},
): Promise<Tagger> {
  if (!Number.isInteger(best) || best < 1)
    throw usageError(`expected 1 or more ways to tag a sequence, received ${best}.`);
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw usageError(`expected a batch size of 1 or more sequences, received ${batchSize}.`);
  const { inputs, outputs, weights: values } = taggerGraph(spec);
  const { tags, probabilities, logProbability, ...chain } = outputs;
  const program = await compile(
    {
      inputs,
      outputs: { tags, probabilities, logProbability, ...(best > 1 && chain) },
      constants: new Map([...values].map(([path, value]) => [value, weights.get(path)!])),
    },
    where,
  );
  return {
    async *tag(sequences) {
      const most = { sequences: lookAhead * batchSize, tokens: lookAhead * maxTokens };
      for await (const window of windows(sequences, most))
        yield* await tagWindow(window, { program, spec, best, batchSize, maxTokens });
    },
    close: () => program.release(),
  };
}

/** Collects sequences until there are enough of them, or enough tokens, to be worth sorting. */
async function* windows(
  sequences: AsyncIterable<Untagged> | Iterable<Untagged>,
  most: { sequences: number; tokens: number },
): AsyncGenerator<Untagged[], void, undefined> {
  let window: Untagged[] = [];
  let tokens = 0;
  for await (const sequence of sequences) {
    if (sequence.tokens.length === 0)
      throw dataError(`sequence ${JSON.stringify(sequence.id)} is empty. Leave it out.`);
    window.push(sequence);
    tokens += sequence.tokens.length;
    if (window.length < most.sequences && tokens < most.tokens) continue;
    yield window;
    window = [];
    tokens = 0;
  }
  if (window.length > 0) yield window;
}

interface Running {
  readonly program: Program;
  readonly spec: TaggerSpec;
  readonly best: number;
  readonly batchSize: number;
  readonly maxTokens: number;
}

async function tagWindow(window: readonly Untagged[], running: Running): Promise<TaggingResult[]> {
  const { program, spec, batchSize, maxTokens } = running;
  const feeder = feederOf(window, spec);
  const results = new Array<TaggingResult>(window.length);
  for (const indices of planBatches(feeder.lengths, { batchSize, maxTokens, shuffle: false })) {
    const outputs = await program.run(feeder.inputs(indices));
    indices.forEach((i, b) => {
      results[i] = tagged(window[i]!, outputs, b, running);
    });
  }
  return results;
}

/** Letters are checked here, and the message says in which sequence they stand. */
function feederOf(window: readonly Untagged[], spec: TaggerSpec) {
  try {
    return taggingFeeder(window, spec);
  } catch (error) {
    for (const sequence of window) {
      try {
        taggingFeeder([sequence], spec);
      } catch (own) {
        throw dataError(`sequence ${JSON.stringify(sequence.id)} has ${(own as Error).message}`, {
          cause: own,
        });
      }
    }
    throw error;
  }
}

function tagged(
  { id, tokens }: Untagged,
  outputs: Record<string, HostTensor>,
  b: number,
  { spec: { tags }, best }: Running,
): TaggingResult {
  const [, time] = outputs.tags!.shape as [number, number];
  const [length, k] = [tokens.length, tags.length];
  const names = (ids: ArrayLike<number>) => Array.from(ids, (tag) => tags[tag]!);
  const found = names(outputs.tags!.data.subarray(b * time, b * time + length));
  const rows = (name: string) =>
    (outputs[name]!.data as Float32Array).slice(b * time * k, (b * time + length) * k);
  const logProbability = outputs.logProbability!.data[b]!;
  const result = { id, tokens, tags: found, logProbability, probabilities: rows('probabilities') };
  if (best === 1) return result;
  const part = (name: string) => outputs[name]!.data;
  const chain: Chain = {
    emissions: rows('emissions'),
    transitions: part('transitions'),
    start: part('start'),
    end: part('end'),
  };
  const paths = crfBestPaths(chain, best);
  const top = paths[0]!.score;
  return {
    ...result,
    best: paths.filter(isAllowed(top)).map((path) => ({
      tags: names(path.tags),
      logProbability: logProbability + path.score - top,
    })),
  };
}

/** A path over a forbidden step has a score thousands below the best: it is none. */
const isAllowed =
  (top: number) =>
  ({ score }: { score: number }) =>
    score > top - 5000;
