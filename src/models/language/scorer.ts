import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { Model } from '../model.ts';
import { openJudge } from './judge.ts';
import { languageNetwork, languageSizes } from './network.ts';
import { type LanguageSpec, languageSpelling } from './spec.ts';
import { type Carried, openStepper } from './stepper.ts';

/** What a language model has read: a prefix, and unseen what it computed for it. */
export interface LanguageState {
  /** The last token that was read; the boundary for an empty prefix. */
  readonly token: number;
  /** How many were read, the boundary included. */
  readonly length: number;
  readonly before: Pick<LanguageState, 'token' | 'before'> | undefined;
  /** The state to continue from, until this one is computed itself. */
  parent: LanguageState | undefined;
  computed: Computed | undefined;
}

interface Computed {
  readonly carried: Carried;
  /** ln P of the next token, a row of `logs`. */
  readonly logs: Float32Array;
  /** The first place of the window that was read. */
  readonly from: number;
}

/** A language model as a `Scorer`. */
export interface LanguageScorer extends Scorer<LanguageState> {
  /** What each token spells, for decoders and constraints. */
  readonly spelling: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens a language model for decoding. All states that `next` is asked for are run together, those that continue rows of one and the
 * same run without a copy; a recurrent network carries its state, a transformer its keys and values. Beyond the tokens that a
 * transformer sees at once, it goes on with the latter half of them (as `openJudge` does). `close` frees the runtime's memory.
 * @example
 * const scorer = await languageScorer(await loadModelOf('language', 'text.model'));
 * const { sequence } = await greedy(scorer, { spelling: scorer.spelling, prompt: 'To be', length: 100 });
 */
export async function languageScorer(
  { spec, weights }: Pick<Model<LanguageSpec>, 'spec' | 'weights'>,
  where: CompileOptions = {},
): Promise<LanguageScorer> {
  const { reads, writes } = languageSizes(spec);
  const { sees } = languageNetwork(spec);
  const boundary = reads - 1;
  const end = spec.ends ? boundary : null;
  const stepper = await openStepper(spec, weights, where);
  const judge = () => openJudge(spec, weights, where);
  let judging: ReturnType<typeof judge> | undefined;
  const hasEnded = ({ token, length }: LanguageState) => length > 1 && token === boundary;

  return {
    vocabulary: writes,
    end,
    spelling: languageSpelling(spec).spelling,
    start: () => ({ token: boundary, length: 1, before: undefined, parent: undefined, computed: undefined }),
    advance(state, token) {
      if (!(Number.isInteger(token) && token >= 0 && token < writes))
        throw usageError(`Token ${token} is outside the vocabulary of ${writes}.`);
      return { token, length: state.length + 1, before: state, parent: state, computed: undefined };
    },
    async next(states) {
      const todo = new Set(states.filter((state) => !state.computed && !hasEnded(state)));
      for (const group of grouped([...todo], sees).values()) await compute(group);
      const out = new Float32Array(states.length * writes).fill(Number.NEGATIVE_INFINITY);
      states.forEach((state, i) => {
        if (state.computed) out.set(state.computed.logs, i * writes);
      });
      return out;
    },
    async tokens(tokens) {
      const last = end === null ? -1 : Array.prototype.indexOf.call(tokens, end);
      const known = Int32Array.from(last < 0 ? Array.from(tokens) : Array.from(tokens).slice(0, last + 1));
      const found = new Float64Array(tokens.length).fill(Number.NEGATIVE_INFINITY);
      if (known.length === 0) return found;
      judging ??= judge();
      const [logs] = await (await judging).logs([known], { exact: true });
      found.set(logs!);
      return found;
    },
    async close() {
      await stepper.close();
      await (await judging)?.close();
    },
  };

  async function compute(group: readonly Waiting[]): Promise<void> {
    const { logs, carried } = await stepper.step(
      group.map(({ pending }) => pending),
      group[0]!.continues && group.map(({ continues }) => continues!.carried),
    );
    group.forEach(({ state, from }, row) => {
      state.computed = {
        carried: { ...carried, row },
        logs: logs.subarray(row * writes, (row + 1) * writes),
        from,
      };
      // What was computed for shorter prefixes may go; the tokens alone stay.
      state.parent = undefined;
    });
  }
}

/** A state to be computed: tokens to be read, on top of what was computed for an earlier one. */
interface Waiting {
  readonly state: LanguageState;
  readonly pending: Int32Array;
  readonly continues: Computed | undefined;
  readonly from: number;
}

/** States that can run together: as many tokens to be read, after as many that were. */
function grouped(states: readonly LanguageState[], sees: number | null): Map<string, Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const state of states) {
    const waiting = waitingOf(state, sees);
    const { pending, continues, from } = waiting;
    const past = continues ? state.length - pending.length - (sees === null ? 0 : from) : -1;
    const key = `${pending.length}/${sees === null ? continues !== undefined : past}`;
    groups.set(key, [...(groups.get(key) ?? []), waiting]);
  }
  return groups;
}

function waitingOf(state: LanguageState, sees: number | null): Waiting {
  const from = sees === null ? 0 : windowStart(state.length, sees);
  let known: LanguageState | undefined = state;
  while (known && !known.computed) known = known.parent;
  const continues = known?.computed?.from === from ? known.computed : undefined;
  const count = state.length - (continues ? known!.length : from);
  const pending = new Int32Array(count);
  let at: Pick<LanguageState, 'token' | 'before'> | undefined = state;
  for (let i = count - 1; i >= 0; i--, at = at!.before) pending[i] = at!.token;
  return { state, pending, continues, from };
}

/** Where the window begins in which the last of so many tokens is read; as windows follow one another in `openJudge`. */
function windowStart(length: number, sees: number): number {
  const half = Math.max(1, sees >> 1);
  return length <= sees ? 0 : Math.ceil((length - sees) / half) * half;
}
