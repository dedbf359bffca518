import type { Dim } from '../../graph/dims.ts';
import { add, expandDims, relu, reshape, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import type { SequenceInputs } from '../../models/architectures/index.ts';
import type { CustomNetwork, NetworkData } from '../../models/custom-network.ts';
import type { Attend } from '../../nn/attention/attend.ts';
import { fullAttention } from '../../nn/attention/full-attention.ts';
import { leanAttention } from '../../nn/attention/lean-attention.ts';
import { linearAttention } from '../../nn/attention/linear-attention.ts';
import { localAttention } from '../../nn/attention/local-attention.ts';
import { multiHeadAttention } from '../../nn/attention/multi-head.ts';
import { lstmCell } from '../../nn/cells.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { lastOverTime } from '../../nn/pooling.ts';
import { dilatedRecurrent } from '../../nn/recurrence/dilated.ts';
import { hierarchicalRecurrent } from '../../nn/recurrence/hierarchical.ts';
import { minGru } from '../../nn/recurrence/linear-recurrent.ts';
import { feedForward } from '../../nn/transformer/feed-forward.ts';
import { encoder } from '../../nn/transformer/stacks.ts';
import type { ModelDefinition } from '../../train/model-spec.ts';
import type { Weights } from '../../train/start.ts';

/** What is set of the networks that are compared. */
export interface ContenderConfig {
  readonly hidden: number;
  readonly heads: number;
  /** Letters that the lower level of the hierarchical network reads as one. */
  readonly window: number;
  readonly dilations: readonly number[];
  /** Places that local attention sees on each side, and its layers. */
  readonly around: number;
  readonly layers: number;
  /** Steps of memory that the first forget biases are made for: ln of it. */
  readonly memory: number;
}

/** An architecture of the comparison. */
export interface Contender {
  readonly id: string;
  readonly name: string;
  readonly definition: ModelDefinition;
  /** What its cost is measured of, where that is not what learns: all places answered, as a tagger or a language model asks. */
  readonly costly?: ModelDefinition;
  readonly start?: (initial: Weights) => Weights;
  /** Letters before the last one that can change the answer; ∞ for all. */
  readonly reach: number;
}

/** A network that reads letters as one-hot rows and answers at the last place. */
const answering =
  (body: (data: NetworkData) => { width: number; module: Module<[Value, Value], Value> }): CustomNetwork =>
  (data) => {
    const { width, module: inner } = body(data);
    return module({
      params: {
        body: inner,
        dense: linear({ in: width, out: width }),
        head: linear({ in: width, out: data.outputs }),
      },
      apply: (own, { tokens, lengths }: SequenceInputs): Value =>
        own.head(relu(own.dense(own.body(oneHotInput(tokens, data.alphabet), lengths)))),
    });
  };

/** A forget bias for memories of so many steps (after Tallec and Ollivier 2018). */
const bias = (steps: number) => ({ forgetBias: Math.log(steps) });

const timeFirst = (x: Value) => transpose(x, [1, 0, 2]);

const hierarchical = ({ hidden, window, memory }: ContenderConfig): CustomNetwork =>
  answering(({ alphabet }) => ({
    width: hidden,
    module: module({
      params: {
        levels: hierarchicalRecurrent(lstmCell(bias(memory)), { in: alphabet.size, hidden, window }),
      },
      apply: ({ levels }, x: Value, lengths: Value) =>
        levels(timeFirst(x), { lengths }).windows.final[0]![0]!,
    }),
  }));

const dilated = ({ hidden, dilations, memory }: ContenderConfig): CustomNetwork =>
  answering(({ alphabet }) => ({
    width: hidden,
    module: module({
      params: { layers: dilatedRecurrent(lstmCell(bias(memory)), { in: alphabet.size, hidden, dilations }) },
      apply: ({ layers }, x: Value, lengths: Value) =>
        lastOverTime(layers(timeFirst(x), { lengths }), lengths, 0),
    }),
  }));

/** A recurrence whose gates do not look at the state, so that all places are computed side by side, in chunks. */
const parallel = ({ hidden }: ContenderConfig): CustomNetwork =>
  answering(({ alphabet }) => ({
    width: hidden,
    module: module({
      params: { layers: minGru({ in: alphabet.size, hidden }) },
      apply: ({ layers }, x: Value, lengths: Value) => layers(timeFirst(x), { lengths }).final[0]![0]!,
    }),
  }));

/** Letters → vectors → blocks of attention and feed-forward networks, every place answered; the last one is read. */
const attending = ({ hidden, heads }: ContenderConfig, attend: Attend, layers: number): CustomNetwork =>
  answering(({ alphabet }) => ({
    width: hidden,
    module: module({
      params: {
        embed: linear({ in: alphabet.size, out: hidden }),
        encoder: encoder({ layers, size: hidden, heads, attend, hidden: 2 * hidden }),
      },
      apply: (own, x: Value, lengths: Value) =>
        lastOverTime(own.encoder(own.embed(x), { lengths }).output, lengths, 1),
    }),
  }));

/**
 * One block of full attention of which only the last place is asked: the same numbers, and the same names of parameters, as
 * `attending` with one layer of `fullAttention`, since no other place of a last layer is read. So it learns and answers in time linear in
 * length; what it costs to answer every place is measured apart.
 */
export const askedAtTheEnd = ({ hidden, heads }: ContenderConfig): CustomNetwork =>
  answering(({ alphabet }) => ({
    width: hidden,
    module: module({
      params: {
        embed: linear({ in: alphabet.size, out: hidden }),
        encoder: module({
          params: {
            blocks: [
              {
                attentionNorm: layerNorm({ size: hidden }),
                attention: multiHeadAttention({ size: hidden, heads }),
                feedNorm: layerNorm({ size: hidden }),
                feed: feedForward({ size: hidden, hidden: 2 * hidden }),
              },
            ],
            norm: layerNorm({ size: hidden }),
          },
          apply: ({ blocks: [block], norm }, x: Value, lengths: Value): Value => {
            const { attentionNorm, attention, feedNorm, feed } = block!;
            const last = lastOverTime(x, lengths, 1);
            const seen = attentionNorm(x);
            const { output } = attention(expandDims(attentionNorm(last), 1), { memory: seen, lengths });
            const attended = add(last, reshape(output, last.shape as [Dim, Dim]));
            return norm(add(attended, feed(feedNorm(attended))));
          },
        }),
      },
      apply: (own, x: Value, lengths: Value) => own.encoder(own.embed(x), lengths),
    }),
  }));

/** The same block with every place asked. */
export const askedEverywhere = (config: ContenderConfig, attend: Attend = fullAttention()): CustomNetwork =>
  attending(config, attend, 1);

/** First weights with that bias of the one of so many gates that forgets. */
const remembering =
  ({ gates, gate, value }: { gates: number; gate: number; value: number }) =>
  (initial: Weights): Weights =>
    new Map(
      [...initial].flatMap(([path, weights]) => {
        if (!path.endsWith('forward.bias')) return [];
        const hidden = weights.length / gates;
        return [[path, weights.map((w, i) => (Math.floor(i / hidden) === gate ? value : w))] as const];
      }),
    );

/** The architectures of the comparison, in the order of the report. */
export function contenders(config: ContenderConfig): Contender[] {
  const { hidden, window, dilations, around, layers, memory } = config;
  const everything = Number.POSITIVE_INFINITY;
  return [
    {
      id: 'lstm',
      name: 'LSTM',
      definition: {
        architecture: 'lstm',
        config: { hidden, layers: 1, bidirectional: false, pool: 'last', dense: [hidden], dropout: 0 },
      },
      start: remembering({ gates: 4, gate: 1, value: Math.log(memory) }),
      reach: everything,
    },
    {
      id: 'hierarchical',
      name: `hierarchical RNN (windows of ${window})`,
      definition: { network: hierarchical(config) },
      reach: everything,
    },
    {
      id: 'dilated',
      name: `dilated RNN (${dilations.join(', ')})`,
      definition: { network: dilated(config) },
      reach: everything,
    },
    {
      id: 'minGru',
      name: 'minimal GRU',
      definition: { network: parallel(config) },
      // Its first gate lets in what is new, where the LSTM's keeps what is old.
      start: remembering({ gates: 2, gate: 0, value: -Math.log(memory) }),
      reach: everything,
    },
    {
      id: 'local',
      name: `local attention (±${around}, ${layers} layers)`,
      definition: { network: attending(config, localAttention({ window: around, block: around }), layers) },
      reach: around * layers,
    },
    {
      id: 'linear',
      name: 'linear attention',
      definition: { network: attending(config, linearAttention(), 1) },
      reach: everything,
    },
    {
      id: 'full',
      name: 'full attention',
      definition: { network: askedAtTheEnd(config) },
      costly: { network: askedEverywhere(config) },
      reach: everything,
    },
  ];
}

/** Full attention that holds few weights at a time: it learns the same, and is of interest for its cost alone. */
export const leanContender = (config: ContenderConfig): Pick<Contender, 'id' | 'name' | 'definition'> => ({
  id: 'lean',
  name: 'full attention, memory-lean',
  definition: { network: askedEverywhere(config, leanAttention()) },
});
