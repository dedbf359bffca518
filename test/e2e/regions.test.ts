import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const tiny = [
  ...['--model', 'cnn', '--set', 'filters=8', '--set', 'kernels=8', '--set', 'pools=1', '--set', 'dense=[]'],
  ...['--epochs', '15', '--rate', '0.01'],
];

/** Four chromosomes of 8,000 bases; at every 100th base of the first half of each stands TGACTCAT, on a strand or the other. */
function planted() {
  let state = 11;
  const below = (k: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % k;
  };
  const peaks: string[] = [];
  const others: string[] = [];
  const genome = Array.from({ length: 4 }, (_, c) => {
    const letters = Array.from({ length: 8000 }, () => 'ACGT'[below(4)]!);
    for (let middle = 100; middle < 4000; middle += 100) {
      const minus = below(2) === 1;
      letters.splice(middle - 4, 8, ...(minus ? 'ATGAGTCA' : 'TGACTCAT'));
      peaks.push(`chr${c + 1}\t${middle - 10}\t${middle + 10}\tpeak\t${below(900)}\t${minus ? '-' : '+'}\n`);
      others.push(`chr${c + 1}\t${middle + 3990}\t${middle + 4010}\tnone\t0\t+\n`);
    }
    return `>chr${c + 1}\n${letters.join('').replace(/.{60}/g, '$&\n')}\n`;
  });
  return { genome: genome.join(''), peaks: peaks.join(''), others: others.join('') };
}

beforeAll(() => {
  const { genome, peaks, others } = planted();
  writeFileSync(at.path('hg.fa'), genome);
  writeFileSync(at.path('peaks.bed'), peaks);
  writeFileSync(at.path('others.bed'), others);
  writeFileSync(at.path('both.bed'), peaks + others);
  writeFileSync(at.path('off.bed'), 'chr1\t0\t20\tnear\nchr1\t90\t110\tpeak\n');
});

const regions = ['--genome', 'hg.fa', '--width', '40'];

describe('regions of a genome', () => {
  it('train: two files of regions, whole chromosomes held out, a model that finds the planted site', async () => {
    const { code, err, out } = await at.seqwright(
      ...['train', 'peaks.bed', '--negatives', 'others.bed', ...regions, ...tiny],
      ...['--split', 'chromosome', '--test', 'chr3', '--validation', 'chr4', '-o', 'peaks.model', '--json'],
    );
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toContain('Regions of hg.fa, 40 bases around the centre.\n');
    expect(err).toContain('312 records of 40 letters; negative 156, positive 156.\n');
    expect(err).toContain(
      'Split by chromosome: tested on chr3, validated on chr4. 156 training, 78 validation, 78 test.\n',
    );
    const { metrics } = JSON.parse(out) as { metrics: Record<string, { value: number; low: number }> };
    expect(metrics.auroc!.value).toBeGreaterThan(0.9);
    const { training } = JSON.parse(at.read('peaks.model/model.json').toString());
    expect(training.regions).toEqual({ width: 40 });
  });

  it('predict and evaluate: cut out as in training without being told, with the place of every region', async () => {
    const predicted = await at.seqwright('predict', 'peaks.model', 'peaks.bed', '--genome', 'hg.fa');
    expect(predicted).toMatchObject({ code: 0, err: '' });
    const [header, first, ...rest] = predicted.out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'region', 'negative', 'positive', 'prediction']);
    expect(first!.slice(0, 2)).toEqual(['peak', expect.stringMatching(/^chr1:80-120\([+-]\)$/)]);
    expect(rest).toHaveLength(155);

    const judged = await at.seqwright(
      ...['evaluate', 'peaks.model', 'peaks.bed', '--negatives', 'others.bed', '--genome', 'hg.fa', '--json'],
    );
    expect(judged.code).toBe(0);
    expect(JSON.parse(judged.out).metrics.auroc.value).toBeGreaterThan(0.9);
  });

  it('take labels from a column of BED, and a share of whole chromosomes as the test', async () => {
    const { code, err } = await at.seqwright(
      ...['train', 'both.bed', '--label', 'name', ...regions, '--flank', '5', ...tiny, '--epochs', '1'],
      ...['--split', 'chromosome', '--test', '0.25', '--no-validation', '-o', 'named.model'],
    );
    expect(code).toBe(0);
    expect(err).toContain('312 records of 50 letters; none 156, peak 156.');
    expect(err).toMatch(/Split by chromosome: tested on chr\d, validated on none\. 234 training, 78 test\./);
  });

  it('that reach beyond their sequence are refused, left out and counted, or filled up, as asked', async () => {
    const predict = (...policy: string[]) =>
      at.seqwright('predict', 'peaks.model', 'off.bed', '--genome', 'hg.fa', ...policy);
    const refused = await predict();
    expect(refused.code).toBe(3);
    expect(refused.err).toContain(
      'line 1: chr1:-10-30 begins 10 before the first base; "chr1" of hg.fa has 8000 bases.',
    );
    const skipped = await predict('--off-the-end', 'skip');
    expect(skipped.err).toBe('Left out 1 record (off the end of their sequence): near.\n');
    expect(skipped.out.trimEnd().split('\n')).toHaveLength(2);
    const padded = await predict('--off-the-end', 'pad');
    expect(
      padded.out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[1]),
    ).toEqual([...['region', 'chr1:-10-30', 'chr1:80-120']]);
  });

  it('say what is wrong: other names, a damaged index, no genome, a chromosome that is not there', async () => {
    writeFileSync(at.path('plain.bed'), '1\t100\t120\n');
    const plain = await at.seqwright('predict', 'peaks.model', 'plain.bed', '--genome', 'hg.fa');
    expect(plain.code).toBe(3);
    expect(plain.err).toContain(
      'hg.fa has no sequence "1". It has "chr1": use the names of one source in both files.',
    );
    writeFileSync(at.path('bad.fa'), '>chr1\nACGTACGTAC\nACGTACGTAC\n');
    writeFileSync(at.path('bad.fa.fai'), 'chr1\t500\t6\t10\t11\n');
    const bad = await at.seqwright(
      'predict',
      'peaks.model',
      'off.bed',
      '--genome',
      'bad.fa',
      '--off-the-end',
      'pad',
    );
    expect(bad.code).toBe(3);
    expect(bad.err).toMatch(/bad\.fa(\.fai)?/);
    const bare = await at.seqwright('predict', 'peaks.model', 'peaks.bed');
    expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('Name their genome with --genome.') });
    const lost = await at.seqwright(
      ...['train', 'peaks.bed', '--negatives', 'others.bed', ...regions, ...tiny],
      ...['--split', 'chromosome', '--test', '3', '-o', 'x.model', '--quiet'],
    );
    expect(lost.code).toBe(3);
    expect(lost.err).toContain('no record is of the chromosome "3". There is "chr3".');
    const flat = await at.seqwright('train', 'peaks.bed', '--width', '40', '-o', 'x.model', '--quiet');
    expect(flat).toMatchObject({
      code: 2,
      err: expect.stringContaining('--width is about regions of a genome'),
    });
    const text = await at.seqwright(
      'train',
      'hg.fa',
      '--task',
      'masked',
      '--genome',
      'hg.fa',
      '-o',
      'x.model',
    );
    expect(text).toMatchObject({
      code: 2,
      err: expect.stringContaining('--genome is for models with one answer'),
    });
  });
});
