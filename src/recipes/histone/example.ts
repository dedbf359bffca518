import { dna } from '../../data/alphabet.ts';
import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { fastaText } from '../../data/fasta/fasta-text.ts';
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
