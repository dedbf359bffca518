import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Runs a recipe; returns its claims as `id: met`, and the names of the files that it left. */
async function run(id: string, ...args: string[]) {
  const { code, err } = await at.seqwright('run', id, '--quick', '--quiet', '-o', id, ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { claims } = JSON.parse(at.read(`${id}/results.json`).toString());
  const met = Object.fromEntries(claims.map((claim: { id: string; met: boolean }) => [claim.id, claim.met]));
  return { met, files: at.list(id) };
}

const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);
const rows = (head: string, count: number, row: (i: number) => string) =>
  `${[head, ...Array.from({ length: count }, (_, i) => row(i))].join('\n')}\n`;
/** Letters that differ from row to row, the same every time. */
const letters = (i: number, length: number) =>
  Array.from({ length }, (_, t) => 'ACGT'[(i * 7919 + t * t * 31 + t * (i + 3)) % 4]).join('');

describe('recipes on principles', () => {
  it('order-matters reads labelled sequences, and leaves a model that predicts', async () => {
    writeFileSync(
      at.path('o.tsv'),
      rows('id\tlabel\tsequence', 40, (i) => `s${i}\t${i % 2 ? 'a' : 'b'}\t${letters(i, 30 + (i % 4))}`),
    );
    const { met, files } = await run('order-matters', '--input', 'o.tsv', ...set('training.epochs=1'));
    expect(Object.keys(met)).toEqual(['collapse', 'bag', 'order']);
    expect(files).toEqual(expect.arrayContaining(['manifest.json', 'model', 'report.html']));
    const { out } = await at.fed('>x\nACGTACGTTTGACA\n', 'predict', 'order-matters/model', '-');
    expect(out).toMatch(/^id\ta\tb\tprediction\nx\t/);
  });

  it('regularisation finds planted positions with its own example', async () => {
    const brief = set(
      'records=900',
      'length=16',
      'support=2',
      'effect=2',
      'l1.count=5',
      'passes=3',
      'training.epochs=2',
    );
    const { met, files } = await run('regularisation', ...brief);
    expect(met).toMatchObject({ support: true, zeros: true });
    expect(files).toContain('model');
  });

  it('shortcut takes the group of records that are the shifted test', async () => {
    const leader = (i: number) => `${letters(i, 20)}${i % 2 ? 'AAGGAG' : letters(i, 6)}${letters(i + 5, 6)}`;
    writeFileSync(
      at.path('s.tsv'),
      rows('id\tlabel\tlab\tsequence', 60, (i) =>
        [`s${i}`, i % 2 ? 'on' : 'off', i < 40 ? 'home' : 'shifted', leader(i)].join('\t'),
      ),
    );
    const brief = ['--group', 'lab', ...set('k=2', 'training.epochs=1')];
    const { met } = await run('shortcut', '--input', 's.tsv', ...brief);
    expect(Object.keys(met)).toEqual(['falls', 'holds']);
    const refused = await at.seqwright('run', 'shortcut', '--input', 's.tsv', '--task', 'classes', '--quiet');
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/the recipe shortcut does not read --task/);
  });

  it('circular-genome leaves a track around the circle', async () => {
    writeFileSync(at.path('c.fa'), `>c\n${letters(1, 500)}\n`);
    const brief = set('length=100', 'circles=16', 'tested=6', 'leak=0.8', 'training.epochs=10');
    const { met, files } = await run('circular-genome', '--input', 'c.fa', ...brief);
    expect(met).toMatchObject({ doubled: true, circle: true });
    expect(files).toEqual(expect.arrayContaining(['network.onnx', 'track.bedgraph']));
    expect(at.read('circular-genome/track.bedgraph').toString()).toMatch(/^track .*\nc\t0\t/);
  });

  it('codon-vs-residue reads values of genes, and says what it cannot read', async () => {
    const gene = (i: number) =>
      `ATG${Array.from({ length: 20 }, (_, t) => ((i + t) % ((i % 5) + 2) ? 'CTG' : 'TTA')).join('')}TAA`;
    writeFileSync(
      at.path('g.tsv'),
      rows('id\tlevel\tsequence', 24, (i) => `g${i}\t${(i % 5) / 2}\t${gene(i)}`),
    );
    const brief = ['--label', 'level', ...set('training.epochs=2')];
    const { met, files } = await run('codon-vs-residue', '--input', 'g.tsv', ...brief);
    expect(Object.keys(met)).toEqual(['difference']);
    expect(files).toEqual(expect.arrayContaining(['codon-letters.tsv', 'genes.tsv', 'model']));
    expect(at.read('codon-vs-residue/genes.tsv').toString()).toMatch(/^id\tcodons\tgc3\tcai\ng0\t22\t/);
    writeFileSync(at.path('n.fa'), '>a\nATGTAA\n>b\nATGTAA\n');
    const refused = await at.seqwright('run', 'codon-vs-residue', '--input', 'n.fa', '--quiet');
    expect(refused.code).toBe(3);
  });

  it('decoding replies to held-out prompts of a table of pairs', async () => {
    const names = ['ada', 'bob', 'cyd', 'dan', 'eve'];
    writeFileSync(
      at.path('p.tsv'),
      rows(
        'source\ttarget',
        40,
        (i) =>
          `${['good day', 'hello', 'hi', 'hey there'][i % 4]} from ${names[i % 5]}\thello ${names[i % 5]}`,
      ),
    );
    const brief = set('training.epochs=3', 'draws=1', 'small.prompts=1');
    const { met, files } = await run('decoding', '--input', 'p.tsv', ...brief);
    expect(met).toEqual({ beam: true, exhaustive: true });
    expect(files).toContain('model');
  });
});
