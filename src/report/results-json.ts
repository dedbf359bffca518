import { allAlarms, allMetrics, type RunReport } from './run-report.ts';
import { leakageSentence, summarizeSimilarity } from './similarity.ts';

/**
 * A copy fit for JSON: numbers that are none become null, typed arrays become arrays, what is undefined is left
 * out, and keys keep their order.
 */
export function jsonSafe(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value;
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, jsonSafe);
  if (Array.isArray(value)) return value.map((item) => jsonSafe(item) ?? null);
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const safe = jsonSafe(item);
    return safe === undefined ? [] : [[key, safe] as const];
  });
  return Object.fromEntries(entries);
}

/** The results as plain data, in the shape that `--json` prints and `results.json` holds. */
export function results(report: RunReport): Record<string, unknown> {
  const {
    recipe,
    version,
    seed,
    seconds,
    claims = [],
    evaluation,
    baselines = {},
    leakage,
    artifacts = {},
  } = report;
  return jsonSafe({
    recipe: recipe ?? null,
    version,
    seed,
    seconds,
    claims,
    metrics: allMetrics(report),
    baselines,
    ...(evaluation && {
      count: evaluation.count,
      intervals: evaluation.intervals,
      columns: evaluation.columns,
      confusion: evaluation.confusion,
    }),
    ...(leakage && {
      split: leakage.split,
      similarity: { ...summarizeSimilarity(leakage), sentence: leakageSentence(leakage) },
    }),
    alarms: allAlarms(report),
    artifacts,
  }) as Record<string, unknown>;
}

/** `results.json`, ending in a line feed. */
export const resultsJson = (report: RunReport): string => `${JSON.stringify(results(report), null, 2)}\n`;

/** What is needed to make the run again, as plain data: no times, so that the same run gives the same bytes. */
export function manifest(report: RunReport): Record<string, unknown> {
  const { recipe, version, seed, data } = report;
  const { command, versions, host, config, data: files } = report.manifest ?? {};
  const sources = files ?? data?.sources ?? [];
  return jsonSafe({
    seqwright: version,
    recipe: recipe ?? null,
    seed,
    command,
    versions: versions ?? {},
    host,
    config: config ?? {},
    data: sources,
  }) as Record<string, unknown>;
}

/** `manifest.json`, ending in a line feed. */
export const manifestJson = (report: RunReport): string => `${JSON.stringify(manifest(report), null, 2)}\n`;
