import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError } from '../core/errors.ts';
import { atomicWrite } from '../data/atomic-write.ts';
import { replaceFolder } from '../models/folder.ts';
import type { AnyModel } from '../models/model.ts';
import { saveModel } from '../models/save-model.ts';
import { manifestJson, multiqcFiles, reportHtml, resultsJson } from '../report/index.ts';
import type { RunReport } from '../report/run-report.ts';

/** What a run leaves in its output folder. */
export interface RunOutput {
  readonly report: RunReport;
  readonly model?: AnyModel;
  /** Contents of further files, by plain file name. */
  readonly extraFiles?: Readonly<Record<string, string | Uint8Array>>;
}

const reportFiles = [
  'report.html',
  'results.json',
  'manifest.json',
  'seqwright_mqc.json',
  'seqwright_general_mqc.json',
];
const modelFolder = 'model';

/** Asks whether a folder with these names in it may be deleted; the answer is why not. */
export type Ownership = (folder: string, names: string[]) => Promise<string | undefined>;

/**
 * Writes `report.html`, `results.json`, `manifest.json`, two `*_mqc.json` for MultiQC, extra files and, where there is a model, its folder
 * `model`. The folder appears whole or not at all; the output of a former run is replaced. Returns the report with
 * `artifacts` as the files name them, relative to the folder.
 *
 * Throws a usage error, and touches nothing, where `directory` is a file, or a folder that holds anything that no run
 * wrote there; a failure where it cannot be written.
 * @example await writeRunOutput('promoters', { report, model }); // promoters/report.html …
 */
export async function writeRunOutput(
  directory: string,
  { report, model, extraFiles = {} }: RunOutput,
): Promise<RunReport> {
  refuseOddNames(Object.keys(extraFiles));
  const extra = Object.fromEntries(Object.keys(extraFiles).map((name) => [name, name]));
  const own = { report: 'report.html', ...(model && { model: modelFolder }) };
  const complete = { ...report, artifacts: { ...report.artifacts, ...extra, ...own } };
  const files = {
    ...extraFiles,
    'report.html': reportHtml(complete),
    'manifest.json': manifestJson(complete),
    ...multiqcFiles(complete),
    'results.json': resultsJson(complete),
  };
  await replaceFolder(
    directory,
    async (partial) => {
      if (model) await saveModel(join(partial, modelFolder), model);
      for (const [name, content] of Object.entries(files)) await atomicWrite(join(partial, name), content);
    },
    whyNoRunOutput,
  );
  return complete;
}

function refuseOddNames(names: string[]): void {
  const taken = new Set([...reportFiles, modelFolder]);
  const odd = names.find((name) => !/^[\w-][\w.-]*$/.test(name) || taken.has(name));
  if (odd !== undefined)
    throw usageError(`a run cannot leave a file called ${JSON.stringify(odd)}; choose a plain, free name.`);
}

/** Throws what `writeRunOutput` would throw for this folder, before the work is done. */
export const checkRunOutput = (directory: string): Promise<void> => rehearse(directory, whyNoRunOutput);

/** Throws what `replaceFolder` would throw, with nothing left behind. */
export async function rehearse(directory: string, isOurs: Ownership): Promise<void> {
  const enough = new Error('far enough');
  const stop = () => Promise.reject(enough);
  await replaceFolder(directory, stop, isOurs).catch((error) => {
    if (error !== enough) throw error;
  });
}

async function whyNoRunOutput(folder: string, names: string[]): Promise<string | undefined> {
  const results = await readFile(join(folder, 'results.json'), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  if (typeof results?.artifacts !== 'object' || !names.includes('manifest.json'))
    return 'is a folder that no run of Seqwright wrote';
  const ours = new Set([...reportFiles, modelFolder, ...Object.values(results.artifacts ?? {})]);
  const other = names.find((name) => !ours.has(name));
  return other && `holds ${JSON.stringify(other)} beside the report, which would be deleted`;
}
