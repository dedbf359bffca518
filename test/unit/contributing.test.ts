import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.split('|').length === 6)
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));
const git = (...args: string[]) => spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
const commitOf = (row: readonly string[]) => /^`([0-9a-f]{7,40})`/.exec(row[4]!)![1]!;
/** A shallow clone, an unpacked archive or a rewritten history has none of the commits; otherwise all must be there. */
const hasHistory =
  git('rev-parse', '--is-shallow-repository').stdout.trim() === 'false' &&
  rows.some((row) => git('cat-file', '-e', `${commitOf(row)}^{commit}`).status === 0);

describe('the table of changes in CONTRIBUTING', () => {
  it('has a row for each kind of change that the project expects', () => {
    const kinds = rows.map(([, kind]) => kind);
    expect(kinds).toEqual(
      expect.arrayContaining(
        ['an op', 'a layer', 'a loss', 'an architecture', 'a metric', 'a file format', 'a split'].concat([
          'a recipe',
          'a verb',
          'a command-line option',
          'a report section',
          'a benchmark',
        ]),
      ),
    );
  });

  it.each(rows)('%s %s: names places that there are', (_, __, where, first) => {
    const paths = [...`${where} ${first}`.matchAll(/`((?:src|test|bench|examples)\/[^`]*)`/g)].map(
      ([, path]) => path!,
    );
    expect(paths.length).toBeGreaterThan(1);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it.runIf(hasHistory).each(rows)('%s %s: names a commit that touched such a place', (...row) => {
    const changed = git('show', '--name-only', '--format=', commitOf(row)).stdout.trim().split('\n');
    const [, place] = /`((?:src|test|bench)\/[^`]*?)\/?`/.exec(`${row[2]} ${row[3]}`)!;
    expect(changed.filter((path) => path.startsWith(place!)).length).toBeGreaterThan(0);
  });
});
