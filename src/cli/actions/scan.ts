import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { failure, SeqwrightError, usageError } from '../../core/errors.ts';
import { openStretches } from '../../data/stretches.ts';
import { kindOf } from '../../models/kinds/index.ts';
import { loadAnyModel } from '../../models/load-model.ts';
import {
  openScan,
  type Scan,
  type ScanCounts,
  type ScanFormat,
  type ScanModel,
  type ScanStep,
  scanFiles,
  writeScan,
} from '../../models/scan/index.ts';
import { counted, duration, whole } from '../../report/format.ts';
import { type Messages, openMessages } from '../messages.ts';
import { stoppable } from '../signals.ts';
import type { ScanArguments } from '../verbs/scan.ts';
import { removeLeftovers } from './checkpoint-file.ts';
import { deviceFor } from './device.ts';

/** The most threads that are taken unasked. */
const mostThreads = 4;

/** Slides a model along a genome and writes a track. */
export async function scan(directory: string, genome: string, args: ScanArguments): Promise<void> {
  const began = performance.now();
  const messages = openMessages(args);
  const { output, resume = false, regions, shard } = args;
  if (args.json && output === '-')
    throw usageError('--json goes to standard output; name a file for the track with -o.');
  if (resume && genome === '-')
    throw usageError('standard input cannot be read again from where it was; --resume needs a file.');
  const model = await scanModel(directory);
  const threads = args.threads ?? Math.min(mostThreads, availableParallelism());
  const device = await deviceFor(args.device, messages);
  const stretches = await openStretches(genome, { regions });
  try {
    const format = formatOf(output, args.format);
    const options = { ...args, format, tracks: args.track, gap: args.mergeGap };
    const counts = await stoppable(async (signal) => {
      const ready = await openScan(model, stretches, options, { device, threads, shard, signal });
      if (output !== '-') await sayProgress(output, resume, messages);
      return run(ready, args, messages);
    }).finally(() => messages.clear());
    const seconds = (performance.now() - began) / 1000;
    if (counts) tell(counts, { seconds, format, ...args }, messages);
  } finally {
    await stretches.close();
  }
}

/** A model that can be slid along letters; others are refused with what they are for. */
async function scanModel(directory: string): Promise<ScanModel> {
  const model = await loadAnyModel(directory);
  const { spec } = model;
  if (spec.kind === undefined || spec.kind === 'answer' || spec.kind === 'tagger') return model as ScanModel;
  const { what, verbs } = kindOf(spec);
  throw usageError(
    `${directory} is ${what}, which cannot be slid along a genome: expected a model with one answer a sequence, or a tagger of letters. It is for ${verbs}.`,
  );
}

const suffixes: Record<string, ScanFormat> = {
  bedgraph: 'bedgraph',
  bg: 'bedgraph',
  bdg: 'bedgraph',
  bed: 'bed',
  gff: 'gff3',
  gff3: 'gff3',
};

/** The format that is asked for, or that the output's name says. */
export function formatOf(output: string, asked: ScanFormat | undefined): ScanFormat {
  const suffix = /\.([a-z0-9]+)(\.gz)?$/i.exec(output)?.[1]?.toLowerCase() ?? '';
  return asked ?? suffixes[suffix] ?? 'bedgraph';
}

async function sayProgress(output: string, resume: boolean, messages: Messages): Promise<void> {
  const { progress } = scanFiles(output);
  await removeLeftovers(progress);
  const there = existsSync(progress);
  if (resume && !there)
    messages.say(`There is no ${progress} to resume from; the scan starts from the beginning.`);
  if (!resume && there)
    messages.say(
      `${progress} is there from an interrupted scan; --resume would continue it. This scan starts anew.`,
    );
  if (!existsSync(dirname(output)))
    throw failure(`${output} cannot be written: its folder does not exist. Create the folder first.`);
}

async function run(
  ready: Scan,
  { output, resume = false, checkpointEvery }: ScanArguments,
  messages: Messages,
): Promise<ScanCounts | undefined> {
  const onStep = progressOf(messages);
  try {
    return await writeScan(ready, output, { resume, checkpointSeconds: checkpointEvery, onStep });
  } catch (error) {
    if (!(error instanceof SeqwrightError) || error.message !== 'interrupted.' || output === '-') throw error;
    throw failure(
      `interrupted; progress is saved in ${scanFiles(output).progress}. Continue with the same command and --resume.`,
    );
  }
}

/** A bar with the time left, by what was done since this run began. */
function progressOf(messages: Messages): (step: ScanStep) => void {
  let first: { done: number; at: number } | undefined;
  return ({ done, total, counts }) => {
    first ??= { done, at: performance.now() };
    if (total === undefined) return;
    const elapsed = (performance.now() - first.at) / 1000;
    const rate = (done - first.done) / elapsed;
    messages.progress(
      `${whole(counts.letters)} letters scanned`,
      total === 0 ? 1 : done / total,
      rate > 0 ? (total - done) / rate : undefined,
    );
  };
}

function tell(
  counts: ScanCounts,
  { seconds, format, json }: { seconds: number; format: ScanFormat; json?: boolean },
  messages: Messages,
): void {
  const { windows, letters, leftOut, unknownLetters, short, shortLetters, segments } = counts;
  const found = format === 'bedgraph' ? '' : ` ${counted(segments, 'segment')} found.`;
  messages.say(
    `Scanned ${counted(letters, 'letter')} in ${counted(windows, 'window')}, in ${duration(seconds)}.${found}`,
  );
  if (leftOut > 0)
    messages.say(
      `Left out ${counted(leftOut, 'window')} for unknown letters: ${counted(unknownLetters, 'letter')} without a value.`,
    );
  if (short > 0)
    messages.say(
      `Left out ${counted(short, 'sequence')} shorter than a window: ${counted(shortLetters, 'letter')} without a value.`,
    );
  if (json) process.stdout.write(`${JSON.stringify({ ...counts, seconds })}\n`);
}
