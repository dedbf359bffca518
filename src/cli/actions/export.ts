import { usageError } from '../../core/errors.ts';
import { exportModel } from '../../models/export.ts';
import { loadAnyModel } from '../../models/load-model.ts';
import { openMessages } from '../messages.ts';

/** Writes a model as one ONNX file. */
export async function exportAs(directory: string, args: { onnx?: string; quiet?: boolean }): Promise<void> {
  const { onnx } = args;
  if (onnx === undefined)
    throw usageError(
      'export needs --onnx: name the file, such as --onnx mine.onnx. See seqwright export -h.',
    );
  const messages = openMessages(args);
  await exportModel(await loadAnyModel(directory), onnx);
  if (onnx !== '-') messages.say(`Wrote ${onnx}.`);
}
