import type { SpanSpec } from '../../models/span/spec.ts';
import { bounds, counted, figure, percent, shorten, whole } from '../../report/format.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { DataSummary, Figure, Leakage, RunReport, Table } from '../../report/run-report.ts';
import type { SpanAssessment } from '../../train/tasks/spans/assess.ts';
import { acceptedAnswers, type Span, type SpanData, withoutSpan } from '../../train/tasks/spans/data.ts';
import { spanLeakage } from '../../train/tasks/spans/split.ts';

/** `500 sequences of 70 to 70 letters, 120 of them without a span; spans of 15 to 30 letters.` */
export function spanSentence(data: SpanData): string {
  const { records, kind, question } = data;
  const lengths = records.map(({ passage }) => passage.length);
  const [one, unit] =
    kind === 'letters'
      ? ['sequence', 'letter']
      : question
        ? ['question', 'character']
        : ['passage', 'character'];
  const none = withoutSpan(data);
  const bare = none > 0 ? `, ${whole(none)} of them without a span` : '';
  const sizes = records.flatMap(({ span }) => (span ? [span.end - span.start] : []));
  return `${counted(records.length, one!)}${question ? ' with passages' : ''} of ${range(lengths)} ${unit}s${bare}; spans of ${range(sizes)} ${unit}s.`;
}

function range(values: readonly number[]): string {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return low === high ? whole(high) : `${whole(low)} to ${whole(high)}`;
}

/** What a report says of passages and their spans; further files add their sources. */
export const spanSummary = (data: SpanData, others: readonly SpanData[] = []): DataSummary => ({
  records: data.records.length,
  task: `spans: the part of a ${data.kind === 'letters' ? 'sequence' : 'passage'} that ${data.question ? 'answers a question' : 'is asked for'}${withoutSpan(data) > 0 ? ', if there is one' : ''}`,
  ...(data.alphabet && { alphabet: data.alphabet.name }),
  lengths: data.records.map(({ passage }) => passage.length),
  skipped: [data, ...others].flatMap(({ skipped }) => [...skipped]),
  sources: sourcesOfSpans([data, ...others]),
});

/** The files that records were read from, each once. */
export const sourcesOfSpans = (all: readonly SpanData[]) => [
  ...new Map(all.flatMap(({ sources }) => sources.map((s) => [s.path, s] as const))).values(),
];

/** For the lead of a report: `exact match 0.82 (0.78–0.86), F1 0.91 (0.88–0.93)`. */
export function headline({ metrics }: SpanAssessment): string {
  const one = (name: string, key: string) => {
    const value = metrics[key]!;
    return `${name} ${figure(value.value)}${value.low === undefined ? '' : ` (${bounds(value)})`}`;
  };
  return `${one('exact match', 'exactMatch')}, ${one('F1', 'f1')}`;
}

/** Whether the model is worth having, in a sentence; undefined where nothing stands beside it. */
export function spanVerdict({ against }: SpanAssessment): string | undefined {
  if (!against || against.lead.value === null) return undefined;
  const { name, lead } = against;
  const size = `its F1 is ${figure(Math.abs(lead.value!))} ${lead.value! >= 0 ? 'above' : 'below'} that of "${name}"`;
  if (lead.low === undefined)
    return `Too few records were held out to tell whether the model beats "${name}": ${size}.`;
  const interval = `95 % interval of the gain ${bounds(lead)}`;
  return `${lead.low > 0 ? 'The model is better' : 'The model does not win'}: ${size} (${interval}).`;
}

/** The parts of a report that an assessment decides. */
export function spanReport(
  assessment: SpanAssessment,
  test: SpanData,
  spec: SpanSpec,
): Pick<RunReport, 'metrics' | 'baselines' | 'tables' | 'alarms' | 'notes' | 'figures'> {
  const verdict = spanVerdict(assessment);
  const wins = verdict?.startsWith('The model is better');
  const figures = trackFigures(assessment, test);
  const tables = [
    ...(withoutSpan(test) > 0 ? [presenceTable(assessment, test)] : []),
    ...(test.kind === 'letters' ? [edgeTable(assessment, test)] : []),
    ...wrongTable(assessment, test),
  ];
  return {
    ...{ metrics: assessment.metrics, baselines: assessment.baselines },
    notes: [...(wins ? [verdict!] : []), ...notesOf(test, spec, assessment)],
    ...(verdict && !wins && { alarms: [verdict] }),
    ...(tables.length > 0 && { tables }),
    ...(figures.length > 0 && { figures }),
  };
}

function notesOf(test: SpanData, { longest, tokenizer }: SpanSpec, { against }: SpanAssessment): string[] {
  const judged =
    test.kind === 'letters'
      ? 'Exact match asks for both ends to the letter, F1 weighs the letters that the two spans share. Coordinates are 0-based, the end excluded.'
      : 'Exact match and F1 are those of SQuAD (lower case, without punctuation and articles), the best of the answers that count as right.';
  const unit = tokenizer.kind === 'letters' ? 'letters' : 'tokens';
  return [
    `${judged} The best of all spans of at most ${whole(longest)} ${unit} is taken.${test.question ? ' Intervals draw whole passages.' : ''}`,
    ...(against ? [`"${against.name}" is the best baseline on the same records, which favours it.`] : []),
  ];
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** How records with and without a span fare. */
function presenceTable({ results, scores }: SpanAssessment, test: SpanData): Table {
  const rows = [true, false].map((some) => {
    const own = test.records.flatMap(({ span }, i) => ((span !== null) === some ? [i] : []));
    const of = (score: (i: number) => number) => (own.length > 0 ? figure(mean(own.map(score))) : '–');
    return [
      some ? 'with a span' : 'without a span',
      own.length,
      of((i) => Number((results[i]!.answer !== null) === some)),
      of((i) => scores[i]!.exact),
      of((i) => scores[i]!.f1),
    ];
  });
  return {
    title: 'With and without a span',
    columns: ['records', 'count', 'told so', 'exact match', 'F1'],
    rows,
  };
}

const distances = [0, 1, 2, 5, 10, 50];

/** How far off the ends are, where both the truth and the model have a span. */
function edgeTable({ results }: SpanAssessment, test: SpanData): Table {
  const pairs = test.records.flatMap(({ span }, i): [Span, Span][] => {
    const { answer } = results[i]!;
    return span && answer ? [[span, answer]] : [];
  });
  const row = (name: 'start' | 'end') => {
    const off = pairs.map(([truth, said]) => Math.abs(truth[name] - said[name]));
    return [
      name,
      ...distances.map((d) => percent(off.filter((x) => x <= d).length / Math.max(1, off.length))),
    ];
  };
  return {
    title: 'How far off the ends are',
    columns: ['', ...distances.map((d) => (d === 0 ? 'right' : `within ${d}`))],
    rows: [row('start'), row('end')],
    note: `Of ${counted(pairs.length, 'sequence')} with a true and a predicted span.`,
  };
}

const listed = 20;

/** Wrong answers, the surest first. */
function wrongTable({ results, scores }: SpanAssessment, test: SpanData): Table[] {
  const wrong = results
    .map((result, i) => ({ ...result, record: test.records[i]!, ...scores[i]! }))
    .filter(({ exact }) => exact < 1)
    .map((one) => ({ ...one, probability: one.answer?.probability ?? one.none }))
    .sort((a, b) => b.probability - a.probability);
  if (wrong.length === 0) return [];
  const place = (span: Span | null) => (span ? `${span.start}–${span.end}` : 'none');
  const said = (kind: SpanData['kind'], span: Span | null, passage: string) =>
    span && kind === 'text' ? shorten(passage.slice(span.start, span.end), 60) : place(span);
  return [
    {
      title: 'Wrong answers',
      columns: ['id', ...(test.question ? ['question'] : []), 'answer', 'right', 'F1', 'probability'],
      rows: wrong
        .slice(0, listed)
        .map(({ record, answer, f1, probability }) => [
          record.id,
          ...(test.question ? [shorten(record.question!, 80)] : []),
          said(test.kind, answer, record.passage),
          test.kind === 'text' ? shorten(acceptedAnswers(record)[0] ?? 'none', 60) : place(record.span),
          figure(f1),
          figure(probability),
        ]),
      ...(wrong.length > listed && { note: `The ${listed} surest of ${wrong.length}.` }),
    },
  ];
}

/** Places on either side of what is of interest that are drawn. */
const margin = 60;

/** Where the model sees beginnings and ends, of some records. */
function trackFigures({ results }: SpanAssessment, test: SpanData): Figure[] {
  return results.flatMap((result, i) => {
    const { tracks, answer, id } = result;
    if (!tracks) return [];
    const { span } = test.records[i]!;
    const { start, end, offsets } = tracks;
    const of = (one: Span | null, what: string) => `${what} ${one ? `${one.start}–${one.end}` : 'none'}`;
    const said = `${of(span, 'truth')}, ${of(answer, 'model')} (${figure(answer?.probability ?? result.none)})`;
    const [low, high] = drawnRange(offsets, [span, answer]);
    const points = (track: Float64Array, edge: 0 | 1) =>
      Array.from({ length: high - low }, (_, k): [number, number] => [
        offsets[2 * (low + k) + edge]!,
        track[low + k]!,
      ]);
    const title = `Where ${shorten(id, 40)} begins and ends`;
    return [
      {
        title,
        caption: `Probability of every place to be the start, and the end (excluded), of the span: ${said}.`,
        svg: lineChart({
          title,
          description: said,
          xLabel: test.kind === 'letters' ? 'place, from 0' : 'character, from 0',
          yLabel: 'probability',
          series: [
            { name: 'start', points: points(start, 0) },
            { name: 'end', points: points(end, 1) },
          ],
          ...(span && { mark: { x: span.start, label: 'true start' } }),
        }),
      },
    ];
  });
}

/** The tokens around spans, or all where there are few. */
function drawnRange(offsets: Int32Array, spans: readonly (Span | null)[]): [number, number] {
  const count = offsets.length / 2;
  const edges = spans.flatMap((span) => (span ? [span.start, span.end] : []));
  if (count <= 400 || edges.length === 0) return [0, Math.min(count, 400)];
  const [least, most] = [Math.min(...edges), Math.max(...edges)];
  let [low, high] = [0, count];
  while (low < count && offsets[2 * low + 1]! <= least) low++;
  while (high > 0 && offsets[2 * high - 2]! >= most) high--;
  return [Math.max(0, low - margin), Math.min(count, high + margin)];
}

/** How records were divided, with what the sides share. */
export function leakageOfSpans(
  split: string,
  { train, test }: { train: SpanData; test: SpanData },
  parts?: Leakage['parts'],
): Leakage {
  const { similarity, sentence } = spanLeakage(train, test);
  return {
    split: split.replace(/\.$/, ''),
    ...(parts && { parts }),
    ...(similarity && { nearest: similarity.similarity, measure: `share of common ${similarity.k}-mers` }),
    sentence,
  };
}
