import { usageError } from '../../core/errors.ts';
import { type Dim, dimAdd } from '../../graph/dims.ts';
import {
  add,
  and,
  broadcastTo,
  concat,
  expandDims,
  iota,
  less,
  not,
  or,
  reshape,
  size,
  slice,
  sub,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { lstmCell } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { encoder } from '../../nn/transformer/index.ts';
import { type ConfigOf, choice, type Options, probability, whole } from '../architectures/options.ts';
import { taggerBodies } from '../tagger/bodies.ts';
import { attentionFlow, type Read } from './attention-flow.ts';

/** Vectors of tokens → vectors of the places of the passage, [batch, time, width]; padding never changes a result. */
export interface SpanBody {
  readonly width: number;
  readonly layers: Module<[Read], Value>;
}

/** A way of looking for a span: in a passage alone, or with a question beside it. */
export interface SpanArchitecture {
  readonly summary: string;
  readonly options: Options;
  /** For passages alone: absent where there has to be a question. */
  readonly alone?: (inputs: number, config: Readonly<Record<string, unknown>>) => SpanBody;
  /** For questions and passages; absent where a question is not read. */
  readonly asked?: (inputs: number, config: Readonly<Record<string, unknown>>) => SpanBody;
}

/** A body of taggers, which reads the passage alone. */
function alone(name: string): NonNullable<SpanArchitecture['alone']> {
  return (inputs, config) => {
    const { width, layers } = taggerBodies[name]!.build(inputs, config);
    return {
      width,
      layers: module({
        params: { layers },
        apply: (own, { passage, lengths }: Read) => own.layers(passage, lengths),
      }),
    };
  };
}

const reader = (name: string, summary: string): SpanArchitecture => ({
  summary,
  options: taggerBodies[name]!.options,
  alone: alone(name),
});

const bidafOptions = {
  hidden: whole(48, 'Width of the recurrent states, in each direction.'),
  layers: whole(1, 'LSTM layers that model the passage once the question is known.', { max: 64 }),
  between: probability(0.2, 'Dropout between layers.'),
};

/** One LSTM reads passage and question, attention joins them, others read what comes of it (Seo et al. 2017 in the small). */
function bidaf(inputs: number, { hidden, layers, between }: ConfigOf<typeof bidafOptions>): SpanBody {
  const both = (width: number, deep = 1) =>
    recurrent(lstmCell(), { in: width, hidden, layers: deep, bidirectional: true, dropout: between });
  return {
    width: 12 * hidden,
    layers: module({
      params: {
        contextual: both(inputs),
        flow: attentionFlow({ size: 2 * hidden }),
        modelling: both(8 * hidden, layers),
        ending: both(2 * hidden),
        drop: dropout({ rate: between }),
      },
      apply: (own, { passage, lengths, question, questionLengths }: Read) => {
        const run = (layer: typeof own.contextual, x: Value, long: Value) =>
          transpose(layer(transpose(x, [1, 0, 2]), { lengths: long }).output, [1, 0, 2]);
        const met = own.flow({
          passage: own.drop(run(own.contextual, passage, lengths)),
          question: own.drop(run(own.contextual, question, questionLengths)),
          ...{ lengths, questionLengths },
        });
        const modelled = run(own.modelling, own.drop(met), lengths);
        // What ends a span is read with what came of its beginning; both pointers see all of it.
        return concat([met, modelled, run(own.ending, own.drop(modelled), lengths)], 2);
      },
    }),
  };
}

const transformerOptions = {
  width: whole(64, 'Width of the blocks; a multiple of twice the heads.'),
  layers: whole(2, 'Blocks.', { max: 64 }),
  heads: whole(4, 'Heads of attention.'),
  positions: choice(
    'rotary',
    ['rotary', 'alibi', 'none'],
    'How places know where they are (alibi: passages alone).',
  ),
  between: probability(0.1, 'Dropout inside the blocks.'),
};

/**
 * Question, separator and passage as one sequence in which every place sees every other one (Devlin et al. 2019 in the small). Padding
 * stands between them and is never seen; places are counted without it.
 */
function joint(
  inputs: number,
  { width, layers, heads, positions, between }: ConfigOf<typeof transformerOptions>,
): SpanBody {
  if (positions === 'alibi')
    throw usageError(
      'transformer: positions alibi are for passages alone; use rotary or none with a question.',
    );
  return {
    width,
    layers: module({
      params: {
        widen: linear({ in: inputs, out: width }),
        /** Added to the question, standing for the separator, and added to the passage. */
        parts: parameter([3, width], { initial: normal(), decay: false }),
        encoder: encoder({ layers, size: width, heads, positions, dropout: between }),
      },
      apply: (own, { passage, lengths, question, questionLengths }: Read) => {
        const [batch, time, asked] = [passage.shape[0]!, passage.shape[1]!, question.shape[1]!] as [
          Dim,
          Dim,
          Dim,
        ];
        const part = (k: number) => reshape(slice(own.parts, 0, k, k + 1), [1, 1, width]);
        const separator = broadcastTo(part(1), [batch, 1, width]);
        const x = concat([separator, add(own.widen(question), part(0)), add(own.widen(passage), part(2))], 1);
        const { allowed, places } = withoutGaps(x.shape[1]!, asked, { lengths, questionLengths });
        const turned = positions === 'rotary' ? { positions: places } : {};
        const { output } = own.encoder(x, { allowed, ...turned });
        const first = dimAdd(asked, 1);
        return zeroPadding(slice(output, 1, first, dimAdd(first, time)), lengths, 1);
      },
    }),
  };
}

/** Of separator, padded question and padded passage: which columns are real, [batch, 1, 1, columns], and their places, int32 [batch, columns]. */
function withoutGaps(
  columns: Dim,
  asked: Dim,
  { lengths, questionLengths }: Pick<Read, 'lengths' | 'questionLengths'>,
): { allowed: Value; places: Value } {
  const column = iota(columns);
  const begins = add(size(asked, 'int32'), 1);
  const [inQuestion, inPassage] = [expandDims(questionLengths, 1), expandDims(lengths, 1)];
  const early = less(column, begins);
  const real = or(less(column, add(inQuestion, 1)), and(not(early), less(column, add(inPassage, begins))));
  return {
    allowed: expandDims(real, 1, 2),
    places: where(early, column, add(sub(column, size(asked, 'int32')), inQuestion)),
  };
}

/** All span architectures by the names that the command line and model folders use. */
export const spanArchitectures: Readonly<Record<string, SpanArchitecture>> = {
  bilstm: reader('bilstm', 'A bidirectional LSTM reads the passage; start and end are pointed at.'),
  bigru: reader('bigru', 'A bidirectional GRU: as bilstm with three quarters of the parameters.'),
  cnn: reader('cnn', 'Dilated convolutions: a wide view at little cost, and fast on long sequences.'),
  'cnn-bilstm': reader(
    'cnn-bilstm',
    'A convolution finds short patterns, a bidirectional LSTM puts them in order.',
  ),
  bidaf: {
    summary:
      'Attention between question and passage in both directions, read by LSTMs (Seo et al. 2017 in the small).',
    options: bidafOptions,
    asked: (inputs, config) => bidaf(inputs, config as ConfigOf<typeof bidafOptions>),
  },
  transformer: {
    summary: 'A transformer encoder of the passage, or of question, separator and passage as one.',
    options: transformerOptions,
    alone: alone('transformer'),
    asked: (inputs, config) => joint(inputs, config as ConfigOf<typeof transformerOptions>),
  },
  window: reader('window', 'Logistic regression on a window around each place: the simple baseline.'),
};

/** The span architecture of a name, for passages alone or with questions. Throws a usage error that lists those that there are. */
export function spanArchitecture(name: string, { question }: { question: boolean }): SpanArchitecture {
  const fitting = Object.keys(spanArchitectures).filter(
    (key) => spanArchitectures[key]![question ? 'asked' : 'alone'],
  );
  if (Object.hasOwn(spanArchitectures, name) && fitting.includes(name)) return spanArchitectures[name]!;
  const why = Object.hasOwn(spanArchitectures, name)
    ? `The span model "${name}" ${question ? 'reads no questions' : 'needs questions'}`
    : `There is no span model "${name}"`;
  throw usageError(`${why}; choose ${fitting.join(', ')}.`);
}
