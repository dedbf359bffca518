import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import type { CompileOptions } from '../../runtime/compile.ts';
import type { Model } from '../model.ts';
import { openJudge } from './judge.ts';
import { languageNetwork, languageSizes } from './network.ts';
import { type DrawSettings, openSampler, type Sampler } from './sampler.ts';
import { type LanguageSpec, languageSpelling } from './spec.ts';
import { type Carried, openStepper } from './stepper.ts';

/** What a language model has read: a prefix, and unseen what it computed for it. */
export interface LanguageState {
  /** The last token that was read; the boundary for an empty prefix. */
  readonly token: number;
  /** How many were read, the boundary included. */
  readonly length: number;
  /** The tokens before, and no more of their states: what those computed is large and not needed any longer. */
  readonly before: Link | undefined;
  /** The state to continue from, until this one is computed itself. */
  parent: LanguageState | undefined;
  computed: Computed | undefined;
}

// Measured: what a network adds to its states within a run is copied at every step of it.
const growsAtOnce = 16;

interface Link {
  readonly token: number;
  readonly before: Link | undefined;
}

interface Computed {
  readonly carried: Carried;
  /** ln P of the next token, a row of `logs`. */
  readonly logs: Float32Array;
  /** The first place of the window that was read. */
  readonly from: number;
}

/** Several tokens to be drawn in a row, and where from. */
export interface DrawRequest<State> extends DrawSettings {
  /** States whose last token was drawn after `next` was asked of the one before it. */
  readonly states: readonly State[];
  /** Numbers in [0, 1) that decide, one a token, as many for every state. */
  readonly uniforms: readonly Float64Array[];
}

/** What was drawn from one state. */
export interface DrawnTokens<State> {
  readonly tokens: Int32Array;
  /** ln P of each under the model (less what is excluded), and under the rules as well. */
  readonly logs: Float32Array;
  readonly drawn: Float32Array;
  /** Behind all of them. */
  readonly state: State;
}

/** A scorer that draws many tokens at once, quicker than token by token and the same ones. */
export interface DrawsAhead<State> {
  /** How many tokens can be drawn at once from a state; 0 where `next` is to be asked of it first. */
  ahead(state: State): number;
  drawAhead(request: DrawRequest<State>): Promise<DrawnTokens<State>[]>;
}

/** A language model as a `Scorer`. */
export interface LanguageScorer extends Scorer<LanguageState>, DrawsAhead<LanguageState> {
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
  const samplers = new Map<string, Promise<Sampler>>();
  const samplerOf = (settings: DrawSettings) => {
    const key = JSON.stringify(settings);
    if (!samplers.has(key)) samplers.set(key, openSampler(spec, weights, settings, where));
    return samplers.get(key)!;
  };
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
      return { token, length: state.length + 1, before: linkOf(state), parent: state, computed: undefined };
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
    ahead({ parent }) {
      if (!parent?.computed) return 0;
      if (sees === null) return Number.POSITIVE_INFINITY;
      return Math.min(growsAtOnce, sees - (parent.length - parent.computed.from));
    },
    drawAhead,
    async close() {
      for (const sampler of samplers.values()) await (await sampler).close();
      await stepper.close();
      await (await judging)?.close();
    },
  };

  async function drawAhead({
    states,
    uniforms,
    rules,
    excluded,
  }: DrawRequest<LanguageState>): Promise<DrawnTokens<LanguageState>[]> {
    const sampler = await samplerOf({ rules, excluded });
    // States that grow have to have grown alike.
    const sizeOf = ({ parent }: LanguageState) =>
      sees === null ? 0 : parent!.length - parent!.computed!.from;
    const groups = new Map<number, number[]>();
    states.forEach((state, i) => {
      groups.set(sizeOf(state), [...(groups.get(sizeOf(state)) ?? []), i]);
    });
    const found: DrawnTokens<LanguageState>[] = new Array(states.length);
    for (const group of groups.values()) {
      const rows = group.map((i) => {
        const { parent, token: last } = states[i]!;
        return { carried: parent!.computed!.carried, last, uniforms: uniforms[i]! };
      });
      (await sampler.draw(rows)).forEach(({ carried, ...drawn }, row) => {
        const i = group[row]!;
        found[i] = { ...drawn, state: stateBehind(states[i]!, drawn.tokens, carried) };
      });
    }
    return found;
  }

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

/** The state behind further tokens, all but the last of which were read. */
function stateBehind(from: LanguageState, tokens: Int32Array, carried: Carried): LanguageState {
  let read = linkOf(from);
  for (const token of tokens.subarray(0, -1)) read = { token, before: read };
  const length = from.length + tokens.length;
  // Nobody asks for the logarithms behind a token that others follow.
  const computed = { carried, logs: noLogs, from: from.parent!.computed!.from };
  const parent = { ...read, length: length - 1, parent: undefined, computed };
  return { token: tokens.at(-1)!, length, before: read, parent, computed: undefined };
}

const noLogs = new Float32Array(0);

const linkOf = ({ token, before }: Link): Link => ({ token, before });

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
  let at: Link | undefined = state;
  for (let i = count - 1; i >= 0; i--, at = at!.before) pending[i] = at!.token;
  return { state, pending, continues, from };
}

/** Where the window begins in which the last of so many tokens is read; as windows follow one another in `openJudge`. */
function windowStart(length: number, sees: number): number {
  const half = Math.max(1, sees >> 1);
  return length <= sees ? 0 : Math.ceil((length - sees) / half) * half;
}
