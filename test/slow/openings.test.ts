import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openings, openingsDefaults } from '../../src/recipes/openings.ts';
import type { RecipeContext } from '../../src/recipes/recipe.ts';

const context = (seed: number): RecipeContext => ({ threads: 1, device: 'auto', seed, quick: false });

describe('openings', () => {
  it.each([1, 2, 3])('keeps every claim with seed %i', async (seed) => {
    const { report } = await openings.run({}, context(seed));
    console.log(report.lead, report.claims!.map(({ text, value }) => `${text}: ${value}`).join('\n'));
    expect(report.claims!.filter(({ met }) => !met)).toEqual([]);
  });
});

const data = fileURLToPath(new URL('../../../shared/data/bench/chess_openings', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-openings-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** 3,807 named lines of play as games. Each is as long as what names it, and lines of one opening share their first moves. */
describe.skipIf(!existsSync(data))('openings on named lines of play', () => {
  it.each(['volume'] as const)('tells the %s of a line', async (label) => {
    const games = ['a', 'b', 'c', 'd', 'e'].flatMap((volume) =>
      readFileSync(join(data, `${volume}.tsv`), 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((row) => {
          const [eco, name, moves] = row.split('\t');
          return `[ECO "${eco}"]\n[Opening "${name!.replaceAll('"', '\\"')}"]\n\n${moves} *\n\n`;
        }),
    );
    expect(games.length).toBeGreaterThan(3700);
    const path = join(folder, `${label}.pgn`);
    await writeFile(path, games.join(''));
    const { report } = await openings.run(
      { ...openingsDefaults, label, least: 40 },
      { ...context(1), input: { path } },
    );
    console.log(label, report.lead, JSON.stringify(report.tables![0]!.rows));
    console.log(report.claims!.map(({ id, value, met }) => `${id} ${value} ${met}`).join('\n'));
    console.log(report.notes!.join('\n'));
    const last = report.tables![0]!.rows.at(-1)! as number[];
    // What a sixth of the lines must not undercut: far above the commonest class, which has at most two fifths.
    expect(last[2]).toBeGreaterThan(0.8);
  });
});
