import type { Decoded } from '../../decode/index.ts';
import { figure } from '../../report/format.ts';
import { forestPlot, scatterPlot } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { bootstrap, type MetricValue } from '../../train/metrics/index.ts';
import { weightedMean } from '../../train/metrics/probability.ts';
import { mean, rounded } from '../cross-validation-report.ts';
import type { Conversation, DecodingConfig } from '../decoding.ts';
import type { Said } from './decode-all.ts';

/** Log-probabilities in a space that was looked at as a whole. */
export interface SmallSpace {
  /** Of the best of all sequences, and how many there are. */
  readonly truth: number;
  readonly sequences: number;
  /** What a beam as wide as there are prefixes found, and narrower ones. */
  readonly full: number;
  readonly narrow: readonly number[];
}

/** What one network said. */
export interface Answers {
  readonly said: readonly Said[];
  readonly small: readonly SmallSpace[];
  readonly spell: (tokens: Int32Array) => string;
}

/** All that a run found out. */
export interface Talk {
  readonly talk: Conversation;
  readonly answers: readonly Answers[];
  readonly config: DecodingConfig;
  readonly seed: number;
}

/** Log-probabilities are sums of single-precision numbers. */
const rounding = 1e-4;
/** A share that counts as nearly all. */
const nearly = 0.8;

type Verdict = 'right' | 'evasive' | 'wrong';

/** A reply is right if it is one of the references, word for word. */
function verdict(
  reply: string,
  prompt: Conversation['prompts'][number],
  evasion: string | undefined,
): Verdict {
  if (evasion !== undefined && reply === evasion) return 'evasive';
  return prompt.references.includes(reply) ? 'right' : 'wrong';
}

type PromptKind = 'clear' | 'vague' | undefined;

/** The share of replies with a verdict, for each prompt of a kind. */
function shares(
  { talk }: Talk,
  { spell }: Answers,
  { replies }: Said,
  wanted: Verdict,
  kind?: PromptKind,
): Float64Array {
  const own = talk.prompts.flatMap((prompt, i) =>
    kind && prompt.kind !== kind
      ? []
      : [
          mean(
            replies[i]!.map(({ tokens }) => Number(verdict(spell(tokens), prompt, talk.evasion) === wanted)),
          ),
        ],
  );
  return Float64Array.from(own);
}

const average = (values: Float64Array) => mean([...values]);
const saidBy = ({ said }: Answers, start: string) => said.find(({ name }) => name.startsWith(start))!;
const logs = (replies: Said['replies']): number[] => replies.flat().map((reply) => reply.logProbability);

export function decodingClaims(all: Talk): Claim[] {
  const { answers, talk, config } = all;
  const excess = answers.flatMap(({ said }) => {
    const greedy = logs(said.find(({ name }) => name === 'greedy')!.replies);
    const beams = said.filter(({ name }) => /^beam \d+$/.test(name));
    return beams.flatMap(({ replies }) => logs(replies).map((log, i) => log - greedy[i]!));
  });
  const spaces = answers.flatMap(({ small }) => small);
  const gaps = spaces.map(({ truth, full }) => Math.abs(truth - full));
  const over = spaces.flatMap(({ truth, narrow }) => narrow.map((log) => log - truth));
  const search: Claim[] = [
    {
      id: 'beam',
      text: `no beam (widths ${config.widths.join(', ')}) is less probable than greedy search, in ${excess.length} searches; smallest difference in nats`,
      value: Math.min(...excess),
      met: excess.every((difference) => difference >= -rounding),
    },
    {
      id: 'exhaustive',
      text: `on ${spaces.length} small spaces of ${Math.max(...spaces.map(({ sequences }) => sequences))} sequences or fewer a full beam finds the best of all, and no narrower one exceeds it; largest gap in nats`,
      value: Math.max(...gaps),
      met: gaps.every((gap) => gap <= rounding) && over.every((excess) => excess <= rounding),
    },
  ];
  if (talk.evasion === undefined) return search;
  const widest = `beam ${Math.max(...config.widths)}`;
  const of = (start: string, wanted: Verdict, kind?: PromptKind) =>
    answers.map((own) => average(shares(all, own, saidBy(own, start), wanted, kind)));
  const each = answers.length > 1 ? `, least of ${answers.length} networks` : '';
  const [generic, right] = [of('marginal', 'evasive'), of(widest, 'right', 'clear')];
  const [evaded, cured] = [of(widest, 'evasive', 'vague'), of('MMI', 'right', 'vague')];
  return [
    ...search,
    {
      id: 'generic',
      text: `the most probable reply of all is the generic one ("${talk.evasion}"); share of prompts`,
      value: Math.min(...generic),
      met: generic.every((share) => share === 1),
    },
    {
      id: 'right',
      text: `the most probable reply given a clear prompt is right for at least ${nearly} of the prompts${each}`,
      value: Math.min(...right),
      met: right.every((share) => share >= nearly),
    },
    {
      id: 'mmi',
      text: `given a vague prompt, where it is evasive for ${figure(mean(evaded))}, MMI re-ranking finds the right reply for at least ${nearly}${each}`,
      value: Math.min(...cured),
      met: cured.every((share, n) => share >= nearly && share > 1 - evaded[n]!),
    },
  ];
}

export function decodingLead(all: Talk): string {
  const { answers, talk, config } = all;
  const first = answers[0]!;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const share = (start: string, wanted: Verdict, kind?: PromptKind) =>
    percent(average(shares(all, first, saidBy(first, start), wanted, kind)));
  const widest = `beam ${Math.max(...config.widths)}`;
  const best = first.spell(saidBy(first, 'marginal').replies[0]![0]!.tokens);
  if (talk.evasion === undefined)
    return `Of ${talk.prompts.length} prompts, a beam finds a reply that was given to ${share(widest, 'right')}, greedy search to ${share('greedy', 'right')}. The most probable reply of all is "${best}".`;
  return `To vague prompts the most probable reply is evasive in ${share(widest, 'evasive', 'vague')}, and after MMI re-ranking right in ${share('MMI', 'right', 'vague')}; to clear prompts it is right in ${share(widest, 'right', 'clear')}. Whatever the prompt, the most probable reply of all is "${best}".`;
}

/** The share of right replies of re-ranking, with its interval over prompts, beside other ways. */
export function decodingMetrics(all: Talk): Pick<RunReport, 'metrics' | 'baselines'> {
  const first = all.answers[0]!;
  const accuracy = (values: Float64Array): { accuracy: MetricValue } => {
    const scorer = { names: ['accuracy'], score: (w: Float64Array) => [weightedMean(values, w)] };
    const { accuracy: found } = bootstrap([scorer], values.length, { seed: all.seed });
    return { accuracy: { value: average(values), ...(Number.isFinite(found!.low) && found) } };
  };
  const of = (start: string) => accuracy(shares(all, first, saidBy(first, start), 'right'));
  return {
    metrics: of('MMI'),
    baselines: {
      'the same to all (marginal)': of('marginal'),
      'nearest prompt': accuracy(nearest(all)),
      greedy: of('greedy'),
      [`beam ${Math.max(...all.config.widths)}`]: of(`beam ${Math.max(...all.config.widths)}`),
    },
  };
}

/** What was said most often to the training prompt with the most words in common. */
function nearest({ talk }: Talk): Float64Array {
  const known = new Map<string, string[]>();
  for (const { source, target } of talk.fit.pairs) known.set(source, [...(known.get(source) ?? []), target]);
  const bags = [...known].map(([source, replies]) => ({ words: new Set(source.split(/\s+/)), replies }));
  return Float64Array.from(talk.prompts, (prompt) => {
    const words = new Set(prompt.text.split(/\s+/));
    const common = (other: Set<string>) =>
      [...words].filter((word) => other.has(word)).length / new Set([...words, ...other]).size;
    const closest = bags.reduce((a, b) => (common(b.words) > common(a.words) ? b : a));
    return Number(verdict(mostFrequent(closest.replies), prompt, talk.evasion) === 'right');
  });
}

function mostFrequent(replies: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reply of replies) counts.set(reply, (counts.get(reply) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
}

export function decodingFigures(all: Talk): Figure[] {
  const first = all.answers[0]!;
  const planted = all.talk.evasion !== undefined;
  const kinds: [string, PromptKind][] = planted
    ? [
        ['clear', 'clear'],
        ['vague', 'vague'],
      ]
    : [['all', undefined]];
  const [greedy, widest] = ['greedy', `beam ${Math.max(...all.config.widths)}`].map((name) =>
    logs(saidBy(first, name).replies),
  );
  return [
    {
      title: 'Right replies by way of decoding',
      caption: 'Share of the replies of the first network that are right.',
      svg: forestPlot({
        rows: first.said.map((own) => ({
          label: own.name,
          values: kinds.map(([, kind]) => ({ value: average(shares(all, first, own, 'right', kind)) })),
        })),
        contenders: kinds.map(([name]) => `${name} prompts`),
        xLabel: 'Share of right replies',
        title: 'Right replies by way of decoding',
        description: 'Share of right replies of every way of decoding.',
      }),
    },
    {
      title: 'Beam against greedy search',
      caption: 'ln p of the reply to each prompt; no point lies below the diagonal.',
      svg: scatterPlot({
        points: greedy!.map((log, i): [number, number] => [log, widest![i]!]),
        xLabel: 'Greedy, ln p',
        yLabel: 'Beam, ln p',
        title: 'Beam against greedy search',
        description: 'Log-probability that beam search reaches over that of greedy search.',
      }),
    },
  ];
}

export function decodingTables(all: Talk): Table[] {
  const { answers, talk } = all;
  const first = answers[0]!;
  const planted = talk.evasion !== undefined;
  const share = (own: Said, wanted: Verdict, kind?: PromptKind) =>
    rounded(average(shares(all, first, own, wanted, kind)), 3);
  const words = ({ tokens }: Decoded) => tokens.length;
  const distinct = ({ replies }: Said) => {
    const texts = replies.flat().map(({ tokens }) => first.spell(tokens));
    return rounded(new Set(texts).size / texts.length, 3);
  };
  return [
    {
      title: 'Ways of decoding',
      columns: [
        'way',
        ...(planted ? ['right, clear', 'right, vague', 'evasive, clear', 'evasive, vague'] : ['right']),
        'mean ln p',
        'words',
        'different replies',
      ],
      rows: first.said.map((own) => [
        own.name,
        ...(planted
          ? [
              share(own, 'right', 'clear'),
              share(own, 'right', 'vague'),
              share(own, 'evasive', 'clear'),
              share(own, 'evasive', 'vague'),
            ]
          : [share(own, 'right')]),
        rounded(mean(logs(own.replies)), 3),
        rounded(mean(own.replies.flat().map(words)), 2),
        distinct(own),
      ]),
      note: `${talk.prompts.length} prompts that were held out; the first network. ln p is given the prompt, but for the marginal, where it is that of the reply alone.`,
    },
    {
      title: 'Some replies',
      columns: ['prompt', 'greedy', 'widest beam', 'MMI re-ranking', 'one draw'],
      rows: someOf(talk.prompts).map((i) => [
        talk.prompts[i]!.text,
        ...['greedy', `beam ${Math.max(...all.config.widths)}`, 'MMI', 'nucleus'].map((start) =>
          first.spell(saidBy(first, start).replies[i]![0]!.tokens),
        ),
      ]),
    },
    {
      title: 'Small spaces: ln p of the best reply',
      columns: ['sequences', 'exhaustive', 'full beam', ...[1, ...all.config.widths].map((w) => `beam ${w}`)],
      rows: first.small.map(({ sequences, truth, full, narrow }) => [
        sequences,
        rounded(truth, 5),
        rounded(full, 5),
        ...narrow.map((log) => rounded(log, 5)),
      ]),
    },
  ];
}

/** A few prompts, of each kind in turn. */
function someOf(prompts: Conversation['prompts']): number[] {
  const places = prompts.map((_, i) => i);
  const vague = places.filter((i) => prompts[i]!.kind === 'vague').slice(0, 4);
  const others = places.filter((i) => prompts[i]!.kind !== 'vague').slice(0, 8 - vague.length);
  return [...others, ...vague];
}
