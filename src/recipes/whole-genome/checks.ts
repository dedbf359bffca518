import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stretches } from '../../data/stretches.ts';
import {
  openScan,
  type ScanCounts,
  type ScanModel,
  type ScanOptions,
  type ScanPlace,
  writeScan,
} from '../../models/scan/index.ts';
import { quantile } from '../../train/metrics/index.ts';

/** What is scanned, by what, and how. */
export interface Work {
  readonly model: ScanModel;
  readonly stretches: Stretches;
  readonly options: ScanOptions;
  readonly place: ScanPlace;
}

/** A whole scan: what it wrote, and how long it took. */
export interface Scanned {
  readonly text: string;
  readonly counts: ScanCounts;
  readonly seconds: number;
}

/** A scan without files. */
export async function scanText({ model, stretches, options, place }: Work): Promise<Scanned> {
  const scan = await openScan(model, stretches, options, place);
  const began = performance.now();
  const parts: string[] = [];
  let counts: ScanCounts | undefined;
  for await (const step of scan.steps()) {
    parts.push(step.text);
    counts = step.counts;
  }
  return { text: parts.join(''), counts: counts ?? noCounts, seconds: (performance.now() - began) / 1000 };
}

const noCounts: ScanCounts = {
  ...{ windows: 0, letters: 0, leftOut: 0, unknownLetters: 0 },
  ...{ short: 0, shortLetters: 0, segments: 0 },
};

/** The outputs of so many shards, one after the other. */
export async function shardedText(work: Work, of: number): Promise<string> {
  const parts: string[] = [];
  for (let part = 1; part <= of; part++) {
    const { text } = await scanText({ ...work, place: { ...work.place, shard: { part, of } } });
    parts.push(text);
  }
  return parts.join('');
}

/** Ends a scan as a killed process does, with no other trace than the records made before. */
const killed = new Error('killed');

/**
 * What a file holds that was written by a scan which was killed at each of the given shares of the work and went on each time. The first
 * records come with the first blocks, the last ones lag behind what was written.
 */
export async function resumedText(
  { model, stretches, options, place }: Work,
  moments: readonly number[],
): Promise<{ text: string; kills: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'seqwright-scan-'));
  let kills = 0;
  try {
    const output = join(folder, 'track');
    for (const moment of [...moments, Number.POSITIVE_INFINITY]) {
      const scan = await openScan(model, stretches, options, place);
      let steps = 0;
      await writeScan(scan, output, {
        resume: true,
        checkpointSeconds: 0.01,
        onStep: ({ done, total = Number.POSITIVE_INFINITY }) => {
          steps++;
          if (steps > 1 && done / total >= moment) throw killed;
        },
      }).catch((error) => {
        if (error !== killed) throw error;
        kills++;
      });
    }
    return { text: await readFile(output, 'utf8'), kills };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a scan takes of memory, and how fast it is. */
export interface Footprint {
  readonly letters: number;
  /** Resident bytes of the process in the second half of the scan: their median, as garbage comes and goes. */
  readonly resident: number;
  readonly lettersPerSecond: number;
  /** Resident bytes by share of the work. */
  readonly course: readonly (readonly [share: number, bytes: number])[];
}

/** Watches the process while it scans; the output is counted and let go. */
export async function footprintOf({ model, stretches, options, place }: Work): Promise<Footprint> {
  const scan = await openScan(model, stretches, options, place);
  const course: [number, number][] = [];
  let [letters, steps] = [0, 0];
  const began = performance.now();
  for await (const { done, total, counts } of scan.steps()) {
    letters = counts.letters;
    if (steps++ % 8 > 0) continue;
    course.push([total ? done / total : 1, process.memoryUsage.rss()]);
  }
  const lettersPerSecond = letters / ((performance.now() - began) / 1000);
  const late = course.filter(([share]) => share >= 0.5).map(([, bytes]) => bytes);
  const resident = quantile(Float64Array.from(late).sort(), 0.5);
  return { letters, resident, lettersPerSecond, course };
}
