import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const small = [
  ...['--model', 'cnn', '--set', 'filters=8', '--set', 'kernels=6', '--set', 'pools=1', '--set', 'dense=8'],
  ...['--epochs', '12', '--rate', '0.01', '--quiet'],
];

/** TATAAT, age and clinic each tell something of the relapse; some ages are missing. */
function patients(n: number) {
  let state = 5;
  const below = (k: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % k;
  };
  const noise = (length: number) => Array.from({ length }, () => 'ACGT'[below(4)]).join('');
  return Array.from({ length: n }, (_, i) => {
    const [motif, age, clinic] = [below(2), 20 + below(60), below(3)];
    const score = 60 * motif + age + 15 * clinic + below(20);
    const sequence = `${noise(6)}${motif ? 'TATAAT' : noise(6)}${noise(6)}`;
    const cell = i % 9 === 4 ? 'NA' : String(age);
    return {
      id: `p${i}`,
      sequence,
      relapse: score > 105 ? 'yes' : 'no',
      age: cell,
      clinic: String(clinic + 1),
    };
  });
}
const rows = patients(500);
const table = (columns: (keyof (typeof rows)[number])[], some = rows) =>
  `${columns.join(',')}\n${some.map((row) => `${columns.map((c) => row[c]).join(',')}\n`).join('')}`;

beforeAll(() => {
  writeFileSync(at.path('all.csv'), table(['id', 'sequence', 'relapse', 'age', 'clinic']));
  writeFileSync(at.path('p.fa'), rows.map(({ id, sequence }) => `>${id}\n${sequence}\n`).join(''));
  writeFileSync(at.path('p.csv'), table(['id', 'relapse', 'age', 'clinic']));
});

const features = ['--feature', 'age', '--category', 'clinic'];

describe('sequence and table together', () => {
  it('train: reads columns of the table, beside the table alone; FASTA with a table joined by id gives the same bytes', async () => {
    const loud = small.filter((word) => word !== '--quiet');
    const own = await at.seqwright(
      ...['train', 'all.csv', '--label', 'relapse', ...features, ...loud, '-o', 'fused.model', '--json'],
    );
    expect(own.code).toBe(0);
    expect(own.err).toContain('Read beside the sequence: age (numbers), clinic (categories).\n');
    const { metrics, baselines } = JSON.parse(own.out) as Record<string, Record<string, never>>;
    const auroc = (of: unknown) => (of as { auroc: { value: number } }).auroc.value;
    expect(auroc(metrics)).toBeGreaterThan(auroc(baselines!['table logistic']) + 0.05);
    const joined = await at.seqwright(
      ...[
        'train',
        'p.fa',
        '--labels',
        'p.csv',
        '--label',
        'relapse',
        ...features,
        ...small,
        '-o',
        'fasta.model',
      ],
    );
    expect(joined.code).toBe(0);
    expect(at.read('fasta.model/weights.safetensors')).toEqual(at.read('fused.model/weights.safetensors'));
  });

  it('predict: from one table, or FASTA with a table joined by id; missing cells and new categories are no obstacle', async () => {
    const one = await at.seqwright('predict', 'fused.model', 'all.csv');
    const two = await at.seqwright('predict', 'fused.model', 'p.fa', '--table', 'p.csv');
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(two).toMatchObject({ code: 0, err: '' });
    expect(two.out).toBe(one.out);
    const [first] = rows;
    writeFileSync(
      at.path('new.csv'),
      table(['id', 'sequence', 'age', 'clinic'], [{ ...first!, age: '', clinic: '9' }]),
    );
    const odd = await at.seqwright('predict', 'fused.model', 'new.csv');
    expect(odd.code).toBe(0);
    expect(odd.err).toBe(
      '1 record with a category that the training did not know (such as clinic "9"); it is taken for none of those that it knew.\n',
    );
  });

  it('evaluate and export know the columns', async () => {
    const judged = await at.seqwright(
      'evaluate',
      'fused.model',
      'all.csv',
      '--label',
      'relapse',
      '--train',
      'all.csv',
      '--json',
      '--quiet',
    );
    expect(judged.code).toBe(0);
    expect(Object.keys(JSON.parse(judged.out).baselines)).toContain('table logistic');
    expect((await at.seqwright('export', 'fused.model', '--onnx', 'fused.onnx')).code).toBe(0);
    expect(at.read('fused.onnx').toString('latin1')).toContain('seqwright.features');
  });

  it('says what is missing or wrong: a column, a row, text among numbers, a model without a table, a scan', async () => {
    const bare = await at.seqwright('predict', 'fused.model', 'p.fa');
    expect(bare).toMatchObject({ code: 3, err: expect.stringContaining('p.fa has no column "age"') });
    writeFileSync(at.path('few.csv'), table(['id', 'age', 'clinic'], rows.slice(0, 3)));
    const few = await at.seqwright('predict', 'fused.model', 'p.fa', '--table', 'few.csv');
    expect(few).toMatchObject({
      code: 3,
      err: expect.stringContaining('record "p3" of p.fa is not in column "id" of few.csv'),
    });
    writeFileSync(
      at.path('text.csv'),
      table(['id', 'sequence', 'age', 'clinic'], [{ ...rows[0]!, age: 'old' }]),
    );
    const text = await at.seqwright('predict', 'fused.model', 'text.csv');
    expect(text.err).toContain('text.csv:2: record "p0" has "old" as "age"; expected a number');
    const lost = await at.seqwright(
      'train',
      'all.csv',
      '--label',
      'relapse',
      '--feature',
      'weight',
      ...small,
      '-o',
      'x.model',
    );
    expect(lost).toMatchObject({ code: 3, err: expect.stringContaining('all.csv has no column "weight"') });
    const scan = await at.seqwright('scan', 'fused.model', 'p.fa', '--width', '18', '-o', 'x.bed');
    expect(scan).toMatchObject({
      code: 2,
      err: expect.stringContaining('reads age, clinic of a table beside the sequence'),
    });
    const plain = await at.seqwright(
      'train',
      'all.csv',
      '--label',
      'relapse',
      ...small,
      '--epochs',
      '1',
      '-o',
      'plain.model',
    );
    expect(plain.code).toBe(0);
    const table1 = await at.seqwright('predict', 'plain.model', 'p.fa', '--table', 'p.csv');
    expect(table1).toMatchObject({
      code: 2,
      err: expect.stringContaining('--table is for models that read columns of a table'),
    });
  });
});
