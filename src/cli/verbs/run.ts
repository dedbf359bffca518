import type { Command } from 'commander';
import {
  alphabetOption,
  type DataArguments,
  labelOptions,
  letterOptions,
  type RunArguments,
  runOptions,
  taskOption,
} from '../options.ts';
import { collect, whole } from '../values.ts';

/** What `run` is told. */
export interface RecipeArguments extends DataArguments, RunArguments {
  input?: string;
  set?: string[];
  quick?: boolean;
  output?: string;
  seed?: number;
  json?: boolean;
}

const examples = `
Examples:
  seqwright run promoters
  seqwright run splice --quick -o splice-output
  seqwright init promoters -o mine.json && seqwright run mine.json --input mine.fa --labels mine.tsv

"seqwright list" names the recipes. A run states its claims, whether each held, and leaves report.html, results.json,
manifest.json and, where a model was trained, the folder model. A claim that is not met is a result, not a failure: the
exit code is 0, and results.json says "met": false.`;

/** Declares `seqwright run`. */
export function define(command: Command): void {
  command
    .argument('<recipe>', 'the id of a recipe, or a configuration file that init wrote')
    .option(
      '--input <file>',
      'your own file instead of the example; "seqwright list <recipe>" says of what kind',
    )
    .option('--quick', 'a smaller run that ends within seconds')
    .option('-o, --output <folder>', 'where report and model go (default: seqwright-output/<recipe>)')
    .option(
      '--set <key=value>',
      'a setting of the recipe, such as training.epochs=5; repeat it for several',
      collect,
    )
    .option('--json', 'print results.json instead of the summary');
  letterOptions(labelOptions(command).addOption(taskOption()).addOption(alphabetOption()));
  runOptions(command).option(
    '--seed <n>',
    "decides everything that is random (default: the configuration's, or 42)",
    whole(0),
  );
  command.addHelpText('after', examples).action(async (recipe: string) => {
    const { run } = await import('../actions/run.ts');
    const args = command.opts<RecipeArguments>();
    // A default was not asked for, and is not refused where a recipe does not read it.
    if (command.getOptionValueSource('ambiguous') === 'default') delete args.ambiguous;
    await run(recipe, args);
  });
}
