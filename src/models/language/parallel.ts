import type { Shape } from '../../graph/dims.ts';
import { add, gather, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { dropout } from '../../nn/dropout.ts';
import { normal } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module, parameter } from '../../nn/module.ts';
import { layerNorm } from '../../nn/normalization.ts';
import { diagonalCell, type LinearCell, minGruCell, minLstmCell } from '../../nn/recurrence/linear-cells.ts';
import { linearRecurrent } from '../../nn/recurrence/linear-recurrent.ts';
import { selective } from '../../nn/recurrence/selective.ts';
import { feedForward } from '../../nn/transformer/feed-forward.ts';
import { type ConfigOf, probability, whole } from '../architectures/options.ts';
import { type Built, type LanguageSizes, languageArchitecture } from './architecture.ts';

const options = {
  size: whole(128, 'Width of the vector of each place.'),
  layers: whole(4, 'Blocks.', { max: 64 }),
  dropout: probability(0.1, 'Dropout on vectors of tokens and on what each part of a block adds.'),
  context: whole(256, 'Tokens that a gradient reaches back (truncated back-propagation through time).'),
};
type Config = ConfigOf<typeof options>;

/** What mixes places, time-major: x[time, batch, size] and the states before, batch first → the same shapes. */
type Mixer = Module<
  [x: Value, states: readonly Value[] | undefined],
  { output: Value; states: readonly Value[] }
>;

/** Pre-norm residual blocks: x + mix(norm(x)) and, with `feeds`, x + feedForward(norm(x)). */
function blockLanguage(
  { size, layers, dropout: rate }: Config,
  { reads, writes }: LanguageSizes,
  { mix, states, feeds }: { mix: () => Mixer; states: readonly Shape[]; feeds: boolean },
): Built {
  const net = module({
    params: {
      embedding: parameter([reads, size], { initial: normal(0.02), decay: false }),
      blocks: Array.from({ length: layers }, () => ({
        norm: layerNorm({ size }),
        mix: mix(),
        feedNorm: feeds ? layerNorm({ size }) : undefined,
        feed: feeds ? feedForward({ size, dropout: rate }) : undefined,
      })),
      drop: dropout({ rate }),
      norm: layerNorm({ size }),
      head: linear({ in: size, out: writes }),
    },
    apply: (own, tokens: Value, before?: readonly Value[]) => {
      let x = own.drop(gather(own.embedding, transpose(tokens)));
      const after: Value[] = [];
      own.blocks.forEach((block, l) => {
        const past = before?.slice(l * states.length, (l + 1) * states.length);
        const mixed = block.mix(block.norm(x), past);
        after.push(...mixed.states);
        x = add(x, own.drop(mixed.output));
        if (block.feed) x = add(x, own.drop(block.feed(block.feedNorm!(x))));
      });
      return { logits: own.head(transpose(own.norm(x), [1, 0, 2])), states: after };
    },
  });
  return { ...net, states: Array.from({ length: layers }, () => states).flat(), sees: null };
}

const linearMixer = (cell: LinearCell, size: number): Mixer =>
  module({
    params: { cell: linearRecurrent(cell, { in: size, hidden: size }) },
    apply: (own, x: Value, states: readonly Value[] | undefined) => {
      const { output, final } = own.cell(x, { initial: states && [states] });
      return { output, states: final[0]! };
    },
  });

const linearLanguage = (name: string, summary: string, cell: LinearCell) =>
  languageArchitecture(name, summary, options, (config, sizes) =>
    blockLanguage(config, sizes, {
      mix: () => linearMixer(cell, config.size),
      states: [['batch', config.size]],
      feeds: true,
    }),
  );

/** Minimal gated recurrent units over tokens, parallel in time. */
export const minGruLanguage = linearLanguage(
  'min-gru',
  'Minimal gated recurrent units (Feng et al. 2024) in residual blocks: parallel in time.',
  minGruCell(),
);

/** Minimal long short-term memory over tokens, parallel in time. */
export const minLstmLanguage = linearLanguage(
  'min-lstm',
  'Minimal long short-term memory (Feng et al. 2024) in residual blocks: parallel in time.',
  minLstmCell(),
);

/** Diagonal linear recurrence over tokens, parallel in time. */
export const diagonalLanguage = linearLanguage(
  'diagonal',
  'Decays of many lengths (diagonal linear recurrence) in residual blocks: parallel in time.',
  diagonalCell(),
);

const selectiveOptions = {
  ...options,
  states: whole(16, 'Numbers that each channel keeps.', { max: 1024 }),
  kernel: whole(4, 'Steps that the convolution before the scan sees.', { min: 2, max: 64 }),
};

/** Mamba blocks over tokens. */
export const selectiveLanguage = languageArchitecture(
  'selective',
  'Selective state space (Mamba; Gu and Dao 2023): what is kept depends on what is read.',
  selectiveOptions,
  (config, sizes) => {
    const { size, states: kept, kernel } = config;
    const mix = (): Mixer =>
      module({
        params: { scan: selective({ size, states: kept, kernel }) },
        apply: (own, x: Value, states: readonly Value[] | undefined) => {
          const initial = states && [transpose(states[0]!, [1, 0, 2]), states[1]!];
          const { output, final } = own.scan(x, { initial });
          return { output, states: [transpose(final[0]!, [1, 0, 2]), final[1]!] };
        },
      });
    const states: Shape[] = [
      ['batch', kernel - 1, 2 * size],
      ['batch', 2 * size, kept],
    ];
    return blockLanguage(config, sizes, { mix, states, feeds: false });
  },
);
