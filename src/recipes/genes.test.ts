import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { dna, reverseComplement } from '../data/alphabet.ts';
import { geneticCode } from '../data/genetic-codes.ts';
import { gffFeatures } from '../data/gff/gff.ts';
import { codingInterval, openReadingFrames, prokaryoticStarts } from '../data/orf.ts';
import { bestChain } from '../decode/gene-chain.ts';
import { evaluate } from '../graph/evaluate.ts';
import { input } from '../graph/library.ts';
import { tensor } from '../graph/tensor.ts';
import { initialize } from '../nn/module.ts';
import { crfScore } from '../nn/structured/index.ts';
import { edgeFrames } from './genes/edges.ts';
import { candidates, chainRules, edgeCandidates, openScorer } from './genes/find.ts';
import { aroundCircle, type Contig, type Gene, geneKey } from './genes/gene.ts';
import { windowLabels } from './genes/labels.ts';
import { flank, geneNetwork, lettersFrom } from './genes/learn.ts';
import { orfFinder } from './genes/orf-finder.ts';
import { isWholeGene, readContigs } from './genes/read.ts';
import { ahead, geneMetrics, judge } from './genes/score.ts';
import { plantedContig, realGenes } from './genes/simulate.ts';
import { stateCount, stepTable } from './genes/states.ts';
import { divided } from './genes/teach.ts';
import { genesGff3, proteinsFasta } from './genes/write.ts';
import { type GenesConfig, genes, genesDefaults } from './genes.ts';
import { withWeights } from './network.ts';
import type { RecipeContext } from './recipe.ts';

const rules = { code: geneticCode(11), starts: prokaryoticStarts };
const shape = { filters: 4, hidden: 3, dropout: 0, ...rules };
const drawn = (length: number, name: string) => {
  const random = randomStream(1, name);
  return Array.from({ length }, () => 'ACGT'[random.below(4)]).join('');
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-genes-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('labels of windows', () => {
  it('are the states of a gene, whole or cut by the window', () => {
    const forward: Gene[] = [{ start: 3, end: 15, strand: '+' }];
    expect([...windowLabels(forward, { from: 0, span: 18 })]).toEqual([0, 2, 1, 1, 3, 0]);
    expect([...windowLabels(forward, { from: 5, span: 6 })]).toEqual([4, 4]);
    expect([...windowLabels([{ start: 4, end: 13, strand: '-' }], { from: 0, span: 18 })]).toEqual([
      0, 15, 13, 14, 0, 0,
    ]);
  });

  it('never take a step that the chain forbids, however genes overlap', async () => {
    const contig = plantedContig((await realGenes(3)).slice(0, 40), { id: 'c', seed: 3 });
    const steps = stepTable();
    const overlaps = contig.genes!.filter((gene, i) => gene.start < (contig.genes![i - 1]?.end ?? 0));
    expect(overlaps.length).toBeGreaterThan(3);
    for (const from of [0, 1, 2, 500, 1001]) {
      const labels = windowLabels(contig.genes!, { from, span: 30_000 });
      const forbidden = labels.findIndex(
        (state, i) => i > 0 && steps[labels[i - 1]! * stateCount + state]! < 0,
      );
      expect(forbidden).toBe(-1);
      const starts = labels.filter((state) => state > 0 && (state - 1) % 3 === 1).length;
      expect(starts).toBeGreaterThan(10);
    }
  });
});

describe('the network', () => {
  const weights = initialize(geneNetwork(shape), 5);
  const sequence = drawn(3600, 'sequence');

  it('reads the reverse strand as it reads the forward one, and every frame as the others', async () => {
    const scorer = await openScorer(shape, weights, {});
    const scores = await scorer.score(sequence);
    const turned = await scorer.score(reverseComplement(sequence, dna));
    const shifted = await scorer.score(sequence.slice(1));
    await scorer.release();
    const { length } = sequence;
    // Away from the ends, where windows see padding in other places.
    for (let b = 700; b < 2600; b += 7)
      for (let kind = 0; kind < 3; kind++) {
        expect(turned[(length - 3 - b) * 6 + 3 + kind]).toBeCloseTo(scores[b * 6 + kind]!, 3);
        expect(shifted[(b - 1) * 6 + kind]).toBeCloseTo(scores[b * 6 + kind]!, 3);
      }
  });

  it('never takes a codon for what it cannot be', async () => {
    const scorer = await openScorer(shape, weights, {});
    const scores = await scorer.score(sequence);
    await scorer.release();
    for (let b = 0; b + 3 <= sequence.length; b += 5) {
      const codon = sequence.slice(b, b + 3);
      const [inside, start, stop] = scores.subarray(b * 6, b * 6 + 3);
      expect(inside! > -5000).toBe(!/TAA|TAG|TGA/.test(codon));
      expect(start! > -5000).toBe(/[AGT]TG/.test(codon));
      expect(stop! > -5000).toBe(/TAA|TAG|TGA/.test(codon));
    }
  });

  it('gives a gene the score of its path through the chain', async () => {
    const span = 150;
    const random = randomStream(2, 'steps');
    const own = new Map([
      ...weights,
      ['chain.steps', Float32Array.from({ length: 12 }, () => random.normal())],
    ]);
    const { model, constants } = withWeights(geneNetwork(shape), own);
    const tokens = input('tokens', [1, span + 2 * flank], 'int32');
    const tags = input('tags', [1, span / 3], 'int32');
    const potentials = model(tokens);
    const score = crfScore(potentials, tags);
    const letters = drawn(span + 2 * flank, 'short');
    const known = new Map([...constants].map(([v, data]) => [v, tensor(v.shape as number[], [...data])]));
    const held = lettersFrom(dna.encode(letters), 0, span + 2 * flank);
    const values = (labels: Int32Array) =>
      evaluate(
        [score, potentials.emissions],
        new Map([
          ...known,
          [tokens, tensor([1, held.length], [...held])],
          [tags, tensor([1, span / 3], [...labels])],
        ]),
      );
    // The scores of codons as the chain has them, put back where they belong.
    const emitted = values(new Int32Array(span / 3))[1]!.data;
    const scores = new Float32Array(letters.length * 6).fill(-1e4);
    for (let b = 0; b < span; b++)
      for (let s = 0; s < 2; s++)
        for (let kind = 0; kind < 3; kind++)
          scores[(flank + b) * 6 + 3 * s + kind] =
            emitted[Math.floor(b / 3) * stateCount + 1 + 9 * s + 3 * (b % 3) + kind]!;
    const found = candidates(letters, scores, own.get('chain.steps')!, { shape, minLength: 9 }).filter(
      ({ start, end }) => start >= flank + 3 && end <= flank + span - 3,
    );
    expect(found.length).toBeGreaterThan(3);
    for (const gene of found) {
      const [path] = values(windowLabels([gene], { from: flank, span }));
      expect(gene.score).toBeCloseTo(path!.data[0]!, 2);
    }
  });
});

describe('genes of a contig', () => {
  it('are whole open reading frames, whatever the scores are', () => {
    const sequence = drawn(2000, 'any');
    const random = randomStream(4, 'scores');
    const scores = Float32Array.from({ length: 6 * sequence.length }, () => 3 * random.normal());
    const steps = new Float32Array(12).fill(-1);
    const found = candidates(sequence, scores, steps, { shape, minLength: 30 });
    const chosen = bestChain(found, chainRules(steps, [60, 60]));
    expect(chosen.length).toBeGreaterThan(5);
    for (const gene of chosen) expect(isWholeGene(sequence, gene, rules)).toBe(true);
  });

  it('run off a contig where it cuts them: in whole codons, open up to the edge', () => {
    const whole = `CC${'ATG'}${'GCA'.repeat(20)}TAAC`;
    const edges = (sequence: string) =>
      edgeFrames(sequence, { ...rules, minLength: 30 })
        .filter(({ strand, start, end }) =>
          (strand === '+' ? /(GCA){8}/ : /(TGC){8}/).test(sequence.slice(start, end)),
        )
        .filter(({ strand }) => strand === (sequence.includes('TGCTGC') ? '-' : '+'));
    const inFrame = (genes: Gene[], frame: number) => genes.filter(({ start }) => start % 3 === frame);
    // From the left edge to the stop; the start of the gene itself is no business of theirs.
    expect(inFrame(edges(whole), 2)).toEqual([{ start: 2, end: 68, strand: '+', runsOff: 'start' }]);
    const [cutLeft, cutRight] = [whole.slice(10), whole.slice(0, 50)];
    expect(inFrame(edges(cutLeft), 1)).toEqual([{ start: 1, end: 58, strand: '+', runsOff: 'start' }]);
    expect(inFrame(edges(cutRight), 2)).toEqual([
      { start: 2, end: 50, strand: '+', runsOff: 'both' },
      { start: 2, end: 50, strand: '+', runsOff: 'stop' },
    ]);
    const turned = (gene: Gene, { length }: { length: number }): Gene => ({
      ...gene,
      start: length - gene.end,
      end: length - gene.start,
      strand: '-',
    });
    for (const sequence of [whole, cutLeft, cutRight]) {
      const other = edgeFrames(reverseComplement(sequence, dna), { ...rules, minLength: 30 });
      for (const gene of edgeFrames(sequence, { ...rules, minLength: 30 }).filter((g) => g.strand === '+'))
        expect(other).toContainEqual(turned(gene, sequence));
    }
  });

  it('score the same at an edge as a chain that begins there, and are written as partial', () => {
    const kinds = new Set<string>();
    const steps = Float32Array.from({ length: 12 }, (_, i) => -1 - i / 10);
    const random = randomStream(5, 'scores');
    const sequences = Array.from({ length: 12 }, (_, i) => drawn(90, `edges ${i}`));
    const all = sequences.map((sequence) => {
      const scores = Float32Array.from({ length: 6 * sequence.length }, () => random.normal());
      const found = edgeCandidates(sequence, scores, steps, { shape, minLength: 9 });
      for (const { start, end, strand, runsOff, score } of found) {
        kinds.add(`${strand} ${runsOff}`);
        const s = strand === '+' ? 0 : 1;
        const places = Array.from({ length: (end - start) / 3 }, (_, i) => start + 3 * i);
        if (s === 1) places.reverse();
        const [hasFirst, hasLast] = [runsOff === 'stop', runsOff === 'start'];
        let expected = 0;
        places.forEach((place, i) => {
          const kind = i === 0 && hasFirst ? 1 : i === places.length - 1 && hasLast ? 2 : 0;
          expected += scores[place * 6 + 3 * s + kind]!;
        });
        const [left, right] = s === 0 ? [hasFirst, hasLast] : [hasLast, hasFirst];
        expected += (left ? steps[s]! : 0) + (right ? steps[2 + s]! : 0);
        expect(score).toBeCloseTo(expected, 3);
      }
      return found;
    });
    expect([...kinds].sort()).toEqual(['+ both', '+ start', '+ stop', '- both', '- start', '- stop']);
    const [sequence, found] = [sequences[0]!, all[0]!];
    const contig: Contig = { id: 'c', sequence, circular: false, unclear: [], genes: [] };
    const text = genesGff3([contig], [found]);
    expect(text.match(/partial=true/g)).toHaveLength(2 * found.length);
    const noStop = found.filter(({ runsOff }) => runsOff !== 'start');
    expect(judge([contig], [noStop]).wrong).toBe(0);
    expect(judge([contig], [found]).wrong).toBe(found.length - noStop.length);
  });

  it('go over the origin of a circle once', async () => {
    const gene = 'ATGAAACCCGGGAAAAAACCCGGGTAA';
    const line = `CCCC${gene}CCCC`;
    const circle: Contig = {
      id: 'c',
      sequence: line.slice(12) + line.slice(0, 12),
      circular: true,
      unclear: [],
    };
    const finder = (sequence: string) => orfFinder(sequence, { minLength: 20, overlap: 0 });
    expect(await aroundCircle(circle, finder)).toEqual([
      { start: line.length - 8, end: line.length + 19, strand: '+' },
    ]);
    expect(await aroundCircle({ ...circle, circular: false }, finder)).toEqual([]);
  });

  it('of an ORF finder are the longest that leave each other room', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', 'T', 'G', 'C'), maxLength: 400 }), (sequence) => {
        const kept = orfFinder(sequence, { minLength: 12, overlap: 5 });
        const shared = (a: Gene, b: Gene) => Math.min(a.end, b.end) - Math.max(a.start, b.start);
        for (const [i, a] of kept.entries())
          for (const b of kept.slice(i + 1)) expect(shared(a, b)).toBeLessThanOrEqual(5);
        for (const orf of openReadingFrames(sequence, { minLength: 12 })) {
          const gene = codingInterval(orf, orf.starts[0]!);
          const longer = kept.some(
            (other) => other.end - other.start >= gene.end - gene.start && shared(gene, other) > 5,
          );
          expect(longer || kept.some((other) => geneKey(other) === geneKey(gene))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('planted contigs', () => {
  it('hold every gene on its strand, letter for letter', async () => {
    const pool = (await realGenes(1)).slice(0, 30);
    const { sequence, genes: planted } = plantedContig(pool, { id: 'c', seed: 1 });
    const letters = planted!.map(({ start, end, strand }) => {
      const found = sequence.slice(start, end);
      return strand === '+' ? found : reverseComplement(found, dna);
    });
    expect(letters.sort()).toEqual([...pool].sort());
    expect(new Set(planted!.map(({ strand }) => strand)).size).toBe(2);
  });
});

describe('judging', () => {
  const contig: Contig = {
    id: 'c',
    sequence: 'A'.repeat(900),
    circular: false,
    genes: [
      { start: 0, end: 90, strand: '+' },
      { start: 100, end: 190, strand: '-' },
      { start: 200, end: 290, strand: '+' },
    ],
    unclear: [{ start: 300, end: 390, strand: '+' }],
  };
  const found: Gene[] = [
    { start: 30, end: 90, strand: '+' },
    { start: 100, end: 190, strand: '-' },
    { start: 100, end: 190, strand: '+' },
    { start: 330, end: 390, strand: '+' },
  ];

  it('counts stops, starts and what is neither right nor wrong', () => {
    const judged = judge([contig], [found]);
    expect(judged.wrong).toBe(1);
    const metrics = geneMetrics(judged, { seed: 1 });
    const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
    expect(values).toEqual({
      sensitivity: 2 / 3,
      precision: 2 / 3,
      f1: 2 / 3,
      exactStart: 1 / 2,
      exactSensitivity: 1 / 3,
    });
  });

  it('counts genes that differ in their start alone as one, which either start answers', () => {
    const twice = { ...contig, genes: [{ start: 0, end: 90, strand: '+' as const }, found[0]!] };
    expect(judge([twice], [[found[0]!]])).toEqual({ truth: [{ stop: true, start: true }], wrong: 0 });
    expect(judge([twice], [[]]).truth).toHaveLength(1);
  });

  it('says by how much one way is ahead, and that nothing is ahead of itself', () => {
    const all = judge([contig], [contig.genes!]);
    const some = judge([contig], [found]);
    expect(ahead(all, some, 'f1', { seed: 1 }).value).toBeCloseTo(1 / 3, 9);
    expect(ahead(some, some, 'sensitivity', { seed: 1 })).toEqual({ value: 0, low: 0, high: 0 });
  });

  it('divides contigs so that no gene is on both sides', async () => {
    const planted = plantedContig((await realGenes(2)).slice(0, 90), { id: 'c', seed: 2 });
    const { train, test } = divided([planted], { test: 0.3, seed: 1 });
    const letters = (parts: readonly Contig[]) =>
      parts.reduce((sum, { sequence }) => sum + sequence.length, 0);
    expect(letters(train) + letters(test)).toBe(planted.sequence.length);
    expect(test.length).toBe(Math.round(0.3 * (train.length + test.length)));
    for (const part of [...train, ...test])
      for (const gene of part.genes!) expect(isWholeGene(part.sequence, gene, rules)).toBe(true);
    const kept = [...train, ...test].reduce((sum, part) => sum + part.genes!.length, 0);
    expect(kept).toBeGreaterThan(80);
    expect(kept).toBeLessThan(90);
  });
});

describe('files', () => {
  const cds = `ATGAAACCC${'GCAAAAGTT'.repeat(12)}TAA`;
  const sequence = `CCTCC${cds}CCTCC${reverseComplement(cds, dna)}CC`;
  const [first, second] = [
    { start: 5, end: 5 + cds.length, strand: '+' as const },
    { start: 10 + cds.length, end: 10 + 2 * cds.length, strand: '-' as const },
  ];

  it('are read as FASTA with GFF3, and what is no reading frame is told apart', async () => {
    const [fasta, gff] = [join(folder, 'a.fa'), join(folder, 'a.gff3')];
    await writeFile(fasta, `>c1 x\n${sequence.toLowerCase()}\n`);
    const line = ({ start, end, strand }: Gene, id: string) =>
      `c1\t.\tCDS\t${start + 1}\t${end}\t.\t${strand}\t0\tID=${id}\n`;
    const broken = { ...first, start: first.start + 1 };
    await writeFile(gff, `##gff-version 3\n${line(second, 'b')}${line(first, 'a')}${line(broken, 'x')}`);
    const { contigs, skipped } = await readContigs(fasta, rules, { annotation: gff });
    expect(contigs[0]).toMatchObject({ id: 'c1', genes: [first, second], unclear: [broken] });
    expect(skipped).toMatchObject([{ count: 1, examples: ['c1:7'] }]);
    await writeFile(gff, `##gff-version 3\n${line(first, 'a').replace('c1', 'chr9')}`);
    await expect(readContigs(fasta, rules, { annotation: gff })).rejects.toThrow(
      /No sequence of .*a\.gff3 \(such as "chr9"\) is in .*a\.fa \(such as "c1"\)/,
    );
  });

  it('are read as GenBank, circles with what crosses their origin', async () => {
    const path = join(folder, 'a.gb');
    const turned = sequence.slice(20) + sequence.slice(0, 20);
    const end = first.end - 20;
    await writeFile(
      path,
      [
        `LOCUS       P1 ${sequence.length} bp    DNA     circular BCT 01-JAN-2000`,
        'FEATURES             Location/Qualifiers',
        `     CDS             join(${sequence.length - 14}..${sequence.length},1..${end})`,
        '                     /gene="a"',
        `     CDS             complement(${second.start - 19}..${second.end - 20})`,
        '                     /gene="b"',
        '                     /pseudo',
        'ORIGIN',
        `        1 ${turned.toLowerCase()}`,
        '//',
        '',
      ].join('\n'),
    );
    const { contigs } = await readContigs(path, rules);
    expect(contigs[0]).toMatchObject({
      id: 'P1',
      circular: true,
      genes: [{ start: sequence.length - 15, end: sequence.length + end, strand: '+' }],
      unclear: [{ start: second.start - 20, end: second.end - 20, strand: '-' }],
    });
    await expect(readContigs(path, rules, { annotation: 'x.gff' })).rejects.toThrow(
      /leave --labels x\.gff out/,
    );
  });

  it('are written as GFF3 that reads back, and as proteins', async () => {
    const contig: Contig = { id: 'c1', sequence, circular: false, unclear: [] };
    const text = genesGff3([contig], [[{ ...first, score: 12.345 }, second]]);
    const features = [];
    for await (const feature of gffFeatures([new TextEncoder().encode(text)])) features.push(feature);
    expect(features.map(({ type }) => type)).toEqual(['gene', 'CDS', 'gene', 'CDS']);
    expect(features[1]).toMatchObject({ ...first, phase: 0, score: 12.35, parents: ['gene-c1_1'] });
    expect(features[3]!.attributes).toMatchObject({ start_codon: ['ATG'], stop_codon: ['TAA'] });
    const proteins = proteinsFasta([contig], [[first, second]], rules.code);
    const [one, two] = proteins
      .split('>')
      .slice(1)
      .map((record) => record.split('\n').slice(1).join(''));
    expect(one).toBe(`MKP${'AKV'.repeat(12)}`);
    expect(two).toBe(one);
  });
});

describe('genes', () => {
  const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
  const tiny: GenesConfig = {
    ...genesDefaults,
    genes: 16,
    model: { filters: 8, hidden: 6, dropout: 0 },
    training: { ...genesDefaults.training, epochs: 2, windows: 16, window: 300 },
  };

  it('finds genes on contigs of which nothing is known, and says that it cannot judge them', async () => {
    const path = join(folder, 'bare.fa');
    const { sequence } = plantedContig((await realGenes(7)).slice(0, 6), { id: 'bare', seed: 7 });
    await writeFile(path, `>bare\n${sequence}\n`);
    const { report, extraFiles } = await genes.run({ ...tiny }, { ...context, input: { path } });
    expect(report.claims).toEqual([]);
    expect(report.notes!.join(' ')).toMatch(/learned from planted genes of E\. coli/);
    expect(report.notes!.join(' ')).toMatch(/nothing can be said of sensitivity/);
    expect(Object.keys(extraFiles!)).toEqual(['genes.gff3', 'proteins.faa', 'network.onnx']);
    const written = [];
    for await (const feature of gffFeatures([new TextEncoder().encode(extraFiles!['genes.gff3'] as string)]))
      if (feature.type === 'CDS' && !feature.attributes.partial) written.push(feature);
    for (const { start, end, strand } of written)
      expect(isWholeGene(sequence, { start, end, strand: strand as '+' | '-' }, rules)).toBe(true);
  }, 60_000);

  it('keeps no claim with a network that has learned nothing', async () => {
    const { report } = await genes.run(
      { ...tiny, tested: 10, rounds: 1, training: { ...tiny.training, epochs: 1, rate: 1e-9 } },
      { ...context, quick: false },
    );
    const met = Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
    expect(met).toMatchObject({ found: false, ahead: false, 'ahead-self': false });
  }, 60_000);

  it('refuses what it cannot do', async () => {
    const run = (given: object) => genes.run({ ...tiny, ...given }, context);
    await expect(run({ learn: 'oracle' })).rejects.toThrow(
      /expected one of auto, annotation, self, examples/,
    );
    await expect(run({ training: { ...tiny.training, window: 100 } })).rejects.toThrow(
      /a multiple of 3, received 100/,
    );
    await expect(run({ starts: ['TAA'] })).rejects.toThrow(/no stops/);
    const path = join(folder, 'short.fa');
    await writeFile(path, `>s\n${drawn(600, 'short contig')}\n`);
    const on = (given: object) => genes.run({ ...tiny, ...given }, { ...context, input: { path } });
    await expect(on({ learn: 'self' })).rejects.toThrow(/too few to learn from; at least 20/);
    await expect(on({ learn: 'annotation' })).rejects.toThrow(/needs annotated genes/);
  });
});
