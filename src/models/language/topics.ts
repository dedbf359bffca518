import { type Dim, dimAdd, dimMul, type Shape } from '../../graph/dims.ts';
import {
  add,
  concat,
  expandDims,
  full,
  gather,
  iota,
  less,
  logSoftmax,
  mul,
  reshape,
  sigmoid,
  slice,
  softmax,
  sub,
  transpose,
  where,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, elmanCell, gruCell, lstmCell, type State } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { constant, normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { module, parameter } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { topicForward } from '../../nn/structured/latent-topic.ts';
import { logSumExp } from '../../nn/structured/log-space.ts';
import { choice, probability, whole, yesNo } from '../architectures/options.ts';
import { languageArchitecture } from './architecture.ts';

const cells: Readonly<Record<'elman' | 'gru' | 'lstm', () => Cell>> = {
  elman: elmanCell,
  gru: gruCell,
  lstm: lstmCell,
};

const options = {
  topics: whole(8, 'Topics; time and memory grow with them.', { max: 256 }),
  chain: yesNo(
    false,
    'The topic may change after any token, how readily is learned for each (after a full stop, say); otherwise a text has one topic.',
  ),
  cell: choice('gru', ['elman', 'gru', 'lstm'], 'What reads the tokens.'),
  hidden: whole(64, 'Width of the recurrent state, one for each topic.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  embedding: whole(32, 'Size of the vector of a token, and of a topic.'),
  dropout: probability(0.1, 'Dropout on vectors of tokens, between layers and before the logits.'),
  context: whole(100, 'Tokens that a gradient reaches back (truncated back-propagation through time).'),
};

/** How often a topic changes at first: logit of about one token in twenty. */
const seldom = -3;

/**
 * A language model conditioned on a topic that nobody sees: one recurrent network reads the text once for each topic, whose vector is added to
 * those of the tokens, and the answers are weighed by P(topic | what was read) (`topicForward`). So the probability of a text is the exact
 * marginal over its topics, or over all ways through a chain of topics; training, scoring and drawing go by it. What it carries is the state of
 * each topic's reader and, last, ln P(topic | read) − ln P(topic), 0 at the beginning.
 */
export const topicLanguage = languageArchitecture(
  'topics',
  'A recurrent network conditioned on a latent topic, summed out exactly: one a text, or a chain of them.',
  options,
  (config, { reads, writes }) => {
    const { topics, chain, hidden, layers, embedding: width } = config;
    const cell = cells[config.cell]();
    const net = module({
      params: {
        embedding: parameter([reads, width], { initial: normal(0.3), decay: false }),
        topics: parameter([topics, width], { initial: normal(0.5), decay: false }),
        prior: parameter([topics]),
        layers: Array.from({ length: layers }, (_, l) =>
          recurrent(cell, { in: l === 0 ? width : hidden, hidden }),
        ),
        drop: dropout({ rate: config.dropout, sharedAxes: [0] }),
        head: linear({ in: hidden, out: writes }),
        /** What each topic likes to say. */
        favourites: parameter([topics, writes], { initial: normal(0.1), decay: false }),
        changes: chain ? parameter([reads, 1], { initial: constant(seldom), decay: false }) : undefined,
        transitions: chain ? parameter([topics, topics], { decay: false }) : undefined,
      },
      apply: (own, tokens: Value, before?: readonly Value[]) => {
        const [batch, time] = tokens.shape as [Dim, Dim];
        const rows = dimMul(batch, topics);
        const read = transpose(tokens);
        const vectors = add(expandDims(gather(own.embedding, read), 2), own.topics);
        let x = own.drop(reshape(vectors, [time, rows, width]));
        const after: Value[] = [];
        own.layers.forEach((layer, l) => {
          const carried = before?.slice(l * cell.states, (l + 1) * cell.states);
          const initial = carried?.map((state) => reshape(state, [rows, hidden])) as State | undefined;
          const { output, final } = layer(x, { initial: initial && [initial] });
          after.push(...final[0]!.map((state) => reshape(state, [batch, topics * hidden])));
          x = own.drop(output);
        });
        // What was foretold before the first token here comes from the state that was carried.
        const top = before?.[(layers - 1) * cell.states];
        const earlier = top ? reshape(top, [1, rows, hidden]) : full([1, rows, hidden], 0);
        const told = own.head(concat([earlier, x], 0));
        const scores = add(reshape(told, [dimAdd(time, 1), batch, topics, writes]), own.favourites);
        const logs = logSoftmax(scores);
        const prior = logSoftmax(own.prior);
        const { posterior, final } = topicForward({
          initial: add(before?.at(-1) ?? full([batch, topics], 0), prior),
          evidence: toldOf(slice(logs, 0, 0, time), read, reads - 1),
          change: own.changes && {
            gates: sigmoid(gather(own.changes, read)),
            transitions: softmax(own.transitions!),
          },
        });
        const each = slice(logs, 0, 1, dimAdd(time, 1));
        const marginal = logSumExp(add(each, expandDims(posterior, 3)), 2);
        return { logits: transpose(marginal, [1, 0, 2]), states: [...after, sub(final, prior)] };
      },
    });
    const state: Shape = ['batch', topics * hidden];
    const states: Shape[] = [...Array.from({ length: layers * cell.states }, () => state), ['batch', topics]];
    return { ...net, states, sees: null };
  },
);

/**
 * What each topic had said of the tokens that came: logs[time, batch, topics, writes] at tokens[time, batch] → [time, batch, topics]; 0 of the
 * `boundary` that stands before a text, which says nothing of it.
 */
function toldOf(logs: Value, tokens: Value, boundary: number): Value {
  const [time, batch, topics, writes] = logs.shape as [Dim, Dim, number, number];
  const count = dimMul(dimMul(time, batch), topics);
  const ids = reshape(add(expandDims(tokens, 2), full([topics], 0, 'int32')), [count]);
  const says = less(ids, boundary);
  const places = add(mul(iota(count), writes), where(says, ids, 0));
  const told = where(says, gather(reshape(logs, [dimMul(count, writes)]), places), 0);
  return reshape(told, [time, batch, topics]);
}
