import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { tsvLine } from '../../data/table/tsv-text.ts';
import type { MarksSpec } from '../../models/marks/spec.ts';
import type { Model } from '../../models/model.ts';
import { type PredictedStretch, predictMarks as predictAlong } from '../../train/tasks/marks/predict.ts';
import { bedGraphOf } from '../../train/tasks/marks/write.ts';
import { type MarkReadingArguments, trackFiles } from '../marks-options.ts';
import type { Messages } from '../messages.ts';
import type { PredictArguments } from '../verbs/predict.ts';
import { deviceFor } from './device.ts';
import { marksThreads } from './marks-settings.ts';

/** Tells the marks of a genome: a bedGraph for each mark, or a table with a row a bin. */
export async function predictMarks(
  { directory, model }: { directory: string; model: Model<MarksSpec> },
  path: string,
  args: PredictArguments & MarkReadingArguments,
  messages: Messages,
): Promise<void> {
  const { spec } = model;
  if (args.attention) throw usageError(`${directory} has no attention to show. Leave --attention out.`);
  const format = formatOf(args);
  const names = spec.marks.map(({ name }) => name);
  const { stretches, notes } = await predictAlong(
    model,
    path,
    {
      tracks: trackFiles(args.track),
      ambiguous: args.ambiguous,
      ...(args.regions !== undefined && { regions: args.regions }),
    },
    {
      device: await deviceFor(args.device, messages),
      threads: marksThreads(args.threads, spec.config),
      worker: true,
    },
  );
  for (const note of notes) messages.say(note);
  if (format === 'bedgraph') {
    const files = names.map((name) => (names.length === 1 ? args.output : withMark(args.output, name)));
    const copies = shared(stretches, names.length);
    await Promise.all(files.map((file, m) => atomicWrite(file, bedGraphOf(copies[m]!, spec, m))));
    if (names.length > 1) messages.say(`Written: ${files.join(', ')}.`);
    return;
  }
  await atomicWrite(args.output, rowsOf(stretches, names, format));
}

type Format = 'tsv' | 'jsonl' | 'bedgraph';

function formatOf({ format, output }: PredictArguments): Format {
  if ((format as string | undefined) === 'bed')
    throw usageError(
      '--format bed does not go with a model of marks, which has a number for every bin: write -o marks.bedgraph, or a table.',
    );
  if (format) return format;
  if (/\.jsonl?(\.gz)?$/i.test(output)) return 'jsonl';
  return /\.(bedgraph|bg|bdg)(\.gz)?$/i.test(output) ? 'bedgraph' : 'tsv';
}

/** `marks.bedgraph` → `marks.H3K4me3.bedgraph`. */
const withMark = (output: string, mark: string) =>
  output.replace(/(\.[a-z]+(\.gz)?)?$/i, (suffix) => `.${mark.replace(/[^\w.+-]/g, '_')}${suffix}`);

/** `chrom`, `start`, `end` and a column a mark; bins of unknown letters are left out. */
async function* rowsOf(
  stretches: AsyncIterable<PredictedStretch>,
  names: readonly string[],
  format: 'tsv' | 'jsonl',
): AsyncGenerator<string> {
  if (format === 'tsv') yield tsvLine(['chrom', 'start', 'end', ...names]);
  for await (const { chrom, start, length, bin, values } of stretches) {
    const lines: string[] = [];
    for (let b = 0; b * names.length < values.length; b++) {
      const own = Array.from(values.subarray(b * names.length, (b + 1) * names.length), (x) =>
        Number(x.toPrecision(5)),
      );
      if (Number.isNaN(own[0]!)) continue;
      const place = [start + b * bin, start + Math.min(length, (b + 1) * bin)] as const;
      if (format === 'tsv') lines.push(tsvLine([chrom, ...place, ...own]));
      else {
        const told = Object.fromEntries(names.map((name, m) => [name, own[m]]));
        lines.push(`${JSON.stringify({ chrom, start: place[0], end: place[1], ...told })}\n`);
      }
    }
    yield lines.join('');
  }
}

/**
 * The same stretches for several readers, each computed once: the next is asked for when all readers have taken the one before. A reader
 * that stops lets the others go on.
 */
function shared<T>(source: AsyncGenerator<T, void, undefined>, readers: number): AsyncGenerator<T>[] {
  const waiting: { resolve(result: IteratorResult<T, void>): void; reject(error: unknown): void }[] = [];
  let open = readers;
  const move = async () => {
    const asked = waiting.splice(0);
    try {
      const result = open === 0 ? await source.return() : await source.next();
      for (const { resolve } of asked) resolve(result);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };
  const next = () =>
    new Promise<IteratorResult<T, void>>((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (waiting.length === open) void move();
    });
  return Array.from({ length: readers }, async function* () {
    try {
      for (let result = await next(); !result.done; result = await next()) yield result.value;
    } finally {
      open--;
      if (open === 0 || waiting.length === open) void move();
    }
  });
}
