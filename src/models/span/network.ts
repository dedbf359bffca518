import { add, concat, expandDims, input } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { Context } from '../../nn/context.ts';
import { dropout } from '../../nn/dropout.ts';
import { embedding } from '../../nn/embedding.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { bind, type Module, module, type ParameterSpec } from '../../nn/module.ts';
import { maxOverTime, meanOverTime } from '../../nn/pooling.ts';
import { type SpanPointers, spanPointer } from '../../nn/structured/index.ts';
import { type ConfigOf, configure, type Options, probability, whole } from '../architectures/options.ts';
import { spanArchitecture } from './architectures.ts';
import type { SpanSpec } from './spec.ts';
import { type SpanVocabulary, spanVocabulary } from './vocabulary.ts';

/** A padded batch of passages, with their questions where there are some. */
export interface SpanInputs {
  /** Ids of the passage's tokens, int32 [batch, time], and how many they are, int32 [batch]. */
  readonly passage: Value;
  readonly lengths: Value;
  readonly question?: Value;
  readonly questionLengths?: Value;
  /** 1 where a token of the passage stands in the question too, and the other way round; int32, else 0. */
  readonly passageMatches?: Value;
  readonly questionMatches?: Value;
}

const tokenOptions = { embedding: whole(64, 'Size of the learned vector of a token.') };
const headOptions = { dropout: probability(0.2, 'Dropout on what the body reads and on what it gives.') };

/** What can be set in a span model: its body's options and those of its input; letters have no learned vectors. */
export function spanOptions(
  architecture: string,
  { question, letters }: { question: boolean; letters: boolean },
): Options {
  const { options } = spanArchitecture(architecture, { question });
  return { ...(letters ? {} : tokenOptions), ...options, ...headOptions };
}

/** Tokens as vectors: rows of the alphabet, or learned ones, with a learned mark for those that question and passage share. */
function tokenReader({ letters, padding }: SpanVocabulary, size: number, question: boolean) {
  return module({
    params: {
      tokens: letters ? undefined : embedding({ rows: padding + 1, size, padding }),
      matches: question ? embedding({ rows: 2, size }) : undefined,
    },
    apply: (own, ids: Value, matches?: Value): Value => {
      const x = own.tokens ? own.tokens(ids) : oneHotInput(ids, letters!);
      return own.matches && matches ? add(x, own.matches(matches)) : x;
    },
  });
}

/** A span model as a module: a batch → ln P of each place to be the first and the last of the span. */
export interface SpanNetwork extends Module<[SpanInputs], SpanPointers> {
  /** Complete and plain. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The module that a spec describes. Where passages may hold no span, place 0 of its pointers stands for "none" (made of the whole passage),
 * and the passage follows. Throws a usage error for an unknown architecture, and for options that it does not have or accept.
 */
export function spanNetwork(spec: SpanSpec): SpanNetwork {
  const { architecture, question, optional } = spec;
  const vocabulary = spanVocabulary(spec);
  const { letters } = vocabulary;
  const config = configure(
    architecture,
    spanOptions(architecture, { question, letters: !!letters }),
    spec.config,
  );
  const { embedding: learned = 0, dropout: rate } = config as Partial<ConfigOf<typeof tokenOptions>> &
    ConfigOf<typeof headOptions>;
  const size = letters ? letters.size : learned;
  const made = spanArchitecture(architecture, { question });
  const { width, layers } = made[question ? 'asked' : 'alone']!(size, config);
  const network = module({
    params: {
      reader: tokenReader(vocabulary, size, question),
      body: layers,
      drop: dropout({ rate }),
      none: optional ? linear({ in: 2 * width, out: width }) : undefined,
      pointer: spanPointer({ in: width }),
    },
    apply: (own, given: SpanInputs): SpanPointers => {
      const { lengths, questionLengths = lengths } = given;
      const passage = zeroPadding(own.drop(own.reader(given.passage, given.passageMatches)), lengths, 1);
      const asked = given.question && own.reader(given.question, given.questionMatches);
      const read = asked ? zeroPadding(own.drop(asked), questionLengths, 1) : passage;
      const x = own.drop(own.body({ passage, lengths, question: read, questionLengths }));
      if (!own.none) return own.pointer(x, { lengths });
      const none = own.none(concat([meanOverTime(x, lengths), maxOverTime(x, lengths)], 1));
      return own.pointer(concat([expandDims(none, 1), x], 1), { lengths: add(lengths, 1) });
    },
  });
  return { ...network, config };
}

/** The inputs that a span model's graph begins with, with named dimensions. */
export function spanInputs({ question }: Pick<SpanSpec, 'question'>): SpanInputs {
  const tokens = (name: string, time: string) => input(name, ['batch', time], 'int32');
  const passage = { passage: tokens('passage', 'time'), lengths: input('lengths', ['batch'], 'int32') };
  if (!question) return passage;
  return {
    ...passage,
    question: tokens('question', 'asked'),
    questionLengths: input('questionLengths', ['batch'], 'int32'),
    passageMatches: tokens('passageMatches', 'time'),
    questionMatches: tokens('questionMatches', 'asked'),
  };
}

/** The graph from inputs to pointers; `values` gives each parameter's value, asked once for each. Training and prediction both call this. */
export const buildSpan = (
  spec: SpanSpec,
  inputs: SpanInputs,
  values: (path: string, parameter: ParameterSpec) => Value,
  context: Context,
): SpanPointers => bind(spanNetwork(spec), values, context)(inputs);
