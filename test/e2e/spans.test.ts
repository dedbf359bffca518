import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Numbers that look random and are the same everywhere. */
function draws(seed: number) {
  let state = seed;
  const below = (n: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
  return {
    below,
    letters: (n: number, of: string) => Array.from({ length: n }, () => of[below(of.length)]).join(''),
  };
}

const residues = 'ACDEFGHIKLMNPQRSTVWY';
/** Proteins that begin with a signal peptide (positive, hydrophobic, AXA), and others. */
function proteins(count: number, seed: number) {
  const { below, letters } = draws(seed);
  return Array.from({ length: count }, (_, i) => {
    const body = letters(50, residues);
    if (i % 3 === 0) return { id: `p${i}`, sequence: `M${body}${letters(12, residues)}`, end: 0 };
    const signal = `M${letters(2 + below(4), 'KR')}${letters(8 + below(6), 'LLLAVI')}A${letters(1, 'SQN')}A`;
    return { id: `p${i}`, sequence: signal + body, end: signal.length };
  });
}

const people = ['Ann', 'Ben', 'Cleo', 'Dora', 'Emil', 'Finn', 'Gus', 'Hana'];
const cities = ['Oslo', 'Rome', 'Bern', 'Lima', 'Cairo', 'Paris', 'Quito', 'Delhi'];

beforeAll(() => {
  const all = proteins(240, 5);
  const fasta = (list: typeof all) => list.map(({ id, sequence }) => `>${id}\n${sequence}\n`).join('');
  writeFileSync(at.path('p.fa'), fasta(all));
  writeFileSync(
    at.path('p.bed'),
    all.flatMap(({ id, end }) => (end ? [`${id}\t0\t${end}\tsp\n`] : [])).join(''),
  );
  writeFileSync(at.path('new.fa'), fasta(proteins(6, 77)));
  const { below } = draws(9);
  const rows = Array.from({ length: 320 }, (_, i) => {
    const [a, b] = [below(8), below(7)];
    const who = [people[a]!, people[(a + 1 + b) % 8]!];
    const where = [cities[below(4)]!, cities[4 + below(4)]!];
    const passage = `${who[0]} lives in ${where[0]}. ${who[1]} lives in ${where[1]}.`;
    const k = i % 2;
    const question = below(2) === 0 ? `Where does ${who[k]} live?` : `Who lives in ${where[k]}?`;
    const answer = question.startsWith('Where') ? where[k]! : who[k]!;
    return { id: `q${i}`, question, passage, answer, start: passage.indexOf(answer) };
  });
  writeFileSync(at.path('qa.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

const quick = ['--model', 'cnn', '--set', 'width=24', '--set', 'dilations=1,2,4', '--rate', '5e-3'];

describe('train --task spans', () => {
  it('learns where signal peptides end, and that some proteins have none; is evaluated, exported, and writes BED', async () => {
    const trained = await at.seqwright(
      ...[
        'train',
        'p.fa',
        '--task',
        'spans',
        '--spans',
        'p.bed',
        ...quick,
        '--epochs',
        '25',
        '-o',
        'sp.model',
      ],
    );
    expect(trained.code, trained.err).toBe(0);
    expect(trained.err).toMatch(
      /^Alphabet protein: .*\n240 sequences of 63 to 72 letters, 80 of them without a span; spans of 14 to 22 letters\.\nSplit at random\. 173 training, 19 validation, 48 test\.\n/,
    );
    expect(trained.out).toMatch(/^exactMatch .*$/m);
    expect(trained.out).toContain('weight matrices');
    expect(at.list('sp.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    const { metrics, baselines } = JSON.parse(at.read('sp.report/results.json').toString());
    expect(metrics.f1.value).toBeGreaterThan(baselines['most frequent place'].f1.value);
    expect(metrics.f1.value).toBeGreaterThan(0.8);
    const page = at.read('sp.report/report.html').toString();
    for (const part of [
      'How far off the ends are',
      'With and without a span',
      'begins and ends',
      'true start',
    ])
      expect(page).toContain(part);

    const [judged, table, bed, lines, exported] = await Promise.all([
      at.seqwright(
        'evaluate',
        'sp.model',
        'p.fa',
        '--spans',
        'p.bed',
        '--train',
        'p.fa',
        '--json',
        '--quiet',
      ),
      at.seqwright('predict', 'sp.model', 'new.fa'),
      at.seqwright('predict', 'sp.model', 'new.fa', '-o', 'new.bed'),
      at.seqwright('predict', 'sp.model', 'new.fa', '--format', 'jsonl', '--best', '3', '--longest', '18'),
      at.seqwright('export', 'sp.model', '--onnx', 'sp.onnx'),
    ]);
    expect(JSON.parse(judged.out).metrics.exactMatch.value).toBeGreaterThan(0.7);
    const [header, ...rows] = table.out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'start', 'end', 'prediction', 'probability', 'none']);
    const fresh = proteins(6, 77);
    expect(rows.map(([id]) => id)).toEqual(fresh.map(({ id }) => id));
    rows.forEach(([, start, end, text], i) => {
      if (start !== '') expect(text).toBe(fresh[i]!.sequence.slice(Number(start), Number(end)));
    });
    const found = rows.filter(([, start]) => start !== '');
    expect(bed.code).toBe(0);
    const written = at.read('new.bed').toString().trimEnd().split('\n');
    expect(written.map((line) => line.split('\t').slice(0, 3))).toEqual(found.map((row) => row.slice(0, 3)));
    for (const line of lines.out.trimEnd().split('\n')) {
      const { best, prediction } = JSON.parse(line);
      expect(best).toHaveLength(3);
      expect(best.every(({ start, end }: { start: number; end: number }) => end - start <= 18)).toBe(true);
      if (prediction) expect(prediction).toEqual(best[0]);
    }
    expect(exported.code).toBe(0);
    expect(at.list()).toContain('sp.onnx');
  }, 120_000);

  it('answers questions from a table, by attention between question and passage', async () => {
    const trained = await at.seqwright(
      ...[
        'train',
        'qa.jsonl',
        '--task',
        'spans',
        '--set',
        'hidden=12',
        '--set',
        'embedding=16',
        '--epochs',
        '12',
      ],
      ...['--rate', '0.01', '-o', 'qa.model', '--no-report', '--json'],
    );
    expect(trained.code, trained.err).toBe(0);
    expect(trained.err).toMatch(
      /^320 questions with passages of \d+ to \d+ characters; spans of 3 to 5 characters\./,
    );
    const { metrics, baselines } = JSON.parse(trained.out);
    expect(metrics.exactMatch.value).toBeGreaterThan(0.8);
    expect(baselines['most frequent place'].f1.value).toBeLessThan(metrics.f1.value);
    expect(baselines['sliding window'].f1.value).toBeGreaterThan(0);
    writeFileSync(
      at.path('ask.csv'),
      'question,context\nWhere does Zoe live?,Ann lives in Rome. Zoe lives in Delhi.\n',
    );
    const asked = await at.seqwright('predict', 'qa.model', 'ask.csv');
    expect(asked.out).toMatch(/^id\tstart\tend\tprediction\tprobability\n1\t\d+\t\d+\tDelhi\t/);
    const streamed = await at.fed(at.read('qa.jsonl'), 'predict', 'qa.model', '-');
    expect(streamed.code, streamed.err).toBe(0);
    expect(streamed.out.trimEnd().split('\n')).toHaveLength(321);
  }, 120_000);

  it.each<[string[], number, RegExp]>([
    [['p.fa'], 2, /p\.fa holds sequences alone\. Give their spans as BED or a table with --spans/],
    [
      ['p.fa', '--spans', 'off.bed'],
      3,
      /off\.bed:2: the span 3–999 of "p1" ends after its sequence, which has \d+ letters/,
    ],
    [['p.fa', '--spans', 'two.bed'], 3, /two\.bed:2: "p1" has a span already \(two\.bed:1\)/],
    [['p.fa', '--spans', 'other.bed'], 3, /none of the 1 ids in other\.bed \(such as "x"\)/],
    [['p.fa', '--spans', 'p.bed', '--model', 'bidaf'], 2, /"bidaf" needs questions; choose bilstm/],
    [
      ['p.fa', '--spans', 'p.bed', '--tokenizer', 'bpe:300'],
      2,
      /--tokenizer bpe:300 is for text; sequences are read letter by letter/,
    ],
    [['p.fa', '--spans', 'p.bed', '--smoothing', '0.1'], 2, /--smoothing does not go with --task spans/],
    [['qa.jsonl', '--model', 'lstm'], 2, /there is no span model "lstm". Did you mean bilstm\?/],
    [
      ['wrong.csv'],
      3,
      /wrong\.csv:2: record "1": the answer "Oslo" does not stand at character 2 of its passage; there is " Rom"/,
    ],
    [['empty.csv'], 3, /empty\.csv:2: record "1" has an empty passage/],
  ])('in one line refuses %j', async (args, code, message) => {
    writeFileSync(at.path('off.bed'), 'p0\t0\t3\np1\t3\t999\n');
    writeFileSync(at.path('two.bed'), 'p1\t0\t3\np1\t4\t9\n');
    writeFileSync(at.path('other.bed'), 'x\t0\t3\n');
    writeFileSync(at.path('wrong.csv'), 'question,passage,answer,start\nWhere?,In Rome.,Oslo,2\n');
    writeFileSync(at.path('empty.csv'), 'question,passage,answer\nWhere?,,Oslo\n');
    const found = await at.seqwright('train', ...args, '--task', 'spans', '-o', 'x.model', '--quiet');
    expect([found.code, found.out]).toEqual([code, '']);
    expect(found.err.trimEnd().split('\n')).toHaveLength(1);
    expect(found.err).toMatch(message);
  });

  it('is listed, refuses its options elsewhere, and asks for what it can give', async () => {
    const listed = await at.seqwright('list', 'bidaf');
    expect([listed.code, listed.out]).toEqual([
      0,
      expect.stringMatching(/^Span model bidaf: Attention between question and passage/),
    ]);
    const other = await at.seqwright(
      'train',
      'p.fa',
      '--task',
      'language',
      '--spans',
      'p.bed',
      '-o',
      'x.model',
    );
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('--spans goes with --task spans.')]);
    const bed = await at.seqwright('predict', 'qa.model', 'qa.jsonl', '--format', 'bed');
    expect([bed.code, bed.err]).toEqual([2, expect.stringContaining('BED is for spans of sequences')]);
    const best = await at.seqwright('predict', 'sp.model', 'new.fa', '--best', '2');
    expect([best.code, best.err]).toEqual([2, expect.stringContaining('add --format jsonl')]);
    const wrong = await at.seqwright('evaluate', 'qa.model', 'p.fa', '--spans', 'p.bed');
    expect([wrong.code, wrong.err]).toEqual([
      3,
      expect.stringContaining('holds sequences; the model reads text'),
    ]);
  });
});
