import type { Prediction } from '../../models/predict.ts';
import type { OutputSpec } from '../../models/spec.ts';

interface LineOptions {
  readonly format: 'tsv' | 'jsonl';
  readonly attention: boolean;
  /** Whether the standard deviations over drawn networks are there. */
  readonly deviations?: boolean;
  /** Where the record of the next prediction stands in a genome. */
  readonly place?: (() => string) | undefined;
}

/** The decision threshold of a label. */
const decided = 0.5;

/**
 * Predictions as a table (one header line, tabs) or as JSON lines. Columns: id, one for each class, label or value,
 * the prediction and, of drawn networks, one deviation for each; numbers have six significant digits.
 * @example // id  no  yes  prediction
 */
export async function* predictionLines(
  output: OutputSpec,
  predictions: AsyncIterable<Prediction>,
  { format, attention, deviations = false, place }: LineOptions,
): AsyncGenerator<string> {
  const names = columnNames(output);
  if (format === 'tsv')
    yield line([
      'id',
      ...(place ? ['region'] : []),
      ...names.map(columnTitle),
      'prediction',
      ...(attention ? ['attention'] : []),
      ...(deviations ? names.map((name) => `deviation(${name})`) : []),
    ]);
  for await (const { id, values, attention: weights, deviation } of predictions) {
    const region = place?.();
    const numbers = Array.from(values, sixDigits);
    const looked = weights && Array.from(weights, sixDigits);
    const apart = deviation && Array.from(deviation, sixDigits);
    const answer = answerOf(output, numbers);
    if (format === 'tsv')
      yield line([
        id,
        ...(region === undefined ? [] : [region]),
        ...numbers.map(String),
        asCell(answer),
        ...(looked ? [looked.join(',')] : []),
        ...(apart ?? []).map(String),
      ]);
    else
      yield `${JSON.stringify({ id, region, ...valuesOf(output, names, numbers), prediction: answer, attention: looked, deviations: apart && Object.fromEntries(names.map((name, i) => [name, apart[i]])) })}\n`;
  }
}

const sixDigits = (value: number) => Number(value.toPrecision(6));

const columnNames = (output: OutputSpec) => (output.kind === 'values' ? output.names : output.classes);

/** A class may be called as one of our own columns is. */
const columnTitle = (name: string) =>
  ['id', 'region', 'prediction', 'attention'].includes(name.toLowerCase()) ? `p(${name})` : name;

function answerOf(output: OutputSpec, numbers: readonly number[]): string | string[] | number | number[] {
  switch (output.kind) {
    case 'classes':
      return output.classes[numbers.indexOf(Math.max(...numbers))]!;
    case 'labels':
      return output.classes.filter((_, i) => numbers[i]! >= decided);
    case 'values':
      return numbers.length === 1 ? numbers[0]! : [...numbers];
  }
}

const asCell = (answer: ReturnType<typeof answerOf>) =>
  Array.isArray(answer) ? answer.join(';') : String(answer);

function valuesOf(output: OutputSpec, names: readonly string[], numbers: readonly number[]) {
  const byName = Object.fromEntries(names.map((name, i) => [name, numbers[i]]));
  return output.kind === 'values' ? { values: byName } : { probabilities: byName };
}

const line = (cells: readonly string[]) => `${cells.map(tableCell).join('\t')}\n`;

/** Cells that would break the table are quoted, as table readers expect (RFC 4180). */
const tableCell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
