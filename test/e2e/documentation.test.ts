import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, root, start, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The fenced blocks of a language, in order. */
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code]) => code!);

const node = (...args: string[]) => start(process.execPath, args, { cwd: at.cwd }).ended;
const tsv = (rows: readonly { id: string; label: string }[]) =>
  `id\tlabel\n${rows.map(({ id, label }) => `${id}\t${label}\n`).join('')}`;

beforeAll(() => {
  mkdirSync(at.path('node_modules'));
  symlinkSync(root, at.path('node_modules/seqwright'));
  writeFileSync(at.path('promoters.fa'), fastaText(promoters));
  const heldOut = promoters.filter((_, i) => i % 4 === 0);
  const mine = promoters.filter((_, i) => i % 4 !== 0);
  for (const [name, rows] of Object.entries({ mine, 'held-out': heldOut })) {
    writeFileSync(at.path(`${name}.fa`), fastaText(rows));
    writeFileSync(at.path(`${name}.tsv`), tsv(rows));
  }
  writeFileSync(at.path('genome.fa.gz'), gzipSync(fastaText(promoters)));
  const sentence = (s: number) =>
    `${['the', 'a', 'old'][s % 3]} O\n${['Ann', 'Bo', 'Cy', 'Eva'][s % 4]} B-PER\nsaw O\n`;
  const conll = (count: number) => Array.from({ length: count }, (_, s) => sentence(s)).join('\n');
  writeFileSync(at.path('ner.conll'), conll(60));
  writeFileSync(at.path('new.conll'), conll(4));
  const genes = gunzipSync(readFileSync(join(root, 'examples/data/ecoli_cds999.fa.gz'))).toString();
  writeFileSync(at.path('genes.fa'), genes.split(/(?=>)/).slice(0, 20).join(''));
  const day = (t: number) => new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10);
  const sales = Array.from({ length: 90 }, (_, t) =>
    ['north', 'south'].map((shop) => `${day(t)},${shop},${50 + (t % 7) * 4 + ((t * 37) % 11)}\n`).join(''),
  );
  writeFileSync(at.path('sales.csv'), `day,shop,units\n${sales.join('')}`);
  writeFileSync(at.path('genome.fa'), `>chr1\n${'ACGTTGCA'.repeat(100)}\n`);
  const peak = (from: number) => `chr1\t${from}\t${from + 90}\tp${from}\t5\t.\t1\t2\t3\t40\n`;
  writeFileSync(at.path('peaks.narrowPeak'), `${peak(300)}${peak(790)}`);
});

describe('what the README says', () => {
  const snippets = blocks(readme, 'js');

  it('of the library is a program that runs', async () => {
    writeFileSync(at.path('library.mjs'), snippets[0]!);
    const { code, out, err } = await node('library.mjs');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replace(/\s+/g, ' ')).toMatch(/accuracy: \{ value: [\d.]+, low: [\d.]+, high: [\d.]+ \}/);
    expect(at.list('mine.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
  });

  it('of a network of your own is a program that runs', async () => {
    writeFileSync(
      at.path('network.mjs'),
      `${snippets[0]!}\n${snippets[1]!.replace(/^import .* 'seqwright';\n/m, "import { nn } from 'seqwright';\n")}`,
    );
    const { code, err } = await node('network.mjs');
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('of decoding is a program whose sequences keep their constraints', async () => {
    const snippet = snippets.find((text) => text.includes('generate('))!;
    writeFileSync(at.path('decoding.mjs'), snippet);
    const { code, out, err } = await node('decoding.mjs');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const drawn = out.trim().split('\n');
    expect(drawn).toHaveLength(3);
    for (const sequence of drawn) {
      expect(sequence).toMatch(/^[ACGT]{60}$/);
      expect(sequence).not.toContain('GAATTC');
      const share = sequence.replace(/[AT]/g, '').length / 60;
      expect(share).toBeGreaterThanOrEqual(0.4);
      expect(share).toBeLessThanOrEqual(0.6);
    }
  });

  it('of the engine is a program that gives what its comment says', async () => {
    writeFileSync(at.path('engine.mjs'), snippets.at(-1)!);
    const { code, out, err } = await node('engine.mjs');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [, promised] = /\/\/ \{ w: \[(.*)\] \}/.exec(snippets.at(-1)!)!;
    const [, given] = /w: Float32Array\(3\) \[\s*(.*?),?\s*\]/s.exec(out)!;
    const numbers = (text: string) => text.split(',').map(Number);
    numbers(promised!).forEach((value, i) => {
      expect(numbers(given!)[i]).toBeCloseTo(value, 2);
    });
  });

  it('of the command line works line by line', async () => {
    const block = blocks(readme, 'sh').find((text) => text.includes('seqwright train'))!;
    const script = block.replaceAll('npx seqwright', 'seqwright');
    for (const verb of ['train', 'evaluate', 'predict', 'export'])
      expect(script).toContain(`seqwright ${verb} `);
    const { code, out, err } = await at.shell(`set -e\n${script}`);
    expect(code, err).toBe(0);
    expect(err).not.toContain('defect');
    expect(at.read('tagged.conll').toString().split('\n\n')[0]!.split('\n')).toHaveLength(3);
    const fasta = out.slice(out.indexOf('>')).split(/^>.*$/m).slice(1);
    const written = fasta.map((lines) => lines.replaceAll('\n', ''));
    expect(written).toHaveLength(10);
    for (const sequence of written) expect(sequence).toMatch(/^ATG(?!.*GAATTC)/);
    expect(at.read('next-week.tsv').toString().trimEnd().split('\n')).toHaveLength(2 * 7 + 1);
    expect(at.read('peaks.fa').toString().split('>').slice(1)).toHaveLength(1);
    expect(at.read('predictions.tsv').toString().trimEnd().split('\n')).toHaveLength(promoters.length + 1);
    expect(at.read('mine.onnx').equals(at.read('mine.model/model.onnx'))).toBe(true);
  });

  it.each(['README.md', 'CONTRIBUTING.md'])('%s names files and npm scripts that there are', (name) => {
    const text = readFileSync(join(root, name), 'utf8');
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
    expect(links.length + text.split('npm run').length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('the examples', () => {
  const example = (name: string, ...args: string[]) => node(join(root, 'examples', name), ...args);

  it('are all run here', () => {
    const programs = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.js'));
    expect(programs.sort()).toEqual(['fit-a-curve.js', 'own-network.js', 'train-a-classifier.js']);
  });

  it('fit-a-curve: gradient descent arrives at the curve', async () => {
    const { code, out, err } = await example('fit-a-curve.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const errors = [...out.matchAll(/squared error ([\d.]+)/g)].map(([, value]) => Number(value));
    expect(errors).toHaveLength(5);
    expect(errors.at(-1)).toBeLessThan(0.005);
    const points = [...out.matchAll(/^at [-\d.]+: ([-\d.]+); sin\(3x\) is ([-\d.]+)$/gm)];
    expect(points).toHaveLength(3);
    for (const [, found, truth] of points) expect(Math.abs(Number(found) - Number(truth))).toBeLessThan(0.05);
  });

  it('train-a-classifier: learns splice sites, and saves a model that predicts', async () => {
    const { code, out, err } = await example('train-a-classifier.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('3186 records: ei, ie, n\n');
    expect(Number(/^AUROC ([\d.]+), 95 % interval/m.exec(out)![1])).toBeGreaterThan(0.97);
    expect(out).toMatch(/^ {2}majority: 0\.50$/m);
    expect(out.match(/^s\d{4}: ei [\d.]+, ie [\d.]+, n [\d.]+$/gm)).toHaveLength(3);
    expect(at.list('splice.model')).toContain('weights.safetensors');
  });

  it('train-a-classifier: takes FASTA with the class in its headers', async () => {
    const { code, out, err } = await example('train-a-classifier.js', 'promoters.fa', 'fasta.model');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('106 records: other, promoter\n');
    expect(at.list('fasta.model')).toContain('weights.safetensors');
  });

  it('own-network: trains, loads and exports a network of its own', async () => {
    const { code, out, err } = await example('own-network.js');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(Number(/parameters, accuracy ([\d.]+)/.exec(out)![1])).toBeGreaterThan(0.6);
    expect(at.list('own.model')).toContain('weights.safetensors');
    const refused = await at.seqwright('predict', 'own.model', 'promoters.fa');
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toMatch(
      /^seqwright: own\.model\/model\.json describes a network of the program [^\n]*\n$/,
    );
  });

  const python = process.env.SEQWRIGHT_PYTHON ?? 'python3';
  const hasRuntime = spawnSync(python, ['-c', 'import onnxruntime, numpy']).status === 0;
  it.runIf(hasRuntime).each(['cnn-bilstm', 'attention-bilstm', 'gru'])(
    "onnx_in_python: an exported %s gives the same numbers in Python's onnxruntime",
    async (model) => {
      const ragged = promoters.map((r, i) => ({ ...r, sequence: r.sequence.slice(0, 20 + (i % 37)) }));
      writeFileSync(at.path('ragged.fa'), fastaText(ragged));
      const from = [
        '--label-from',
        'class=(\\S+)',
        '--model',
        model,
        '--epochs',
        '1',
        '--no-report',
        '--quiet',
      ];
      expect((await at.seqwright('train', 'ragged.fa', ...from, '-o', 'python.model')).code).toBe(0);
      expect((await at.seqwright('export', 'python.model', '--onnx', 'python.onnx')).code).toBe(0);
      const script = join(root, 'examples', 'onnx_in_python.py');
      const { code, out, err } = await start(python, [script, 'python.onnx', 'ragged.fa'], { cwd: at.cwd })
        .ended;
      expect(code, err).toBe(0);
      const rowsOf = (text: string) =>
        text
          .trimEnd()
          .split('\n')
          .slice(1)
          .map((line) => line.split('\t'));
      const ours = rowsOf((await at.seqwright('predict', 'python.model', 'ragged.fa')).out);
      const theirs = rowsOf(out);
      expect(theirs.map(([id]) => id)).toEqual(ours.map(([id]) => id));
      theirs.forEach(([, other, promoter], i) => {
        expect(Number(other)).toBeCloseTo(Number(ours[i]![1]), 4);
        expect(Number(promoter)).toBeCloseTo(Number(ours[i]![2]), 4);
      });
    },
  );
});
