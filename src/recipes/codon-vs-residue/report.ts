import type { SequenceRecord } from '../../data/dataset.ts';
import { bounds, figure } from '../../report/format.ts';
import { forestPlot, histogram, scatterPlot } from '../../report/plots/index.ts';
import type { Claim, Figure, Table } from '../../report/run-report.ts';
import { evaluateMetrics, type MetricValue } from '../../train/metrics/index.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import type { Seen } from './compare.ts';
import { type CodonUsage, gcOfThird } from './usage.ts';
import type { View } from './views.ts';

/** All that a run found out. */
export interface Compared {
  readonly tasks: readonly {
    readonly name: string;
    readonly planted: boolean;
    readonly seen: readonly Seen[];
  }[];
  readonly usage: readonly CodonUsage[];
  /** Codon adaptation index of each gene. */
  readonly index: Float64Array;
  readonly config: { readonly adaptiveness: string };
  readonly seed: number;
}

/** What codon tokens must reach, and what counts as nothing. */
const [enough, nothing] = [0.8, 0.05];

const all = ({ predictions }: Seen): number[] =>
  predictions.map((own) => evaluateMetrics(own, { resamples: 0 }).r2!.value!);
const first = ({ predictions }: Seen, seed: number): MetricValue =>
  evaluateMetrics(predictions[0]!, { seed }).r2!;
const of = (seen: readonly Seen[], name: View['name']) => seen.find((view) => view.name === name)!;

export function codonClaims({ tasks, seed }: Compared): Claim[] {
  return tasks.flatMap(({ name, planted, seen }): Claim[] => {
    const [codons, residues] = [of(seen, 'codons'), of(seen, 'amino acids')];
    const each = all(codons).length > 1 ? ` in each of ${all(codons).length} networks; mean` : '';
    if (planted)
      return [
        {
          id: 'residues',
          text: `amino-acid tokens see nothing of the ${name}: R² at most ${nothing}${each}`,
          value: mean(all(residues)),
          met: all(residues).every((r2) => r2 <= nothing),
        },
        {
          id: 'codons',
          text: `codon tokens see the ${name}: R² above ${enough}${each}`,
          value: mean(all(codons)),
          met: all(codons).every((r2) => r2 > enough),
        },
      ];
    const [own, other] = [first(codons, seed), first(residues, seed)];
    return [
      {
        id: tasks.length > 1 ? 'index' : 'difference',
        text: `codon tokens see more of ${name} than amino-acid tokens do (R² ${figure(own.value)}, ${bounds(own)}, against ${figure(other.value)}, ${bounds(other)}): the intervals are apart; difference`,
        value: own.value! - other.value!,
        met: (own.low ?? Number.NEGATIVE_INFINITY) > (other.high ?? Number.POSITIVE_INFINITY),
      },
    ];
  });
}

export function codonLead({ tasks }: Compared): string {
  const sentence = ({ name, seen }: Compared['tasks'][number]) =>
    `R² on the ${name}: ${seen.map((view) => `${figure(mean(all(view)))} from ${view.name}`).join(', ')}.`;
  return tasks.map(sentence).join(' ');
}

export function codonFigures({ tasks, index, usage, seed }: Compared): Figure[] {
  const names = tasks[0]!.seen.map(({ name }) => name);
  const families = usage.filter(({ aminoAcid, adaptiveness }) => aminoAcid !== '*' && adaptiveness !== null);
  return [
    {
      title: 'What each tokenisation sees',
      caption: 'R² of the first network on the test genes, 95 % intervals; 0 is the mean.',
      svg: forestPlot({
        rows: tasks.map(({ name, seen }) => ({ label: name, values: seen.map((view) => first(view, seed)) })),
        contenders: names,
        xLabel: 'R² (right is better)',
        title: 'What each tokenisation sees',
        description: 'R² of the same network on nucleotides, codons and amino acids.',
      }),
    },
    {
      title: 'Codon adaptation index',
      caption: `Of ${index.length} genes.`,
      svg: histogram({
        values: index.filter(Number.isFinite),
        xLabel: 'CAI',
        title: 'Codon adaptation index',
        domain: [0, 1],
      }),
    },
    {
      title: 'Usage and adaptiveness of codons',
      caption: 'Relative synonymous codon usage of all genes over the adaptiveness in highly expressed ones.',
      svg: scatterPlot({
        points: families.map(({ adaptiveness, rscu }): [number, number] => [adaptiveness!, rscu]),
        xLabel: 'Relative adaptiveness',
        yLabel: 'RSCU',
        diagonal: false,
        title: 'Usage and adaptiveness of codons',
        description: 'Relative synonymous codon usage over relative adaptiveness.',
      }),
    },
  ];
}

export function codonTables({ tasks, usage, config, seed }: Compared): Table[] {
  return [
    {
      title: 'R² on the test genes',
      columns: ['value', 'tokens', 'R²', '95 %', 'lowest–highest of the networks', 'baseline: the mean'],
      rows: tasks.flatMap(({ name, seen }) =>
        seen.map((view) => {
          const values = all(view);
          return [
            name,
            view.name,
            rounded(first(view, seed).value, 3),
            bounds(first(view, seed)),
            `${figure(Math.min(...values))} to ${figure(Math.max(...values))}`,
            0,
          ];
        }),
      ),
      note: 'An R² of 0 is that of always saying the mean; below 0 is worse than that.',
    },
    {
      title: 'Codon usage',
      columns: ['codon', 'amino acid', 'count', 'RSCU', `adaptiveness (${config.adaptiveness})`],
      rows: usage.map(({ codon, aminoAcid, count, rscu, adaptiveness }) => [
        codon,
        aminoAcid,
        count,
        rounded(rscu, 3),
        rounded(adaptiveness, 3),
      ]),
      note: 'Of the genes as they are.',
    },
  ];
}

/** One line for each gene: codons, GC content of third places, codon adaptation index. */
export function geneTable(genes: readonly SequenceRecord[], index: Float64Array): string {
  const rows = genes.map(({ id, sequence }, g) =>
    [id, Math.floor(sequence.length / 3), gcOfThird(sequence).toFixed(4), index[g]!.toFixed(4)].join('\t'),
  );
  return `id\tcodons\tgc3\tcai\n${rows.join('\n')}\n`;
}
