import { exportModel } from '../../models/export.ts';
import { loadModel } from '../../models/load-model.ts';
import { openMessages } from '../messages.ts';

/** Writes a model as one ONNX file. */
export async function exportAs(directory: string, args: { onnx: string; quiet?: boolean }): Promise<void> {
  const messages = openMessages(args);
  await exportModel(await loadModel(directory), args.onnx);
  if (args.onnx !== '-') messages.say(`Wrote ${args.onnx}.`);
}
