import { Command } from 'commander';
import { usageError } from '../core/errors.ts';
import { closest } from './closest.ts';
import { type VerbName, verbs } from './verbs/index.ts';

const epilogue = `
Start here:
  seqwright run promoters
  seqwright train mine.fa --labels mine.tsv -o mine.model
  seqwright evaluate mine.model held-out.fa --labels held-out.tsv
  zcat genome.fa.gz | seqwright predict mine.model - > predictions.tsv

Results go to standard output, messages to standard error; - is standard input or output. Exit codes: 0 success,
1 failure, 2 wrong usage, 3 bad input data, 130 stopped by Ctrl-C. "seqwright <verb> -h" explains a verb.`;

/**
 * The command line with the one verb in full that `args` begin with; the others are there by name only, so that nothing
 * is loaded that is not used.
 */
export async function openProgram(args: readonly string[]): Promise<Command> {
  const asked = args[0] === 'help' ? args[1] : args.find((arg) => !arg.startsWith('-'));
  const program = new Command('seqwright')
    .description('Train, evaluate and ship sequence models: DNA, RNA, proteins.')
    .usage('<verb> [options]')
    .option('-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a verb')
    .helpCommand('help [verb]', 'explain a verb')
    .addHelpText('after', epilogue)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text, asked)) })
    .action(() => program.help());
  for (const [name, verb] of Object.entries(verbs)) {
    const command = program.command(name).description(verb.summary).helpOption('-h, --help', 'this text');
    if (name === asked) (await verb.load()).define(command);
  }
  if (asked !== undefined && !Object.hasOwn(verbs, asked) && asked !== 'help') throw unknownVerb(asked);
  return program;
}

function unknownVerb(asked: string): Error {
  const guess = closest(asked, Object.keys(verbs));
  const hint = guess ? `Did you mean ${guess}?` : `The verbs are ${Object.keys(verbs).join(', ')}.`;
  return usageError(`there is no verb "${asked}". ${hint} See seqwright --help.`);
}

/** One line as all our errors are: what is wrong, and where to look. */
function usageLine(text: string, verb: string | undefined): string {
  const said = text
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.?\s*$/, '');
  const where = verb && Object.hasOwn(verbs, verb) ? `seqwright ${verb as VerbName} -h` : 'seqwright --help';
  return `seqwright: ${said}. See ${where}.\n`;
}
