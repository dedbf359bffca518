import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../graph/evaluate.ts';
import { grad } from '../graph/grad.ts';
import { input, mul, sum } from '../graph/library.ts';
import { type Tensor, tensor } from '../graph/tensor.ts';
import type { Value } from '../graph/value.ts';
import { saveModel } from '../models/save-model.ts';
import { elmanCell, lstmCell } from '../nn/cells.ts';
import { initialize, module } from '../nn/module.ts';
import { recurrent } from '../nn/recurrent.ts';
import { train } from '../train/train-model.ts';
import { loadRecipe } from './index.ts';
import { withWeights } from './network.ts';
import { orderTask } from './no-recurrence/tasks.ts';
import type { RecipeContext } from './recipe.ts';
import { direction, probeCell, probeWhole, randomInput } from './vanishing-gradients/probe.ts';
import { fittedRate } from './vanishing-gradients/slope.ts';
import {
  type GradientConfig,
  gradientDefaults,
  runGradients,
  vanishingGradients,
} from './vanishing-gradients.ts';

const quick: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: true };
const small: GradientConfig = {
  ...gradientDefaults,
  steps: 600,
  seeds: 1,
  hidden: 32,
  window: 30,
  dilations: [1, 8],
};
const claimsOf = async (config: GradientConfig, context = quick) => {
  const { report } = await runGradients(config, context);
  return { report, met: Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met])) };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-gradients-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('vanishing-gradients', () => {
  it('keeps its claims', async () => {
    const { report, met } = await claimsOf(small);
    expect(met).toEqual({ exponential: true, lstm: true, explosion: true, onlyExplosion: true, reach: true });
    const { value, low, high } = report.metrics!.factorPerStep!;
    expect(low! < value! && value! < high! && value! < 1).toBe(true);
    expect(report.figures!.length).toBe(3);
  }, 60_000);

  it('does not where the gradient that should explode vanishes, and the one that should vanish does not', async () => {
    const { met } = await claimsOf({ ...small, exploding: 0.5, vanishing: 1.2 });
    expect(met).toMatchObject({ explosion: false, onlyExplosion: false, exponential: true });
  }, 60_000);

  it("probes the first recurrent layer of the user's model", async () => {
    const { model } = await train(
      { architecture: 'gru', config: { hidden: 6, bidirectional: true } },
      orderTask({ count: 40, length: 10, seed: 1 }),
      { epochs: 1 },
    );
    const path = join(folder, 'mine.model');
    await saveModel(path, model);
    const training = { ...small.training, steps: 20 };
    const { report } = await runGradients({ ...small, training }, { ...quick, input: { path } });
    expect(report.tables![0]!.rows.at(-1)![0]).toBe('your model (gru)');
    expect(Number(report.tables![0]!.rows.at(-1)![1])).toBeLessThan(1);
  }, 60_000);

  it('is in the catalogue with its whole configuration as plain JSON, and refuses what makes no sense', async () => {
    const { defaults } = await loadRecipe('vanishing-gradients');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(gradientDefaults);
    await expect(vanishingGradients.run({ steps: 10 }, quick)).rejects.toThrow(
      /steps: expected at least 500/,
    );
    await expect(vanishingGradients.run({ vanishing: 0 }, quick)).rejects.toThrow(
      /vanishing: expected a number above 0/,
    );
  });
});

describe('the probe', () => {
  const [steps, hidden, width] = [120, 3, 4];
  it.each([
    ['an Elman network', elmanCell()],
    ['an LSTM', lstmCell()],
  ])(
    'gives the gradient of %s that differentiation in double precision gives, across its pieces',
    async (_, cell) => {
      const root = module({
        params: { layer: recurrent(cell, { in: width, hidden }) },
        apply: ({ layer }, x: Value) => layer(x).final[0]![0]!,
      });
      const weights = initialize(root, 3);
      const x = randomInput(steps, width, 3);
      const found = await probeCell({ cell, hidden, width, weights, x }, { steps, seed: 3 });
      const whole = await probeWhole({ root, hidden, width, weights, x }, { steps, seed: 3 });
      const [given, v] = [input('x', [steps, 1, width]), input('v', [1, hidden])];
      const { model, constants } = withWeights(root, weights);
      const [dx] = grad(sum(mul(model(given), v)), [given]);
      const norms = (along: number[]) => {
        const values = new Map<Value, Tensor>([
          [given, tensor([steps, 1, width], [...x])],
          [v, tensor([1, hidden], along)],
          ...[...constants].map(([value, data]): [Value, Tensor] => [
            value,
            tensor(value.shape as number[], [...data]),
          ]),
        ]);
        const { data } = evaluate([dx!], values)[0]!;
        return Array.from({ length: steps }, (_, k) =>
          Math.hypot(...Array.from(data).slice((steps - 1 - k) * width, (steps - k) * width)),
        );
      };
      const exact = norms([...(direction(['v'], hidden, 3).dv!.data as Float32Array)]);
      exact.forEach((norm, k) => {
        expect(found[k]).toBeCloseTo(Math.log10(norm), 3);
        expect(whole[k]).toBeCloseTo(Math.log10(norm), 3);
      });
    },
  );

  it('measures norms that no number holds', async () => {
    const root = module({
      params: { layer: recurrent(elmanCell(), { in: width, hidden: 8 }) },
      apply: () => 0,
    });
    const weights = new Map(
      [...initialize(root, 1)].map(([path, w]) => [
        path,
        w.map((n) => (path.endsWith('recurrent') ? n / 10 : n)),
      ]),
    );
    const decay = await probeCell(
      { cell: elmanCell(), hidden: 8, width, weights, x: randomInput(1000, width, 1) },
      { steps: 1000, seed: 1 },
    );
    expect(decay[999]).toBeLessThan(-900);
    expect(Number.isFinite(decay[999])).toBe(true);
  });
});

describe('fittedRate', () => {
  it('finds the rate of an exponential law, and says when there is none', () => {
    const exact = Float64Array.from({ length: 500 }, (_, k) => k * Math.log10(0.9));
    expect(fittedRate(exact)).toMatchObject({ rate: expect.closeTo(0.9, 12), r2: expect.closeTo(1, 12) });
    const power = Float64Array.from({ length: 5000 }, (_, k) => -3 * Math.log10(k + 1));
    expect(fittedRate(power).r2).toBeLessThan(0.8);
  });
});
