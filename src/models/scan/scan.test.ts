import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dna, reverseComplement } from '../../data/alphabet.ts';
import { collect, thrown } from '../../data/pieces.fixture.ts';
import { openPredictor } from '../predict.ts';
import type { ScanModel } from './runner.ts';
import { bases, classifier, exampleTagger, stretchesOf } from './scan.fixture.ts';
import { openScan, type ScanPlace } from './scan.ts';
import { scanFiles, writeScan } from './scan-file.ts';
import { type ScanOptions, scanSettings } from './settings.ts';
import { answerWindows } from './windowing.ts';

type Given = Parameters<typeof stretchesOf>;

async function textOf(model: ScanModel, given: Given, options: ScanOptions, place: ScanPlace = {}) {
  const scan = await openScan(model, stretchesOf(...given), options, place);
  return (await collect(scan.steps())).map(({ text }) => text).join('');
}

const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'));

const model = classifier();
const genome = {
  one: bases(2000, 1),
  two: `${bases(300, 2)}${'N'.repeat(300)}${bases(400, 3, 0.02)}`,
  short: 'ACGT',
  three: bases(1001, 4),
};
const known = { one: genome.one, short: genome.short, three: genome.three };
const yes: ScanOptions = { tracks: ['yes'], width: 40, step: 10, blockSize: 16 };

describe('a scan by a model with one answer a sequence', () => {
  // Windows of 41 every 13 have a convolution of their own; those of 40 every 10 share it, and those of 60 every 7 with every other one.
  it.each([
    [41, 13],
    [40, 10],
    [60, 7],
  ])(
    'gives each window of %i every %i what the model predicts for it, the higher of both strands',
    async (width, step) => {
      const found = rows(await textOf(model, [genome], { ...yes, width, step }));
      const values = new Map<string, number>();
      for (const [chrom, start, end, value] of found)
        for (let i = Number(start); i < Number(end); i++) values.set(`${chrom} ${i}`, Number(value));
      const windowing = answerWindows({ width, step });
      const predictor = await openPredictor(model, { device: 'auto' });
      let compared = 0;
      for (const [chrom, text] of Object.entries(genome))
        for (let k = 0; k < windowing.count(text.length); k++) {
          const { start, end, from, to } = windowing.at(k, text.length);
          const sequence = text.slice(start, end);
          if (2 * sequence.replace(/[^N]/g, '').length > width) {
            expect(values.has(`${chrom} ${from}`)).toBe(false);
            continue;
          }
          if (k % 3 > 0) continue;
          const both = [sequence, reverseComplement(sequence, dna)].map((s, i) => ({
            id: `${i}`,
            sequence: s,
          }));
          const [plus, minus] = await collect(predictor.predict(both));
          const expected = Math.max(plus!.values[1]!, minus!.values[1]!);
          for (const i of [from, to - 1]) expect(values.get(`${chrom} ${i}`)).toBeCloseTo(expected, 4);
          compared++;
        }
      await predictor.close();
      expect(compared).toBeGreaterThan(50);
      expect(found.some(([chrom]) => chrom === 'short')).toBe(false);
    },
  );

  it('refuses models that read more than letters', () => {
    const features = [{ kind: 'number', name: 'age', mean: 3, deviation: 1, missing: false } as const];
    const refused = () => scanSettings({ spec: { ...model.spec, features } }, yes);
    expect(refused).toThrow(/reads age of a table beside the sequence, which a scan does not have/);
  });

  it('covers each letter at most once and in order, from the first of a sequence to its last', async () => {
    const covered: Record<string, number> = {};
    for (const [chrom, start, end] of rows(await textOf(model, [genome], yes))) {
      expect(Number(start)).toBeGreaterThanOrEqual(covered[chrom!] ?? 0);
      covered[chrom!] = Number(end);
    }
    expect(covered).toEqual({ one: 2000, two: 1000, three: 1001 });
  });

  it('finds segments on the strand of their highest window, and on both strands apart', async () => {
    const [plus, minus, apart] = await Promise.all([
      textOf(model, [genome], { ...yes, format: 'bed', strand: '+' }),
      textOf(model, [genome], { ...yes, format: 'bed', strand: '-' }),
      textOf(model, [genome], { ...yes, format: 'bed', combine: 'apart' }),
    ]);
    expect(rows(plus).length).toBeGreaterThan(10);
    const order = (text: string) => rows(text).map(String).sort();
    expect(order(apart)).toEqual(order(plus + minus));
    const max = rows(await textOf(model, [genome], { ...yes, format: 'bed' }));
    const track = rows(await textOf(model, [genome], yes));
    for (const [chrom, start, end, name, score] of max) {
      const inside = track.filter(
        ([c, from, to]) => c === chrom && Number(from) >= Number(start) && Number(to) <= Number(end),
      );
      expect(name).toBe('yes');
      expect(Number(score)).toBe(
        Math.round(1000 * Math.max(...inside.map(([, , , value]) => Number(value)))),
      );
      expect(inside.every(([, , , value]) => Number(value) >= 0.5)).toBe(true);
    }
    expect(new Set(max.map((cells) => cells[5]))).toEqual(new Set(['+', '-']));
  });

  it('writes coordinates of the sequence where it scans a region of it', async () => {
    const bed = rows(await textOf(model, [{ one: genome.one }], { ...yes, format: 'bed' }));
    const moved = rows(
      await textOf(model, [{ one: genome.one }, { offset: 500 }], { ...yes, format: 'gff3' }),
    );
    expect(moved.map(([, , , start, end]) => [Number(start) - 501, Number(end) - 500])).toEqual(
      bed.map(([, start, end]) => [Number(start), Number(end)]),
    );
  });

  it('tells what was left out', async () => {
    const last = async (measured: boolean) => {
      const scan = await openScan(model, stretchesOf(genome, { measured }), { ...yes, ambiguous: 'skip' });
      return (await collect(scan.steps())).at(-1)!.counts;
    };
    const counts = await last(true);
    expect(counts).toMatchObject({ short: 1, shortLetters: 4, segments: 0 });
    expect(counts.letters + counts.unknownLetters).toBe(2000 + 1000 + 1001);
    expect(counts.unknownLetters).toBeGreaterThan(300);
    expect(await last(false)).toEqual(counts);
  });
});

describe('a scan by a tagger', () => {
  it('gives each letter what the model says of the whole sequence, where the flanks hold all that it sees', async () => {
    const tagger = exampleTagger();
    const options: ScanOptions = { format: 'bed', width: 50, flank: 5, strand: 'both' };
    const whole: ScanOptions = { ...options, width: 9000, flank: 0 };
    for (const format of ['bed', 'gff3'] as const) {
      const stitched = await textOf(tagger, [known], { ...options, format });
      expect(rows(stitched).length).toBeGreaterThan(500);
      expect(rows(stitched).map((r) => (format === 'bed' ? r.slice(0, 4) : r.slice(0, 5)))).toEqual(
        rows(await textOf(tagger, [known], { ...whole, format })).map((r) =>
          format === 'bed' ? r.slice(0, 4) : r.slice(0, 5),
        ),
      );
    }
    const track: ScanOptions = { ...options, format: 'bedgraph', tracks: ['B-x'], strand: '-' };
    const perLetter = (text: string) =>
      rows(text).flatMap(([chrom, start, end, value]) =>
        Array.from({ length: Number(end) - Number(start) }, (_, i) => [
          chrom,
          Number(start) + i,
          Number(value),
        ]),
      );
    const [parts, all] = [
      perLetter(await textOf(tagger, [known], track)),
      perLetter(await textOf(tagger, [known], { ...track, width: 9000, flank: 0 })),
    ];
    expect(parts.length).toBe(all.length);
    parts.forEach(([chrom, at, value], i) => {
      expect([chrom, at]).toEqual(all[i]!.slice(0, 2));
      expect(value).toBeCloseTo(all[i]![2] as number, 4);
    });
  });

  it('is not the same without overlap: letters at the edges of windows lack their neighbours', async () => {
    const tagger = exampleTagger();
    const cut = await textOf(tagger, [genome], { format: 'bed', width: 50, flank: 0 });
    expect(cut).not.toBe(await textOf(tagger, [genome], { format: 'bed', width: 50, flank: 5 }));
  });

  it('reads the other strand as if the sequence were turned round', async () => {
    const tagger = exampleTagger();
    const { one } = genome;
    const turned = { one: reverseComplement(one, dna) };
    const spans = async (sequences: Record<string, string>, strand: '+' | '-') =>
      rows(await textOf(tagger, [sequences], { format: 'bed', width: 64, flank: 6, strand })).map(
        ([, start, end, name]) => [Number(start), Number(end), name!] as const,
      );
    const minus = await spans({ one }, '-');
    const plus = (await spans(turned, '+')).map(
      ([start, end, name]) => [2000 - end, 2000 - start, name] as const,
    );
    expect(minus.length).toBeGreaterThan(100);
    expect(minus).toEqual(plus.sort((a, b) => a[0] - b[0]));
  });
});

const cases: [string, ScanModel, ScanOptions][] = [
  ['bedGraph of classes', model, yes],
  ['BED of classes with gaps', model, { ...yes, format: 'bed', threshold: 0.7, gap: 15 }],
  ['BED of classes, strands apart', model, { ...yes, format: 'bed', combine: 'apart' }],
  ['GFF3 of tags', exampleTagger(), { format: 'gff3', width: 20, flank: 4, blockSize: 32, strand: 'both' }],
  ['bedGraph of tags', exampleTagger(), { tracks: ['I-y'], width: 20, flank: 4, blockSize: 32 }],
];

describe.each(cases)('the output: %s', (_, scanned, options) => {
  it('is the same from shards one after the other, however many', async () => {
    const whole = await textOf(scanned, [genome], options);
    expect(rows(whole).length).toBeGreaterThan(10);
    for (const of of [2, 7]) {
      const parts: string[] = [];
      for (let part = 1; part <= of; part++)
        parts.push(await textOf(scanned, [genome, { size: 100 * part }], options, { shard: { part, of } }));
      expect(parts.join('')).toBe(whole);
    }
  });

  it('is the same for any number of threads, pieces and ways of reading', async () => {
    const whole = await textOf(scanned, [genome], options);
    expect(await textOf(scanned, [genome, { size: 4096 }], options, { threads: 3 })).toBe(whole);
    expect(await textOf(scanned, [genome, { measured: false }], options)).toBe(whole);
  });
});

describe('a scan written to a file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seqwright-scan-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = (options: ScanOptions, place: ScanPlace = {}) =>
    openScan(model, stretchesOf(genome), options, place);

  it.each(['out.bed', 'out.bed.gz'])(
    'goes on after an end at any moment to the same bytes: %s',
    async (name) => {
      const output = join(folder, name);
      const options: ScanOptions = { ...yes, step: 4, format: 'bed', gap: 12 };
      await writeScan(await open(options), output);
      const whole = await readFile(output);
      expect(await readdir(folder)).toEqual([name]);
      const text = name.endsWith('.gz') ? gunzipSync(whole) : whole;
      expect(text.toString()).toBe(await textOf(model, [genome], options));
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 12 }),
          fc.integer({ min: 1, max: 4 }),
          async (steps, every) => {
            await rm(output);
            let seen = 0;
            // As if the process had been killed: no record of the progress but those made before.
            const crash = async () =>
              writeScan(await open(options), output, {
                resume: true,
                checkpointSeconds: seen % every === 0 ? 0 : 1e9,
                onStep: () => {
                  if (++seen % steps === 0) throw new Error('killed');
                },
              });
            await expect(crash()).rejects.toThrow('killed');
            if (seen % 2 === 0) await crash().catch(() => {});
            await writeScan(await open(options), output, { resume: true });
            expect((await readFile(output)).equals(whole)).toBe(true);
          },
        ),
        { numRuns: name.endsWith('.gz') ? 4 : 8 },
      );
      expect(await readdir(folder)).toEqual([name]);
      await rm(output);
    },
  );

  it('stops when it is asked to, keeps what is done, and goes on', async () => {
    const output = join(folder, 'stopped.bedgraph');
    const whole = await textOf(model, [genome], { ...yes, step: 4 });
    const controller = new AbortController();
    const scan = await open({ ...yes, step: 4 }, { signal: controller.signal });
    const stopped = writeScan(scan, output, { onStep: ({ done }) => done > 0 && controller.abort() });
    await expect(stopped).rejects.toThrow('interrupted.');
    const { partial, progress } = scanFiles('stopped.bedgraph');
    expect((await readdir(folder)).sort()).toEqual([partial, progress]);
    const counts = await writeScan(await open({ ...yes, step: 4 }), output, { resume: true });
    expect(await readFile(output, 'utf8')).toBe(whole);
    expect(counts).toEqual((await collect((await open({ ...yes, step: 4 })).steps())).at(-1)!.counts);
    await rm(output);
  });

  it('refuses the progress of another scan, and of a file that was cut', async () => {
    const output = join(folder, 'other.bedgraph');
    const { partial, progress } = scanFiles(output);
    const crash = async () =>
      writeScan(await open({ ...yes, step: 2 }), output, {
        checkpointSeconds: 0,
        onStep: ({ done }) => {
          if (done > 3) throw new Error('killed');
        },
      });
    await expect(crash()).rejects.toThrow('killed');
    const again = async (options: ScanOptions) => writeScan(await open(options), output, { resume: true });
    expect(await thrown(() => again(yes))).toEqual({
      kind: 'data',
      message: expect.stringMatching(/is the progress of another scan/),
    });
    expect((await readdir(folder)).length).toBe(2);
    await writeFile(partial, 'cut');
    expect((await thrown(() => again({ ...yes, step: 2 }))).message).toMatch(/has 3 bytes; .* tells of \d+/);
    await writeFile(progress, '{"for');
    expect((await thrown(() => again({ ...yes, step: 2 }))).message).toMatch(/is damaged/);
    await rm(partial);
    await rm(progress);
  });

  it('leaves nothing behind of input that is wrong', async () => {
    const bad = await openScan(model, stretchesOf({ one: `${genome.one}E` }), yes);
    expect((await thrown(() => writeScan(bad, join(folder, 'bad.bedgraph')))).message).toMatch(
      /genome\.fa: "one" has "E" at position 2001; the model reads dna/,
    );
    expect(await readdir(folder)).toEqual([]);
    const nowhere = writeScan(await open(yes), join(folder, 'no', 'where.bed'));
    await expect(nowhere).rejects.toThrow(/its folder does not exist/);
  });
});
