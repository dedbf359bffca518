import { figure } from '../../report/format.ts';
import { headline, marksReport, marksSummary } from '../../report/marks-report.ts';
import type { Claim, RunReport, Table } from '../../report/run-report.ts';
import type { Advantage } from '../../train/tasks/marks/metrics.ts';
import { binTotal } from '../../train/tasks/marks/split.ts';
import { bedGraphText } from '../../train/tasks/marks/write.ts';
import type { HistoneFindings } from '../histone.ts';
import type { RecipeContext } from '../recipe.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

/** The report and the files beside it. */
export function histoneReport(
  found: HistoneFindings,
  { seed, quick, input }: RecipeContext,
): Report & { extraFiles: Record<string, string> } {
  const { config, data, parts, trained, assessment, ceiling } = found;
  const { fit, model } = trained;
  const own = marksReport(assessment, parts.test);
  const counts = [
    { name: 'training', count: binTotal(parts.fit) },
    ...(parts.validation ? [{ name: 'validation', count: binTotal(parts.validation) }] : []),
    { name: 'test', count: binTotal(parts.test) },
  ];
  return {
    ...own,
    seed,
    lead: `On chromosomes that it had not seen, ${headline(assessment)} ${assessment.against.map(ahead).join('; ')}.`,
    claims: claims(found),
    data: marksSummary(data),
    training: {
      history: fit.history,
      bestEpoch: fit.bestEpoch,
      seconds: fit.seconds,
      parameters: [...model.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    leakage: {
      split: parts.note.replace(/\.$/, ''),
      parts: counts,
      sentence: ceiling
        ? 'No base is in two parts; the chromosomes of the example share words by design and nothing else.'
        : 'No base is in two parts. Repeats and families of sequences that occur in several parts were not looked for.',
    },
    tables: [...(own.tables ?? []), ...(ceiling ? [ceilingTable(found, ceiling)] : [])],
    notes: [
      ...(ceiling ? [exampleNote] : []),
      ...(own.notes ?? []),
      'The loss is the share that is still to be learned of what knowing nothing but how common a mark is costs, the mean over marks: 1 knows nothing.',
      `A window answers ${config.core} bins of ${config.bin} bases and reads ${config.flank} more at either side.`,
      ...(config.misplaced
        ? ['Marks to learn from were moved to the wrong places (setting misplaced).']
        : []),
      ...(quick
        ? [
            `A quick run: ${input ? '' : 'a smaller example and '}fewer epochs, which are too few to learn all marks: its claims are seldom met.`,
          ]
        : []),
      'The bedGraph files hold the chromosomes of the test; seqwright predict with the model writes them for any genome.',
    ],
    extraFiles: bedGraphs(found),
  };
}

const exampleNote =
  'The example is made up. Promoters (a word, twice, within an island of CG) carry H3K4me3 and H3K27ac, enhancers (another word) H3K27ac alone, and both only where they are open, which a toss-up decides: the track rises there, and twice as often where there is no site. Domains of 2,000 to 5,000 bases, longer than what a window answers, hold a third word time and again and carry H3K27me3; two in five of them hold its halves in the other order and carry nothing. Widths, edges, silent sites and stray marks are chance; the ceiling is what whoever knows the rest reaches.';

const ahead = ({ mark, metric, against, value }: Advantage) =>
  `${mark} is ahead of “${against}” by ${figure(value)}${metric === 'auprc' ? '' : ' in correlation'}`;

function claims({ assessment, ceiling, config }: HistoneFindings): Claim[] {
  return assessment.against.flatMap(({ mark, metric, against, value }) => {
    const of = metric === 'auprc' ? 'AUPRC' : 'correlation';
    const key = assessment.against.length === 1 ? metric : `${metric} ${mark}`;
    const reached = assessment.metrics[key]!.value ?? Number.NaN;
    const beside: Claim = {
      id: `ahead-${mark}`,
      text: `${of} of ${mark} (${figure(reached)}) ahead of the best simple method, ${against}, by at least ${config.ahead}`,
      value,
      met: value !== null && value >= config.ahead,
    };
    if (!ceiling) return [beside];
    const share = reached / ceiling[mark]!;
    return [
      beside,
      {
        id: `near-${mark}`,
        text: `and at least ${config.near} of what can be known (${figure(ceiling[mark])})`,
        value: Number.isFinite(share) ? share : null,
        met: share >= config.near,
      },
    ];
  });
}

const ceilingTable = (
  { assessment: { metrics, against } }: HistoneFindings,
  ceiling: Record<string, number>,
): Table => ({
  title: 'Beside what can be known',
  columns: ['mark', 'AUPRC', 'ceiling', 'share of it'],
  rows: against.map(({ mark }) => {
    const reached = metrics[`auprc ${mark}`]!.value!;
    return [mark, figure(reached), figure(ceiling[mark]), figure(reached / ceiling[mark]!)];
  }),
  note: 'The ceiling is the AUPRC of the probabilities of whoever knows what was planted where and what is open, but not what chance made of it.',
});

/** What the model tells of the test, a bedGraph a mark. */
function bedGraphs({ trained, parts, assessment }: HistoneFindings): Record<string, string> {
  const { marks, bin } = trained.model.spec;
  return Object.fromEntries(
    marks.map(({ name }, m) => [
      `${name.replace(/[^\w.-]/g, '_')}.bedgraph`,
      parts.test.stretches
        .map(({ chrom, start, length }, s) =>
          bedGraphText({ chrom, start, length, bin, values: assessment.predictions[s]! }, marks, m),
        )
        .join(''),
    ]),
  );
}
