import type { Command } from 'commander';

const examples = `
Examples:
  seqwright list                # models and recipes
  seqwright list cnn-bilstm     # what can be --set in a model, with defaults`;

/** Declares `seqwright list`. */
export function define(command: Command): void {
  command
    .argument('[name]', 'a model or recipe to explain')
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action(async (name: string | undefined) => {
      const { list } = await import('../actions/list.ts');
      await list(name, command.opts<{ json?: boolean }>());
    });
}
