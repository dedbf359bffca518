import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import type { SourceDigest } from '../../data/source.ts';
import type { TokenPair } from '../../models/translator/forced.ts';
import { characters, charactersOf } from '../../tokenize/characters.ts';
import type { TokenizerDescription } from '../../tokenize/description.ts';
import { readCorpus } from '../../train/tasks/language/corpus.ts';

/** Sequences to be continued, all equally far. */
export interface Series {
  readonly fit: readonly TokenPair[];
  readonly test: readonly TokenPair[];
  /** Which sequence a test pair comes from: what is drawn as a whole for intervals. */
  readonly groups: readonly string[];
  readonly tokens: TokenizerDescription;
  /** Tokens of a target, its end left out. */
  readonly horizon: number;
  readonly sources: readonly SourceDigest[];
}

/** What the built-in sequences are like. */
export interface WalkOptions {
  /** Places on the circle. */
  readonly places: number;
  readonly steps: number;
  /** How often a step leads to a place drawn at random, rather than to the next. */
  readonly jump: number;
  /** How often a reading is a place drawn at random. */
  readonly noise: number;
  readonly count: number;
  readonly tests: number;
  readonly seed: number;
}

/**
 * A walker goes round a circle, a place a step, and now and then jumps; what is given is a noisy reading of every step, what is asked for is
 * where the walker was. Given where it truly was before, the next place is nearly certain and readings hardly matter; a
 * decoder that learns only so goes on from a wrong place as surely as from a right one.
 */
export function walks({ places, steps, jump, noise, count, tests, seed }: WalkOptions): Series {
  const drawn = (name: string, n: number) => {
    const random = randomStream(seed, 'walks', name);
    return Array.from({ length: n }, (): TokenPair => {
      const target = new Int32Array(steps + 1).fill(places);
      const source = new Int32Array(steps);
      let at = random.below(places);
      for (let t = 0; t < steps; t++) {
        if (t > 0) at = random.uniform() < jump ? random.below(places) : (at + 1) % places;
        target[t] = at;
        source[t] = random.uniform() < noise ? random.below(places) : at;
      }
      return { source, target };
    });
  };
  const names = Array.from({ length: places }, (_, i) => String.fromCodePoint(65 + i));
  return {
    fit: drawn('fit', count),
    test: drawn('test', tests),
    groups: Array.from({ length: tests }, (_, i) => `${i}`),
    tokens: characters(names).toJSON(),
    horizon: steps,
    sources: [],
  };
}

const testedShare = 0.2;
const fewest = 50;

/**
 * Windows of the user's sequences: the first letters of each are given, those that follow are to be foretold. Whole sequences are tested, or the last
 * part of a single one. Throws a data error where there are too few windows.
 */
export async function readSeries(
  path: string,
  { prompt, horizon, most, seed }: { prompt: number; horizon: number; most: number; seed: number },
): Promise<Series> {
  const whole = await readCorpus(path);
  const { texts, sources } = whole.ends ? whole : await readCorpus(path, { format: 'lines' });
  const tokenizer = charactersOf(texts, { special: ['unknown'] });
  const end = tokenizer.size;
  const width = prompt + horizon;
  const windows = texts.flatMap((text, group) => {
    const ids = tokenizer.encode(text);
    return Array.from({ length: Math.floor(ids.length / width) }, (_, w) => ({
      group: `${group}`,
      pair: {
        source: ids.slice(w * width, w * width + prompt),
        target: Int32Array.of(...ids.subarray(w * width + prompt, (w + 1) * width), end),
      },
    }));
  });
  if (windows.length < fewest)
    throw dataError(
      `${path} holds ${windows.length} stretches of ${width} letters; expected at least ${fewest}. Give more, or a smaller prompt or horizon.`,
    );
  const names = [...new Set(windows.map(({ group }) => group))];
  const order = randomStream(seed, 'series').shuffle(names);
  const tested = new Set(order.slice(0, Math.max(1, Math.round(testedShare * names.length))));
  const cut = Math.floor(windows.length * (1 - testedShare));
  const isTest = ({ group }: { group: string }, i: number) =>
    names.length > 1 ? tested.has(group) : i >= cut;
  const fit = windows.filter((window, i) => !isTest(window, i)).slice(0, most);
  const test = windows.filter(isTest).slice(0, Math.ceil(most / 4));
  return {
    fit: fit.map(({ pair }) => pair),
    test: test.map(({ pair }) => pair),
    groups: test.map(({ group }, i) => (names.length > 1 ? group : `${i}`)),
    tokens: tokenizer.toJSON(),
    horizon,
    sources,
  };
}
