import type { CompileOptions } from '../../runtime/compile.ts';
import { openAnswers } from './answers.ts';
import { isTagger, type ScanJob, type ScanRunner } from './runner.ts';
import { openTagging } from './tagging.ts';

/** Compiles a model for scanning. `close` frees the runtime's memory. */
export function openScanRunner(job: ScanJob, where: CompileOptions = {}): Promise<ScanRunner> {
  const { spec, weights } = job.model;
  return isTagger(spec)
    ? openTagging({ ...job, model: { spec, weights } }, where)
    : openAnswers({ ...job, model: { spec, weights } }, where);
}
