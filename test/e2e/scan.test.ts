import { writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';
import { allSlow } from '../../src/recipes/slow.fixture.ts';
import { type Running, root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const random = randomStream(1, 'e2e scan');
const bases = (length: number) => Array.from({ length }, () => 'ACGT'[random.below(4)]).join('');
const chromosomes = {
  chr1: bases(40_000),
  chr2: `${bases(5_000)}${'N'.repeat(2_000)}${bases(3_000)}`.toLowerCase(),
  tiny: 'ACGTACGT',
  chr3: bases(7_001),
};
const fasta = Object.entries(chromosomes)
  .map(([id, letters]) => `>${id} description\n${letters.replace(/.{70}/g, '$&\n')}\n`)
  .join('');
const scan = (...more: string[]) => ['scan', 'small.model', ...more];
const bed = ['--track', 'promoter', '--width', '57', '--step', '10', '--threshold', '0.84'];

beforeAll(async () => {
  writeFileSync(at.path('g.fa'), fasta);
  writeFileSync(at.path('g.fa.gz'), gzipSync(fasta));
  const settings = ['filters=4', 'kernels=9', 'pools=1', 'dense='].flatMap((set) => ['--set', set]);
  const promoters = `${root}/examples/data/ecoli_promoters.tsv`;
  const train = [
    'train',
    promoters,
    '--model',
    'cnn',
    ...settings,
    '--epochs',
    '3',
    '--no-test',
    '--no-report',
  ];
  expect(await at.seqwright(...train, '-o', 'small.model')).toMatchObject({ code: 0 });
});

/** Waits until a file is there. */
async function until(running: Running, name: string): Promise<void> {
  let over = false;
  void running.ended.then(() => (over = true));
  while (!at.list().includes(name)) {
    if (over) throw new Error(`The command ended before there was ${name}: ${running.err()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const rows = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));

describe('seqwright scan', () => {
  it('writes a value for every letter of sequences as long as a window, and says what it left out', async () => {
    const { code, out, err } = await at.seqwright(...scan('g.fa', '--track', 'promoter', '--width', '57'));
    expect(code).toBe(0);
    const covered: Record<string, number> = {};
    for (const [chrom, start, end, value] of rows(out)) {
      covered[chrom!] = (covered[chrom!] ?? 0) + Number(end) - Number(start);
      expect(Number(value) > 0 && Number(value) < 1).toBe(true);
    }
    expect(covered).toMatchObject({ chr1: 40_000, chr3: 7_001 });
    expect(covered.tiny).toBe(undefined);
    const unknown = 10_000 - covered.chr2!;
    expect(unknown).toBeGreaterThan(1_900);
    expect(unknown).toBeLessThan(2_100);
    expect(err).toMatch(/^Scanned 5\d,\d{3} letters in 3,\d{3} windows, in .*\.$/m);
    expect(err).toContain(`${unknown.toLocaleString('en-US')} letters without a value`);
    expect(err).toContain('Left out 1 sequence shorter than a window: 8 letters without a value.');
  });

  it('writes the same whatever the input is packed in, for any threads and shards', async () => {
    const whole = await at.seqwright(...scan('g.fa', ...bed, '--format', 'bed', '--threads', '1'));
    expect(rows(whole.out).length).toBeGreaterThan(20);
    for (const [, start, end, name, score, strand] of rows(whole.out)) {
      expect(Number(end)).toBeGreaterThan(Number(start));
      expect(name).toBe('promoter');
      expect(Number(score)).toBeGreaterThanOrEqual(840);
      expect(strand).toMatch(/^[+-]$/);
    }
    const packed = await at.seqwright(...scan('g.fa.gz', ...bed, '--format', 'bed', '--threads', '3'));
    expect(packed.out).toBe(whole.out);
    const piped = await at.fed(fasta, ...scan('-', ...bed, '--format', 'bed'));
    expect(piped.out).toBe(whole.out);
    let shards = '';
    for (const shard of ['1/3', '2/3', '3/3'])
      shards += (await at.seqwright(...scan('g.fa.gz', ...bed, '--format', 'bed', '--shard', shard))).out;
    expect(shards).toBe(whole.out);
    const files = await at.seqwright(...scan('g.fa', ...bed, '-o', 'sites.bed.gz', '--json'));
    expect(gunzipSync(at.read('sites.bed.gz')).toString()).toBe(whole.out);
    expect(JSON.parse(files.out)).toMatchObject({ segments: rows(whole.out).length, short: 1 });
    const gff = await at.seqwright(...scan('g.fa', ...bed, '-o', 'sites.gff3'));
    expect(gff.code).toBe(0);
    const features = rows(at.read('sites.gff3').toString());
    expect(features[0]).toEqual(['##gff-version 3']);
    expect(
      features.slice(1).map(([chrom, , , start, end]) => `${chrom} ${Number(start) - 1} ${end}`),
    ).toEqual(rows(whole.out).map(([chrom, start, end]) => `${chrom} ${start} ${end}`));
  });

  it('scans regions only, where they are asked for', async () => {
    writeFileSync(at.path('r.bed'), 'chr3\t6900\t7001\nchr1\t100\t400\nchr1\t300\t500\n');
    const { out } = await at.seqwright(
      ...scan('g.fa', '--track', 'promoter', '--width', '57', '--regions', 'r.bed'),
    );
    const found = rows(out);
    expect(found[0]!.slice(0, 2)).toEqual(['chr1', '100']);
    expect(found.at(-1)!.slice(0, 3)).toEqual(['chr3', expect.any(String), '7001']);
    expect(found.reduce((sum, [, start, end]) => sum + Number(end) - Number(start), 0)).toBe(501);
  });

  it('tags letters with a tagger, on both strands', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => {
      const letters = bases(60);
      return `s${i}\t${letters}\t${letters.replace(/[AC]/g, 'M').replace(/[GT]/g, 'K')}`;
    });
    writeFileSync(at.path('tags.tsv'), `id\tsequence\ttags\n${lines.join('\n')}\n`);
    const trained = await at.seqwright(
      ...['train', 'tags.tsv', '--task', 'tagging', '--label', 'tags', '--model', 'window', '--epochs', '3'],
      ...['--no-test', '--no-report', '-o', 'tagger.model'],
    );
    expect(trained).toMatchObject({ code: 0 });
    const { code, out } = await at.seqwright(
      ...['scan', 'tagger.model', 'g.fa', '--width', '300', '--strand', 'both', '--format', 'bed'],
    );
    expect(code).toBe(0);
    const of = (chrom: string, strand: string) =>
      rows(out).filter((row) => row[0] === chrom && row[5] === strand);
    for (const strand of ['+', '-']) {
      let end = 0;
      for (const row of of('chr1', strand)) {
        expect(Number(row[1])).toBe(end);
        end = Number(row[2]);
      }
      expect(end).toBe(40_000);
    }
    expect(of('tiny', '+').length).toBeGreaterThan(0);
  });
});

describe('an interrupted scan', () => {
  const long = [
    'g3.fa',
    '--track',
    'promoter',
    '--width',
    '57',
    '--step',
    '1',
    '--threads',
    '1',
    '--checkpoint-every',
    '0',
  ];
  let whole: Buffer;
  beforeAll(async () => {
    writeFileSync(at.path('g3.fa'), fasta + fasta.replace(/>/g, '>copy-') + fasta.replace(/>/g, '>other-'));
    expect(await at.seqwright(...scan(...long, '-o', 'whole.bedgraph'))).toMatchObject({ code: 0 });
    whole = at.read('whole.bedgraph');
    // A machine that others use, too, needs longer than a hook is given.
  }, 300_000);

  it('goes on after kill -9 to the same bytes', async () => {
    for (const times of allSlow ? [1, 2] : [2]) {
      for (let i = 0; i < times; i++) {
        const running = at.start(...scan(...long, '-o', 'killed.bedgraph', ...(i > 0 ? ['--resume'] : [])));
        await until(running, 'killed.bedgraph.progress');
        await new Promise((resolve) => setTimeout(resolve, 150));
        running.child.kill('SIGKILL');
        expect(await running.ended).toMatchObject({ signal: 'SIGKILL' });
      }
      expect(at.list()).toEqual(
        expect.arrayContaining(['killed.bedgraph.partial', 'killed.bedgraph.progress']),
      );
      expect(at.list()).not.toContain('killed.bedgraph');
      const resumed = await at.seqwright(...scan(...long, '-o', 'killed.bedgraph', '--resume'));
      expect(resumed.code).toBe(0);
      expect(at.read('killed.bedgraph').equals(whole)).toBe(true);
      expect(at.list().filter((name) => name.startsWith('killed'))).toEqual(['killed.bedgraph']);
      await at.shell('rm killed.bedgraph');
    }
  });

  const signals = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const;
  it.each(allSlow ? signals : signals.slice(0, 1))(
    'stops on %s, says how to go on, and goes on',
    async (signal, code) => {
      const output = `${signal}.bedgraph`;
      const running = at.start(...scan(...long, '-o', output));
      await until(running, `${output}.progress`);
      running.child.kill(signal);
      const ended = await running.ended;
      expect({ code: ended.code, out: ended.out }).toEqual({ code, out: '' });
      expect(ended.err).toMatch(
        /interrupted; progress is saved in SIG\w+\.bedgraph\.progress\. Continue with the same command and --resume\.\n$/,
      );
      const other = await at.seqwright(...scan(...long, '--strand', '+', '-o', output, '--resume'));
      expect(other).toMatchObject({ code: 3, err: expect.stringMatching(/is the progress of another scan/) });
      expect((await at.seqwright(...scan(...long, '-o', output, '--resume'))).code).toBe(0);
      expect(at.read(output).equals(whole)).toBe(true);
    },
  );
});

describe('bad input to a scan', () => {
  it.each([
    [['g.fa'], 2, /--track with one of other, promoter/],
    [['g.fa', '--track', 'yes'], 2, /has no output "yes"; it has other, promoter/],
    [['g.fa', '--track', 'promoter'], 2, /give --width/],
    [['g.fa', ...bed, '--step', '58'], 2, /--step: expected a whole number from 1 to 57/],
    [['g.fa', ...bed, '--flank', '5'], 2, /--flank goes with taggers/],
    [['g.fa', ...bed, '--shard', '4/3'], 2, /Expected a part of several/],
    [['-', ...bed, '--shard', '1/3'], 2, /Name a file for --shard/],
    [['-', ...bed, '--resume', '-o', 'x.bed'], 2, /--resume needs a file/],
    [['g.fa', ...bed, '--resume'], 2, /--resume goes on with a file/],
    [['missing.fa', ...bed], 3, /missing\.fa: no such file/],
    [['protein.fa', ...bed], 3, /protein\.fa: "p" has "E" at position 3; the model reads dna/],
    [['g.fa', ...bed, '--ambiguous', 'error'], 3, /"chr2" has "n" at position 5001.*--ambiguous mask/],
    [
      ['g.fa', ...bed, '--regions', 'off.bed'],
      3,
      /off\.bed:1: chr3:7000-7002 ends at 7002; "chr3" of g\.fa has 7001/,
    ],
    [['g.fa', ...bed, '--regions', 'who.bed'], 3, /has no sequence "3"\. It has "chr3"/],
    [['old.fa', ...bed, '--regions', 'r.bed'], 3, /old\.fa\.fai does not match old\.fa/],
    [['g.fa', ...bed, '-o', 'no/where.bed'], 1, /its folder does not exist/],
  ] as const)('%j ends with %i and a word of what to do', async (args, code, message) => {
    writeFileSync(at.path('protein.fa'), '>p\nACEDEFGHIKL\n');
    writeFileSync(at.path('off.bed'), 'chr3\t7000\t7002\n');
    writeFileSync(at.path('who.bed'), '3\t70\t72\n');
    writeFileSync(at.path('old.fa'), fasta);
    writeFileSync(at.path('old.fa.fai'), 'chr1\t39000\t20\t70\t71\n');
    writeFileSync(at.path('r.bed'), 'chr1\t100\t400\n');
    const before = at.list();
    const ended = await at.fed(fasta, ...scan(...args));
    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toMatch(message);
    expect(at.list()).toEqual(before);
  });

  it('is a model of text, or of words', async () => {
    writeFileSync(at.path('text.txt'), `${'to be or not to be, that is the question. '.repeat(60)}\n`);
    const trained = await at.seqwright(
      ...['train', 'text.txt', '--task', 'language', '--epochs', '1', '--no-test', '--no-report'],
      ...['-o', 'text.model'],
    );
    expect(trained.code).toBe(0);
    const { code, err } = await at.seqwright('scan', 'text.model', 'g.fa');
    expect(code).toBe(2);
    expect(err).toMatch(
      /text\.model is a language model, which cannot be slid along a genome: expected a model with one answer a sequence/,
    );
  });
});
