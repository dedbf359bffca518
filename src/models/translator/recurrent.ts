import type { Dim, Shape } from '../../graph/dims.ts';
import {
  cast,
  concat,
  expandDims,
  full,
  gather,
  less,
  matmul,
  reshape,
  scan,
  tanh,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { additiveAttention } from '../../nn/attention/additive.ts';
import { attendByScores } from '../../nn/attention/scores.ts';
import { type Cell, gruCell, lstmCell } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { glorotUniform, normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { encodedState } from '../../nn/recurrence/initial-state.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type ConfigOf, choice, probability, whole, yesNo } from '../architectures/options.ts';
import {
  type BuiltTranslator,
  type Decoded,
  type Encoded,
  type OwnTokens,
  type TranslatorSizes,
  translatorArchitecture,
} from './architecture.ts';
import { ownPlaces, picked, pickNoise } from './own-tokens.ts';

const options = {
  size: whole(64, 'Width of the vector of a token.'),
  hidden: whole(128, 'Width of the recurrent states.'),
  layers: whole(1, 'Recurrent layers of encoder and decoder.', { max: 64 }),
  bidirectional: yesNo(true, 'The encoder reads in both directions.'),
  attention: choice(
    'additive',
    ['additive', 'dot', 'none'],
    'How the decoder looks at the source: additive (Bahdanau et al. 2015), dot (Luong et al. 2015), or not at all.',
  ),
  inputFeeding: yesNo(false, 'What was seen at one step is read at the next (Luong et al. 2015); slower.'),
  dropout: probability(0.2, 'Dropout on vectors of tokens, between layers and before the logits.'),
};
type Config = ConfigOf<typeof options>;

type AttentionLayer = Module<
  [query: Value, memory: Value, call: { lengths?: Value | undefined }],
  { output: Value; weights: Value }
>;

/** score = query · weight · memoryᵀ (Luong et al. 2015, general). */
const dotAttention = ({ query, memory }: { query: number; memory: number }): AttentionLayer =>
  module({
    params: { weight: parameter([query, memory], { initial: glorotUniform }) },
    apply: (own, asked: Value, held: Value, { lengths }: { lengths?: Value | undefined }) =>
      attendByScores(matmul(matmul(asked, own.weight), held, { transB: true }), held, lengths),
  });

function recurrentTranslator(
  cell: Cell,
  config: Config,
  { reads, writes }: TranslatorSizes,
): BuiltTranslator {
  const { size, hidden, layers, bidirectional, attention: kind, inputFeeding, dropout: rate } = config;
  const width = hidden * (bidirectional ? 2 : 1);
  const attention =
    kind === 'none'
      ? undefined
      : kind === 'dot'
        ? dotAttention({ query: hidden, memory: width })
        : (additiveAttention({ query: hidden, memory: width, hidden }) as AttentionLayer);
  const feeds = inputFeeding && attention !== undefined;
  const final = layers * (bidirectional ? 2 : 1) * cell.states * hidden;
  const carried = layers * cell.states;
  const net = module({
    params: {
      sourceTable: parameter([reads, size], { initial: normal(0.1), decay: false }),
      targetTable: parameter([writes + 1, size], { initial: normal(0.1), decay: false }),
      encoder: recurrent(cell, { in: size, hidden, layers, bidirectional, dropout: rate }),
      bridge: encodedState({ in: final, hidden, states: cell.states, count: layers }),
      layers: Array.from({ length: layers }, (_, l) =>
        cell.parameters({ in: l > 0 ? hidden : size + (feeds ? hidden : 0), hidden }),
      ),
      attention,
      combine: attention && linear({ in: hidden + width, out: hidden }),
      head: linear({ in: hidden, out: writes }),
      drop: dropout({ rate }),
    },
    apply: (own) => {
      const encode = (tokens: Value, lengths: Value): Encoded => {
        const x = own.drop(gather(own.sourceTable, transpose(tokens)));
        const { output, final: last } = own.encoder(x, { lengths });
        const states = own.bridge(concat(last.flat(), 1)).flat();
        const seen = full([tokens.shape[0]!, hidden], 0);
        return { memory: transpose(output, [1, 0, 2]), lengths, initial: feeds ? [...states, seen] : states };
      };
      /** One step of all layers: x[batch, in] → the states after, the top layer's output among them. */
      const advance = (x: Value, states: readonly Value[]): Value[] => {
        let y = x;
        return own.layers.flatMap((layer, l) => {
          const before = states.slice(l * cell.states, (l + 1) * cell.states);
          const after = cell.step(layer, cell.project(layer, l > 0 ? own.drop(y) : y), before);
          y = after[0]!;
          return [...after];
        });
      };
      const top = (states: readonly Value[]) => states[carried - cell.states]!;
      /** What the tops [batch, queries, hidden] and what they look at make together. */
      const look = (tops: Value, source: Encoded) => {
        if (!own.attention) return { seen: tops, weights: undefined };
        const { output, weights } = own.attention(tops, source.memory, { lengths: source.lengths });
        return { seen: tanh(own.combine!(concat([tops, output], 2))), weights };
      };
      /** A step with all that it needs of the one before inside: reads tokens [batch]. */
      const wholeStep = (x: Value, states: readonly Value[], source: Encoded) => {
        const after = advance(feeds ? concat([x, states[carried]!], 1) : x, states);
        const { seen, weights } = look(expandDims(top(after), 1), source);
        const row = reshape(seen, [seen.shape[0]!, hidden]);
        return {
          states: feeds ? [...after, row] : after,
          logits: own.head(own.drop(row)),
          weights: weights && reshape(weights, [weights.shape[0]!, weights.shape[2]!]),
        };
      };
      const loop = (source: Encoded, tokens: Value, states: readonly Value[], asked?: OwnTokens): Decoded => {
        const rows = transpose(tokens);
        const shape = rows.shape as [Dim, Dim];
        const places = asked && ownPlaces(asked, shape, 0, own.context);
        const noise = asked && pickNoise(asked, [...shape, writes], own.context);
        // Carried as a number, through which no gradient flows.
        const first = full([shape[1]], 0);
        const { carry, outputs } = scan(
          {
            carry: asked ? [...states, first] : states,
            inputs: [rows, ...(places ? [cast(places, 'float32')] : []), ...(noise ? [noise] : [])],
          },
          (before, [truth, place, drawn]) => {
            const read = asked ? where(isOne(place!), cast(before[states.length]!, 'int32'), truth!) : truth!;
            const after = wholeStep(own.drop(gather(own.targetTable, read)), before, source);
            const next = asked ? [cast(picked(after.logits, drawn), 'float32')] : [];
            return {
              carry: [...after.states, ...next],
              outputs: [after.logits, ...(after.weights ? [after.weights] : [])],
            };
          },
        );
        const [logits, weights] = outputs.map((v) => transpose(v, [1, 0, 2]));
        return {
          logits: logits!,
          states: carry.slice(0, states.length),
          ...(weights && { attention: weights }),
        };
      };
      const decode = (
        source: Encoded,
        tokens: Value,
        {
          states = source.initial,
          own: asked,
        }: { states?: readonly Value[]; own?: OwnTokens | undefined } = {},
      ): Decoded => {
        if (feeds || asked) return loop(source, tokens, states, asked);
        // Nothing of what was seen goes into the next step: all places look at once, after the loop.
        const x = own.drop(gather(own.targetTable, transpose(tokens)));
        const { carry, outputs } = scan({ carry: states, inputs: [x] }, (before, [row]) => {
          const after = advance(row!, before);
          return { carry: after, outputs: [top(after)] };
        });
        const { seen, weights } = look(transpose(outputs[0]!, [1, 0, 2]), source);
        return { logits: own.head(own.drop(seen)), states: carry, ...(weights && { attention: weights }) };
      };
      return { encode, decode };
    },
  });
  const states: Shape[] = Array.from({ length: carried + (feeds ? 1 : 0) }, () => ['batch', hidden]);
  return { ...net, width, states, attends: attention !== undefined };
}

const isOne = (place: Value): Value => less(0.5, place);

/** Encoder and decoder of long short-term memory. */
export const lstmTranslator = translatorArchitecture(
  'lstm',
  'Long short-term memory reads the source, another one with attention writes the target.',
  options,
  (config, sizes) => recurrentTranslator(lstmCell(), config, sizes),
);

/** Encoder and decoder of gated recurrent units. */
export const gruTranslator = translatorArchitecture(
  'gru',
  'Gated recurrent units read the source, others with attention write the target.',
  options,
  (config, sizes) => recurrentTranslator(gruCell(), config, sizes),
);
