import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Numbers that look random and are the same everywhere. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648 - 0.5;
  };
}

const day = (t: number) => new Date(Date.UTC(2023, 0, 1 + t)).toISOString().slice(0, 10);
const sales = (t: number, level: number, off: number) =>
  (level + 0.2 * t + 20 * Math.sin((2 * Math.PI * t) / 7) + 4 * off).toFixed(2);

beforeAll(() => {
  const [north, south] = [noise(1), noise(2)];
  const rows = Array.from({ length: 240 }, (_, t) => [
    `${day(t)},north,${t === 50 ? 'NA' : sales(t, 100, north())}`,
    ...(t >= 40 ? [`${day(t)},south,${sales(t, 300, south())}`] : []),
  ]).flat();
  // One day is missing altogether.
  const kept = rows.filter((row) => !row.startsWith(`${day(60)},south`));
  writeFileSync(at.path('sales.csv'), `day,shop,units\n${kept.join('\n')}\n`);
});

const training = [
  ...['--task', 'forecast', '--target', 'units', '--time', 'day', '--group', 'shop'],
  ...['--horizon', '7', '--season', '7', '--set', 'hidden=16', '--epochs', '20', '--rate', '0.01'],
];

describe('train --task forecast', () => {
  it('learns series, says how it divides them, and is evaluated, exported and asked for the days to come', async () => {
    const trained = await at.seqwright('train', 'sales.csv', ...training, '-o', 'sales.model');
    expect(trained.code, trained.err).toBe(0);
    expect(trained.err).toMatch(
      /^2 series of 200 to 240 steps; units\. 2 of 440 values are missing\.\n1 step that times leave out was added as a missing value\.\nSplit by time: training, then validation, then test\. Steps: 306 training, 38 validation, 96 test\.\n/,
    );
    expect(trained.out).toContain('seasonal naive');
    expect(trained.out).toMatch(/^mase /m);
    expect(at.list('sales.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    expect(at.list('sales.report')).toContain('report.html');
    const { metrics, baselines } = JSON.parse(at.read('sales.report/results.json').toString());
    expect(metrics.mae.value).toBeLessThan(baselines['last value'].mae.value);
    expect(metrics.mae.value).toBeLessThan(baselines['seasonal naive'].mae.value);
    expect(metrics.coverage.value).toBeGreaterThan(0.4);
    expect(metrics.skill.value).toBeGreaterThan(0);

    const [judged, next, json, exported] = await Promise.all([
      at.seqwright('evaluate', 'sales.model', 'sales.csv', '--train', 'sales.csv', '--json', '--quiet'),
      at.seqwright('predict', 'sales.model', 'sales.csv'),
      at.seqwright('predict', 'sales.model', 'sales.csv', '-o', 'next.jsonl'),
      at.seqwright('export', 'sales.model', '--onnx', 'sales.onnx'),
    ]);
    expect(JSON.parse(judged.out).metrics.mase.value).toBeLessThan(1);
    const [header, ...rows] = next.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'time', 'step', 'target', 'q0.1', 'q0.5', 'q0.9', 'prediction']);
    expect(rows).toHaveLength(14);
    rows.forEach(([id, time, step, target, low, middle, high, prediction], i) => {
      expect([id, time, step, target]).toEqual([
        i < 7 ? 'north' : 'south',
        day(240 + (i % 7)),
        `${(i % 7) + 1}`,
        'units',
      ]);
      expect(Number(low)).toBeLessThanOrEqual(Number(middle));
      expect(Number(middle)).toBeLessThanOrEqual(Number(high));
      expect(prediction).toBe(middle);
      const truth =
        (i < 7 ? 100 : 300) + 0.2 * (240 + (i % 7)) + 20 * Math.sin((2 * Math.PI * (240 + (i % 7))) / 7);
      expect(Math.abs(Number(middle) - truth)).toBeLessThan(12);
    });
    expect(json.code).toBe(0);
    const first = JSON.parse(at.read('next.jsonl').toString().split('\n')[0]!);
    expect(first).toMatchObject({ id: 'north', step: 1, 'q0.5': Number(rows[0]![5]) });
    expect(exported.code).toBe(0);
    expect(at.list()).toContain('sales.onnx');
  }, 120_000);

  it('normal distributions come with mean, deviation and quantiles; whole series may be held back', async () => {
    const trained = await at.seqwright(
      ...['train', 'sales.csv', ...training, '--gaussian', '--split', 'group', '--test', '0.5'],
      ...['--no-validation', '--epochs', '2', '-o', 'normal.model', '--json', '--quiet'],
    );
    expect(trained.code, trained.err).toBe(0);
    const { metrics, alarms } = JSON.parse(trained.out);
    expect(metrics.crps.value).toBeGreaterThan(0);
    expect(JSON.stringify(alarms ?? [])).not.toContain('undefined');
    const { out } = await at.seqwright('predict', 'normal.model', 'sales.csv');
    expect(out.split('\n')[0]).toBe('id\ttime\tstep\ttarget\tq0.1\tq0.5\tq0.9\tmean\tdeviation\tprediction');
  }, 60_000);

  it('says of a random walk that the model does not win', async () => {
    const random = noise(7);
    let y = 0;
    const rows = Array.from({ length: 400 }, () => (y += random()).toFixed(4));
    writeFileSync(at.path('walk.csv'), `y\n${rows.join('\n')}\n`);
    const { code, out } = await at.seqwright(
      ...['train', 'walk.csv', '--task', 'forecast', '--target', 'y', '--horizon', '5'],
      ...['--set', 'hidden=8', '--epochs', '6', '-o', 'walk.model', '--quiet'],
    );
    expect(code).toBe(0);
    expect(out).toMatch(/ALARM\s+The model does not win: its mean absolute error is .* that of "last value"/);
  }, 60_000);

  it('binary targets are forecast one step ahead, all together', async () => {
    const rows = Array.from({ length: 120 }, (_, t) => `${t % 2},${t % 3 === 0 ? 1 : 0}`);
    writeFileSync(at.path('notes.csv'), `n1,n2\n${rows.join('\n')}\n`);
    const trained = await at.seqwright(
      ...['train', 'notes.csv', '--task', 'forecast', '--binary', '--target', 'n*', '--model', 'gru'],
      ...['--context', '20', '--set', 'hidden=12', '--epochs', '60', '--rate', '0.02', '--batch-size', '2'],
      ...['-o', 'notes.model', '--json', '--quiet'],
    );
    expect(trained.code, trained.err).toBe(0);
    expect(JSON.parse(trained.out).metrics.nllPerFrame.value).toBeLessThan(0.3);
    const { out } = await at.seqwright('predict', 'notes.model', 'notes.csv');
    const [header, first, second] = out.trim().split('\n');
    expect(header).toBe('id\tstep\ttarget\tprobability\tprediction');
    expect([first!.split('\t').at(-1), second!.split('\t').at(-1)]).toEqual(['0', '1']);
  }, 60_000);

  it.each<[string, string[], number, RegExp]>([
    ['no target', ['--target', 'heat'], 3, /sales\.csv has no column "heat"; it has: day, shop, units\./],
    [
      'text as a target',
      ['--target', 'shop', '--group', 'units'],
      3,
      /sales\.csv:2: "shop" is "north"; expected a number/,
    ],
    [
      'a horizon longer than the series',
      ['--horizon', '500'],
      3,
      /the longest series has 240 steps; a horizon of 500/,
    ],
    [
      'a horizon that leaves nothing',
      ['--horizon', '100'],
      3,
      /of 140 steps, 100 cannot be held back for the validation part/,
    ],
    [
      'a target that tells series apart',
      ['--group', 'units'],
      2,
      /"units" cannot be forecast and tell times or series/,
    ],
    [
      'a quantile of 1',
      ['--quantiles', '0.5,1'],
      2,
      /Expected different numbers between 0 and 1, such as 0\.1,0\.5,0\.9/,
    ],
    ['no median', ['--quantiles', '0.1,0.9'], 2, /--quantiles 0\.1,0\.9: the median is missing, .* add 0\.5/],
    [
      'a random split',
      ['--split', 'random'],
      2,
      /--split random does not go with --task forecast: what is tested must lie after/,
    ],
    ['labels', ['--label', 'x'], 2, /--label does not go with --task forecast/],
    [
      'another model',
      ['--model', 'cnn'],
      2,
      /there is no forecaster "cnn"\. There are lstm, gru, transformer, graph-gru, graph-lstm\./,
    ],
    ['two answers', ['--binary', '--gaussian'], 2, /--binary does not go with --gaussian/],
  ])(
    '%s: one line, and its exit code',
    async (_, words, exit, message) => {
      const { code, err } = await at.seqwright(
        ...[
          'train',
          'sales.csv',
          '--task',
          'forecast',
          '--target',
          'units',
          '--horizon',
          '7',
          '--time',
          'day',
        ],
        ...['--group', 'shop', '-o', 'bad.model', '--quiet', ...words],
      );
      expect(err.trim().split('\n')).toHaveLength(1);
      expect(err).toMatch(message);
      expect(code).toBe(exit);
    },
    60_000,
  );

  it('repeated times point to --group, and constant columns are named', async () => {
    const base = [
      'train',
      'sales.csv',
      '--task',
      'forecast',
      '--target',
      'units',
      '--horizon',
      '7',
      '-o',
      'bad.model',
    ];
    const twice = await at.seqwright(...base, '--time', 'day');
    expect(twice).toMatchObject({
      code: 3,
      err: `seqwright: sales.csv:43: "day" is ${day(40)} for the second time; expected one row for each time. Remove or average the repeated rows, or name the column that tells series apart with --group.\n`,
    });
    writeFileSync(at.path('flat.csv'), `y\n${'5\n'.repeat(60)}`);
    const flat = await at.seqwright(
      ...[
        'train',
        'flat.csv',
        '--task',
        'forecast',
        '--target',
        'y',
        '--horizon',
        '3',
        '-o',
        'bad.model',
        '--quiet',
      ],
    );
    expect(flat.code).toBe(3);
    expect(flat.err).toContain(
      '"y" is 5 in all 43 rows of the training part that have a value: there is nothing',
    );
    expect(at.list().includes('bad.model')).toBe(false);
  }, 60_000);
});
