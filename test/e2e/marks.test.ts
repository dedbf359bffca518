import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Numbers that look random and are the same everywhere. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

const bin = 20;
const bins = 90;

/** A mark stands where GATTACA does and the track is high; values follow the track. */
beforeAll(() => {
  const random = noise(3);
  const [fasta, peaks, signal, track] = [[], [], [], []] as string[][];
  for (const chrom of ['chr1', 'chr2', 'chr3', 'chr4', 'chr5', 'chr6']) {
    let sequence = '';
    for (let b = 0; b < bins; b++) {
      const letters = Array.from({ length: bin }, () => 'ACGT'[Math.floor(4 * random())]);
      const [word, open] = [random() < 0.35, random() < 0.5];
      if (word) letters.splice(5, 7, ...'GATTACA');
      const [start, end] = [b * bin, (b + 1) * bin];
      const value = open ? 6 + random() : 1 + random();
      if (word && open) peaks!.push(`${chrom}\t${start}\t${end}`);
      signal!.push(`${chrom}\t${start}\t${end}\t${(2 * value).toFixed(2)}`);
      track!.push(`${chrom}\t${start}\t${end}\t${value.toFixed(2)}`);
      sequence += letters.join('');
    }
    fasta!.push(`>${chrom}\n${sequence}`);
  }
  for (const [name, lines] of Object.entries({
    'g.fa': fasta,
    'k4.bed': peaks,
    'k27.bedgraph': signal,
    'atac.bg': track,
  }))
    writeFileSync(at.path(name), `${lines!.join('\n')}\n`);
  copyFileSync(join(root, 'test/golden/formats/signal.bw'), at.path('other.bw'));
});

const files = ['--mark', 'K4=k4.bed', '--mark', 'K27=k27.bedgraph', '--track', 'atac=atac.bg'];
const training = [
  ...['train', 'g.fa', '--task', 'marks', ...files, '--bin', '20', '--window', '800'],
  ...['--model', 'cnn', '--set', 'width=16', '--set', 'motifs=16', '--set', 'motifWidth=7'],
  ...['--set', 'dropout=0', '--set', 'between=0', '--batch-size', '8', '--rate', '0.01'],
];

describe('train --task marks', () => {
  it('learns marks and values, holds chromosomes out, and is evaluated, exported and asked for bedGraph', async () => {
    const trained = await at.seqwright(
      ...training,
      '--test',
      'chr5,chr6',
      '--validation',
      'chr4',
      '--epochs',
      '60',
      '-o',
      'm.model',
    );
    expect(trained.code, trained.err).toBe(0);
    expect(trained.err).toMatch(
      /^6 sequences, 540 bins of 20 letters; K4 in 1\d\.\d %, K27 .* in the mean\. Read beside the letters: atac\.\nSplit by the names of sequences\. Bins: 270 training, 90 validation, 180 test\.\n/,
    );
    expect(at.list('m.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    const { metrics, baselines } = JSON.parse(at.read('m.report/results.json').toString());
    expect(metrics['auprc K4'].value).toBeGreaterThan(baselines['words and tracks']['auprc K4'].value);
    expect(metrics['auprc K4'].value).toBeGreaterThan(0.8);
    expect(metrics['pearson K27'].value).toBeGreaterThan(0.9);
    expect(at.read('m.report/report.html').toString()).toContain('Along chr');

    const [judged, table, graphs, lines, exported, scanned] = await Promise.all([
      at.seqwright(
        'evaluate',
        'm.model',
        'g.fa',
        ...files,
        '--regions',
        'chr5,chr6',
        '--train',
        'chr1,chr2,chr3',
        '--json',
        '--quiet',
      ),
      at.seqwright('predict', 'm.model', 'g.fa', '--track', 'atac=atac.bg', '--regions', 'chr6'),
      at.seqwright('predict', 'm.model', 'g.fa', '--track', 'atac=atac.bg', '-o', 'all.bedgraph'),
      at.seqwright(
        'predict',
        'm.model',
        'g.fa',
        '--track',
        'atac=atac.bg',
        '--regions',
        'chr6',
        '-o',
        'x.jsonl',
      ),
      at.seqwright('export', 'm.model', '--onnx', 'm.onnx'),
      at.seqwright('scan', 'm.model', 'g.fa'),
    ]);
    expect(JSON.parse(judged.out).metrics['auprc K4'].value).toBeCloseTo(metrics['auprc K4'].value, 6);
    expect(JSON.parse(judged.out).baselines['tracks alone'].auprc).toBeDefined();
    const [header, ...rows] = table.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['chrom', 'start', 'end', 'K4', 'K27']);
    expect(rows).toHaveLength(bins);
    expect(rows[1]!.slice(0, 3)).toEqual(['chr6', '20', '40']);
    expect(graphs.code, graphs.err).toBe(0);
    expect(graphs.err).toBe('Written: all.K4.bedgraph, all.K27.bedgraph.\n');
    const graph = at
      .read('all.K4.bedgraph')
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(graph.reduce((sum, [, start, end]) => sum + Number(end) - Number(start), 0)).toBe(6 * bins * bin);
    for (const [chrom, start, , value] of graph)
      if (chrom === 'chr6') {
        const row = rows.find((own) => own[1] === start)!;
        expect(Number(value)).toBeCloseTo(Number(row[3]), 2);
      }
    expect(lines.code).toBe(0);
    const first = JSON.parse(at.read('x.jsonl').toString().split('\n')[0]!);
    expect(first).toEqual({
      chrom: 'chr6',
      start: 0,
      end: 20,
      K4: Number(rows[0]![3]),
      K27: Number(rows[0]![4]),
    });
    expect(exported.code, exported.err).toBe(0);
    expect(at.list()).toContain('m.onnx');
    expect(scanned.code).toBe(2);
    expect(scanned.err).toMatch(
      /m\.model is a model of marks along sequences, .* It is for seqwright predict and seqwright evaluate\./,
    );
  }, 180_000);

  it('an interrupted training goes on to the same weights', async () => {
    const words = [...training, '--test', 'chr6', '--epochs', '4', '--quiet', '--no-report'];
    const whole = await at.seqwright(...words, '-o', 'whole.model');
    expect(whole.code, whole.err).toBe(0);
    const running = at.start(...words, '-o', 'part.model', '--checkpoint-every', '0');
    for (let waited = 0; waited < 300 && !at.list().includes('part.model.checkpoint'); waited++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    running.child.kill('SIGINT');
    const { code } = await running.ended;
    if (code !== 0) {
      const resumed = await at.seqwright(...words, '-o', 'part.model', '--resume');
      expect(resumed.code, resumed.err).toBe(0);
    }
    expect(at.read('part.model/weights.safetensors')).toEqual(at.read('whole.model/weights.safetensors'));
  }, 120_000);

  it.each<[string, string[], number, RegExp]>([
    ['no mark', ['--track', 'atac=atac.bg'], 2, /--task marks needs --mark: what is told of every bin/],
    ['another format', ['--mark', 'K4=g.fa'], 2, /g\.fa: expected intervals \(\.bed.* told by the name/],
    ['a file that is not there', ['--mark', 'K4=none.bed'], 3, /none\.bed: no such file/],
    [
      'a genome of other names',
      ['--mark', 'K4=names.bed'],
      3,
      /names\.bed names none of the sequences of g\.fa: it has "1", the genome has chr1, chr2, chr3 …/,
    ],
    [
      'an interval off the end',
      ['--mark', 'K4=off.bed'],
      3,
      /off\.bed:1: chr2:1790-1801 ends at 1801; "chr2" of g\.fa has 1800/,
    ],
    [
      'a mark with no positive bin to learn from',
      ['--mark', 'K4=one.bed', '--test', 'chr2'],
      3,
      /the mark K4 is nowhere in the training part \(\d+ bins\): there is nothing to learn/,
    ],
    [
      'a track of another assembly',
      ['--mark', 'K4=k4.bed', '--track', 'x=other.bw'],
      3,
      /other\.bw: "chr1" has 900 bases; that of g\.fa has 1800\. Check that both are of one assembly/,
    ],
    [
      'a track that does not cover',
      ['--mark', 'K4=k4.bed', '--track', 'x=short.bg'],
      3,
      /short\.bg says nothing of "chr2", which is to be read beside it/,
    ],
    [
      'a chromosome that is not there',
      ['--mark', 'K4=k4.bed', '--test', 'chr8'],
      2,
      /--test chr8: "chr8" is no sequence/,
    ],
    [
      'a random split',
      ['--mark', 'K4=k4.bed', '--split', 'random'],
      2,
      /--split random does not go with --task marks/,
    ],
    ['labels', ['--mark', 'K4=k4.bed', '--label', 'x'], 2, /--label does not go with --task marks/],
    [
      'another model',
      ['--mark', 'K4=k4.bed', '--model', 'lstm'],
      2,
      /no model of marks "lstm"\. Did you mean bilstm\?/,
    ],
    ['two files for one mark', ['--mark', 'K4=k4.bed', '--mark', 'K4=k4.bed'], 2, /two marks are called K4/],
    [
      'a window that is all context',
      ['--mark', 'K4=k4.bed', '--window', '40', '--window-flank', '40'],
      2,
      /has no bin of 32/,
    ],
  ])(
    '%s: one line, and its exit code',
    async (_, words, exit, message) => {
      writeFileSync(at.path('names.bed'), '1\t0\t10\n');
      writeFileSync(at.path('off.bed'), 'chr2\t1790\t1801\n');
      writeFileSync(at.path('one.bed'), 'chr2\t0\t400\n');
      writeFileSync(at.path('short.bg'), 'chr1\t0\t1800\t2\n');
      const { code, err } = await at.seqwright(
        'train',
        'g.fa',
        '--task',
        'marks',
        '-o',
        'bad.model',
        '--quiet',
        ...words,
      );
      expect(err.trim().split('\n')).toHaveLength(1);
      expect(err).toMatch(message);
      expect(code).toBe(exit);
    },
    60_000,
  );

  it('its options are refused elsewhere', async () => {
    const { code, err } = await at.seqwright(
      'train',
      'g.fa',
      '--task',
      'language',
      '--mark',
      'a=k4.bed',
      '-o',
      'x.model',
    );
    expect([code, err]).toEqual([2, expect.stringMatching(/--mark goes with --task marks\./)]);
    const lost = await at.seqwright('predict', 'm.model', 'g.fa');
    expect([lost.code, lost.err]).toEqual([
      2,
      expect.stringMatching(/the track "atac" is missing, .*--track <name>=<file>/),
    ]);
    const strange = await at.seqwright(
      'evaluate',
      'm.model',
      'g.fa',
      '--mark',
      'K4=k4.bed',
      '--track',
      'atac=atac.bg',
    );
    expect([strange.code, strange.err]).toEqual([
      2,
      expect.stringMatching(/m\.model tells K4, K27; --mark K27=<file> is missing/),
    ]);
  }, 60_000);
});
