import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../../core/random.ts';
import { edgeMatrix, type NodeGraph } from '../../../models/forecaster/node-graph.ts';
import { assessForecaster } from './assess.ts';
import { besideOneAnother, nodeGraph, readEdges } from './nodes.ts';
import { forecastSeries } from './predict.ts';
import { readTimeSeries } from './read.ts';
import { type SeriesData, wholePart } from './series.ts';
import { holdBackTime } from './split.ts';
import { trainForecaster } from './train.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-nodes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const names = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];

/** What enters a chain at its first node flows on, one node a step, and fades a little: a node's past says nothing of its future. */
function flow(length: number, seed: number): SeriesData {
  const random = randomStream(seed, 'flow');
  const values = names.map(() => new Float64Array(length));
  for (let t = 0; t < length; t++)
    names.forEach((_, n) => {
      const before = n === 0 ? 0 : t === 0 ? 0 : values[n - 1]![t - 1]!;
      values[n]![t] = n === 0 ? random.normal() : 0.95 * before + 0.1 * random.normal();
    });
  return {
    targets: ['y'],
    series: names.map((id, n) => ({ id, length, values: values[n]!, times: undefined, lastTime: undefined })),
    clock: undefined,
    columns: { time: null, group: 'node' },
    notes: [],
    sources: [],
  };
}

const chain: NodeGraph = {
  nodes: names,
  targets: ['y'],
  edges: [0, 1, 2, 3, 4].map((n) => [n, n + 1, 1] as const),
};

describe('forecasting on a graph', () => {
  it('foresees what flows along the edges, which the same model without edges cannot, on two seeds', async () => {
    for (const seed of [1, 2]) {
      const judged = async (graph: NodeGraph) => {
        const data = besideOneAnother(flow(420, seed), graph);
        const { rest: fit, held: test } = holdBackTime(wholePart(data), { share: 0.25, horizon: 2 });
        const { model } = await trainForecaster(
          fit,
          {
            architecture: 'graph-gru',
            config: { hidden: 12, window: 'none', dropout: 0 },
            horizon: 2,
            context: 5,
          },
          { epochs: 40, rate: 0.02, batchSize: 32, seed },
        );
        const { metrics } = await assessForecaster(model, test, { resamples: 0 });
        return { model, data, mae: metrics.mae!.value! };
      };
      const [linked, alone] = [await judged(chain), await judged({ ...chain, edges: [] })];
      expect(linked.mae).toBeLessThan(0.75 * alone.mae);
      const [next] = await forecastSeries(linked.model, linked.data);
      // One step ahead, every node but the first has what the one before it has now.
      const now = linked.data.series[0]!.values.slice(-names.length);
      const error = names
        .slice(1)
        .reduce((sum, _, n) => sum + Math.abs(next!.forecasts!.point[n + 1]! - 0.95 * now[n]!), 0);
      expect(error / 5).toBeLessThan(0.35);
    }
  });

  it('asks for a graph where the model reads one, and refuses one where it does not', async () => {
    const bare = wholePart(flow(60, 1));
    await expect(trainForecaster(bare, { architecture: 'graph-gru' })).rejects.toThrow(
      'name its edges (--graph',
    );
    const whole = wholePart(besideOneAnother(flow(60, 1), chain));
    await expect(trainForecaster(whole, { architecture: 'lstm' })).rejects.toThrow(
      'lstm does not read a graph',
    );
  });
});

describe('besideOneAnother', () => {
  it('puts the values of every node where its time is, and says what is missing', async () => {
    const path = file('t.csv', 'h,node,a,b\n1,x,1,10\n2,x,2,20\n2,y,3,30\n3,x,4,40\n4,y,5,50\n');
    const data = await readTimeSeries(path, { targets: ['a', 'b'], time: 'h', group: 'node' });
    const joint = besideOneAnother(data, { nodes: ['y', 'x'], targets: ['a', 'b'], edges: [] });
    expect(joint.targets).toEqual(['y a', 'y b', 'x a', 'x b']);
    const { NaN: none } = Number;
    expect(Array.from(joint.series[0]!.values)).toEqual([
      ...[none, none, 1, 10],
      ...[3, 30, 2, 20],
      ...[none, none, 4, 40],
      ...[5, 50, none, none],
    ]);
    expect(Array.from(joint.series[0]!.times!)).toEqual([1, 2, 3, 4]);
    expect(joint.series[0]!.lastTime).toBe('4');
  });

  it('refuses a node without rows, a series that is no node, and lengths that differ without times', () => {
    const data = flow(20, 1);
    expect(() => besideOneAnother(data, { ...chain, nodes: [...names, 'n6'] })).toThrow(
      'no rows of the node "n6"',
    );
    expect(() => besideOneAnother(data, { ...chain, nodes: names.slice(1) })).toThrow(
      '"n0" is no node of the graph',
    );
    const [first, ...others] = data.series;
    const short = { ...first!, length: 19, values: first!.values.slice(1) };
    expect(() => besideOneAnother({ ...data, series: [short, ...others] }, chain)).toThrow(
      'the series "n1" has 20 steps and "n0" 19; without evenly spaced times',
    );
  });
});

describe('edges', () => {
  it('are read with their weights, in one direction or both', async () => {
    const list = await readEdges(file('e.csv', 'from,to,weight\nn0,n1,2\nn1,n2,0.5\n'));
    expect(nodeGraph(flow(5, 1), list).edges).toEqual([
      [0, 1, 2],
      [1, 2, 0.5],
    ]);
    expect(nodeGraph(flow(5, 1), list, { undirected: true }).edges).toHaveLength(4);
    const bare = await readEdges(file('b.tsv', 'source\ttarget\nn3\tn3\n'));
    expect(nodeGraph(flow(5, 1), bare, { undirected: true }).edges).toEqual([[3, 3, 1]]);
  });

  it('of names that no series has, of odd weights and repeated ones are refused with their line', async () => {
    const list = await readEdges(file('lost.csv', 'from,to\nn0,n1\nn0,n9\n'));
    expect(() => nodeGraph(flow(5, 1), list)).toThrow(
      /lost\.csv:3: no series is called "n9"; there are: n0, n1/,
    );
    await expect(readEdges(file('w.csv', 'from,to,weight\nn0,n1,-1\n'))).rejects.toThrow(
      'w.csv:2: the weight of n0 → n1 is "-1"; expected a number above 0',
    );
    await expect(readEdges(file('two.csv', 'from,to\nn0,n1\nn0,n1\n'))).rejects.toThrow(
      'stands on line 2 already',
    );
    await expect(readEdges(file('odd.csv', 'a,b\nn0,n1\n'))).rejects.toThrow('no column "from"');
  });

  it('make a matrix whose rows add up to 1, or are 0 for a node that hears of none', () => {
    const edge = fc.tuple(fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 12 }), (edges) => {
        const matrix = edgeMatrix({ nodes: ['a', 'b', 'c', 'd', 'e'], edges });
        for (let to = 0; to < 5; to++) {
          const sum = matrix.slice(5 * to, 5 * to + 5).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(edges.some(([, end]) => end === to) ? 1 : 0, 9);
        }
      }),
    );
  });
});
