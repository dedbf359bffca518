import { usageError } from '../core/errors.ts';
import { randomStream } from '../core/random.ts';
import type { Scorer } from '../core/scorer.ts';
import type { DrawsAhead } from '../models/language/scorer.ts';
import { type Drawn, drawRows, rulesOf } from './ahead.ts';
import { conditionedStepper } from './conditioned.ts';
import { type Decoded, type DecodingOptions, type Preparation, prepare } from './decoding.ts';
import { stepperOf } from './greedy.ts';
import { decoded, isComplete, newRow, stepRows } from './rows.ts';
import { draw, type Reshape } from './sampling.ts';
import { type Contrast, plainStepper, type Stepper } from './stepper.ts';

export interface GenerateOptions<State, Context> extends DecodingOptions {
  context?: Context;
  contrast?: Contrast;
  /** How many sequences. */
  count?: number;
  seed?: number;
  /** Changes of the distribution, applied in turn: `[temperature(0.8), nucleus(0.9)]`. */
  sample?: Reshape | readonly Reshape[];
  /**
   * Makes the draws those of the model given that the constraints hold, for models with few states (n-grams, HMMs):
   * a name for what a state means to the future, the same for states that no continuation can tell apart.
   */
  exact?: (state: State) => string | number;
  /** How many sequences are on their way at once. It changes no draw. */
  batch?: number;
  /** Told of every token as it is drawn, with the index of its sequence: for showing text while it grows. */
  onToken?: (token: number, sequence: number) => void;
}

/** A sequence that was drawn. */
export interface Generated extends Decoded {
  /**
   * ln of the probability with which it was drawn: under the distribution as the constraints and `sample` left it.
   * `logProbability − drawLogProbability` is the logarithm of its importance weight.
   */
  readonly drawLogProbability: number;
}

/**
 * Draws sequences, in order; each has a random stream of its own, so that neither `count` nor `batch` changes any.
 *
 * With constraints, tokens from which they cannot be met any more are left out at each step, and the rest is
 * renormalised there. Every sequence keeps the constraints and every sequence that does can be drawn, but this is
 * not the model's distribution given that the constraints hold (that would weigh each token by the probability of
 * all good continuations): weigh by `logProbability − drawLogProbability` where that matters, or give `exact`.
 *
 * Throws a usage error for options or constraints that cannot be met, before the first draw; a failure where the
 * model gives every allowed token a probability of zero.
 * @example
 * for await (const { sequence, logProbability } of generate(scorer, {
 *   spelling: 'ACGT', prompt: 'ATG', length: 90, count: 10, seed: 3, sample: nucleus(0.9),
 *   where: [avoid('GAATTC'), gc({ min: 0.4, max: 0.6 }), endsWith('TAA')],
 * })) console.log(sequence, logProbability);
 */
export async function* generate<State, Context = void>(
  scorer: Scorer<State, Context> & Partial<DrawsAhead<State>>,
  { count = 1, seed = 42, sample = [], batch = 16, onToken, ...options }: GenerateOptions<State, Context>,
): AsyncGenerator<Generated> {
  if (!(Number.isInteger(count) && count >= 0 && Number.isInteger(batch) && batch >= 1))
    throw usageError(`count is ${count}, batch ${batch}; expected whole numbers, at least 0 and 1.`);
  const reshapes = typeof sample === 'function' ? [sample] : sample;
  const { stepper, start, preparation } = await setOut(scorer, options);
  const isPlain = !options.contrast && !options.exact && !options.where?.length;
  const rules = isPlain && scorer.drawAhead ? rulesOf(reshapes) : undefined;

  const open = (index: number): Drawn => {
    const random = randomStream(seed, 'generate', index);
    const choose = (values: Float64Array) => {
      for (const reshape of reshapes) reshape(values);
      const { token, logProbability } = draw(values, random.uniform());
      sequence.drawn += logProbability;
      onToken?.(token, index);
      return token;
    };
    const sequence: Drawn = { row: newRow(start, preparation, choose), random, index, drawn: 0 };
    return sequence;
  };
  // The sequences that are not handed out yet, in order; those behind `count` are never opened.
  const waiting: Drawn[] = [];
  const isDone = ({ row }: Drawn) => isComplete(row, preparation);
  for (let opened = 0, given = 0; given < count; ) {
    const going = waiting.filter((sequence) => !isDone(sequence));
    while (opened < count && going.length < batch && opened - given < 4 * batch) {
      const sequence = open(opened++);
      waiting.push(sequence);
      if (!isDone(sequence)) going.push(sequence);
    }
    // What begins has its prompt read first.
    const single = rules ? going.filter(({ row }) => scorer.ahead!(row.state as State) === 0) : going;
    if (single.length > 0)
      await stepRows(
        stepper,
        single.map(({ row }) => row),
        preparation,
      );
    const ahead = rules ? going.filter((sequence) => !single.includes(sequence)) : [];
    if (ahead.length > 0)
      await drawRows(scorer as DrawsAhead<unknown>, ahead, {
        rules: rules!,
        end: scorer.end,
        preparation,
        onToken,
      });
    for (; waiting[0] && isDone(waiting[0]); given++) {
      const { row, drawn } = waiting.shift()!;
      yield { ...decoded(row, preparation), drawLogProbability: drawn };
    }
  }
}

/** Where all sequences begin, and what they are stepped with. */
async function setOut<State, Context>(
  scorer: Scorer<State, Context>,
  { context, contrast, exact, ...options }: GenerateOptions<State, Context>,
): Promise<{ stepper: Stepper<unknown, Context>; start: unknown; preparation: Preparation }> {
  const preparation = prepare(scorer, options);
  if (!exact) {
    const stepper = stepperOf(scorer, contrast);
    return { stepper, start: stepper.start(context as Context, preparation.prompt), preparation };
  }
  if (contrast)
    throw usageError('generate: exact draws follow the model alone; leave out contrast or exact.');
  const plain = plainStepper(scorer);
  const start = plain.start(context as Context, preparation.prompt);
  const conditioned = await conditionedStepper(plain, start, preparation, exact);
  // The constraints are in the values already.
  return { ...conditioned, preparation: { ...preparation, guide: () => undefined } };
}
