import { usageError } from '../../core/errors.ts';
import { transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type Cell, gruCell, lstmCell } from '../../nn/cells.ts';
import { module } from '../../nn/module.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type ConfigOf, choice, type Options, probability, whole } from '../architectures/options.ts';
import { type TaggerBody, taggerBodies } from '../tagger/bodies.ts';
import { frontOptions } from './front.ts';
import type { TranscriberInput } from './spec.ts';

/** A kind of transcriber: convolutions that read first (none by default in some), and the layers that follow. */
export interface TranscriberArchitecture {
  readonly summary: string;
  readonly options: Options;
  /** The layers after the convolutions, which see vectors of the given width. */
  build(inputs: number, config: Readonly<Record<string, unknown>>): TaggerBody;
}

const forwardOptions = {
  hidden: whole(64, 'Width of the recurrent state.'),
  layers: whole(1, 'Recurrent layers.', { max: 64 }),
  between: probability(0.1, 'Dropout between recurrent layers.'),
};

/** Layers that know of nothing after a step, for signals that are still coming in. */
const oneDirection = (cell: Cell, summary: string): TranscriberArchitecture => ({
  summary,
  options: { ...frontOptions([], []), ...forwardOptions },
  build: (inputs, config) => {
    const { hidden, layers, between } = config as ConfigOf<typeof forwardOptions>;
    return {
      width: hidden,
      layers: module({
        params: { recurrent: recurrent(cell, { in: inputs, hidden, layers, dropout: between }) },
        apply: (own, x: Value, lengths: Value) =>
          transpose(own.recurrent(transpose(x, [1, 0, 2]), { lengths }).output, [1, 0, 2]),
      }),
    };
  },
});

/** A body that taggers have too, after convolutions. */
const asTagger = (
  name: keyof typeof taggerBodies,
  summary: string,
  { filters = [] as number[], kernels = [] as number[] } = {},
): TranscriberArchitecture => {
  const { options, build } = taggerBodies[name]!;
  return { summary, options: { ...frontOptions(filters, kernels), ...options }, build };
};

const twoConvolutions = { filters: [32, 64], kernels: [5, 9] };

/** All transcribers by the names that the command line and model folders use. */
export const transcriberArchitectures: Readonly<Record<string, TranscriberArchitecture>> = {
  'cnn-bilstm': asTagger(
    'bilstm',
    'Convolutions shorten the signal, a bidirectional LSTM reads what they found: the default.',
    twoConvolutions,
  ),
  bilstm: asTagger('bilstm', 'A bidirectional LSTM over all places.'),
  bigru: asTagger('bigru', 'A bidirectional GRU: as bilstm with three quarters of the parameters.'),
  lstm: oneDirection(lstmCell(), 'An LSTM in one direction: it knows of nothing that is still to come.'),
  gru: oneDirection(gruCell(), 'A GRU in one direction: as lstm with three quarters of the parameters.'),
  cnn: asTagger('cnn', 'Convolutions alone, the later ones dilated: fast on long signals.', twoConvolutions),
  transformer: asTagger(
    'transformer',
    'Convolutions shorten the signal, a transformer encoder sees all of it at once.',
    twoConvolutions,
  ),
};

const frameOptions = {
  normalise: choice(
    'training',
    ['training', 'record'],
    'Channels in units of the training data, or each record by its own mean and deviation, for signals whose level drifts from record to record.',
  ),
};
const symbolOptions = { embedding: whole(32, 'Size of the learned vector of a symbol.') };
const headOptions = { dropout: probability(0.1, 'Dropout on what the layers give.') };

/** What can be set in a transcriber of frames or of symbols. Throws a usage error that lists the transcribers for a name that is none. */
export function transcriberOptions(architecture: string, input: TranscriberInput['kind']): Options {
  if (!Object.hasOwn(transcriberArchitectures, architecture))
    throw usageError(
      `There is no transcriber "${architecture}"; choose ${Object.keys(transcriberArchitectures).join(', ')}.`,
    );
  const { options } = transcriberArchitectures[architecture]!;
  return { ...(input === 'frames' ? frameOptions : symbolOptions), ...options, ...headOptions };
}

export type FrameConfig = ConfigOf<typeof frameOptions>;
export type SymbolConfig = ConfigOf<typeof symbolOptions>;
export type HeadConfig = ConfigOf<typeof headOptions>;
