import { join, relative } from 'node:path';
import { atomicWrite } from '../../data/atomic-write.ts';
import { writeRunOutput } from '../../recipes/run-output.ts';
import { resultsJson, summaryText } from '../../report/index.ts';
import type { RunReport } from '../../report/run-report.ts';

/**
 * Writes the report folder, where one is wanted, and prints the results: the summary, or `results.json` with `json`.
 * `model` is where a model stands already; paths are printed as seen from here and stored as seen from the report.
 */
export async function deliver(
  report: RunReport,
  {
    folder,
    model,
    json = false,
  }: { folder?: string | undefined; model?: string; json?: boolean | undefined },
): Promise<void> {
  const here = { ...(folder && { report: join(folder, 'report.html') }), ...(model && { model }) };
  const write = () =>
    folder === undefined
      ? report
      : writeRunOutput(folder, {
          report: { ...report, artifacts: model ? { model: relative(folder, model) } : {} },
        });
  await tellAfter(write, report, { json, artifacts: () => here, kept: model ? { model } : {} });
}

/**
 * Prints results once their folder is written; should that fail, the work was not for nothing: the figures are printed all the same,
 * with the artifacts that were `kept`, and the error follows.
 */
export async function tellAfter<R extends RunReport>(
  write: () => Promise<R> | R,
  report: RunReport,
  { json, artifacts, kept = {} }: { json: boolean; artifacts: (written: R) => Artifacts; kept?: Artifacts },
): Promise<void> {
  const print = (told: RunReport) => atomicWrite('-', json ? resultsJson(told) : summaryText(told));
  let written: R;
  try {
    written = await write();
  } catch (error) {
    await print({ ...report, artifacts: kept });
    throw error;
  }
  await print({ ...written, artifacts: artifacts(written) });
}

type Artifacts = Record<string, string>;
