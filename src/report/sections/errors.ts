import { figure, shorten } from '../format.ts';
import { html } from '../markup.ts';
import type { RunReport } from '../run-report.ts';
import { type Section, table } from './parts.ts';

const written = (value: string | number) => (typeof value === 'string' ? value : figure(value));

/** The wrong answers that the model was surest of, to look at one by one. */
export function errorsSection({ evaluation, sequences = {} }: RunReport): Section | null {
  const errors = evaluation?.confidentErrors ?? [];
  if (!evaluation || errors.length === 0) return null;
  const values = evaluation.kind === 'values';
  const withSequence = errors.some((e) => Object.hasOwn(sequences, e.id));
  const columns = [
    'Record',
    { label: 'Truth', numeric: values },
    { label: 'Predicted', numeric: values },
    { label: values ? 'Off by' : 'Probability', numeric: true },
    ...(withSequence ? ['Sequence'] : []),
  ];
  const rows = errors.map((e) => [
    html`<span class="mono one">${shorten(e.id, 48)}</span>`,
    written(e.truth),
    written(e.predicted),
    figure(e.probability ?? Number(e.predicted) - Number(e.truth)),
    ...(withSequence
      ? [
          html`<span class="mono one">${Object.hasOwn(sequences, e.id) && shorten(sequences[e.id]!, 60)}</span>`,
        ]
      : []),
  ]);
  const title = values ? 'Largest errors' : 'Most confident errors';
  const caption = values
    ? 'Predictions farthest from the truth'
    : 'Wrong answers by the probability given to them';
  const note = 'Look at these first: they show what the model has not learnt, and labels that may be wrong.';
  return { id: 'errors', title, content: table(caption, columns, rows, note) };
}
