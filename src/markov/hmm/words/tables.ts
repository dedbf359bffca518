import type { Compiled } from '../compiled.ts';
import type { Categorical } from '../emissions/categorical.ts';
import type { Hmm } from '../model.ts';

/**
 * What a model does to a row of states over a whole word of tokens at once: one matrix for each word of `span` tokens, and one for each
 * single token. A matrix for a word costs as much to apply as one for a token, so a sequence over a small alphabet takes `span` times
 * fewer steps (the "four Russians" for HMMs: Lifshits, Mozes, Weimann and Ziv-Ukelson 2009). Words 0 … vocabulary^span − 1
 * are numbered by their tokens as digits, the first one highest; then come the single tokens, then one that is unobserved.
 */
export interface WordTables {
  readonly states: number;
  readonly vocabulary: number;
  readonly span: number;
  readonly words: number;
  /** [words, to, from]: P(to, tokens of the word | from); for `best`, ln of the best way. */
  readonly matrices: Float64Array;
  /** For `best`: the states on the best way before the last one, [words, to, from, span − 1]. */
  readonly ways: Uint8Array | null;
  /** Matrices of the words of one token, of two, … of `span`: [vocabulary^length, to, from] each. */
  readonly levels: readonly Float64Array[];
}

/** Words get longer until the matrices take so many numbers: about what a core has near at hand. */
const roomFor = (states: number) => (states <= 8 ? 2 ** 12 : states <= 16 ? 2 ** 14 : 2 ** 16);

/** Below this many positions building tables costs more than it saves. */
const shortest = 4096;

/**
 * The length of words for a model and a sequence; 1 where words do not pay or do not apply: for silent states, sparse transitions,
 * emissions other than order 0 categorical ones, and probabilities so small that their product over a word could vanish.
 */
export function wordSpan<O>(model: Hmm<O>, c: Compiled, length: number): number {
  const emissions = model.emissions as unknown as Categorical;
  const { states: n } = c;
  if (!c.dense?.forward || emissions.kind !== 'categorical' || length < shortest || n > 255) return 1;
  if (emissions.order > 0 || emissions.period > 1 || emissions.vocabulary < 2) return 1;
  const least = smallestStep(model, emissions);
  let span = 1;
  while (
    emissions.vocabulary ** (span + 1) * n * n <= roomFor(n) &&
    least ** (span + 1) > 1e-200 &&
    emissions.vocabulary ** (span + 1) * n * 8 <= length
  )
    span++;
  return span;
}

const smallestOf = (values: Float64Array) => values.reduce((least, p) => (p > 0 && p < least ? p : least), 1);

const smallestStep = <O>({ edges }: Hmm<O>, { probabilities }: Categorical) =>
  smallestOf(edges.probability) * smallestOf(probabilities);

const known = { sum: new WeakMap<Compiled, WordTables>(), best: new WeakMap<Compiled, WordTables>() };

/** The tables of a model, made once; `span` is that of `wordSpan`. */
export function wordTables<O>(model: Hmm<O>, c: Compiled, span: number, kind: 'sum' | 'best'): WordTables {
  const made = known[kind].get(c);
  if (made?.span === span) return made;
  const tables = built(model, c, span, kind);
  known[kind].set(c, tables);
  return tables;
}

function built<O>(model: Hmm<O>, c: Compiled, span: number, kind: 'sum' | 'best'): WordTables {
  const { vocabulary } = model.emissions as unknown as Categorical;
  const n = c.states;
  const full = vocabulary ** span;
  const words = full + vocabulary + 1;
  const matrices = new Float64Array(words * n * n);
  const ways = kind === 'best' ? new Uint8Array(words * n * n * (span - 1)) : null;
  singleSteps(model, c, kind, matrices.subarray(full * n * n));
  let held = matrices.slice(full * n * n, (full + vocabulary) * n * n);
  const levels = [held];
  let heldWays = new Uint8Array(0);
  for (let length = 2; length <= span; length++) {
    const count = vocabulary ** length;
    const next = new Float64Array(count * n * n);
    const nextWays = new Uint8Array(ways ? count * n * n * (length - 1) : 0);
    for (let word = 0; word < count; word++) {
      const first = Math.floor(word / vocabulary);
      const before = held.subarray(first * n * n, (first + 1) * n * n);
      const step = matrices.subarray(
        (full + (word % vocabulary)) * n * n,
        (full + (word % vocabulary) + 1) * n * n,
      );
      const out = next.subarray(word * n * n, (word + 1) * n * n);
      if (kind === 'sum') multiplied(step, before, n, out);
      else {
        const room = n * n * (length - 2);
        const own = nextWays.subarray(word * n * n * (length - 1), (word + 1) * n * n * (length - 1));
        bestOf(step, before, n, out, {
          before: heldWays.subarray(first * room, (first + 1) * room),
          own,
          length,
        });
      }
    }
    held = next;
    levels.push(held);
    heldWays = nextWays;
  }
  matrices.set(held);
  ways?.set(heldWays);
  return { states: n, vocabulary, span, words, matrices, ways, levels };
}

/** Steps over one token each, and over one that is not observed. */
function singleSteps<O>(model: Hmm<O>, c: Compiled, kind: 'sum' | 'best', out: Float64Array): void {
  const { vocabulary } = model.emissions as unknown as Categorical;
  const { states: n, groups, group } = c;
  const emit = new Float64Array((vocabulary + 1) * groups);
  const tokens = Int32Array.from({ length: vocabulary + 1 }, (_, w) => (w < vocabulary ? w : -1));
  (model as Hmm<unknown>).emissions.fill(tokens, 0, vocabulary + 1, emit);
  for (let w = 0; w <= vocabulary; w++)
    for (let s = 0; s < n; s++)
      for (let e = c.into.from[s]!; e < c.into.from[s + 1]!; e++)
        out[w * n * n + s * n + c.into.state[e]!] = c.into.weight[e]! * emit[w * groups + group[s]!]!;
  if (kind === 'best') for (let i = 0; i < (vocabulary + 1) * n * n; i++) out[i] = Math.log(out[i]!);
}

/** out = a·b, all row-major n × n. */
function multiplied(a: Float64Array, b: Float64Array, n: number, out: Float64Array): void {
  out.fill(0);
  for (let r = 0; r < n; r++)
    for (let k = 0; k < n; k++) {
      const x = a[r * n + k]!;
      if (x === 0) continue;
      for (let c = 0; c < n; c++) out[r * n + c]! += x * b[k * n + c]!;
    }
}

/** The product of the max-plus algebra, and the states on the way; of equal ways the one through the state of lower number. */
function bestOf(
  a: Float64Array,
  b: Float64Array,
  n: number,
  out: Float64Array,
  { before, own, length }: { before: Uint8Array; own: Uint8Array; length: number },
): void {
  for (let to = 0; to < n; to++)
    for (let from = 0; from < n; from++) {
      let best = Number.NEGATIVE_INFINITY;
      let arg = 0;
      for (let k = 0; k < n; k++) {
        const value = a[to * n + k]! + b[k * n + from]!;
        if (value > best) {
          best = value;
          arg = k;
        }
      }
      const at = to * n + from;
      out[at] = best;
      const inner = (arg * n + from) * (length - 2);
      for (let i = 0; i < length - 2; i++) own[at * (length - 1) + i] = before[inner + i]!;
      own[at * (length - 1) + length - 2] = arg;
    }
}

/** A sequence as words, in pieces: `words` and how many tokens have been read after a call. */
export interface WordReader {
  readonly words: Int32Array;
  /** Reads words from position `from` on, at most `limit` of them; returns how many, and where the next one begins. */
  read(from: number, limit?: number): { count: number; next: number };
}

/** Words of a sequence: whole ones while their tokens are known, else single tokens. */
export function wordReader(
  tokens: ArrayLike<number>,
  { span, vocabulary }: Pick<WordTables, 'span' | 'vocabulary'>,
  most: number,
): WordReader {
  const words = new Int32Array(most);
  const length = tokens.length;
  const full = vocabulary ** span;
  return {
    words,
    read(from, limit = most) {
      let [t, count] = [from, 0];
      while (count < limit && t < length) {
        let word = 0;
        let i = 0;
        if (t + span <= length)
          for (; i < span; i++) {
            const token = tokens[t + i]!;
            if (!(token >= 0 && token < vocabulary)) break;
            word = word * vocabulary + token;
          }
        if (i === span) {
          words[count++] = word;
          t += span;
        } else {
          const token = tokens[t]!;
          words[count++] = full + (token >= 0 && token < vocabulary ? token : vocabulary);
          t++;
        }
      }
      return { count, next: t };
    },
  };
}

/** How many tokens a word has. */
export const spanOf = (
  word: number,
  { span, vocabulary }: Pick<WordTables, 'span' | 'vocabulary'>,
): number => (word < vocabulary ** span ? span : 1);
