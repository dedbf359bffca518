import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, Table } from '../../report/run-report.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import { type CellName, cellNames } from './networks.ts';

/** What one cell gave with one seed: accuracies on held-out records, and largest differences to the position-wise network. */
export interface Measured {
  readonly cell: CellName;
  readonly seed: number;
  readonly on: number;
  /** The trained weights, their recurrence switched off. */
  readonly ablated: number;
  /** Trained without recurrence. */
  readonly anew: number;
  /** Trained with W_hh = 0 where that leaves a memory (LSTM). */
  readonly cellLeft: number | null;
  readonly difference: number;
  /** With the recurrent weights alone set to 0. */
  readonly zeroed: number;
}

export interface Found {
  readonly measured: readonly Measured[];
  readonly control: readonly { cell: CellName; accuracy: number }[];
  readonly chance: number;
  readonly seeds: number;
  readonly builtIn: boolean;
  readonly off: string;
}

const tolerance = 1e-6;
const solved = 0.95;
/** How far from chance still counts as chance. */
const margin = 0.05;

const of = (measured: readonly Measured[], cell: CellName, what: 'on' | 'ablated' | 'anew') =>
  mean(measured.filter((m) => m.cell === cell).map((m) => m[what]));
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export function recurrenceClaims({ measured, control, chance, seeds, builtIn }: Found): Claim[] {
  const over = seeds > 1 ? `, mean of ${seeds} seeds` : '';
  const difference = Math.max(...measured.map((m) => m.difference));
  const equal: Claim = {
    id: 'equal',
    text: `largest difference of any layer without recurrence to the position-wise network ≤ ${tolerance}`,
    value: difference,
    met: difference <= tolerance,
  };
  if (!builtIn) return [equal];
  const least = Math.min(...cellNames.map((cell) => of(measured, cell, 'on')));
  const farthest = Math.max(
    ...cellNames
      .flatMap((cell) => [of(measured, cell, 'ablated'), of(measured, cell, 'anew')])
      .map((a) => Math.abs(a - chance)),
  );
  const worst = Math.min(...control.map(({ accuracy }) => accuracy));
  return [
    equal,
    {
      id: 'solved',
      text: `with recurrence, accuracy of the worst cell on the task of order ≥ ${solved}${over}`,
      value: least,
      met: least >= solved,
    },
    {
      id: 'chance',
      text: `without, the farthest of any cell's accuracy from chance (${percent(chance)}), ablated or trained anew, ≤ ${margin}${over}`,
      value: farthest,
      met: farthest <= margin,
    },
    {
      id: 'control',
      text: 'without, accuracy of the worst cell on a task of composition ≥ 0.9',
      value: worst,
      met: worst >= 0.9,
    },
  ];
}

export function recurrenceLead({ measured, chance }: Found): string {
  const parts = cellNames.map(
    (cell) => `${cell} ${percent(of(measured, cell, 'on'))} → ${percent(of(measured, cell, 'anew'))}`,
  );
  return `Accuracy with recurrence and, trained anew, without: ${parts.join(', ')}; chance is ${percent(chance)}.`;
}

export function recurrenceTables({ measured, control, off }: Found): Table[] {
  const accuracies: Table = {
    title: 'Accuracy on held-out records',
    columns: [
      'cell',
      'seed',
      'with recurrence',
      'same weights, switched off',
      'trained without',
      'trained with W_hh = 0 only',
    ],
    rows: measured.map((m) => [
      m.cell,
      m.seed,
      rounded(m.on),
      rounded(m.ablated),
      rounded(m.anew),
      rounded(m.cellLeft ?? (m.cell === 'elman' ? m.anew : null)),
    ]),
    note: 'An LSTM whose gates no longer see the state (W_hh = 0) still has its cell, and may keep or drop it letter by letter: that is recurrence enough for tasks of order. Only when the cell is taken away, too, is the layer position-wise.',
  };
  const differences: Table = {
    title: 'Largest difference to the position-wise network',
    columns: [
      'cell',
      'seed',
      off === 'all' ? 'every step from nothing' : 'W_hh = 0 by construction',
      'recurrent weights set to 0',
    ],
    rows: measured.map((m) => [m.cell, m.seed, scientific(m.difference), scientific(m.zeroed)]),
    note: 'Same trained weights, normally distributed inputs, 60 steps, sequences of different lengths, single precision. For an Elman layer W_hh = 0 is all; GRU and LSTM carry state beside it.',
  };
  const controls: Table = {
    title: 'Control: composition, trained without recurrence',
    columns: ['cell', 'accuracy'],
    rows: control.map(({ cell, accuracy }) => [cell, rounded(accuracy)]),
  };
  return control.length > 0 ? [accuracies, differences, controls] : [accuracies, differences];
}

const scientific = (x: number) => x.toExponential(1);

export function recurrenceFigure({ measured, chance }: Found): Figure {
  const ways = ['on', 'ablated', 'anew'] as const;
  return {
    title: 'Accuracy with and without recurrence',
    caption: '1: with recurrence; 2: the same weights, switched off; 3: trained without. Means over seeds.',
    svg: lineChart({
      series: [
        ...cellNames.map((cell) => ({
          name: cell,
          points: ways.map((what, i): [number, number] => [i + 1, of(measured, cell, what)]),
        })),
        {
          name: 'chance',
          points: [
            [1, chance],
            [3, chance],
          ],
        },
      ],
      xLabel: 'With, switched off, trained without',
      yLabel: 'Accuracy',
      title: 'Accuracy with and without recurrence',
    }),
  };
}
