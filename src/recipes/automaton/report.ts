import { usageError } from '../../core/errors.ts';
import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, Table as ReportTable, RunReport } from '../../report/run-report.ts';
import type { MetricValue } from '../../train/metrics/index.ts';
import type { AutomatonFindings } from '../automaton.ts';
import type { RecipeContext } from '../recipe.ts';
import type { Comparison } from './compare.ts';
import { letters, type Table } from './pattern.ts';
import type { Recogniser } from './recogniser.ts';
import { acceptedShare } from './simulate.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

/** The report and the files beside it. */
export function automatonReport(
  found: AutomatonFindings,
  { seed, quick }: RecipeContext,
): { report: Report; extraFiles: Record<string, string> } {
  const { pattern, sequences, bound, sites, networks } = found;
  if (bound.positions === 0) throw usageError('the sequences hold no letters.');
  const given = sequences.kind === 'given';
  const report: Report = {
    seed,
    lead: `${pattern.text} as ${networks.bound.units.length} tanh units: bound in ${whole(bound.bound)} of ${whole(bound.sequences)} ${given ? 'sequences' : 'random reads'}, ${whole(sites.positives)} sites; network and search disagree at ${whole(bound.disagreements + sites.disagreements)} of ${whole(bound.positions + sites.positions)} positions.`,
    claims: claims(found),
    ...(sequences.data && { data: sequences.data }),
    metrics: { accuracy: agreement(sites) },
    baselines: {
      'never a site': { accuracy: share(sites.positions - sites.positives, sites.positions) },
      'last letter': { accuracy: share(sites.lastLetter, sites.positions) },
    },
    figures: [traceFigure(found), ...(given ? [] : [boundFigure(found)])],
    tables: [transitionTable(pattern.bound, 'the bound state'), unitTable(networks.bound, pattern.bound)],
    notes: notes(found, quick),
  };
  const files: Record<string, string> = given
    ? { 'sites.bed': bed(found), 'bound.tsv': boundTable(found) }
    : {};
  return { report, extraFiles: files };
}

const whole = (count: number) => count.toLocaleString('en-US');

function claims({ sequences, bound, sites, every }: AutomatonFindings): Claim[] {
  const what = sequences.kind === 'given' ? 'letters of your sequences' : 'random bases';
  const claim = (
    id: string,
    subject: string,
    { disagreements, positions, positives }: Comparison,
  ): Claim => ({
    id,
    text: `${subject}: disagreements with plain search at ${whole(positions)} ${what}, ${whole(positives)} of them positive; none expected`,
    value: disagreements,
    met: disagreements === 0 && (positives > 0 || sequences.kind === 'given'),
  });
  return [
    claim('bound', 'absorbing "bound" state', bound),
    claim('sites', 'every site', sites),
    {
      id: 'transitions',
      text: `disagreements at ${whole(every.positions)} letters that lead both automata through every transition (${every.taken} of ${every.transitions} taken); none expected`,
      value: every.disagreements,
      met: every.disagreements === 0 && every.taken === every.transitions,
    },
  ];
}

/** Share of agreement; where there is none but agreement, its lower bound is that of Clopper and Pearson (1934). */
function agreement({ positions, disagreements }: Comparison): MetricValue {
  const value = 1 - disagreements / positions;
  if (disagreements === 0) return { value, low: 0.025 ** (1 / positions), high: 1 };
  const half = 1.96 * Math.sqrt((value * (1 - value)) / positions);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

const share = (right: number, all: number): MetricValue => ({ value: right / all });

function notes({ sequences, pattern, bound, sites }: AutomatonFindings, quick: boolean): string[] {
  return [
    'Nothing is trained: the weights follow from the minimal automaton. The network runs in ONNX Runtime as any other; recogniser.onnx is the one with the bound state (tokens A C G T N as 0 to 4; its metadata give the units before the first letter).',
    'The plain search knows nothing of automata: it compares letters at each place, or, for an expression, looks back with the regular expressions of JavaScript. Letters other than bases match no base.',
    ...(sequences.kind === 'random'
      ? [
          `Reads for the bound state have ${bound.reach.length} letters, so that about half of them come to be bound; sites are counted in long sequences whose units are carried from piece to piece. ${whole(sites.sequences)} such sequences.`,
        ]
      : [
          `sites.bed has each occurrence${pattern.width === undefined ? "'s last letter (occurrences of an expression may begin in several places)" : ''}; bound.tsv says where each sequence came to be bound.`,
        ]),
    ...(quick && sequences.kind === 'random' ? ['A quick run: a million positions for each network.'] : []),
  ];
}

/** The shortest sequence that leads to each state: its name. */
function stateNames({ states, symbols, start, next }: Table): string[] {
  const names = new Array<string | undefined>(states);
  names[start] = '';
  const queue = [start];
  for (const state of queue)
    for (let a = 0; a < symbols; a++) {
      const to = next[state * symbols + a]!;
      if (names[to] !== undefined) continue;
      names[to] = names[state]! + letters[a]!;
      queue.push(to);
    }
  return names.map((name) => name || 'start');
}

const named = (table: Table) => {
  const names = stateNames(table);
  return names.map((name, s) => (table.accepts[s] ? `bound (${name})` : name));
};

/** The automaton, state by letter. */
function transitionTable(table: Table, what: string): ReportTable {
  const names = named(table);
  const shown = names.slice(0, 40);
  return {
    title: `Automaton of ${what}`,
    columns: ['state', ...letters],
    rows: shown.map((name, s) => [
      name,
      ...letters.map((_, a) => names[table.next[s * letters.length + a]!]!),
    ]),
    note: `Minimal: ${names.length} states${shown.length < names.length ? `, of which the first ${shown.length} are shown` : ''}. A state is called after the shortest sequence that leads to it.`,
  };
}

function unitTable({ units, weights }: Recogniser, table: Table): ReportTable {
  const names = named(table);
  const bias = weights.get('read.layers.0.forward.bias')!;
  return {
    title: 'Units',
    columns: ['unit', 'state after', 'from', 'by', 'bias'],
    rows: units
      .slice(0, 40)
      .map(({ to, from, by }, u) => [
        u + 1,
        names[to]!,
        from.length > 6
          ? `${from.length} states`
          : from.map((s) => names[s]).join(', ') || 'only at the start',
        by.length === letters.length ? 'any letter' : by.map((a) => letters[a]).join(' '),
        bias[u]!,
      ]),
    note: `${units.length} units. One is on (+1) at a time, all others are off (−1).`,
  };
}

function traceFigure({ example, networks, pattern }: AutomatonFindings): Figure {
  const { units } = networks.bound;
  const names = named(pattern.bound);
  const { sequence } = example;
  // One line a state: the unit that is on says which one the network is in.
  const level = (t: number) => {
    const on = units.findIndex((_, u) => example.units[t * units.length + u]! > 0);
    return on < 0 ? Number.NaN : units[on]!.to;
  };
  const boundUnits = units.flatMap(({ to }, u) => (pattern.bound.accepts[to] ? [u] : []));
  const series = [
    { name: 'state', points: Array.from(sequence, (_, t): [number, number] => [t + 1, level(t)]) },
    {
      name: 'bound',
      points: Array.from(sequence, (_, t): [number, number] => [
        t + 1,
        Math.max(...boundUnits.map((u) => example.units[t * units.length + u]!)),
      ]),
    },
  ];
  const caption =
    pattern.bound.states <= 12 ? `States: ${names.map((name, s) => `${s} ${name}`).join(', ')}.` : '';
  return {
    title: 'One read on its way into the bound state',
    caption: `${sequence}. ${caption} Bound is +1 while a unit of the bound state is on, else −1.`,
    svg: lineChart({
      series,
      xLabel: 'Letter',
      yLabel: 'State of the network',
      title: 'States over one read',
    }),
  };
}

function boundFigure({ bound, pattern }: AutomatonFindings): Figure {
  const expected = acceptedShare(pattern.bound, bound.reach.length);
  const step = Math.max(1, Math.ceil(bound.reach.length / 200));
  const every = Array.from(bound.reach.keys()).filter((i) => i % step === 0 && bound.reach[i]! > 0);
  const points = (of: (i: number) => number) => every.map((i): [number, number] => [i + 1, of(i)]);
  return {
    title: 'Share of random reads that are bound',
    caption:
      'What the network finds, beside the exact probability (the automaton as a Markov chain over equally probable bases).',
    svg: lineChart({
      series: [
        { name: 'network', points: points((i) => bound.accepted[i]! / bound.reach[i]!) },
        { name: 'exact', points: points((i) => expected[i]!) },
      ],
      xLabel: 'Letters read',
      yLabel: 'Share bound',
      title: 'Share of reads bound by position',
    }),
  };
}

/** BED: 0-based, half-open; the strand is not told apart. */
function bed({ sequences, sites, pattern }: AutomatonFindings): string {
  const lines: string[] = [];
  sites.answers.forEach((answer, i) => {
    answer.forEach((yes, at) => {
      if (yes)
        lines.push(`${sequences.names[i]}\t${at + 1 - (pattern.width ?? 1)}\t${at + 1}\t${pattern.text}\n`);
    });
  });
  return lines.join('');
}

function boundTable({ sequences, bound }: AutomatonFindings): string {
  const rows = bound.answers.map((answer, i) => {
    const at = answer.indexOf(1);
    return `${sequences.names[i]}\t${answer.length}\t${at < 0 ? '' : at + 1}\n`;
  });
  return `id\tlength\tboundFrom\n${rows.join('')}`;
}
