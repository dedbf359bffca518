import { usageError } from '../../../core/errors.ts';
import type { Stretch } from '../../../data/stretches.ts';
import { openMarksRunner } from '../../../models/marks/runner.ts';
import type { MarksSpec } from '../../../models/marks/spec.ts';
import type { Model } from '../../../models/model.ts';
import type { CompileOptions } from '../../../runtime/compile.ts';
import { alphabetNamed, type MarksFiles, openMarks } from './data.ts';

/** What is told of a stretch, bin by bin. */
export interface PredictedStretch extends Stretch {
  readonly bin: number;
  /** Row-major [bins, marks]; NaN where letters are not known. */
  readonly values: Float32Array;
}

/** What is predicted, and what was read. */
export interface MarksPredictions {
  readonly stretches: AsyncGenerator<PredictedStretch, void, undefined>;
  readonly notes: readonly string[];
}

/**
 * Tells the marks of a genome, or of regions of it, a stretch at a time; memory is that of the longest. `tracks`: the files that the model reads
 * beside the letters, by its names. Throws a data error where one is missing, and as `openMarks` does.
 */
export async function predictMarks(
  { spec, weights }: Pick<Model<MarksSpec>, 'spec' | 'weights'>,
  path: string,
  files: Pick<MarksFiles, 'tracks' | 'regions' | 'ambiguous'>,
  where: CompileOptions = {},
): Promise<MarksPredictions> {
  const tracks = trackFiles(spec, files.tracks);
  const reader = await openMarks(path, {
    ...files,
    ...{ tracks, marks: [], bin: spec.bin, alphabet: alphabetNamed(spec.alphabet) },
  });
  const width = spec.marks.length;
  async function* stretches() {
    try {
      const runner = await openMarksRunner(spec, weights, where);
      try {
        for (const place of reader.places) {
          const stretch = await reader.read(place);
          const values = await runner.run(stretch);
          stretch.known.forEach((known, b) => {
            if (!known) values.fill(Number.NaN, b * width, (b + 1) * width);
          });
          yield { ...place, bin: spec.bin, values };
        }
      } finally {
        await runner.close();
      }
    } finally {
      await reader.close();
    }
  }
  return { stretches: stretches(), notes: reader.notes };
}

/** The files of the tracks that a model reads, in its order; throws a usage error for one that is missing or not read. */
export function trackFiles(
  { tracks }: Pick<MarksSpec, 'tracks'>,
  given: MarksFiles['tracks'] = [],
): NonNullable<MarksFiles['tracks']> {
  const names = tracks.map(({ name }) => name);
  const hint =
    names.length > 0
      ? `It reads ${names.join(', ')}: give each as --track <name>=<file>.`
      : 'It reads letters alone.';
  const odd = given.find(({ name }) => !names.includes(name));
  if (odd) throw usageError(`the model reads no track "${odd.name}". ${hint}`);
  return names.map((name) => {
    const file = given.find((one) => one.name === name);
    if (!file)
      throw usageError(`the track "${name}" is missing, which the model reads beside the letters. ${hint}`);
    return file;
  });
}
