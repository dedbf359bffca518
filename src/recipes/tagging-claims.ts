import { figure } from '../report/format.ts';
import type { Claim, Table } from '../report/run-report.ts';
import type { Metrics } from '../train/metrics/index.ts';
import { writeSpans } from '../train/metrics/spans.ts';
import type { TaggedData } from '../train/tasks/tagging-data.ts';
import type { TaggingAssessment } from '../train/tasks/tagging-evaluate.ts';

/** A tagger without one of its parts. */
export interface Compared {
  readonly name: string;
  readonly metrics: Metrics;
}

/** All that a run found. */
export interface TaggingFound {
  readonly data: TaggedData;
  readonly runs: readonly { readonly seed: number; readonly assessment: TaggingAssessment }[];
  readonly compared: readonly Compared[];
}

/** What decides: spans where tags write them. */
const leading = ({ tags }: TaggedData) =>
  writeSpans(tags)
    ? ({ name: 'spanF1', words: 'span F1' } as const)
    : ({ name: 'accuracy', words: 'accuracy' } as const);

/** The strongest name of what stands beside: a word's, or a letter window's, most frequent tag. */
const unigramOf = ({ baselines }: TaggingAssessment): Metrics =>
  Object.entries(baselines).find(([name]) => name.includes('unigram'))![1];

const figureOf = (metrics: Metrics, name: string) => metrics[name]?.value ?? 0;

/** By how much each run is ahead of the unigram tagger; the claim is held to the least. */
export function taggingClaims(
  { data, runs }: TaggingFound,
  margin: { readonly spanF1: number; readonly accuracy: number },
): Claim[] {
  const { name, words } = leading(data);
  const ahead = runs.map(
    ({ assessment }) => figureOf(assessment.evaluation.metrics, name) - figureOf(unigramOf(assessment), name),
  );
  const least = Math.min(...ahead);
  const [first] = runs;
  const { low } = first!.assessment.evaluation.metrics[name]!;
  const of = unigramOf(first!.assessment)[name];
  const seeds = runs.length === 1 ? '' : `, in the worst of ${runs.length} seeds`;
  return [
    {
      id: 'ahead',
      text: `${words} less that of the unigram tagger${seeds}, at least ${margin[name]}`,
      value: least,
      met: least >= margin[name],
    },
    {
      id: 'intervals',
      text: `lower end of the interval of ${words}, above the upper end of the unigram tagger’s (${figure(of?.high)})`,
      value: low ?? null,
      met: low !== undefined && of?.high !== undefined && low > of.high,
    },
  ];
}

export function taggingLead({ data, runs }: TaggingFound): string {
  const { name, words } = leading(data);
  const [{ assessment }] = runs as [TaggingFound['runs'][number]];
  return `The tagger reaches ${words} ${figure(assessment.evaluation.metrics[name]?.value)} on sentences that it had not seen, the unigram tagger ${figure(unigramOf(assessment)[name]?.value)}.`;
}

/** Every seed beside the unigram tagger, and the tagger without its parts. */
export function taggingTables({ data, runs, compared }: TaggingFound): Table[] {
  const { name, words } = leading(data);
  const names =
    name === 'spanF1' ? ['accuracy', 'spanPrecision', 'spanRecall', 'spanF1'] : ['accuracy', 'f1'];
  const heads = names.map(
    (metric) =>
      ({ spanF1: 'span F1', spanPrecision: 'precision', spanRecall: 'recall', f1: 'F1, mean over tags' })[
        metric
      ] ?? metric,
  );
  const row = (title: string | number, metrics: Metrics) => [
    title,
    ...names.map((metric) => figure(metrics[metric]?.value)),
  ];
  const [first] = runs as [TaggingFound['runs'][number]];
  return [
    {
      title: 'Seeds',
      columns: ['seed', ...heads, `unigram ${words}`],
      rows: runs.map(({ seed, assessment }) => [
        ...row(seed, assessment.evaluation.metrics),
        figure(unigramOf(assessment)[name]?.value),
      ]),
      note: 'Each seed has test sentences and first weights of its own. The evaluation above is that of the first.',
    },
    ...(compared.length > 0
      ? [
          {
            title: 'Without its parts',
            columns: ['tagger', ...heads],
            rows: [
              row('whole', first.assessment.evaluation.metrics),
              ...compared.map((c) => row(c.name, c.metrics)),
            ],
            note: 'The same sentences and seed as the first of the seeds.',
          },
        ]
      : []),
  ];
}
