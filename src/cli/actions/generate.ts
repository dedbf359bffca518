import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { codons } from '../../decode/constraints/codons.ts';
import type { Constraint } from '../../decode/constraints/constraint.ts';
import { gc } from '../../decode/constraints/gc.ts';
import { matches } from '../../decode/constraints/matches.ts';
import { avoid, endsWith, require, startsWith } from '../../decode/constraints/motifs.ts';
import { sites } from '../../decode/constraints/restriction-sites.ts';
import type { Decoded } from '../../decode/decoding.ts';
import { generateSequences, likelySequences } from '../../decode/language.ts';
import { minP, nucleus, type Reshape, temperature, topK, typical } from '../../decode/sampling.ts';
import { openMessages } from '../messages.ts';
import type { GenerateArguments } from '../verbs/generate.ts';
import { deviceFor } from './device.ts';
import { generatedLines, isLetters, shownAsDrawn } from './generated-lines.ts';
import { languageModelAt } from './language-model.ts';
import { languageThreads } from './language-settings.ts';

/** Draws sequences from a language model, or finds its most probable ones, and writes them as they come. */
export async function generate(directory: string, args: GenerateArguments): Promise<void> {
  const messages = openMessages(args);
  const sample = reshapes(args);
  const where = constraints(args);
  if (args.beam !== undefined && sample.length > 0)
    throw usageError(
      '--beam does not sample: leave --temperature, --top-k, --top-p, --typical and --min-p out.',
    );
  if (args.beam === undefined && args.lengthPenalty !== undefined)
    throw usageError('--length-penalty goes with --beam.');
  const model = await languageModelAt(directory);
  const { spec } = model;
  const options = {
    length: args.length ?? (spec.ends ? 1000 : 200),
    where,
    ...(args.prompt !== undefined && { prompt: args.prompt }),
    device: await deviceFor(args.device, messages),
    threads: spec.kind === 'language' ? languageThreads(args.threads, spec.architecture, spec.config) : 1,
  };
  const { count, seed, output, beam } = args;
  const format = formatOf(args, isLetters(spec));
  if (beam !== undefined) {
    const width = Math.max(beam, count);
    const penalty = args.lengthPenalty !== undefined && { lengthPenalty: args.lengthPenalty };
    const found = await likelySequences(model, { ...options, ...penalty, width, count });
    return atomicWrite(output, generatedLines(each(found), { format, what: 'likely' }));
  }
  const drawn = (onToken?: (token: number) => void) =>
    generateSequences(model, { ...options, count, seed, sample, ...(onToken && { onToken }) });
  if (format === 'text' && count === 1 && output === '-')
    return atomicWrite('-', shownAsDrawn(spec, args.prompt ?? '', drawn));
  await atomicWrite(output, generatedLines(drawn(), { format, what: 'sample' }));
}

async function* each(found: readonly Decoded[]): AsyncGenerator<Decoded> {
  yield* found;
}

function formatOf({ format, json, output }: GenerateArguments, letters: boolean) {
  if (json) return 'jsonl';
  if (format) return format;
  const [, name] = /\.(fa|fasta|tsv|jsonl|txt)(?:\.gz)?$/.exec(output) ?? [];
  const named = { fa: 'fasta', fasta: 'fasta', tsv: 'tsv', jsonl: 'jsonl', txt: 'text' } as const;
  return name ? named[name as keyof typeof named] : letters ? 'fasta' : 'text';
}

/** In the order in which they are usually applied. */
function reshapes(args: GenerateArguments): Reshape[] {
  return [
    args.temperature !== undefined && temperature(args.temperature),
    args.topK !== undefined && topK(args.topK),
    args.topP !== undefined && nucleus(args.topP),
    args.typical !== undefined && typical(args.typical),
    args.minP !== undefined && minP(args.minP),
  ].filter((reshape) => reshape !== false);
}

/** One beginning, or any of several. */
const beginsWith = (texts: readonly string[]): Constraint => {
  if (texts.length === 1) return startsWith(texts[0]!);
  const plain = texts.map((text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return matches(new RegExp(`(${plain.join('|')}).*`, 's'));
};

function constraints(args: GenerateArguments): Constraint[] {
  const motif = { ...(args.iupac && { iupac: true }), ...(args.bothStrands && { bothStrands: true }) };
  const { gc: share, gcWindow: window } = args;
  if (window !== undefined && !share) throw usageError('--gc-window goes with --gc.');
  return [
    args.avoid && avoid(args.avoid, motif),
    ...(args.require ?? []).map((text) => require(text, motif)),
    args.avoidSite && sites(args.avoidSite),
    args.startsWith && beginsWith(args.startsWith),
    args.endsWith && endsWith(args.endsWith),
    args.pattern !== undefined && matches(args.pattern),
    share && gc({ ...share, ...(window !== undefined && { window }) }),
    args.codons && codons(args.codons === true ? {} : { table: args.codons }),
  ].filter((constraint) => typeof constraint === 'object');
}
