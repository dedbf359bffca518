import type { Command } from 'commander';

const examples = `
Examples:
  seqwright init promoters                 # writes promoters.json
  seqwright init splice -o -               # prints it
  seqwright run promoters.json             # runs it`;

/** Declares `seqwright init`. */
export function define(command: Command): void {
  command
    .argument('<recipe>', 'the id of a recipe')
    .option('-o, --output <file>', 'where it goes (default: <recipe>.json)')
    .option('--force', 'replace a file that is there')
    .addHelpText('after', examples)
    .action(async (recipe: string) => {
      const { init } = await import('../actions/init.ts');
      await init(recipe, command.opts<{ output?: string; force?: boolean }>());
    });
}
