import type { Reliance } from '../../explain/kmer-reliance.ts';
import { bounds, figure } from '../../report/format.ts';
import { forestPlot, scatterPlot } from '../../report/plots/index.ts';
import type { Claim, Figure, Table } from '../../report/run-report.ts';
import { evaluateMetrics, type Metrics, type Predictions } from '../../train/metrics/index.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import type { Mechanism } from './mechanism.ts';

/** What each word does to the network, and beside it to the mechanism; the strongest on the network first. */
export interface Scan {
  readonly words: readonly (Reliance & { readonly physics: number })[];
  readonly backgrounds: number;
  readonly planted?: string;
}

/** All that a run found out. */
export interface Leaning {
  /** The tests: the same circumstances first, the most different last. */
  readonly tests: readonly string[];
  /** Predictions by network, then by test. */
  readonly networks: readonly (readonly Predictions[])[];
  readonly physics: readonly Predictions[];
  readonly mechanism: Mechanism;
  readonly scan: Scan;
  readonly seed: number;
}

/** A fall in accuracy that counts, and one that does not. */
const [fall, steady] = [0.1, 0.05];

const metricsOf = (predictions: Predictions, seed: number): Metrics => evaluateMetrics(predictions, { seed });
const accuracyOf = (predictions: Predictions): number =>
  evaluateMetrics(predictions, { resamples: 0 }).accuracy!.value!;
const excess = ({ effect, physics }: Scan['words'][number]) => effect - physics;
const byExcess = ({ words }: Scan) => [...words].sort((a, b) => excess(b) - excess(a));

export function shortcutClaims(found: Leaning): Claim[] {
  const { networks, physics, tests, scan } = found;
  const last = tests.length - 1;
  const rank = byExcess(scan).findIndex(({ word }) => word === scan.planted) + 1;
  const leans: Claim[] = scan.planted
    ? [
        {
          id: 'leans',
          text: `of ${scan.words.length} words, ${scan.planted} moves the network most beyond what it does to the helix; rank`,
          value: rank,
          met: rank === 1,
        },
      ]
    : [];
  if (last === 0) return leans;
  const of = networks.length > 1 ? ` in each of ${networks.length} networks; smallest fall` : '; fall';
  const falls = networks.map((own) => accuracyOf(own[0]!) - accuracyOf(own[last]!));
  const change = accuracyOf(physics[0]!) - accuracyOf(physics[last]!);
  return [
    ...leans,
    {
      id: 'falls',
      text: `the network's accuracy (${figure(mean(networks.map((own) => accuracyOf(own[0]!))))}) falls by at least ${fall} on the shifted test (${tests[last]}), below the mechanism's${of}`,
      value: Math.min(...falls),
      met: networks.every(
        (own, n) => falls[n]! >= fall && accuracyOf(own[last]!) < accuracyOf(physics[last]!),
      ),
    },
    {
      id: 'holds',
      text: `the mechanism's accuracy (${figure(accuracyOf(physics[0]!))}) changes by at most ${steady} there; fall`,
      value: change,
      met: Math.abs(change) <= steady,
    },
  ];
}

export function shortcutLead({ networks, physics, tests, scan }: Leaning): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const last = tests.length - 1;
  const [first] = scan.words;
  const leans = `The word that moves the network most is ${first!.word}, by ${figure(first!.effect)} in log-odds; the mechanism by ${figure(first!.physics)}.`;
  const network = (test: number) => percent(mean(networks.map((own) => accuracyOf(own[test]!))));
  if (last === 0)
    return `${leans} The network is right for ${network(0)}, the mechanism for ${percent(accuracyOf(physics[0]!))}.`;
  return `The network is right for ${network(0)} under the same circumstances and for ${network(last)} on the shifted test (${tests[last]}), the mechanism for ${percent(accuracyOf(physics[0]!))} and ${percent(accuracyOf(physics[last]!))}. ${leans}`;
}

export function shortcutFigures({ networks, physics, tests, scan, seed }: Leaning): Figure[] {
  return [
    {
      title: 'Accuracy under the same and under other circumstances',
      caption: 'The first network and the mechanism, with 95 % intervals.',
      svg: forestPlot({
        rows: tests.map((label, t) => ({
          label,
          values: [networks[0]![t]!, physics[t]!].map((p) => metricsOf(p, seed).accuracy),
        })),
        contenders: ['network', 'duplex energy'],
        xLabel: 'Accuracy',
        title: 'Accuracy under the same and under other circumstances',
        description: 'A network and a mechanistic model on tests that differ in what goes with the label.',
      }),
    },
    {
      title: 'What each word does',
      caption: `Mean change of the log-odds when a word is put into ${scan.backgrounds} sequences: ${scan.words.length} words. Far from the diagonal: the network goes by what the mechanism does not know of.`,
      svg: scatterPlot({
        points: scan.words.map(({ effect, physics: own }): [number, number] => [own, effect]),
        xLabel: 'Mechanism',
        yLabel: 'Network',
        title: 'What each word does',
        description: 'Effect of each word on the network over its effect on the mechanism.',
      }),
    },
  ];
}

export function shortcutTables({ networks, physics, tests, mechanism, scan, seed }: Leaning): Table[] {
  const beyond = byExcess(scan);
  return [
    {
      title: 'Accuracy and AUROC on each test',
      columns: [
        'test',
        'network',
        '95 %',
        'network AUROC',
        'duplex energy',
        '95 %',
        'AUROC',
        'networks, lowest–highest',
      ],
      rows: tests.map((test, t) => {
        const [own, other] = [metricsOf(networks[0]![t]!, seed), metricsOf(physics[t]!, seed)];
        const all = networks.map((network) => accuracyOf(network[t]!));
        return [
          test,
          rounded(own.accuracy!.value),
          bounds(own.accuracy!),
          rounded(own.auroc?.value),
          rounded(other.accuracy!.value),
          bounds(other.accuracy!),
          rounded(other.auroc?.value),
          `${figure(Math.min(...all))}–${figure(Math.max(...all))}`,
        ];
      }),
      note: `The mechanism: P = σ(${figure(mechanism.bias)} ${mechanism.slope < 0 ? '−' : '+'} ${figure(Math.abs(mechanism.slope))} · ΔG).`,
    },
    {
      title: 'Words that the network leans on beyond the mechanism',
      columns: ['word', 'network', 'standard error', 'mechanism', 'beyond'],
      rows: beyond
        .slice(0, 12)
        .map((reliance) => [
          reliance.word === scan.planted ? `${reliance.word} (planted)` : reliance.word,
          rounded(reliance.effect, 3),
          rounded(reliance.error, 3),
          rounded(reliance.physics, 3),
          rounded(excess(reliance), 3),
        ]),
      note: `Mean change of the log-odds over ${scan.backgrounds} sequences. The least: ${beyond
        .slice(-3)
        .map((r) => `${r.word} (${figure(excess(r))})`)
        .join(', ')}.`,
    },
  ];
}
