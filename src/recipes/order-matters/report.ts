import { bounds, figure } from '../../report/format.ts';
import { forestPlot } from '../../report/plots/index.ts';
import type { Claim, Figure, Table } from '../../report/run-report.ts';
import {
  evaluateMetrics,
  type MetricValue,
  mostProbable,
  type Predictions,
} from '../../train/metrics/index.ts';
import { mean, rounded } from '../cross-validation-report.ts';

/** What was predicted for every way of reading. */
export interface Read {
  readonly ways: readonly string[];
  /** Predictions by network, then by way. */
  readonly networks: readonly (readonly Predictions[])[];
  readonly bag: readonly Predictions[];
  readonly settings: { readonly k: number; readonly keep: number };
  readonly seed: number;
}

/** Of what the network gains over guessing, reversed input may leave so much. */
const left = 0.25;
/** A difference in accuracy that counts. */
const margin = 0.1;

const accuracyOf = (predictions: Predictions): number =>
  evaluateMetrics(predictions, { resamples: 0 }).accuracy!.value!;
const classesOf = ({ values, ids }: Predictions) => mostProbable(values, values.length / ids.length);

/** Accuracy of always saying the most common class of the test. */
function guess({ target }: Predictions): number {
  const truth = target.truth;
  const counts = new Map<number, number>();
  for (const c of truth) counts.set(c, (counts.get(c) ?? 0) + 1);
  return Math.max(...counts.values()) / truth.length;
}

const at = ({ ways }: Read, start: string) => ways.findIndex((way) => way.startsWith(start));
const keptWay = ({ settings }: Read) => `shuffled, ${settings.keep}-mers`;

/** Each network's accuracy in one way of reading. */
const accuracies = (read: Read, way: number) => read.networks.map((own) => accuracyOf(own[way]!));

/** What the run must show. */
export function orderClaims(read: Read): Claim[] {
  const chance = guess(read.bag[0]!);
  const [reversed, kept] = [at(read, 'reversed'), at(read, keptWay(read))];
  const forward = accuracies(read, 0);
  const backward = accuracies(read, reversed);
  const retained = mean(forward.map((a, n) => (backward[n]! - chance) / (a - chance)));
  const falls = forward.map((a, n) => a - accuracies(read, kept)[n]!);
  const bag = [classesOf(read.bag[0]!), classesOf(read.bag[kept]!)] as const;
  const same = mean(Array.from(bag[0], (c, i) => Number(c === bag[1][i])));
  const bagMetric = evaluateMetrics(read.bag[0]!, { seed: read.seed }).accuracy!;
  const of = forward.length > 1 ? ` (mean of ${forward.length} networks)` : '';
  return [
    {
      id: 'collapse',
      text: `a network with accuracy ${figure(mean(forward))} forward keeps at most ${left} of its gain over guessing (${figure(chance)}) on reversed input, where it has ${figure(mean(backward))}${of}; share kept`,
      value: retained,
      met: Math.min(...forward) >= chance + margin && retained <= left,
    },
    {
      id: 'bag',
      text: `a bag of ${read.settings.k}-mers (accuracy ${figure(bagMetric.value)}, ${bounds(bagMetric)}, above guessing) answers every record as before after a shuffle that keeps its ${read.settings.keep}-mers; share of equal answers`,
      value: same,
      met: same === 1 && (bagMetric.low ?? 0) > chance,
    },
    {
      id: 'order',
      text: `the network's accuracy falls by at least ${margin} under the same shuffle${forward.length > 1 ? `, in each of ${forward.length} networks; smallest fall` : '; fall'}`,
      value: Math.min(...falls),
      met: Math.min(...falls) >= margin,
    },
  ];
}

export function orderLead(read: Read): string {
  const percent = (way: number) => `${(100 * mean(accuracies(read, way))).toFixed(1)} %`;
  const bag = (way: number) => `${(100 * accuracyOf(read.bag[way]!)).toFixed(1)} %`;
  const [reversed, kept] = [at(read, 'reversed'), at(read, keptWay(read))];
  return `The network is right for ${percent(0)} of the sequences read forward, ${percent(reversed)} reversed and ${percent(kept)} shuffled with all ${read.settings.keep}-mers kept; the bag of ${read.settings.k}-mers for ${bag(0)}, ${bag(reversed)} and ${bag(kept)}.`;
}

const intervals = (read: Read, all: readonly Predictions[]): MetricValue[] =>
  all.map((predictions) => evaluateMetrics(predictions, { seed: read.seed }).accuracy!);

/** Accuracy of the first network and of the bag in every way of reading, beside guessing. */
export function orderFigures(read: Read): Figure[] {
  const network = intervals(read, read.networks[0]!);
  const bag = intervals(read, read.bag);
  const guessed = { value: guess(read.bag[0]!) };
  return [
    {
      title: 'Accuracy by way of reading',
      caption: `Test records with 95 % intervals. Whatever keeps the ${read.settings.keep}-mers cannot be told apart by a bag of ${read.settings.k}-mers.`,
      svg: forestPlot({
        rows: read.ways.map((label, w) => ({ label, values: [network[w], bag[w], guessed] })),
        contenders: ['network', `bag of ${read.settings.k}-mers`, 'guessing'],
        xLabel: 'Accuracy',
        title: 'Accuracy by way of reading',
        description: 'A network and a bag of words on the same test sequences, read in several ways.',
      }),
    },
  ];
}

export function orderTables(read: Read): Table[] {
  const network = intervals(read, read.networks[0]!);
  const bag = intervals(read, read.bag);
  return [
    {
      title: 'Accuracy by way of reading',
      columns: [
        'read',
        'network',
        '95 %',
        `bag of ${read.settings.k}-mers`,
        '95 %',
        'guessing',
        ...(read.networks.length > 1 ? [`lowest and highest of ${read.networks.length} networks`] : []),
      ],
      rows: read.ways.map((way, w) => {
        const all = accuracies(read, w);
        return [
          way,
          rounded(network[w]!.value),
          bounds(network[w]!),
          rounded(bag[w]!.value),
          bounds(bag[w]!),
          rounded(guess(read.bag[0]!)),
          ...(all.length > 1 ? [`${figure(Math.min(...all))}–${figure(Math.max(...all))}`] : []),
        ];
      }),
      note: 'Network: the first one, which is left behind as the model. Its own letters are the same in every row but the reverse complement; only their order differs.',
    },
  ];
}
