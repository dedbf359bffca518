import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import { openForced } from './forced.ts';
import { translatorNetwork, translatorSizes } from './network.ts';
import { type EncodedSource, openRunner, type Written } from './runner.ts';
import type { TranslatorSpec } from './spec.ts';

/** A prefix of a target, and the source that it translates. */
export interface TranslationState {
  readonly source: SourceContext;
  readonly last: Link;
  /** How many tokens were read, the start included. */
  readonly length: number;
  /** The state to continue from, until this one is computed itself. */
  parent: TranslationState | undefined;
  computed: Written | undefined;
}

/** Prefixes share their beginnings; the start of targets is the first token of all. */
interface Link {
  readonly token: number;
  readonly before: Link | undefined;
}

/** A source: its tokens, and unseen what the encoder made of them. */
interface SourceContext {
  readonly tokens: Int32Array;
  encoded: EncodedSource | undefined;
}

/** What is needed to run a translator: a loaded model, or its parts. */
export interface TrainedTranslator {
  readonly spec: TranslatorSpec;
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** A translator as a `Scorer`, conditioned on the tokens of a source (without its end). */
export interface TranslationScorer extends Scorer<TranslationState, ArrayLike<number>> {
  /**
   * Where the network looked in the source when it foretold the token after this state: one weight a source token and one for the
   * source's end, adding up to 1. Asked after `next`; it is what `coverage` of a beam search takes.
   */
  attention(state: TranslationState): Float32Array;
  close(): Promise<void>;
}

/**
 * Opens a translator for decoding. All states that `next` is asked for are run together, of whatever sources, as far as their prefixes are
 * equally long; each source is encoded once, a recurrent decoder carries its state and a transformer its keys and values.
 * `close` frees the runtime's memory.
 * @example
 * const scorer = await translationScorer(await loadModelOf('translator', 'scan.model'));
 * const [best] = await beam(scorer, { context: source, length: 60, width: 5, lengthPenalty: 0.6 });
 */
export async function translationScorer(
  { spec, weights }: TrainedTranslator,
  where: CompileOptions = {},
): Promise<TranslationScorer> {
  const { reads, writes } = translatorSizes(spec);
  const { attends } = translatorNetwork(spec);
  const end = writes - 1;
  const runner = openRunner(spec, weights, where);
  let forced: ReturnType<typeof openForced> | undefined;
  const hasEnded = ({ last }: TranslationState) => last.token === end;

  return {
    vocabulary: writes,
    end,
    start(source) {
      const tokens = checkedSource(source, reads - 1);
      const last = { token: writes, before: undefined };
      return {
        source: { tokens, encoded: undefined },
        last,
        length: 1,
        parent: undefined,
        computed: undefined,
      };
    },
    advance(state, token) {
      if (!(Number.isInteger(token) && token >= 0 && token < writes))
        throw usageError(`Token ${token} is outside the vocabulary of ${writes}.`);
      const last = { token, before: state.last };
      return { source: state.source, last, length: state.length + 1, parent: state, computed: undefined };
    },
    async next(states) {
      const todo = [...new Set(states)].filter((state) => !state.computed && !hasEnded(state));
      await encodeAll(todo);
      for (const group of grouped(todo)) await compute(group);
      const out = new Float32Array(states.length * writes).fill(Number.NEGATIVE_INFINITY);
      states.forEach((state, i) => {
        if (state.computed) out.set(state.computed.logs, i * writes);
      });
      return out;
    },
    async tokens(tokens, source) {
      const last = Array.prototype.indexOf.call(tokens, end);
      const known = Int32Array.from(tokens).subarray(0, last < 0 ? tokens.length : last + 1);
      const found = new Float64Array(tokens.length).fill(Number.NEGATIVE_INFINITY);
      if (known.length === 0) return found;
      forced ??= openForced(spec, weights, where);
      const [row] = await (await forced).score([{ source: checkedSource(source, reads - 1), target: known }]);
      found.set(row!);
      return found;
    },
    attention({ computed }) {
      if (!attends)
        throw usageError('This translator has no attention; train one with attention additive or dot.');
      if (!computed) throw usageError('attention: ask next of this state first.');
      return computed.attention!;
    },
    async close() {
      await runner.close();
      await (await forced)?.close();
    },
  };

  async function encodeAll(states: readonly TranslationState[]): Promise<void> {
    const sources = [...new Set(states.map(({ source }) => source))].filter(({ encoded }) => !encoded);
    if (sources.length === 0) return;
    const encoded = await runner.encode(sources.map(({ tokens }) => tokens));
    sources.forEach((source, i) => {
      source.encoded = encoded[i];
    });
  }

  async function compute(group: readonly Waiting[]): Promise<void> {
    const written = await runner.step(
      group.map(({ state, pending, continues }) => ({
        source: state.source.encoded!,
        pending,
        continues,
      })),
    );
    group.forEach(({ state }, i) => {
      state.computed = written[i];
      // What was computed for shorter prefixes may go; the tokens alone stay.
      state.parent = undefined;
    });
  }
}

/** A state to be computed: tokens to be read, on top of what was computed for an earlier one. */
interface Waiting {
  readonly state: TranslationState;
  readonly pending: Int32Array;
  readonly continues: Written | undefined;
}

/** States that can run together: as many tokens to be read, after as many that were. */
function grouped(states: readonly TranslationState[]): Iterable<Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const state of states) {
    const waiting = waitingOf(state);
    const key = `${state.length}/${waiting.pending.length}`;
    const group = groups.get(key);
    if (group) group.push(waiting);
    else groups.set(key, [waiting]);
  }
  return groups.values();
}

function waitingOf(state: TranslationState): Waiting {
  let known: TranslationState | undefined = state;
  while (known && !known.computed) known = known.parent;
  const pending = new Int32Array(state.length - (known?.length ?? 0));
  let at: Link | undefined = state.last;
  for (let i = pending.length - 1; i >= 0; i--, at = at!.before) pending[i] = at!.token;
  return { state, pending, continues: known?.computed };
}

/** The source's tokens; throws a usage error for one that is no token. */
function checkedSource(source: ArrayLike<number>, tokens: number): Int32Array {
  const strange = Array.from(source).find(
    (token) => !(Number.isInteger(token) && token >= 0 && token < tokens),
  );
  if (strange !== undefined)
    throw usageError(`The source has the token ${strange}; expected whole numbers from 0 to ${tokens - 1}.`);
  return Int32Array.from(source);
}
