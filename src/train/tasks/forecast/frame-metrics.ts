import type { Metrics } from '../../metrics/evaluation.ts';
import type { Scorer } from '../../metrics/scorers.ts';
import { weightedCounts } from '../../metrics/text-scorer.ts';
import type { ForecastAssessment } from './assess.ts';
import { frameNats } from './frames.ts';
import { type Draws, type IntervalOptions, measured } from './metrics.ts';
import type { SeriesPart } from './series.ts';

/** Sums over the frames of a block: frames, nats, notes that are right, called in vain, and missed. */
interface Block {
  readonly group: string;
  readonly row: Float64Array;
}

const enoughSeries = 20;
const fewestDraws = 8;

/** How well frames were foretold, given the logits of each span's frames, beside frequencies and a chain for each target. */
export function assessFrames(
  test: SeriesPart,
  logits: readonly ArrayLike<number>[],
  train: SeriesPart | undefined,
  options: IntervalOptions,
): ForecastAssessment {
  const frames = test.spans.reduce((sum, { from, to }) => sum + to - from, 0);
  const ids = new Set(test.spans.map(({ series }) => series));
  const each = ids.size >= enoughSeries ? Number.POSITIVE_INFINITY : Math.max(10, Math.ceil(frames / 200));
  const judge = (own: readonly ArrayLike<number>[]) => blocksOf(test, own, each);
  const ours = judge(logits);
  const draws: Draws = {
    groups: ours.map(({ group }) => group),
    of: ids.size >= enoughSeries ? `${ids.size} series` : `${ours.length} blocks of ${each} frames`,
    enough: ours.length >= fewestDraws,
  };
  const none = { ...options, resamples: 0 };
  const simple = train ? frameBaselines(train, test) : {};
  const baselines = Object.fromEntries(
    Object.entries(simple).map(([name, own]) => [name, measured(scorerOf(judge(own)), draws, none)]),
  );
  const metrics = measured(scorerOf(ours), draws, options);
  return {
    ...{ metrics, baselines },
    against: againstBest(ours, simple, judge, draws, options),
    ...{ steps: [], targets: [], count: frames, forecasts: [], judged: undefined },
    drawn: draws.enough ? draws.of : undefined,
  };
}

function blocksOf(part: SeriesPart, logits: readonly ArrayLike<number>[], each: number): Block[] {
  const width = part.data.targets.length;
  const nats = frameNats(part, logits);
  return part.spans.flatMap(({ series, from, to }, s) => {
    const truth = part.data.series[series]!.values;
    const count = Math.max(1, Math.round((to - from) / each));
    const rows = Array.from({ length: count }, () => new Float64Array(5));
    for (let t = 0; t < to - from; t++) {
      const row = rows[Math.floor((t * count) / (to - from))]!;
      row[0]!++;
      row[1]! += nats[s]![t]!;
      for (let k = 0; k < width; k++) {
        const called = logits[s]![t * width + k]! > 0;
        const sounds = truth[(from + t) * width + k] === 1;
        if (called && sounds) row[2]!++;
        else if (called) row[3]!++;
        else if (sounds) row[4]!++;
      }
    }
    return rows.map((row, i) => ({ group: count > 1 ? `${series} ${i}` : `${series}`, row }));
  });
}

/** Nats per frame, the mean over all frames; and right / (right + in vain + missed), the accuracy of Bay et al. 2009, at one half. */
const scorerOf = (blocks: readonly Block[]): Scorer => ({
  names: ['nllPerFrame', 'frameAccuracy'],
  score(weights) {
    const total = weightedCounts(
      blocks.map(({ row }) => row),
      5,
      weights,
    );
    return [total[1]! / total[0]!, total[2]! / (total[2]! + total[3]! + total[4]!)];
  },
});

/** By how much a frame costs less than by the best baseline, as a share of what it costs there. */
function againstBest(
  ours: readonly Block[],
  simple: Record<string, readonly ArrayLike<number>[]>,
  judge: (logits: readonly ArrayLike<number>[]) => Block[],
  draws: Draws,
  options: IntervalOptions,
): ForecastAssessment['against'] {
  const all = Object.entries(simple).map(([name, own]) => {
    const scorer = scorerOf(judge(own));
    return { name, scorer, nats: scorer.score(new Float64Array(draws.groups.length).fill(1))[0]! };
  });
  if (all.length === 0) return undefined;
  const best = all.reduce((a, b) => (b.nats < a.nats ? b : a));
  const model = scorerOf(ours);
  const skill: Metrics = measured(
    { names: ['skill'], score: (w) => [1 - model.score(w)[0]! / best.scorer.score(w)[0]!] },
    draws,
    options,
  );
  return { name: best.name, skill: skill.skill! };
}

/** Logits of simple forecasts: how often each target is 1, and how often after it was 1 or 0 (one more of each kind is counted than was seen). */
export function frameBaselines(train: SeriesPart, test: SeriesPart): Record<string, Float64Array[]> {
  const k = train.data.targets.length;
  const counts = new Float64Array(k * 4).fill(1);
  for (const { series, from, to } of train.spans) {
    const { values } = train.data.series[series]!;
    for (let t = from; t < to; t++)
      for (let i = 0; i < k; i++) {
        const before = t === 0 ? 0 : values[(t - 1) * k + i]!;
        counts[i * 4 + before * 2 + values[t * k + i]!]!++;
      }
  }
  const logit = (off: number, on: number) => Math.log(on / off);
  const at = (i: number, before: number, now: number) => counts[i * 4 + before * 2 + now]!;
  const each = (of: (values: Float64Array, t: number, i: number) => number) =>
    test.spans.map(({ series, from, to }) =>
      Float64Array.from({ length: (to - from) * k }, (_, n) =>
        of(test.data.series[series]!.values, from + Math.floor(n / k), n % k),
      ),
    );
  return {
    frequencies: each((_, __, i) => logit(at(i, 0, 0) + at(i, 1, 0), at(i, 0, 1) + at(i, 1, 1))),
    'chain of each target': each((values, t, i) => {
      const before = t === 0 ? 0 : values[(t - 1) * k + i]!;
      return logit(at(i, before, 0), at(i, before, 1));
    }),
  };
}
