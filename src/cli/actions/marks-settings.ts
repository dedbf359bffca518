import { availableParallelism } from 'node:os';
import { usageError } from '../../core/errors.ts';
import { dna, protein, rna } from '../../data/alphabet.ts';
import { marksOptions } from '../../models/marks/network.ts';
import type { MarkFile, MarksFiles } from '../../train/tasks/marks/data.ts';
import { closest } from '../closest.ts';
import {
  type MarkReadingArguments,
  type MarksArguments,
  marksModelNames,
  trackFiles,
} from '../marks-options.ts';
import type { AlphabetName, Ambiguity } from '../options.ts';
import { readSettings } from '../settings.ts';

/** The configuration that `--set` describes; throws a usage error for a model that there is not and for what it cannot take. */
export function marksConfig(name: string, set: readonly string[] = []): Record<string, unknown> {
  if (!marksModelNames.includes(name)) {
    const guess = closest(name, marksModelNames);
    throw usageError(
      `there is no model of marks "${name}". ${guess ? `Did you mean ${guess}?` : `There are ${marksModelNames.join(', ')}.`}`,
    );
  }
  const options = marksOptions(name);
  const config = readSettings([...set], Object.keys(options), `the model of marks ${name}`);
  for (const [key, value] of Object.entries(config)) {
    const option = options[key]!;
    if (Array.isArray(option.default) && typeof value === 'number') config[key] = [value];
    if (!option.accepts(config[key]))
      throw usageError(`--set ${key}: expected ${option.expected}, received ${JSON.stringify(value)}.`);
  }
  return config;
}

const usualBin = 32;
const usualBins = 128;

/** Windows in bins. Throws a usage error where context leaves nothing to answer. */
export function windowOf({
  bin = usualBin,
  window = usualBins * bin,
  windowFlank = Math.floor(window / 8),
}: MarksArguments) {
  const [all, side] = [Math.round(window / bin), Math.round(windowFlank / bin)];
  if (all - 2 * side < 1)
    throw usageError(
      `a window of ${window} letters, of which ${windowFlank} at either side are context only, has no bin of ${bin} to answer. Use a larger --window, or a smaller --window-flank or --bin.`,
    );
  return { bin, core: all - 2 * side, flank: side };
}

/** Where marks stand, as the command line says. Throws a usage error for a cut of a mark that is not there. */
export function markFiles({ mark = [], cut = [] }: MarkReadingArguments): MarkFile[] {
  const odd = cut.find(({ name }) => !mark.some((file) => file.name === name));
  if (odd)
    throw usageError(
      `--cut ${odd.name}=${odd.value}: there is no mark "${odd.name}"; there are ${mark.map(({ name }) => name).join(', ')}.`,
    );
  return mark.map((file) => ({ ...file, cut: cut.find(({ name }) => name === file.name)?.value }));
}

/** All files along a genome. */
export const filesOf = (
  args: MarkReadingArguments & { ambiguous?: Ambiguity | undefined },
  bin: number,
  alphabet: AlphabetName = 'dna',
): MarksFiles => ({
  ...{
    marks: markFiles(args),
    tracks: trackFiles(args.track),
    bin,
    alphabet: { dna, rna, protein }[alphabet],
  },
  ...(args.regions !== undefined && { regions: args.regions }),
  ...(args.ambiguous && { ambiguous: args.ambiguous }),
});

/** From this width on, one operation is enough work to share. */
const wide = 256;

/** Threads within an operation: as asked, else 1 for small networks and for others as many as there are cores, up to 4. */
export function marksThreads(asked: number | undefined, config: Readonly<Record<string, unknown>>): number {
  if (asked !== undefined) return asked;
  const widths = [config.hidden, config.width, config.motifs].filter((x) => typeof x === 'number');
  return Math.max(0, ...widths) >= wide ? Math.min(4, availableParallelism()) : 1;
}
