import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const folderOf = (id: string) => id.replace('.json', '-configured');

/** Runs a recipe; returns its claims as `id: met`, and the names of the files that it left. */
async function run(id: string, ...args: string[]) {
  const { code, err } = await at.seqwright('run', id, '--quick', '--quiet', '-o', folderOf(id), ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { claims } = JSON.parse(at.read(`${folderOf(id)}/results.json`).toString());
  const met = Object.fromEntries(claims.map((claim: { id: string; met: boolean }) => [claim.id, claim.met]));
  return { met, files: at.list(folderOf(id)) };
}

const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);

/** Games of two openings, told by their second move, with comments, clocks and variations as servers write them. */
const games = Array.from({ length: 80 }, (_, i) => {
  const [reply, name, eco] = i % 2 ? ['c5', 'Sicilian Defense: Open', 'B32'] : ['e5', 'Open Game', 'C44'];
  const middle = [
    ['Nf3', 'Nc6'],
    ['Nc3', 'd6'],
    ['f4', 'a6'],
  ][i % 3]!;
  return `[Event "e${i}"]\n[Opening "${name}"]\n[ECO "${eco}"]\n\n1. e4 {[%clk 0:05:00]} ${reply} (1... d5) 2. ${middle.join(' ')} $1 1-0\n\n`;
}).join('');

describe('openings', () => {
  const brief = set('smallest=12', 'training.steps=60', 'training.epochs=2', 'plies=4');

  it('reads PGN, plain or packed, and leaves what it predicted and the network', async () => {
    writeFileSync(at.path('games.pgn.gz'), gzipSync(games));
    const { met, files } = await run('openings', '--input', 'games.pgn.gz', ...brief);
    expect(Object.keys(met)).toEqual(['few', 'many', 'crossing']);
    expect(files).toEqual(expect.arrayContaining(['classifier.onnx', 'predictions.tsv', 'report.html']));
    expect(at.read('openings/predictions.tsv').toString()).toMatch(
      /^id\tOpen Game\tSicilian Defense\tprediction\ttruth\ngame \d+ \(line \d+\)\t/,
    );
  });

  it('says where a file is no PGN, and which tag is missing', async () => {
    writeFileSync(at.path('odd.pgn'), '1. e4 e5\n2. Nf9 *\n');
    const odd = await at.seqwright('run', 'openings', '--input', 'odd.pgn', '--quiet');
    expect(odd.code).toBe(3);
    expect(odd.err).toMatch(/odd\.pgn:2: "Nf9" is no move/);
    writeFileSync(at.path('bare.pgn'), games.replaceAll(/\[(Opening|ECO).*\n/g, ''));
    const bare = await at.seqwright('run', 'openings', '--input', 'bare.pgn', '--quiet');
    expect(bare.code).toBe(3);
    expect(bare.err).toMatch(/none of 80 games has a tag \[Opening/);
  });

  it('writes a configuration that run takes', async () => {
    const { code } = await at.seqwright('init', 'openings');
    expect(code).toBe(0);
    writeFileSync(at.path('plain.pgn'), games);
    const { met } = await run('openings.json', '--input', 'plain.pgn', ...brief);
    expect(Object.keys(met).length).toBe(3);
  });
});

describe('long-range', () => {
  const brief = set(
    'cost.lengths=[64,128,256]',
    'training.epochs=1',
    'hidden=8',
    'dilations=[1,4]',
    'window=8',
    'around=4',
  );

  it('reads labelled sequences, and leaves a model that predicts', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => {
      const noise = Array.from({ length: 20 + (i % 7) }, (_, t) => 'AC'[(i * 7 + t * t) % 2]).join('');
      return `s${i}\t${i % 2 ? 'on' : 'off'}\t${i % 2 ? 'G' : 'T'}${noise}`;
    });
    writeFileSync(at.path('l.tsv'), `id\tlabel\tsequence\n${rows.join('\n')}\n`);
    const { met, files } = await run('long-range', '--input', 'l.tsv', ...brief);
    expect(Object.keys(met)).toEqual(['above-guessing', 'linear-time', 'linear-memory', 'square-time']);
    expect(files).toEqual(expect.arrayContaining(['manifest.json', 'model', 'report.html']));
    const { out } = await at.fed('>x\nGACACAC\n', 'predict', 'long-range/model', '-');
    expect(out).toMatch(/^id\toff\ton\tprediction\nx\t/);
  });

  it('refuses what makes no sense', async () => {
    const refused = await at.seqwright('run', 'long-range', '--quiet', ...set('heads=5'));
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/heads: 5 do not divide hidden 32 evenly/);
  });
});
