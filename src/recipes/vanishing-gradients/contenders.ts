import { dataError } from '../../core/errors.ts';
import { randomStream } from '../../core/random.ts';
import type { Value } from '../../graph/value.ts';
import { loadModel } from '../../models/load-model.ts';
import { type Cell, elmanCell, gruCell, lstmCell } from '../../nn/cells.ts';
import { initialize, type Module, module } from '../../nn/module.ts';
import { dilatedRecurrent } from '../../nn/recurrence/dilated.ts';
import { hierarchicalRecurrent } from '../../nn/recurrence/hierarchical.ts';
import { recurrent } from '../../nn/recurrent.ts';
import {
  type Decay,
  lastRow,
  type ProbedCell,
  type ProbeOptions,
  probeCell,
  probeWhole,
  randomInput,
} from './probe.ts';

/** What is set of the networks that are compared. */
export interface ContenderConfig {
  readonly hidden: number;
  readonly steps: number;
  /** Factors for the recurrent weights of the Elman networks whose gradients explode and vanish. */
  readonly exploding: number;
  readonly vanishing: number;
  readonly dilations: readonly number[];
  readonly window: number;
}

/** A network whose gradient is probed: `probe` gives log₁₀ of its norm by distance. */
export interface Contender {
  readonly id: string;
  readonly name: string;
  probe(options: ProbeOptions): Promise<Decay>;
}

/** Letters are one-hot. */
const width = 4;

/** What is done to the first weights of a parameter. */
type Change = (path: string, weights: Float32Array, seed: number) => Float32Array;

const scaled =
  (factor: number): Change =>
  (path, w) =>
    path.endsWith('.recurrent') ? w.map((v) => v * factor) : w;

/**
 * Biases for memories of up to `steps` steps (Tallec and Ollivier 2018): b_f = ln u with u even between 1 and steps − 1, and b_i = −b_f, so
 * that what a unit keeps for long it also takes in slowly.
 */
const chrono =
  (steps: number): Change =>
  (path, w, seed) => {
    if (!path.endsWith('.bias')) return w;
    const random = randomStream(seed, 'chrono');
    const hidden = w.length / 4;
    const biases = w.slice();
    for (let u = 0; u < hidden; u++) {
      const forget = Math.log(1 + (steps - 2) * random.uniform());
      biases[u] = -forget;
      biases[hidden + u] = forget;
    }
    return biases;
  };

/** The networks of the comparison, each with first weights that the seed of the probe decides. */
export function contenders({
  hidden,
  steps,
  exploding,
  vanishing,
  dilations,
  window,
}: ContenderConfig): Contender[] {
  const cell = (id: string, name: string, kind: Cell, change: Change = (_, w) => w): Contender => ({
    id,
    name,
    probe: (options) => probeCell({ ...fresh(kind, hidden, change, options), cell: kind }, options),
  });
  const whole = (id: string, name: string, root: Module<[Value], Value>): Contender => ({
    id,
    name,
    probe: (options) =>
      probeWhole(
        {
          root,
          hidden,
          width,
          weights: initialize(root, options.seed),
          x: randomInput(options.steps, width, options.seed),
        },
        options,
      ),
  });
  return [
    cell('elman', 'Elman', elmanCell()),
    cell('exploding', `Elman, W_hh × ${exploding}`, elmanCell(), scaled(exploding)),
    cell('vanishing', `Elman, W_hh × ${vanishing}`, elmanCell(), scaled(vanishing)),
    cell('lstm', 'LSTM', lstmCell()),
    cell(
      'lstmLong',
      `LSTM, chrono start for ${steps.toLocaleString('en-US')} steps`,
      lstmCell(),
      chrono(steps),
    ),
    cell('gru', 'GRU', gruCell()),
    whole(
      'dilated',
      `dilated Elman (${dilations.join(', ')})`,
      module({
        params: { layer: dilatedRecurrent(elmanCell(), { in: width, hidden, dilations }) },
        apply: ({ layer }, x: Value) => lastRow(layer(x), hidden),
      }),
    ),
    whole(
      'hierarchical',
      `hierarchical Elman (windows of ${window})`,
      module({
        params: { layer: hierarchicalRecurrent(elmanCell(), { in: width, hidden, window }) },
        apply: ({ layer }, x: Value) => layer(x).windows.final[0]![0]!,
      }),
    ),
  ];
}

function fresh(
  cell: Cell,
  hidden: number,
  change: Change,
  { steps, seed }: ProbeOptions,
): Omit<ProbedCell, 'cell'> {
  const root = module({ params: { layer: recurrent(cell, { in: width, hidden }) }, apply: () => 0 });
  const weights = new Map([...initialize(root, seed)].map(([path, w]) => [path, change(path, w, seed)]));
  return { hidden, width, weights, x: randomInput(steps, width, seed) };
}

/** Cells by the gates that lie side by side in their weights: what the size of a weight tells. */
const cellsByArchitecture: Readonly<Record<string, { cell: Cell; gates: number }>> = {
  lstm: { cell: lstmCell(), gates: 4 },
  gru: { cell: gruCell(), gates: 3 },
  'cnn-bilstm': { cell: lstmCell(), gates: 4 },
  'attention-bilstm': { cell: lstmCell(), gates: 4 },
};

/** The first recurrent layer (forward) of a trained model. Throws a data error for a model without one. */
export async function trainedContender(directory: string): Promise<Contender> {
  const { spec, weights } = await loadModel(directory);
  const known = cellsByArchitecture[spec.architecture];
  const prefix = 'body.recurrent.layers.0.forward.';
  const found = [...weights].filter(([path]) => path.endsWith('body.recurrent.layers.0.forward.weight'));
  if (!known || found.length === 0)
    throw dataError(
      `${directory} holds a model of architecture ${spec.architecture}; expected one of ${Object.keys(cellsByArchitecture).join(', ')}.`,
    );
  // Of an ensemble, the first member.
  const start = found[0]![0].slice(0, -prefix.length - 'weight'.length);
  const own = new Map(
    [...weights].flatMap(([path, w]) =>
      path.startsWith(start + prefix)
        ? [[`layer.layers.0.forward.${path.slice((start + prefix).length)}`, w] as const]
        : [],
    ),
  );
  const hidden = Math.round(own.get('layer.layers.0.forward.bias')!.length / known.gates);
  const inputs = own.get('layer.layers.0.forward.weight')!.length / (known.gates * hidden);
  const letters = spec.architecture !== 'cnn-bilstm' && inputs === spec.alphabet.letters.length;
  return {
    id: 'yours',
    name: `your model (${spec.architecture})`,
    probe: (options) =>
      probeCell(
        {
          cell: known.cell,
          hidden,
          width: inputs,
          weights: own,
          x: randomInput(options.steps, inputs, options.seed, { letters }),
        },
        options,
      ),
  };
}
