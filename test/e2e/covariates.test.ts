import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Two shops whose promotions lift what they sell; of the last two days the promotions alone are known. */
function sales(days: number): string {
  let state = 9;
  const below = (k: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % k;
  };
  const rows: string[] = [];
  for (let t = 0; t < days + 2; t++)
    for (const shop of ['north', 'south']) {
      const promotion = t === days ? 1 : t === days + 1 ? 0 : below(2);
      rows.push(`${t},${shop},${promotion},${t < days ? 20 + 8 * promotion + below(3) : ''}\n`);
    }
  return `day,shop,promotion,sold\n${rows.join('')}`;
}

describe('train --task forecast --covariate', () => {
  it('learns from what is known of the steps to come; predict reads it from rows without targets', async () => {
    writeFileSync(at.path('sales.csv'), sales(200));
    const { code, out } = await at.seqwright(
      ...['train', 'sales.csv', '--task', 'forecast', '--target', 'sold', '--time', 'day', '--group', 'shop'],
      ...[
        '--covariate',
        'promotion',
        '--horizon',
        '2',
        '--context',
        '4',
        '--set',
        'hidden=8',
        '--set',
        'dropout=0',
      ],
      ...[
        '--set',
        'window=none',
        '--epochs',
        '25',
        '--rate',
        '0.02',
        '--no-report',
        '--json',
        '-o',
        'sales.model',
        '--quiet',
      ],
    );
    expect(code).toBe(0);
    const { metrics, baselines } = JSON.parse(out) as Record<string, Record<string, never>>;
    const mae = (of: unknown) => (of as { mae: { value: number } }).mae.value;
    expect(mae(metrics)).toBeLessThan(0.5 * mae(baselines!['last value']));

    const next = await at.seqwright('predict', 'sales.model', 'sales.csv');
    expect(next).toMatchObject({ code: 0, err: '' });
    const rows = next.out
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'));
    expect(rows.map((row) => row.slice(0, 3).join(' '))).toEqual([
      'north 200 1',
      'north 201 2',
      'south 200 1',
      'south 201 2',
    ]);
    for (const [i, row] of rows.entries())
      expect(Math.abs(Number(row.at(-1)) - (i % 2 === 0 ? 29 : 21))).toBeLessThan(3);

    const judged = await at.seqwright('evaluate', 'sales.model', 'sales.csv', '--json', '--quiet');
    expect(mae(JSON.parse(judged.out).metrics)).toBeLessThan(3);
    writeFileSync(at.path('past.csv'), sales(200).replace(/^20[01],.*\n/gm, ''));
    const past = await at.seqwright('predict', 'sales.model', 'past.csv');
    expect(past.code).toBe(3);
    expect(past.err).toContain(
      'promotion must be given for the 2 steps that are forecast. Add rows with them',
    );
  });

  it('does not go with --graph, --binary or another task', async () => {
    const other = await at.seqwright('train', 'sales.csv', '--covariate', 'promotion', '-o', 'x.model');
    expect(other).toMatchObject({
      code: 2,
      err: expect.stringContaining('--covariate goes with --task forecast'),
    });
    writeFileSync(at.path('e.csv'), 'from,to\nnorth,south\n');
    const base = [
      'train',
      'sales.csv',
      '--task',
      'forecast',
      '--target',
      'sold',
      '--group',
      'shop',
      '--covariate',
      'promotion',
    ];
    const graph = await at.seqwright(...base, '--horizon', '2', '--graph', 'e.csv', '-o', 'x.model');
    expect(graph).toMatchObject({
      code: 2,
      err: expect.stringContaining('--covariate does not go with --graph'),
    });
    const binary = await at.seqwright(...base, '--binary', '-o', 'x.model');
    expect(binary).toMatchObject({
      code: 2,
      err: expect.stringContaining('--covariate does not go with --binary'),
    });
  });
});
