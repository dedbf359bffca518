import type { Target } from '../../data/target.ts';
import type { Evaluation, MetricValue } from './evaluation.ts';
import { column, labelDecisions, mostProbable, type Predictions } from './predictions.ts';
import { ece, eceByChance } from './probability.ts';
import { type Outcomes, outcomes } from './scorers.ts';

/** The metric that tells whether a model beats its baseline, and whether more of it is better. */
export const leadingMetric = {
  classes: { name: 'accuracy', sign: 1 },
  labels: { name: 'auroc', sign: 1 },
  values: { name: 'rmse', sign: -1 },
} as const;

const tally = (members: ArrayLike<number>, k: number) => {
  const counts = new Array<number>(k).fill(0);
  for (let i = 0; i < members.length; i++) counts[members[i]!]!++;
  return counts;
};

/**
 * A sentence where a classifier has fallen back on one answer: it predicts all but one class (or a label's
 * opposite) at less than a tenth of its true frequency; for values, where predictions hardly vary.
 */
export function oneClassAlarms({ ids, target, values }: Predictions): string[] {
  const n = ids.length;
  if (target.kind === 'values') return constantAlarms(target.names, target.truth, values);
  const k = target.classes.length;
  if (target.kind === 'classes') {
    const [truth, predicted] = [tally(target.truth, k), tally(mostProbable(values, k), k)];
    const c = predicted.indexOf(Math.max(...predicted));
    const [others, otherCalls] = [n - truth[c]!, n - predicted[c]!];
    if (otherCalls >= others / 10) return [];
    const name = target.classes[c];
    return [
      `The model predicts nearly one class only: ${name} for ${predicted[c]} of ${n} records, while ${others} of them are of another class.`,
    ];
  }
  const decided = labelDecisions(values);
  return target.classes.flatMap((name, c) => {
    const [yes, said] = [target.truth, decided].map((t) => column(t, k, c).reduce((a, b) => a + b, 0)) as [
      number,
      number,
    ];
    if (yes > 0 && said < yes / 10)
      return [
        `The model hardly ever predicts label ${name}: for ${said} of ${n} records, while ${yes} have it.`,
      ];
    const [no, saidNo] = [n - yes, n - said];
    if (no > 0 && saidNo < no / 10)
      return [
        `The model nearly always predicts label ${name}: for ${said} of ${n} records, while ${yes} have it.`,
      ];
    return [];
  });
}

const deviation = (x: Float64Array) => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length);
};

function constantAlarms(names: string[], truth: Float64Array, values: Float64Array): string[] {
  return names.flatMap((name, c) => {
    const spread = deviation(column(truth, names.length, c));
    const predicted = deviation(column(values, names.length, c));
    if (spread === 0 || predicted > spread / 50) return [];
    const figures = `standard deviation ${predicted.toPrecision(3)} against ${spread.toPrecision(3)} of the truth`;
    return [`The model predicts nearly the same ${name} for every record: ${figures}.`];
  });
}

/** A sentence where probabilities are off by more than 0.1 and by more than twice what chance would give. */
export function calibrationAlarms(predictions: Predictions): string[] {
  const material = outcomes(predictions);
  if (!material) return [];
  const error = ece(material.probabilities, material.happened);
  if (error <= 0.1 || error <= 2 * eceByChance(material.probabilities)) return [];
  const excess = overconfidence(material, predictions.target);
  const way = excess > 0 ? 'too sure of itself' : 'not sure enough';
  return [
    `The probabilities are poorly calibrated: expected calibration error ${error.toFixed(3)}; on the whole the model is ${way}. Trust their order more than their size.`,
  ];
}

/** Mean probability of the answers given less the share of them that are right. */
function overconfidence({ probabilities, happened }: Outcomes, target: Target): number {
  // With more than two classes the probabilities are those of the answers already; else p < ½ answers "no".
  const ofAnswer = target.kind === 'classes' && target.classes.length > 2;
  const excess = probabilities.map((p, i) => {
    const yes = ofAnswer || p >= 0.5;
    return yes ? p - happened[i]! : 1 - p - (1 - happened[i]!);
  });
  return excess.reduce((a, b) => a + b, 0) / excess.length;
}

/** Sentences on what the data themselves do not allow to be measured. */
export function dataAlarms({ ids, target }: Predictions): string[] {
  const alarms: string[] = [];
  const n = ids.length;
  if (n < 30) {
    const records = n === 1 ? 'Only one record was' : `Only ${n} records were`;
    alarms.push(`${records} evaluated: the figures and their intervals are rough.`);
  }
  if (target.kind === 'values') return alarms;
  const k = target.classes.length;
  const missing = target.classes.filter((_, c) =>
    target.kind === 'classes'
      ? !target.truth.includes(c)
      : !column(target.truth, k, c).some((present) => present === 1),
  );
  if (missing.length > 0) {
    const shown =
      missing.slice(0, 5).join(', ') + (missing.length > 5 ? ` and ${missing.length - 5} more` : '');
    const what = target.kind === 'classes' ? 'class' : 'label';
    alarms.push(`No evaluated record has the ${what} ${shown}; nothing is measured there.`);
  }
  return alarms;
}

/** Sentences for each baseline that the model does not beat in its leading metric. */
export function baselineAlarms(
  kind: Evaluation['kind'],
  metrics: Record<string, MetricValue>,
  baselines: Record<string, Record<string, MetricValue>>,
): string[] {
  const { name, sign } = leadingMetric[kind];
  const ours = metrics[name]?.value;
  return Object.entries(baselines).flatMap(([baseline, theirs]) => {
    const value = theirs[name]?.value;
    if (ours == null || value == null || sign * (ours - value) > 0) return [];
    return [
      `The model does not beat the ${baseline} baseline: ${name} ${ours.toFixed(3)} against ${value.toFixed(3)}.`,
    ];
  });
}
