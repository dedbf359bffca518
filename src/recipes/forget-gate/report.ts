import { histogram, lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { ForgetGateFindings } from '../forget-gate.ts';
import type { RecipeContext } from '../recipe.ts';
import { type Drops, dropAuroc, dropMetric } from './drops.ts';
import { boundariesOf } from './regions.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

const aim = 0.9;

/** The report and the files beside it. */
export function gateReport(
  found: ForgetGateFindings,
  { seed, quick }: RecipeContext,
): Report & { extraFiles: Record<string, string> } {
  const { gates, untrained, composition, accuracy, majority, trained, parts, regions, sources, config } =
    found;
  const own = dropMetric(gates.drops, seed);
  const { fit, model } = trained;
  const boundaries = gates.drops.boundary.reduce((a, b) => a + b, 0);
  return {
    seed,
    lead: `The forget gate of unit ${gates.unit + 1} tells the beginnings of closed regions from all other places with an AUROC of ${own.value.toFixed(3)}: its lowest value is ${median(gates.drops, 1).toFixed(3)} there and ${median(gates.drops, 0).toFixed(3)} elsewhere (medians); ${(100 * accuracy).toFixed(1)} % of letters are told rightly as open or closed.`,
    claims: claims(found, own.value),
    data: {
      records: regions.length,
      task: 'open or closed, letter by letter',
      alphabet: 'dna',
      lengths: regions.map(({ sequence }) => sequence.length),
      sources: [...sources],
    },
    training: {
      history: fit.history,
      bestEpoch: fit.bestEpoch,
      seconds: fit.seconds,
      parameters: [...model.weights.values()].reduce((sum, { length }) => sum + length, 0),
    },
    metrics: { auroc: own, accuracy: { value: accuracy } },
    baselines: {
      majority: { auroc: { value: 0.5 }, accuracy: { value: majority } },
      'untrained gate': { auroc: { value: dropAuroc(untrained.drops) } },
      'GC content': { auroc: { value: dropAuroc(composition) } },
    },
    figures: figures(found),
    tables: [table(found)],
    notes: [
      `${parts.fit.length} pieces were learned from, ${parts.test.length} are the test. Each is cut into stretches of ${config.near} letters: one from each boundary (open → closed) on, ${boundaries} in the test, and what lies between. A stretch's score is how low the gate falls in it. Which unit is looked at, and of which network (the others' best gates: ${found.networks.map(({ tested }) => tested.toFixed(3)).join(', ')} on the test), was chosen in the pieces that were learned from.`,
      `Networks begin with a forget bias of ${config.forgetBias}, so that they remember until they learn to forget. The model is a bidirectional LSTM that tags letters; the gate is that of its forward direction. The gate of a unit near 1 keeps what was remembered, near 0 it forgets. AUROC ranks, and says nothing of depth: a gate that dips by a few hundredths at the right places scores as one that closes. How deep it falls stands in the table.`,
      ...(config.shuffled ? ['Labels were dealt at random (setting shuffled).'] : []),
      ...(quick ? ['A quick run: fewer sequences of the example.'] : []),
    ],
    extraFiles: { 'forget-gate.bedgraph': bedGraph(found) },
  };
}

function claims({ untrained, gates, accuracy, majority }: ForgetGateFindings, own: number): Claim[] {
  const before = dropAuroc(untrained.drops);
  return [
    {
      id: 'drops',
      text: `AUROC of the depth of the forget gate for beginnings of closed regions (chosen unit, pieces not learned from) > ${aim}; it falls to ${median(gates.drops, 1).toFixed(3)} there and to ${median(gates.drops, 0).toFixed(3)} elsewhere (medians)`,
      value: own,
      met: own > aim,
    },
    {
      id: 'learned',
      text: `and above that of the best gate before training (${before.toFixed(3)}, chosen in the same way)`,
      value: own - before,
      met: own > before && gates.chosen > untrained.chosen,
    },
    {
      id: 'task',
      text: `accuracy of open and closed, letter by letter, above that of the commoner kind (${majority.toFixed(3)})`,
      value: accuracy,
      met: accuracy > majority,
    },
  ];
}

function figures({ regions, track, gates, parts, config }: ForgetGateFindings): Figure[] {
  // The test piece with most boundaries, as it stands in its sequence.
  const test = new Set(parts.test.map(({ name }) => name));
  const shown = regions
    .map((each, i) => ({ each, i, count: boundariesOf(each).length }))
    .filter(({ each }) => test.has(each.name) || regions.length < 5)
    .reduce((a, b) => (b.count > a.count ? b : a), { each: regions[0]!, i: 0, count: -1 });
  const { sequence, closed } = shown.each;
  const end = Math.min(sequence.length, 400);
  const state = new Float64Array(end).fill(1);
  for (const [a, b] of closed) state.fill(0, Math.min(a, end), Math.min(b, end));
  const points = (values: ArrayLike<number>) =>
    Array.from({ length: end }, (_, t): [number, number] => [t + 1, values[t]!]);
  return [
    {
      title: `The gate along ${shown.each.name}`,
      caption: `Forget gate of unit ${gates.unit + 1}, and where chromatin is open (1) and closed (0).`,
      svg: lineChart({
        series: [
          { name: 'forget gate', points: points(track[shown.i]!) },
          { name: 'open', points: points(state) },
        ],
        xLabel: 'Letter',
        yLabel: 'Forget gate',
        title: 'The gate along a sequence',
        width: 640,
      }),
    },
    around(regions, track, config.near),
    {
      title: 'How low the gate falls elsewhere',
      caption: `Lowest gate of each stretch of ${config.near} letters without a boundary; the median of those with one is marked.`,
      svg: histogram({
        values: elsewhere(gates.drops),
        xLabel: 'Lowest forget gate',
        yLabel: 'Stretches',
        domain: [0, 1],
        mark: { x: median(gates.drops, 1), label: 'boundaries' },
        title: 'How low the gate falls elsewhere',
      }),
    },
  ];
}

/** The mean gate around boundaries, over all sequences. */
function around(
  regions: ForgetGateFindings['regions'],
  track: ForgetGateFindings['track'],
  near: number,
): Figure {
  const reach = 25;
  const sums = { closing: new Float64Array(2 * reach + 1), opening: new Float64Array(2 * reach + 1) };
  const counts = { closing: 0, opening: 0 };
  regions.forEach(({ sequence, closed }, i) => {
    for (const [start, end] of closed)
      for (const [kind, at] of [
        ['closing', start],
        ['opening', end],
      ] as const) {
        if (at - reach < 0 || at + reach >= sequence.length) continue;
        counts[kind]++;
        for (let k = -reach; k <= reach; k++) sums[kind][k + reach]! += track[i]![at + k]!;
      }
  });
  return {
    title: 'The gate around boundaries',
    caption: `Mean over all boundaries of the sequences; 0 is the first letter of the new region. Stretches have ${near} letters.`,
    svg: lineChart({
      series: (['closing', 'opening'] as const).map((kind) => ({
        name: kind === 'closing' ? 'open → closed' : 'closed → open',
        points: Array.from(sums[kind], (sum, k): [number, number] => [k - reach, sum / counts[kind]]),
      })),
      xLabel: 'Letters from the boundary',
      yLabel: 'Mean forget gate',
      title: 'The gate around boundaries',
    }),
  };
}

const elsewhere = ({ scores, boundary }: Drops) => scores.filter((_, i) => !boundary[i]).map((s) => -s);
/** The median of the lowest gate, over stretches with a boundary (1) or without (0). */
function median({ scores, boundary }: Drops, kind: 0 | 1): number {
  const own = scores
    .filter((_, i) => boundary[i] === kind)
    .map((s) => -s)
    .sort();
  return own[own.length >> 1] ?? Number.NaN;
}

const table = ({ gates, untrained, composition }: ForgetGateFindings): Table => ({
  title: 'What tells boundaries',
  columns: [
    'what',
    'unit',
    'AUROC where it was chosen',
    'AUROC on the test',
    'lowest at boundaries',
    'lowest elsewhere',
  ],
  rows: [
    [
      'forget gate, trained',
      gates.unit + 1,
      Number(gates.chosen.toFixed(4)),
      Number(dropAuroc(gates.drops).toFixed(4)),
      median(gates.drops, 1).toFixed(3),
      median(gates.drops, 0).toFixed(3),
    ],
    [
      'forget gate, first weights',
      untrained.unit + 1,
      Number(untrained.chosen.toFixed(4)),
      Number(dropAuroc(untrained.drops).toFixed(4)),
      median(untrained.drops, 1).toFixed(3),
      median(untrained.drops, 0).toFixed(3),
    ],
    ['a G or C in the stretch', null, null, Number(dropAuroc(composition).toFixed(4)), null, null],
  ],
});

/** The chosen gate as a track: 0-based, half-open; neighbours that are alike in three digits are one line. */
function bedGraph({ regions, track }: ForgetGateFindings): string {
  const lines = ['track type=bedGraph name="forget gate"\n'];
  regions.forEach(({ name }, i) => {
    const gate = track[i]!;
    let start = 0;
    for (let t = 1; t <= gate.length; t++) {
      if (t < gate.length && gate[t]!.toFixed(3) === gate[start]!.toFixed(3)) continue;
      lines.push(`${name}\t${start}\t${t}\t${gate[start]!.toFixed(3)}\n`);
      start = t;
    }
  });
  return lines.join('');
}
