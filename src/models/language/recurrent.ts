import type { Shape } from '../../graph/dims.ts';
import { add, gather, matmul, slice, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, elmanCell, gruCell, lstmCell, type State } from '../../nn/cells.ts';
import { dropout } from '../../nn/dropout.ts';
import { normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { module, parameter } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type ConfigOf, probability, whole, wholeOrNull, yesNo } from '../architectures/options.ts';
import { type Built, type LanguageSizes, languageArchitecture } from './architecture.ts';

const options = {
  hidden: whole(256, 'Width of the recurrent state.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  embedding: wholeOrNull('Size of the vector of a token; null: that of the state, at most 256.'),
  dropout: probability(0.2, 'Dropout on vectors of tokens, between layers and before the logits.'),
  variational: yesNo(true, 'One mask for all steps of a piece (Gal and Ghahramani 2016).'),
  tied: yesNo(false, 'The logits come from the table that gives tokens their vectors (Press and Wolf 2017).'),
  context: whole(100, 'Tokens that a gradient reaches back (truncated back-propagation through time).'),
};

/** Layers of one cell over vectors of tokens; states are carried from piece to piece. */
function recurrentLanguage(
  cell: Cell,
  { hidden, layers, embedding, dropout: rate, variational, tied }: ConfigOf<typeof options>,
  { reads, writes }: LanguageSizes,
): Built {
  const width = embedding ?? Math.min(hidden, 256);
  const drop = dropout({ rate, sharedAxes: variational ? [0] : [] });
  const states = Array.from({ length: layers * cell.states }, (): Shape => ['batch', hidden]);
  const net = module({
    params: {
      embedding: parameter([reads, width], { initial: normal(tied ? width ** -0.5 : 0.1), decay: false }),
      layers: Array.from({ length: layers }, (_, l) =>
        recurrent(cell, { in: l === 0 ? width : hidden, hidden }),
      ),
      drop,
      narrow: tied && width !== hidden ? linear({ in: hidden, out: width, bias: false }) : undefined,
      head: tied ? undefined : linear({ in: hidden, out: writes }),
      bias: tied ? parameter([writes]) : undefined,
    },
    apply: (own, tokens: Value, before?: readonly Value[]) => {
      let x = own.drop(gather(own.embedding, transpose(tokens)));
      const after: Value[] = [];
      own.layers.forEach((layer, l) => {
        const initial = before?.slice(l * cell.states, (l + 1) * cell.states) as State | undefined;
        const { output, final } = layer(x, { initial: initial && [initial] });
        after.push(...final[0]!);
        x = own.drop(output);
      });
      const read = transpose(x, [1, 0, 2]);
      if (own.head) return { logits: own.head(read), states: after };
      const table = slice(own.embedding, 0, 0, writes);
      const scores = matmul(own.narrow ? own.narrow(read) : read, table, { transB: true });
      return { logits: add(scores, own.bias!), states: after };
    },
  });
  return { ...net, states, sees: null };
}

/** Elman's network over tokens. */
export const elmanLanguage = languageArchitecture(
  'elman',
  'A simple recurrent network (Elman 1990): cheap, and soon forgets.',
  options,
  (config, sizes) => recurrentLanguage(elmanCell(), config, sizes),
);

/** Long short-term memory over tokens. */
export const lstmLanguage = languageArchitecture(
  'lstm',
  'Long short-term memory, its state carried through the whole text: the default for letters.',
  options,
  (config, sizes) => recurrentLanguage(lstmCell(), config, sizes),
);

/** Gated recurrent units over tokens. */
export const gruLanguage = languageArchitecture(
  'gru',
  'Gated recurrent units: as lstm with three quarters of the parameters.',
  options,
  (config, sizes) => recurrentLanguage(gruCell(), config, sizes),
);
