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
  if (folder !== undefined)
    await writeRunOutput(folder, {
      report: { ...report, artifacts: model ? { model: relative(folder, model) } : {} },
    });
  const told = { ...report, artifacts: here };
  await atomicWrite('-', json ? resultsJson(told) : summaryText(told));
}
