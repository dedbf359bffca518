import { dna } from '../../data/alphabet.ts';
import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
import { auprc } from '../../train/metrics/index.ts';
import type { MarkedStretch, MarksData } from '../../train/tasks/marks/data.ts';
import { type PlantedChromosome, plantedMarks, plantedTrack } from './simulate.ts';

/** The example as data to learn from: a bin has a mark where at least half of it is covered. */
export function exampleData(chromosomes: readonly PlantedChromosome[], bin: number): MarksData {
  return {
    ...{ alphabet: dna, bin, sources: [], notes: [] },
    marks: plantedMarks.map((name) => ({ name, kind: 'binary' })),
    tracks: [plantedTrack],
    stretches: chromosomes.map((chromosome) => stretchOf(chromosome, bin)),
  };
}

function stretchOf({ name, sequence, marks, openness }: PlantedChromosome, bin: number): MarkedStretch {
  const bins = openness.length;
  const tokens = new Uint8Array(bins * bin).fill(dna.padding);
  tokens.set(dna.encode(sequence));
  const truth = new Float32Array(bins * marks.length);
  marks.forEach((all, m) => {
    const covered = new Uint8Array(sequence.length);
    for (const { start, end } of all) covered.fill(1, start, end);
    for (let b = 0; b < bins; b++) {
      const own = covered.subarray(b * bin, (b + 1) * bin);
      truth[b * marks.length + m] = Number(2 * own.reduce((x, y) => x + y, 0) >= own.length);
    }
  });
  return {
    ...{ chrom: name, start: 0, length: sequence.length, bins, tokens, truth },
    tracks: openness,
    known: new Array<boolean>(bins).fill(true),
  };
}

/** The example as files, to try the verbs on: sequences, the intervals of each mark, and the track. */
export function exampleFiles(chromosomes: readonly PlantedChromosome[], bin: number): Record<string, string> {
  const marks = plantedMarks.map((mark, m): [string, string] => [
    `example-${mark}.bed`,
    chromosomes
      .flatMap(({ name, marks: all }) =>
        all[m]!.map((place) => bedLine({ chrom: name, strand: '.', ...place })),
      )
      .join(''),
  ]);
  const track = chromosomes.flatMap(({ name, openness, sequence }) =>
    Array.from(openness, (value, b) =>
      bedGraphLine({
        chrom: name,
        start: b * bin,
        end: Math.min(sequence.length, (b + 1) * bin),
        value: Number(value.toFixed(3)),
      }),
    ),
  );
  return {
    'example.fa': [...fastaText(chromosomes.map(({ name, sequence }) => ({ id: name, sequence })))].join(''),
    ...Object.fromEntries(marks),
    [`example-${plantedTrack}.bedgraph`]: track.join(''),
  };
}

/** By mark, the AUPRC of whoever knows what was planted where, but not what chance made of it. */
export type Ceiling = Readonly<Record<string, number>>;

/** The ceiling on stretches of the example. */
export function ceilingOf(
  planted: readonly PlantedChromosome[],
  { stretches, bin, marks }: MarksData,
): Ceiling {
  const of = new Map(planted.map((chromosome) => [chromosome.name, chromosome]));
  return Object.fromEntries(
    marks.map(({ name }, m) => {
      const scores = stretches.flatMap(({ chrom, start, bins }) =>
        Array.from(of.get(chrom)!.ceiling[m]!.subarray(start / bin, start / bin + bins)),
      );
      const truth = stretches.flatMap((stretch) =>
        Array.from({ length: stretch.bins }, (_, b) => stretch.truth[b * marks.length + m]!),
      );
      return [name, auprc(Float64Array.from(scores), Uint8Array.from(truth))];
    }),
  );
}

/** The marks of each stretch moved on by half of it: as many, as long and as near one another, but in the wrong places. */
export function misplaced(data: MarksData): MarksData {
  const width = data.marks.length;
  return {
    ...data,
    stretches: data.stretches.map((stretch) => {
      const half = Math.floor(stretch.bins / 2) * width;
      const truth = new Float32Array(stretch.truth.length);
      truth.set(stretch.truth.subarray(half));
      truth.set(stretch.truth.subarray(0, half), stretch.truth.length - half);
      return { ...stretch, truth };
    }),
  };
}
