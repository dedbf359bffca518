import { randomStream } from '../core/random.ts';
import {
  evaluate,
  evaluateMetrics,
  type Predictions,
  type Target,
  trivialBaseline,
} from '../train/metrics/index.ts';
import type { RunReport } from './run-report.ts';

/** Kinds of example: what is asked of the model, and one that has gone wrong. */
export const exampleKinds = ['binary', 'many', 'labels', 'values', 'broken'] as const;
export type ExampleKind = (typeof exampleKinds)[number];

const ids = (n: number) => Array.from({ length: n }, (_, i) => `chr${1 + (i % 22)}:${1000 + 37 * i}`);

function classes(names: string[], n: number, signal: number): Predictions {
  const random = randomStream(5, 'classes', names.length);
  const k = names.length;
  const truth = Int32Array.from({ length: n }, () =>
    Math.min(k - 1, Math.floor(random.uniform() ** 1.3 * k)),
  );
  const rows = Array.from(truth, (t) => {
    const odds = names.map((_, c) => Math.exp(random.normal() + (c === t ? signal : 0)));
    const sum = odds.reduce((a, b) => a + b, 0);
    return odds.map((o) => o / sum);
  });
  return {
    ids: ids(n),
    target: { kind: 'classes', classes: names, truth },
    values: Float64Array.from(rows.flat()),
  };
}

function labels(n: number): Predictions {
  const random = randomStream(6, 'labels');
  const names = ['nucleus', 'membrane', 'cytosol', 'secreted'];
  const truth = Uint8Array.from({ length: n * 4 }, (_, i) =>
    random.uniform() < 0.15 + 0.1 * (i % 4) ? 1 : 0,
  );
  const values = Float64Array.from(truth, (t) => 1 / (1 + Math.exp(-(3 * t - 1.8 + 1.2 * random.normal()))));
  return { ids: ids(n), target: { kind: 'labels', classes: names, truth }, values };
}

function values(n: number): Predictions {
  const random = randomStream(7, 'values');
  const truth = Float64Array.from({ length: n }, () => 4 + 2 * random.normal());
  const predicted = truth.map((t) => 1 + 0.75 * t + 0.8 * random.normal());
  return {
    ids: ids(n),
    target: { kind: 'values', names: ['expression (log₂ TPM)'], truth },
    values: predicted,
  };
}

const predictions: Record<ExampleKind, () => Predictions> = {
  binary: () => classes(['background', 'promoter'], 640, 1.9),
  many: () => classes(['neither', 'donor (EI)', 'acceptor (IE)'], 900, 2.8),
  labels: () => labels(500),
  values: () => values(450),
  broken: () => {
    const some = classes(['background', 'promoter'], 24, 0);
    return { ...some, values: some.values.map((_, i) => (i % 2 === 0 ? 0.93 : 0.07)) };
  },
};

const sequence = (id: string) => {
  const random = randomStream(1, id);
  return Array.from({ length: 81 }, () => 'ACGT'[random.below(4)]).join('');
};

const target = (p: Predictions): Target => p.target;

/** The same answers with much noise, as a simple baseline would give. */
function weaker(p: Predictions): Predictions {
  const random = randomStream(9, 'weaker');
  if (p.target.kind === 'values') return { ...p, values: p.values.map((v) => v / 2 + 2 + random.normal()) };
  const k = p.target.kind === 'labels' ? 1 : p.target.classes.length;
  const values = new Float64Array(p.values.length);
  for (let row = 0; row < values.length; row += k) {
    const odds = Array.from({ length: Math.max(2, k) }, (_, c) => {
      const v = k === 1 ? (c === 0 ? p.values[row]! : 1 - p.values[row]!) : p.values[row + c]!;
      return Math.sqrt(v) * Math.exp(0.7 * random.normal());
    });
    const sum = odds.reduce((a, b) => a + b, 0);
    for (let c = 0; c < k; c++) values[row + c] = odds[c]! / sum;
  }
  return { ...p, values };
}

const made = new Map<ExampleKind, RunReport>();

/** A whole report as a run would make it, with invented but consistent figures; each is made once. */
export function exampleReport(kind: ExampleKind): RunReport {
  const report = made.get(kind) ?? makeReport(kind);
  made.set(kind, report);
  return report;
}

function makeReport(kind: ExampleKind): RunReport {
  const p = predictions[kind]();
  const random = randomStream(2, kind);
  const majority = evaluateMetrics(trivialBaseline(target(p), target(p), { ids: p.ids }), { resamples: 0 });
  const simple = evaluateMetrics(weaker(p), { resamples: 200, seed: 3 });
  const baselines: RunReport['baselines'] =
    kind === 'values' ? { mean: majority, '6-mer ridge': simple } : { majority, '6-mer logistic': simple };
  const evaluation = evaluate(p, { baselines, resamples: 300 });
  const history = Array.from({ length: 18 }, (_, i) => ({
    epoch: i + 1,
    trainLoss: 0.1 + 0.6 * Math.exp(-i / 4) + 0.01 * random.normal(),
    validationLoss: 0.2 + 0.5 * Math.exp(-i / 4) + 0.006 * i + 0.01 * random.normal(),
    rate: 1e-3 * Math.cos((i / 18) * 1.5),
  }));
  const best = history.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a)).epoch;
  const leading = kind === 'values' ? 'r2' : 'auroc';
  const value = evaluation.metrics[leading]!.value;
  const counts = evaluation.kind === 'values' ? [] : evaluation.columns;
  const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  const source = { path: `data/${kind}.fa.gz`, bytes: 143_202, records: p.ids.length * 5, sha256 };
  return {
    title: `Example: ${kind}`,
    lead: 'A CNN with a bidirectional LSTM, trained on windows of 81 letters and evaluated on sequences unlike those it has seen.',
    recipe: kind,
    version: '0.1.0',
    seed: 42,
    seconds: 212.4,
    claims: [
      { id: leading, text: `Held-out ${leading} at least 0.75`, value, met: (value ?? 0) >= 0.75 },
      { id: 'time', text: 'Trains in under 10 minutes on two cores', value: 3.5, met: true },
    ],
    data: {
      records: p.ids.length * 5,
      task: kind === 'values' ? 'regression of one value' : 'classification, from column class',
      alphabet: 'DNA (IUPAC)',
      ...(counts.length > 0 && { classes: counts.map((c) => ({ name: c.name, count: c.count * 5 })) }),
      lengths: Float64Array.from({ length: 900 }, () => Math.round(Math.exp(4.6 + 0.5 * random.normal()))),
      skipped: [
        { reason: 'more than half of the letters unknown', count: 12, examples: ['chr3:1111', 'chr9:407'] },
        { reason: 'no label in the table', count: 1, examples: ['chrM:17'] },
      ],
      sources: [source, { path: 'data/labels.tsv', bytes: 20_411, sha256 }],
    },
    training: { history, bestEpoch: best, seconds: 181.2, parameters: 84_226 },
    evaluation,
    baselines,
    sequences: Object.fromEntries(p.ids.map((id) => [id, sequence(id)])),
    leakage: {
      split: 'homology clusters of 8-mer sketches',
      parts: [
        { name: 'training', count: p.ids.length * 4 },
        { name: 'test', count: p.ids.length },
      ],
      nearest: Float64Array.from({ length: p.ids.length }, () =>
        Math.min(1, 0.18 + 0.12 * Math.abs(random.normal())),
      ),
      measure: 'share of common 8-mers, on either strand',
    },
    notes: ['Figures in this example are invented.'],
    tables: [
      {
        title: 'Errors beside published ones',
        columns: ['Method', 'Errors', 'Source'],
        rows: [
          ['this run', 5, null],
          ['KBANN', 4, 'Towell 1990'],
        ],
      },
    ],
    artifacts: { report: 'report.html', model: 'model', predictions: 'predictions.tsv' },
    manifest: {
      command: `seqwright run ${kind} --seed 42`,
      versions: { node: '20.19.0', 'onnxruntime-node': '1.30.0' },
      host: { cpu: 'x86-64', threads: 2 },
      config: { model: 'cnn-bilstm', width: 64, epochs: 18, rate: 1e-3 },
      data: [source],
    },
  };
}
