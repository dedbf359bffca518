import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'seqwright-dna-language-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Results {
  claims: { id: string; value: number; met: boolean }[];
  metrics: Record<string, { value: number; low: number; high: number }>;
}

function run(name: string, ...args: string[]): Results {
  const out = join(folder, name);
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'bin/seqwright.js'), 'run', 'dna-language', '--quiet', '-o', out, ...args],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
}

const met = ({ claims }: Results) => Object.fromEntries(claims.map((claim) => [claim.id, claim.met]));

describe('the recipe dna-language', () => {
  it.each([1, 2, 3])('keeps both claims, seed %i', (seed) => {
    const results = run(`seed-${seed}`, '--seed', String(seed));
    console.log(
      `dna-language, seed ${seed}: ${JSON.stringify(results.claims.map(({ id, value }) => [id, value]))}`,
    );
    expect(met(results)).toEqual({ bits: true, motifs: true });
  });

  it.each([1, 2, 3, 42])('keeps both claims in a quick run, seed %i', (seed) => {
    expect(met(run(`quick-${seed}`, '--quick', '--seed', String(seed)))).toEqual({
      bits: true,
      motifs: true,
    });
  });

  it('finds no planted motif where the letters of each instance are scrambled', () => {
    const results = run('scrambled', '--seed', '1', '--set', 'planted.scrambled=true');
    expect(met(results)).toMatchObject({ motifs: false });
    expect(results.claims.find(({ id }) => id === 'motifs')!.value).toBe(0);
  });
});
