import type { Command } from 'commander';

const examples = `
Examples:
  seqwright export mine.model --onnx mine.onnx

The file holds the weights and runs in any ONNX Runtime. Inputs: tokens int32 [batch, time], lengths int32 [batch], and
tracks float32 [batch, time, tracks] where the model has them; output: predictions float32 [batch, outputs]. Its metadata
properties tell the token of every letter and the names of the outputs.`;

/** Declares `seqwright export`. */
export function define(command: Command): void {
  command
    .argument('<model>', 'a model folder')
    .option('--onnx <file>', 'where the ONNX model goes (required); - is standard output')
    .option('--quiet', 'no messages but errors')
    .addHelpText('after', examples)
    .action(async (model: string) => {
      const { exportAs } = await import('../actions/export.ts');
      await exportAs(model, command.opts<{ onnx?: string; quiet?: boolean }>());
    });
}
