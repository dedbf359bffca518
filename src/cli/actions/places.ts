import { basename, dirname, join, relative, resolve } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { whyNoModel } from '../../models/save-model.ts';
import { checkRunOutput, rehearse } from '../../recipes/run-output.ts';

/** Throws what saving a model there would throw, before any work is done. */
export const checkModelPlace = (directory: string): Promise<void> => rehearse(directory, whyNoModel);

/** The folder of a report: as asked, or beside the model; undefined where none is wanted. */
export function reportPlace(output: string, report: string | false | undefined): string | undefined {
  if (report === false) return undefined;
  const name = basename(resolve(output)).replace(/\.model$/, '');
  return report ?? join(dirname(output), `${name}.report`);
}

/** Checks both places, and that neither is within the other: replacing one would delete the other. */
export async function checkPlaces(output: string, report: string | undefined): Promise<void> {
  if (report !== undefined && (within(output, report) || within(report, output)))
    throw usageError(
      `the model (${output}) and the report (${report}) need folders of their own. Name another with --report.`,
    );
  await checkModelPlace(output);
  if (report !== undefined) await checkRunOutput(report);
}

/** Whether `inner` is `outer` or lies in it. */
function within(outer: string, inner: string): boolean {
  const path = relative(resolve(outer), resolve(inner));
  return path === '' || !(path === '..' || /^\.\.[\\/]/.test(path) || path.startsWith('/'));
}
