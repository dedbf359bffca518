import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../core/random.ts';
import { dna } from '../data/alphabet.ts';
import type { Dataset } from '../data/dataset.ts';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import * as g from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import type { CustomNetwork } from '../models/custom-network.ts';
import { oneHotInput } from '../nn/input.ts';
import { linear } from '../nn/linear.ts';
import { crossEntropy } from '../nn/losses.ts';
import { module } from '../nn/module.ts';
import { meanOverTime } from '../nn/pooling.ts';
import { assess } from './assess.ts';
import { fitModel } from './fit.ts';
import { groupDro, groupWeightsName, subgroupsOf } from './group-dro.ts';
import { modelSpec } from './model-spec.ts';
import type { CheckpointStore } from './options.ts';
import { train } from './train-model.ts';

interface Stored {
  shape: number[];
  data: number[];
}
interface Case {
  name: string;
  config: {
    counts: number[];
    step: number;
    adjustment: number;
    weighted: boolean;
    rate: number;
    steps: number;
  };
  inputs: Record<string, Stored>;
  params: Record<string, Stored>;
  outputs: Record<string, Stored>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/group_dro.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

describe.each(golden.cases)('groupDro, $name', ({ config, inputs, params, outputs }) => {
  it('moves weights and parameters as Algorithm 1 of the paper does, written out with PyTorch', () => {
    const stored = ({ shape, data }: Stored) => tensor(shape, data);
    let w = stored(params.w!);
    let q: Tensor | undefined;
    for (let step = 1; step <= config.steps; step++) {
      const of = (key: string) => stored(inputs[`${key}_${step}`]!);
      const [x, s] = [g.input('x', of('x').shape), g.input('s', of('s').shape)];
      const [y, group] = [g.input('y', of('y').shape, 'int32'), g.input('g', of('g').shape, 'int32')];
      const weights = g.input('w', w.shape);
      const robust = groupDro(
        (own) => crossEntropy(g.matmul(x, weights), y, { sampleWeights: g.mul(own, s) }),
        group,
        config,
      );
      const { value, next, initial } = robust.state[groupWeightsName]!;
      const given = new Map<Value, Tensor>([
        [x, of('x')],
        [y, of('y')],
        [group, of('g')],
        [
          s,
          config.weighted
            ? of('s')
            : tensor(
                of('s').shape,
                of('s').data.map(() => 1),
              ),
        ],
        [weights, w],
        [value, q ?? tensor(value.shape as number[], Array.from(initial as Float32Array))],
      ]);
      const [gradient] = grad(robust.loss, [weights]);
      const after = g.sub(weights, g.mul(gradient!, config.rate));
      const [loss, shares, log, moved] = evaluate([robust.loss, robust.weights, next!, after], given);
      // The first weights are float32's nearest to log(1/m).
      const near = (found: Tensor, key: string) =>
        outputs[`${key}_${step}`]!.data.forEach((expected, i) => {
          expect(found.data[i]).toBeCloseTo(expected, 6);
        });
      near(loss!, 'loss');
      near(shares!, 'q');
      near(moved!, 'w');
      [w, q] = [moved!, log];
    }
  });
});

/** A linear model of how often each letter occurs. */
const composition: CustomNetwork = ({ alphabet, outputs }) =>
  module({
    params: { head: linear({ in: alphabet.size, out: outputs }) },
    apply: ({ head }, { tokens, lengths }) => head(meanOverTime(oneHotInput(tokens, alphabet), lengths, 1)),
  });

/**
 * Two letters a record: A or C tells the class rightly in 85 of 100 records; G or T tells it in `agree` of 100, and is what a subgroup
 * is about.
 */
function birds(n: number, agree: number, seed: number): Dataset {
  const random = randomStream(seed, 'birds', agree);
  const truth = new Int32Array(n);
  const records = Array.from({ length: n }, (_, i) => {
    const y = random.below(2);
    truth[i] = y;
    const shape = random.below(100) < 85 ? y : 1 - y;
    const place = random.below(100) < agree ? y : 1 - y;
    return { id: `b${i}`, sequence: `${'AC'[shape]}${'GT'[place]}`, subgroup: `${'GT'[place]} & ${y}` };
  });
  const target = { kind: 'classes' as const, classes: ['land', 'water'], truth };
  return { records, alphabet: dna, target, tracks: [], sources: [], skipped: [], notes: [] };
}

describe('training for the worst subgroup', () => {
  const settings = { epochs: 30, rate: 2e-2, patience: 0, batchSize: 64, validation: 0 };

  it('narrows the gap between subgroups where the mean over records follows a misleading letter, on three seeds', async () => {
    for (const seed of [1, 2, 3]) {
      const [data, test] = [birds(1200, 95, seed), birds(600, 50, seed + 10)];
      const judged = async (options: object) => {
        const { model } = await train({ network: composition }, data, { ...settings, seed, ...options });
        const { subgroups, evaluation } = await assess(model, test, { resamples: 0 });
        const each = subgroups!.map(({ metrics }) => metrics.accuracy!.value!);
        expect(evaluation.metrics.worstGroupAccuracy!.value).toBe(Math.min(...each));
        return { worst: Math.min(...each), gap: Math.max(...each) - Math.min(...each) };
      };
      const [mean, robust] = [await judged({}), await judged({ groupDro: 0.05 })];
      expect(mean.worst).toBeLessThan(0.2);
      expect(robust.worst).toBeGreaterThan(0.7);
      expect(robust.gap).toBeLessThan(0.3 * mean.gap);
    }
  });

  it('is ordinary training where all records are of one subgroup', async () => {
    const data = birds(200, 95, 1);
    const one = { ...data, records: data.records.map((r) => ({ ...r, subgroup: 'all' })) };
    const spec = modelSpec(data, { network: composition });
    const options = { epochs: 3, batchSize: 32, seed: 4 };
    const plain = await fitModel(spec, data, undefined, options);
    const robust = await fitModel(spec, one, undefined, { ...options, groupDro: 0.5, groupAdjustment: 3 });
    for (const [path, weights] of plain.weights)
      weights.forEach((w, i) => {
        expect(robust.weights.get(path)![i]).toBeCloseTo(w, 5);
      });
  });

  it('continues from a checkpoint with the weights of the subgroups as they stood', async () => {
    const data = birds(160, 90, 2);
    const spec = modelSpec(data, { network: composition });
    const options = { epochs: 2, batchSize: 32, groupDro: 1, seed: 4 };
    const saved: Uint8Array[] = [];
    const store = (at?: number): CheckpointStore => ({
      name: 'memory',
      read: async () => (at === undefined ? undefined : saved[at]),
      write: async (bytes) => void saved.push(bytes.slice()),
    });
    const whole = await fitModel(spec, data, undefined, options, {
      checkpoint: store(),
      checkpointSeconds: 0,
    });
    const resumed = await fitModel(spec, data, undefined, options, { checkpoint: store(3), resume: true });
    expect(resumed.weights).toEqual(whole.weights);
  });

  it('asks for subgroups, and for fewer where they are too many', async () => {
    const data = birds(40, 95, 1);
    const bare = { ...data, records: data.records.map(({ subgroup: _, ...r }) => r) };
    const many = {
      ...birds(300, 95, 1),
      records: birds(300, 95, 1).records.map((r) => ({ ...r, subgroup: r.id })),
    };
    const run = (given: Dataset) => train({ network: composition }, given, { ...settings, groupDro: 0.01 });
    await expect(run(bare)).rejects.toThrow('name their column with --subgroup');
    await expect(run(many)).rejects.toThrow(/form 300 subgroups .* takes up to 100/);
  });
});

describe('subgroupsOf', () => {
  it('numbers every record by the order of names and counts each once', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('b', 'a', 'z & 1'), { minLength: 1 }), (names) => {
        const records = names.map((subgroup, i) => ({ id: String(i), sequence: 'A', subgroup }));
        const { names: known, counts, of } = subgroupsOf(records)!;
        expect(Array.from(of, (n) => known[n])).toEqual(names);
        expect(counts).toEqual(known.map((name) => names.filter((n) => n === name).length));
        expect([...known]).toEqual([...known].sort());
      }),
    );
  });
});
