import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowly } from '../../src/recipes/slow.fixture.ts';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const small = [
  ...['--model', 'cnn', '--set', 'filters=8', '--set', 'kernels=6', '--set', 'pools=1', '--set', 'dense=[]'],
  ...['--set', 'dropout=0', '--epochs', '12', '--rate', '0.02', '--label', 'bird'],
];

/** TATAAT tells the bird in 85 of 100 rows; GGCGCC, the place, in 90 of 100 for training and in half of them for the test. */
function rows(n: number, agree: number): string {
  let state = 7 + agree;
  const below = (k: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % k;
  };
  const noise = (length: number) => Array.from({ length }, () => 'ACGT'[below(4)]).join('');
  const lines = Array.from({ length: n }, (_, i) => {
    const water = below(2);
    const shape = below(100) < 85 ? water : 1 - water;
    const place = below(100) < agree ? water : 1 - water;
    const letters = `${noise(4)}${shape ? 'TATAAT' : 'CAGTCA'}${noise(4)}${place ? 'GGCGCC' : 'ATTAAG'}${noise(4)}`;
    return `b${i}\t${letters}\t${water ? 'water' : 'land'}\t${place ? 'lake' : 'wood'}\n`;
  });
  return `id\tsequence\tbird\tplace\n${lines.join('')}`;
}

beforeAll(() => {
  writeFileSync(at.path('birds.tsv'), rows(2000, 90));
  writeFileSync(at.path('few.tsv'), rows(300, 95));
  writeFileSync(at.path('others.tsv'), rows(400, 50));
});

const subgroups = ['--subgroup', 'place', '--subgroup', 'bird'];
const worst = (out: string) =>
  (JSON.parse(out) as { metrics: Record<string, { value: number }> }).metrics.worstGroupAccuracy!.value;

describe('records of several subgroups', () => {
  slowly(
    'train --group-dro does better on the worst of them than training on the mean, and evaluate shows each',
    async () => {
      const test = ['--test', 'others.tsv'];
      const mean = await at.seqwright(
        'train',
        'birds.tsv',
        ...small,
        ...subgroups,
        ...test,
        '--json',
        '-o',
        'm',
      );
      expect(mean.err).toMatch(
        /^Worst of 4 subgroups: "(lake & land|wood & water)" \(\d+ records\), accuracy 0/m,
      );
      const dro = ['--group-dro', '0.1', '--group-adjustment', '0.5'];
      const fair = await at.seqwright(
        ...['train', 'birds.tsv', ...small, ...subgroups, ...test, ...dro, '--json', '-o', 'fair.model'],
      );
      expect(fair.code).toBe(0);
      expect(worst(fair.out)).toBeGreaterThan(worst(mean.out) + 0.4);
      expect(JSON.parse(at.read('fair.model/model.json').toString()).training.options).toMatchObject({
        groupDro: 0.1,
        groupAdjustment: 0.5,
      });

      const judged = await at.seqwright(
        'evaluate',
        'fair.model',
        'others.tsv',
        '--label',
        'bird',
        ...subgroups,
        '--report',
        'r',
      );
      expect(judged.code).toBe(0);
      expect(judged.out).toMatch(/^worstGroupAccuracy +0\.\d+/m);
      const report = at.read('r/report.html').toString();
      for (const name of ['lake &amp; land', 'lake &amp; water', 'wood &amp; land', 'wood &amp; water'])
        expect(report).toContain(name);
    },
  );

  it('says where too few records are left to choose an epoch by', async () => {
    const { err } = await at.seqwright(
      ...['train', 'few.tsv', ...small, ...subgroups, '--group-dro', '--epochs', '1', '-o', 'few.model'],
    );
    expect(err).toMatch(
      /^Subgroup "(lake & land|wood & water)" has \d records? in the validation part, .* --no-validation/m,
    );
  });

  it('are asked for, and group-DRO is refused where it has no meaning', async () => {
    const none = await at.seqwright(
      'train',
      'birds.tsv',
      ...small,
      '--group-dro',
      '-o',
      'x.model',
      '--quiet',
    );
    expect(none.code).toBe(2);
    expect(none.err).toContain('name their column with --subgroup');
    const odd = await at.seqwright(
      'train',
      'birds.tsv',
      ...small,
      '--subgroup',
      'habitat',
      '-o',
      'x.model',
      '--quiet',
    );
    expect(odd.code).toBe(3);
    expect(odd.err).toContain('has no column "habitat"; it has: id, sequence, bird, place.');
    const text = await at.seqwright(
      'train',
      'birds.tsv',
      '--task',
      'language',
      '--group-dro',
      '0.1',
      '-o',
      'x.model',
    );
    expect(text.code).toBe(2);
    expect(text.err).toContain('--group-dro is for models with one answer for each sequence.');
    const lone = await at.seqwright(
      'train',
      'birds.tsv',
      ...small,
      '--group-adjustment',
      '1',
      '-o',
      'x.model',
    );
    expect(lone).toMatchObject({
      code: 2,
      err: expect.stringContaining('--group-adjustment goes with --group-dro'),
    });
  });

  it('an empty cell is refused with its line', async () => {
    writeFileSync(at.path('hole.tsv'), rows(60, 95).replace(/^(b4\t.*\t)\w+$/m, '$1'));
    const { code, err } = await at.seqwright(
      'train',
      'hole.tsv',
      ...small,
      '--subgroup',
      'place',
      '-o',
      'x',
      '--quiet',
    );
    expect(code).toBe(3);
    expect(err).toContain('hole.tsv:6: record "b4" has an empty cell as "place"');
  });
});
