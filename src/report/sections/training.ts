import { counted, duration, figure } from '../format.ts';
import { html } from '../markup.ts';
import { lineChart, type Series } from '../plots/index.ts';
import type { RunReport } from '../run-report.ts';
import { drawn, type Section } from './parts.ts';

/** Loss and learning rate over the epochs, with the epoch whose weights were kept. */
export function trainingSection({ training }: RunReport): Section | null {
  if (!training || training.history.length === 0) return null;
  const { history, bestEpoch, seconds, parameters } = training;
  const mark = bestEpoch === undefined ? {} : { mark: { x: bestEpoch, label: `best epoch ${bestEpoch}` } };
  const losses: Series[] = [{ name: 'training', points: history.map((e) => [e.epoch, e.trainLoss]) }];
  if (history.some((e) => e.validationLoss != null)) {
    const points = history.map((e): [number, number] => [e.epoch, e.validationLoss ?? Number.NaN]);
    losses.push({ name: 'validation', points });
  }
  const axes = { xLabel: 'Epoch', ...mark };
  const best = history.find((e) => e.epoch === bestEpoch);
  const kept =
    best &&
    ` Weights of epoch ${bestEpoch} were kept${best.validationLoss != null ? ` (validation loss ${figure(best.validationLoss)})` : ''}.`;
  const facts = [
    counted(history.length, 'epoch'),
    seconds !== undefined && duration(seconds),
    parameters !== undefined && counted(parameters, 'parameter'),
  ].filter(Boolean);
  const rates = history.flatMap((e): [number, number][] => (e.rate === undefined ? [] : [[e.epoch, e.rate]]));
  const changing = rates.some(([, rate]) => rate !== rates[0]![1]);
  const rateChart = { series: [{ name: 'learning rate', points: rates }], xLabel: 'Epoch' };
  return {
    id: 'training',
    title: 'Training',
    content: [
      html`<p class="quiet">${facts.join(' · ')}${rates.length > 0 && !changing && ` · learning rate ${figure(rates[0]![1])}`}</p>`,
      html`<div class="figures">${drawn(lineChart({ series: losses, yLabel: 'Loss', title: 'Loss over epochs', ...axes }), 'Loss', ['Mean over each epoch.', kept])}${
        changing &&
        drawn(
          lineChart({ ...rateChart, yLabel: 'Learning rate', title: 'Learning rate over epochs' }),
          'Learning rate',
          'As the schedule set it.',
        )
      }</div>`,
    ],
  };
}
