import type { Command } from 'commander';

const examples = `
Trains a tiny model on each device and says which of them work, how long they took, and what this machine offers. The exit
code is 1 if none works.`;

/** Declares `seqwright doctor`. */
export function define(command: Command): void {
  command
    .option('--json', 'as JSON')
    .addHelpText('after', examples)
    .action(async () => {
      const { doctor } = await import('../actions/doctor.ts');
      await doctor(command.opts<{ json?: boolean }>());
    });
}
