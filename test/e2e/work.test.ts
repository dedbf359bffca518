import { writeFileSync } from 'node:fs';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, gcCount, promoters, spliceSites, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const tiny = ['--model', 'cnn', '--set', 'filters=8,8', '--set', 'dense=8', '--epochs', '2', '--quiet'];
const table = (header: string, rows: string[]) => `${header}\n${rows.join('\n')}\n`;

/** A BGZF block (SAM specification, section 4.1): a gzip member that knows its own size; an empty one ends the file. */
function bgzf(text: string): Buffer {
  const block = (data: Buffer) => {
    const packed = deflateRawSync(data);
    const head = Buffer.from('1f8b08040000000000ff0600424302000000', 'hex');
    head.writeUInt16LE(head.length + packed.length + 8 - 1, 16);
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(crc32(data), 0);
    tail.writeUInt32LE(data.length, 4);
    return Buffer.concat([head, packed, tail]);
  };
  const bytes = Buffer.from(text);
  const blocks = [];
  for (let i = 0; i < bytes.length; i += 2000) blocks.push(block(bytes.subarray(i, i + 2000)));
  const end = Buffer.from('1f8b08040000000000ff0600424302001b0003000000000000000000', 'hex');
  return Buffer.concat([...blocks, end]);
}

/** The checksum of gzip (RFC 1952, section 8), which its trailer holds. */
const crc32 = (data: Buffer) => gzipSync(data).readUInt32LE(gzipSync(data).length - 8);

beforeAll(() => {
  writeFileSync(at.path('mine.fa'), fastaText(promoters));
  writeFileSync(
    at.path('mine.tsv'),
    table(
      'Locus tag\tnote\tIs it one?',
      promoters.map(({ id, label }) => `${id}\tx\t${label}`),
    ),
  );
  writeFileSync(
    at.path('mine.csv'),
    table(
      'sequence,label',
      promoters.map((r) => `${r.sequence},${r.label === 'promoter' ? 1 : 0}`),
    ),
  );
  writeFileSync(at.path('splice.fa'), fastaText(spliceSites.filter((_, i) => i % 10 === 0)));
  writeFileSync(at.path('mine.fa.gz'), gzipSync(fastaText(promoters)));
  writeFileSync(at.path('mine.fa.bgz'), bgzf(fastaText(promoters)));
  writeFileSync(
    at.path('numbers.tsv'),
    table(
      'id\tgc\tskew\trich\tlong',
      promoters.map(({ id, sequence }, i) => {
        const gc = gcCount(sequence);
        return `${id}\t${(gc * 0.37).toFixed(2)}\t${(gc - 28.5) / 10}\t${Number(gc > 28)}\t${i % 2}`;
      }),
    ),
  );
});

describe('a FASTA file and a table with odd column names', () => {
  const labels = ['--labels', 'mine.tsv', '--id', 'Locus tag', '--label', 'Is it one?'];

  it('train: says what it inferred, evaluates beside baselines, leaves model and report', async () => {
    const loud = tiny.filter((word) => word !== '--quiet');
    const { code, out, err } = await at.seqwright('train', 'mine.fa', ...labels, ...loud, '-o', 'mine.model');
    expect(code).toBe(0);
    expect(err).toContain('Alphabet dna: 100 % of the letters are bases.\n');
    expect(err).toContain('Task: 2 classes: other, promoter; positive is promoter (the labels are names).\n');
    expect(err).toContain('106 records of 57 letters; other 53, promoter 53.\n');
    expect(err).toMatch(
      /Split at random with class proportions kept\. 76 training, 9 validation, 21 test\.\n/,
    );
    expect(err).toMatch(/^Similarity of test to training sequences/m);
    expect(err).toMatch(/^Epoch 2 of 2: loss [\d.]+, validation [\d.]+/m);
    expect(out).toMatch(/^cnn on mine\.fa: 21 records evaluated$/m);
    expect(out).toMatch(/^metric +value +95 % interval +majority +5-mer logistic/m);
    expect(out).toMatch(/^accuracy +0\.\d+ +0\.\d+–[01]\.\d+/m);
    expect(out).toMatch(/^report +mine\.report\/report\.html$/m);
    expect(at.list('mine.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    expect(at.list('mine.report')).toEqual([
      'manifest.json',
      'report.html',
      'results.json',
      'seqwright_general_mqc.json',
      'seqwright_mqc.json',
    ]);
    expect(at.read('mine.report/report.html').toString()).toContain('<!doctype html>');
    expect(at.list().filter((name) => /partial|checkpoint|replaced/.test(name))).toEqual([]);
  });

  it('evaluate: prints results.json with --json, with baselines when it sees the training data', async () => {
    const { code, out } = await at.seqwright(
      ...['evaluate', 'mine.model', 'mine.fa', ...labels, '--train', 'mine.fa', '--json', '--quiet'],
      ...['--report', 'held.report'],
    );
    expect(code).toBe(0);
    const results = JSON.parse(out) as Record<string, Record<string, unknown>>;
    expect(results.metrics!.accuracy).toMatchObject({ value: expect.any(Number), low: expect.any(Number) });
    expect(Object.keys(results.baselines!)).toEqual(['majority', '5-mer logistic', 'position logistic']);
    expect(results.similarity!.sentence).toMatch(/106 exact duplicates/);
    const stored = JSON.parse(at.read('held.report/results.json').toString());
    expect(stored.metrics).toEqual(results.metrics);
    expect(stored.artifacts).toEqual({ report: 'report.html' });
  });

  it('predict: keeps ids and order, from a file, a pipe, gzip and bgzip alike', async () => {
    const { code, out, err } = await at.seqwright('predict', 'mine.model', 'mine.fa');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [header, ...rows] = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'other', 'promoter', 'prediction']);
    expect(rows.map(([id]) => id)).toEqual(promoters.map(({ id }) => id));
    for (const [, other, promoter, prediction] of rows) {
      expect(Number(other) + Number(promoter)).toBeCloseTo(1, 5);
      expect(prediction).toBe(Number(other) >= Number(promoter) ? 'other' : 'promoter');
    }
    for (const file of ['mine.fa.gz', 'mine.fa.bgz'])
      expect((await at.seqwright('predict', 'mine.model', file)).out).toBe(out);
    expect(await at.shell('zcat mine.fa.gz | seqwright predict mine.model - > piped.tsv')).toMatchObject({
      code: 0,
      err: '',
    });
    expect(at.read('piped.tsv').toString()).toBe(out);
  });

  it('predict: writes compressed JSON lines where the name says so', async () => {
    expect((await at.seqwright('predict', 'mine.model', 'mine.fa', '-o', 'p.jsonl.gz')).code).toBe(0);
    const first = JSON.parse((await at.shell('zcat p.jsonl.gz | head -1')).out);
    expect(first).toEqual({
      id: 'p001',
      probabilities: { other: expect.any(Number), promoter: expect.any(Number) },
      prediction: expect.stringMatching(/other|promoter/),
    });
  });

  it('predict: tells with dropout left on how far its passes lie apart, the same for the same seed', async () => {
    const drawn = ['predict', 'mine.model', 'mine.fa', '--dropout-passes', '5'];
    const { code, out } = await at.seqwright(...drawn, '--seed', '7');
    expect(code).toBe(0);
    const [header, ...rows] = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header!.slice(-2)).toEqual(header!.slice(1, 3).map((name) => `deviation(${name})`));
    expect(rows.some((row) => Number(row.at(-1)) > 0)).toBe(true);
    expect((await at.seqwright(...drawn, '--seed', '7')).out).toBe(out);
    expect((await at.seqwright(...drawn, '--seed', '8')).out).not.toBe(out);
    const { code: refused, err } = await at.seqwright(...drawn, '--attention', '--quiet');
    expect({ refused, err }).toEqual({
      refused: 2,
      err: 'seqwright: --attention and --dropout-passes do not go together; give one of them.\n',
    });
  });

  it('predict: ends quietly when the reader has gone', async () => {
    const many = 'for i in $(seq 200); do cat mine.fa; done';
    const { code, out, err } = await at.shell(
      `${many} | seqwright predict mine.model - | head -2; echo \${PIPESTATUS[1]}`,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^id\tother\tpromoter\tprediction\np001\t.*\n0\n$/);
  });

  it('export: writes an ONNX file that holds the same as the folder', async () => {
    expect(await at.seqwright('export', 'mine.model', '--onnx', 'mine.onnx')).toMatchObject({
      code: 0,
      err: 'Wrote mine.onnx.\n',
    });
    expect(at.read('mine.onnx').equals(at.read('mine.model/model.onnx'))).toBe(true);
  });

  it('evaluate: refuses labels that the model does not know, and names those it does', async () => {
    writeFileSync(at.path('other.fa'), fastaText(promoters).replaceAll('class=other', 'class=terminator'));
    expect(
      await at.seqwright('evaluate', 'mine.model', 'other.fa', '--label-from', 'class=(\\S+)', '--quiet'),
    ).toEqual({
      code: 3,
      signal: null,
      out: '',
      err: 'seqwright: other.fa:107: record "p054" has the class "terminator"; the model knows: other, promoter.\n',
    });
  });
});

describe('labels from elsewhere', () => {
  const json = async (...args: string[]) => {
    const { code, out, err } = await at.seqwright('train', ...args, ...tiny, '--json', '--no-report');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    return JSON.parse(out) as { metrics: Record<string, { value: number }>; count: number };
  };

  it('trains on FASTA headers, and on standard input just the same', async () => {
    const from = ['--label-from', 'class=(\\S+)'];
    await json('mine.fa', ...from, '-o', 'headers.model');
    expect(
      (
        await at.shell(
          `cat mine.fa | seqwright train - --label-from 'class=(\\S+)' ${tiny.join(' ')} --no-report -o stdin.model`,
        )
      ).code,
    ).toBe(0);
    const weights = 'weights.safetensors';
    expect(at.read(`stdin.model/${weights}`).equals(at.read(`headers.model/${weights}`))).toBe(true);
  });

  it('trains on one table of sequence and label, with test and validation files of their own', async () => {
    const results = await json(
      'mine.csv',
      '--test',
      'mine.csv',
      '--validation',
      'mine.csv',
      '-o',
      'csv.model',
    );
    expect(results.count).toBe(106);
    const { out } = await at.seqwright('predict', 'csv.model', 'mine.csv');
    expect(out.split('\n').slice(0, 2).join('\n')).toMatch(/^id\t0\t1\tprediction\n1\t/);
  });

  it('trains on three classes', async () => {
    const results = await json('splice.fa', '--label-from', 'class=(\\S+)', '-o', 'three.model');
    expect(results.metrics).toHaveProperty('mcc');
    const { out } = await at.seqwright('predict', 'three.model', 'splice.fa');
    expect(out).toMatch(/^id\tei\tie\tn\tprediction\n/);
  });

  it('trains on several labels at once', async () => {
    const columns = ['--label', 'rich', '--label', 'long'];
    const results = await json('mine.fa', '--labels', 'numbers.tsv', ...columns, '-o', 'labels.model');
    expect(results.metrics).toHaveProperty('labelAccuracy');
    const { out } = await at.seqwright('predict', 'labels.model', 'mine.fa');
    const [header, ...rows] = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'rich', 'long', 'prediction']);
    for (const [, rich, long, prediction] of rows) {
      const expected = [Number(rich) >= 0.5 && 'rich', Number(long) >= 0.5 && 'long'].filter(Boolean);
      expect(prediction).toBe(expected.join(';'));
    }
  });

  it('trains on real values, and keeps positive ones positive', async () => {
    const results = await json('mine.fa', '--labels', 'numbers.tsv', '--label', 'skew', '-o', 'values.model');
    expect(results.metrics).toHaveProperty('r2');
    await json(
      'mine.fa',
      '--labels',
      'numbers.tsv',
      '--label',
      'gc',
      '--task',
      'positive',
      '-o',
      'rates.model',
    );
    const { out } = await at.seqwright('predict', 'rates.model', 'mine.fa');
    const values = out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(line.split('\t')[1]));
    expect(values).toHaveLength(106);
    expect(values.every((value) => value > 0)).toBe(true);
    const negative = await at.seqwright(
      'train',
      'mine.fa',
      '--labels',
      'numbers.tsv',
      '--label',
      'skew',
      '--task',
      'positive',
      ...tiny,
      '-o',
      'no.model',
    );
    expect(negative.code).toBe(3);
    expect(negative.err).toMatch(
      /^seqwright: record "p\d+" has the value -[\d.]+ for skew; --task positive expects values of at least 0\.\n$/,
    );
  });

  it('takes options from a file, the command line first', async () => {
    const config = {
      labelFrom: 'class=(\\S+)',
      model: 'cnn',
      set: ['filters=8,8'],
      epochs: 9,
      output: 'config.model',
      report: false,
      test: false,
    };
    writeFileSync(at.path('config.json'), JSON.stringify(config));
    const { code, err } = await at.seqwright('train', 'mine.fa', '--config', 'config.json', '--epochs', '1');
    expect(code).toBe(0);
    expect(err).toContain('Epoch 1 of 1');
    expect(at.list('config.model')).toContain('weights.safetensors');
    writeFileSync(at.path('config.json'), JSON.stringify({ epoch: 3 }));
    expect(await at.seqwright('train', 'mine.fa', '--config', 'config.json')).toMatchObject({
      code: 2,
      err: 'seqwright: config.json has no setting "epoch". Did you mean epochs?\n',
    });
  });
});
