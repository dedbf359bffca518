import { counted, figure } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { RunReport } from '../../report/run-report.ts';
import type { Beside, TextSettings, Written } from './write.ts';

const bits = ({ metrics }: Pick<Beside, 'metrics'>): number =>
  metrics.bitsPerSymbol?.value ?? Number.POSITIVE_INFINITY;
const least = (list: readonly Beside[]): Beside => list.reduce((a, b) => (bits(b) < bits(a) ? b : a));

type Told = Pick<RunReport, 'lead' | 'claims' | 'metrics' | 'baselines' | 'figures' | 'tables' | 'notes'>;

/** What was found out about the network, and what it wrote. */
export function textReport(
  { metrics, beside, samples, drawn }: Written,
  { architecture, against }: TextSettings,
  { quick }: { quick: boolean },
): Told {
  const mark = least(beside.filter(({ order }) => order <= against));
  const best = least(beside);
  const own = metrics.bitsPerSymbol!;
  const behind = (best.ahead.value ?? 0) < 0;
  return {
    lead: `${figure(own.value)} bits per character on text that it had not seen; the best n-gram model, which looks back ${counted(best.order, 'token')}, needs ${figure(bits(best))}.`,
    claims: [
      {
        id: 'ahead',
        text: `bits per character fewer than the best n-gram up to order ${against} (${figure(bits(mark))}), the interval above 0 (${figure(mark.ahead.low ?? null)} to ${figure(mark.ahead.high ?? null)})`,
        value: mark.ahead.value,
        met: (mark.ahead.low ?? Number.NEGATIVE_INFINITY) > 0,
      },
    ],
    metrics,
    baselines: Object.fromEntries(
      [beside[0]!, best].map((each) => [
        each.order === 0 ? 'no context' : `n-gram, order ${each.order}`,
        each.metrics,
      ]),
    ),
    figures: [
      {
        title: 'Bits per character against context',
        svg: lineChart({
          series: [
            { name: 'n-gram', points: beside.map((each) => [each.order, bits(each)]) },
            { name: architecture, points: beside.map(({ order }) => [order, own.value ?? Number.NaN]) },
          ],
          xLabel: 'tokens that an n-gram looks back',
          yLabel: 'bits per character',
          title: 'Bits per character against context',
          description: `n-gram models of order ${beside.map(({ order }) => order).join(', ')} and the ${architecture}, whose context has no end.`,
        }),
      },
    ],
    tables: [
      {
        title: 'n-gram models of the same text',
        columns: ['tokens looked back', 'bits per character', 'the network is ahead by', 'interval'],
        rows: beside.map(({ order, metrics: theirs, ahead }) => [
          order,
          figure(theirs.bitsPerSymbol!.value),
          figure(ahead.value),
          `${figure(ahead.low ?? null)} to ${figure(ahead.high ?? null)}`,
        ]),
        note: `On the same tokens, drawn together: ${drawn}. Shannon (1951) gave 4.0, 3.3 and 3.1 bits for printed English of 27 letters with 0, 1 and 2 letters of context.`,
      },
      {
        title: 'Written by the model',
        columns: ['sample', 'text', 'bits per token'],
        rows: samples.map(({ sequence, tokens, logProbability }, i) => [
          i + 1,
          sequence,
          figure(-logProbability / Math.LN2 / tokens.length),
        ]),
      },
    ],
    notes: [
      ...(behind
        ? [
            'n-gram models of high order are ahead of the network here: in a short text whole phrases return, and counting remembers them at once. More text, or more passes over it, favour the network.',
          ]
        : []),
      ...(quick
        ? ['A quick run: part of the text, a smaller network and few passes; its figures are rough.']
        : []),
    ],
  };
}
