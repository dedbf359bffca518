import { counted, figure } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, RunReport } from '../../report/run-report.ts';
import type { Metrics } from '../../train/metrics/index.ts';
import type { TrainedLanguageModel } from '../../train/tasks/language/train.ts';
import type { ContextLengthConfig } from '../context-length.ts';
import { type AtOrder, type ContextCurve, perplexityOf } from './measure.ts';

/** How far from m the perplexity with one token back may be, as a share of m. */
const near = 0.1;
const certain = 1.01;

type Told = Pick<RunReport, 'lead' | 'claims' | 'metrics' | 'baselines' | 'figures' | 'tables' | 'notes'>;

/** What the curve shows, and the neural model that foretold best. */
export function contextReport(
  { orders, models, tokens, drawn }: ContextCurve,
  config: ContextLengthConfig,
  { builtIn }: { builtIn: boolean },
): { report: Told; best: TrainedLanguageModel } {
  const last = orders.length - 1;
  const best = lowest(orders.slice(1), ({ neural }) => neural);
  const counts = lowest(orders, ({ ngram }) => ngram);
  const claims = builtIn ? plantedClaims(orders, config) : ownClaims(orders);
  const report: Told = {
    lead: `Perplexity falls from ${figure(perplexityOf(orders[0]!.ngram))} without context to ${figure(perplexityOf(best.neural))} with ${counted(best.order, 'token')} of it, as a network foretells; n-grams come to ${figure(perplexityOf(counts.ngram))} with ${counts.order}.`,
    claims,
    metrics: best.neural!,
    baselines: {
      'no context': orders[0]!.ngram,
      [`n-gram, order ${counts.order}`]: counts.ngram,
    },
    figures: [
      {
        title: 'Perplexity against context',
        caption: `On ${counted(tokens, 'token')} that no model has seen.`,
        svg: lineChart({
          series: [
            { name: 'n-gram', points: orders.map((at) => [at.order, perplexityOf(at.ngram)]) },
            {
              name: 'neural',
              points: orders.slice(1).map((at) => [at.order, perplexityOf(at.neural)]),
            },
          ],
          xLabel: 'tokens looked back',
          yLabel: 'perplexity',
          title: 'Perplexity against context',
          description: `Perplexity of n-gram and neural models that look back 0 to ${last} tokens.`,
        }),
      },
    ],
    tables: [
      {
        title: 'Perplexity by context',
        columns: ['tokens looked back', 'n-gram', 'interval', 'neural', 'interval'],
        rows: orders.map(({ order, ngram, neural }) => [
          order,
          ...cells(ngram),
          ...(neural ? cells(neural) : ['', '']),
        ]),
        note: `Intervals by drawing ${drawn}. The first ${counted(last, 'token')} of each text do not count, so that all models have their whole context.`,
      },
    ],
    notes: [
      'n-gram models are interpolated with shorter contexts; the networks see the vectors of so many tokens through one hidden layer (Bengio et al. 2003).',
    ],
  };
  return { report, best: models[best.order - 1]! };
}

const cells = ({ perplexity }: Metrics): [string, string] => [
  figure(perplexity!.value),
  perplexity!.low === undefined ? '' : `${figure(perplexity!.low)}–${figure(perplexity!.high)}`,
];

const lowest = (orders: readonly AtOrder[], of: (at: AtOrder) => Metrics | undefined): AtOrder =>
  orders.reduce((a, b) => (perplexityOf(of(b)) < perplexityOf(of(a)) ? b : a));

/** The rule's own order decides, whatever was planted: a longer rule makes the second claim fail. */
function plantedClaims(orders: readonly AtOrder[], { modulus }: ContextLengthConfig): Claim[] {
  const kinds = ['ngram', 'neural'] as const;
  const names = { ngram: 'n-gram', neural: 'network' };
  const claim = (
    order: number,
    kind: 'ngram' | 'neural',
    text: string,
    holds: (p: number) => boolean,
  ): Claim => {
    const value = orders[order] ? perplexityOf(orders[order]![kind]) : null;
    return {
      id: `order-${order}-${kind}`,
      text: `${names[kind]}, ${counted(order, 'token')} back: perplexity ${text}`,
      value,
      met: value !== null && holds(value),
    };
  };
  return [
    ...kinds.map((kind) =>
      claim(1, kind, `within ${near * 100} % of ${modulus}`, (p) => Math.abs(p / modulus - 1) <= near),
    ),
    ...kinds.map((kind) => claim(2, kind, `below ${certain}`, (p) => p < certain)),
  ];
}

/** On other texts: that context helps at all. */
const ownClaims = (orders: readonly AtOrder[]): Claim[] =>
  (['ngram', 'neural'] as const).map((kind) => {
    const best = lowest(orders.slice(1), (at) => at[kind])[kind];
    const none = perplexityOf(orders[0]!.ngram);
    return {
      id: `context-${kind}`,
      text: `${kind === 'ngram' ? 'n-gram' : 'network'}: perplexity with context, below the ${figure(none)} without`,
      value: perplexityOf(best),
      met: (best?.perplexity?.high ?? perplexityOf(best)) < none,
    };
  });
