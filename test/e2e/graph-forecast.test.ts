import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const sensors = ['north', 'bridge', 'centre', 'south'];

/** Traffic that comes in at the north and flows south, one sensor a minute. */
function traffic(length: number): string {
  let state = 3;
  const noise = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
  const past: number[][] = [];
  const rows: string[] = [];
  for (let t = 0; t < length; t++) {
    const now = sensors.map((_, n) =>
      n === 0 ? 10 * noise() : 0.95 * (past[t - 1]?.[n - 1] ?? 0) + noise(),
    );
    past.push(now);
    for (const [n, sensor] of sensors.entries()) rows.push(`${t},${sensor},${(50 + now[n]!).toFixed(3)}\n`);
  }
  return `minute,sensor,cars\n${rows.join('')}`;
}

beforeAll(() => {
  writeFileSync(at.path('roads.csv'), traffic(320));
  writeFileSync(at.path('edges.csv'), 'from,to\nnorth,bridge\nbridge,centre\ncentre,south\n');
  writeFileSync(at.path('none.csv'), 'from,to\nnorth,north\n');
});

const forecast = [
  ...[
    '--task',
    'forecast',
    '--target',
    'cars',
    '--time',
    'minute',
    '--group',
    'sensor',
    '--horizon',
    '2',
    '--context',
    '5',
  ],
  ...[
    '--set',
    'hidden=12',
    '--set',
    'dropout=0',
    '--epochs',
    '30',
    '--rate',
    '0.02',
    '--no-report',
    '--json',
  ],
];
const mae = (out: string) => (JSON.parse(out) as { metrics: { mae: { value: number } } }).metrics.mae.value;

describe('train --task forecast --graph', () => {
  it('learns what flows along the edges, and does better than without them', async () => {
    const linked = await at.seqwright(
      'train',
      'roads.csv',
      ...forecast,
      '--graph',
      'edges.csv',
      '-o',
      'roads.model',
    );
    expect(linked.code).toBe(0);
    expect(linked.err).toContain('A graph of 4 nodes and 3 edges; 1 node hears of no other.\n');
    const alone = await at.seqwright(
      'train',
      'roads.csv',
      ...forecast,
      '--graph',
      'none.csv',
      '-o',
      'alone.model',
    );
    expect(alone.code).toBe(0);
    expect(mae(linked.out)).toBeLessThan(0.75 * mae(alone.out));
    const { spec } = JSON.parse(at.read('roads.model/model.json').toString());
    expect(spec).toMatchObject({
      architecture: 'graph-gru',
      graph: {
        nodes: sensors,
        edges: [
          [0, 1, 1],
          [1, 2, 1],
          [2, 3, 1],
        ],
      },
    });
  });

  it('predict and evaluate know the graph: a row for every node and step, with its time', async () => {
    const { code, out } = await at.seqwright('predict', 'roads.model', 'roads.csv');
    expect(code).toBe(0);
    const [header, ...rows] = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'time', 'step', 'target', 'q0.1', 'q0.5', 'q0.9', 'prediction']);
    expect(rows.map((row) => row.slice(0, 4).join(' '))).toEqual([
      ...sensors.map((sensor) => `${sensor} 320 1 cars`),
      ...sensors.map((sensor) => `${sensor} 321 2 cars`),
    ]);
    const judged = await at.seqwright('evaluate', 'roads.model', 'roads.csv', '--json', '--quiet');
    expect(judged.code).toBe(0);
    expect(mae(judged.out)).toBeGreaterThan(0);
  });

  it('says what is wrong: names that no series has, a missing node, a model without a graph, no --group', async () => {
    writeFileSync(at.path('lost.csv'), 'from,to\nnorth,harbour\n');
    const lost = await at.seqwright(
      'train',
      'roads.csv',
      ...forecast,
      '--graph',
      'lost.csv',
      '-o',
      'x.model',
      '--quiet',
    );
    expect(lost.code).toBe(3);
    expect(lost.err).toContain(
      'lost.csv:2: no series is called "harbour"; there are: north, bridge, centre, south.',
    );
    writeFileSync(at.path('few.csv'), traffic(20).replace(/^\d+,south,.*\n/gm, ''));
    const few = await at.seqwright('predict', 'roads.model', 'few.csv');
    expect(few).toMatchObject({
      code: 3,
      err: expect.stringContaining('there are no rows of the node "south"'),
    });
    const plain = await at.seqwright(
      'train',
      'roads.csv',
      ...forecast,
      '--graph',
      'edges.csv',
      '--model',
      'lstm',
      '-o',
      'x.model',
    );
    expect(plain).toMatchObject({ code: 2, err: expect.stringContaining('lstm does not read a graph') });
    const bare = await at.seqwright(
      'train',
      'roads.csv',
      ...forecast,
      '--model',
      'graph-gru',
      '-o',
      'x.model',
    );
    expect(bare).toMatchObject({ code: 2, err: expect.stringContaining('name its edges (--graph') });
    const single = await at.seqwright(
      ...[
        'train',
        'roads.csv',
        '--task',
        'forecast',
        '--target',
        'cars',
        '--horizon',
        '2',
        '--graph',
        'edges.csv',
        '-o',
        'x.model',
      ],
    );
    expect(single).toMatchObject({ code: 2, err: expect.stringContaining('--graph needs --group') });
  });
});
