import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leakyIntegrator } from '../markov/decay.ts';
import { loadRecipe } from './index.ts';
import { countsBefore, fitRetention } from './leaky-enhancer/fit.ts';
import { closedForm, openIntegrator } from './leaky-enhancer/integrator.ts';
import { levelsAt } from './leaky-enhancer/scan.ts';
import { type EnhancerConfig, enhancerDefaults, leakyEnhancer, runEnhancer } from './leaky-enhancer.ts';
import type { RecipeContext } from './recipe.ts';

const context: RecipeContext = { threads: 1, device: 'auto', seed: 1, quick: false };
const small: EnhancerConfig = { ...enhancerDefaults, length: 2_000_000 };
const metOf = async (config: EnhancerConfig, seed = 1) => {
  const { report } = await runEnhancer(config, { ...context, seed });
  return Object.fromEntries(report.claims!.map((claim) => [claim.id, claim.met]));
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-enhancer-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('leaky-enhancer', () => {
  it.each([
    [1, 0.998],
    [2, 0.995],
  ])('keeps its claims with seed %i and a planted retention of %d', async (seed, retention) => {
    const met = await metOf({ ...small, retention }, seed);
    expect(met).toEqual({ closed: true, streaming: true, recovered: true, ahead: true });
  });

  it('does not recover a retention from activities that are noise', async () => {
    const met = await metOf({ ...small, noise: 1000 });
    expect(met).toMatchObject({ closed: true, recovered: false });
  });

  it("fits the retention to the user's activities and writes active promoters as BED", async () => {
    const path = join(folder, 'mine.fa');
    const labels = join(folder, 'mine.bed');
    // Promoters so many letters behind one enhancer, far apart.
    const spacings = Array.from({ length: 60 }, (_, i) => 20 + 13 * i);
    const [cre, tata] = ['TGACGTCA', 'TATAAAAA'];
    const gap = 'C'.repeat(3000);
    let sequence = '';
    const rows = spacings.map((d) => {
      sequence += gap + cre + 'G'.repeat(d);
      const start = sequence.length;
      sequence += tata;
      return `chr\t${start}\t${start + 8}\tp\t${5 + 3 * 0.99 ** d}`;
    });
    await writeFile(path, `>chr\n${sequence}\n`);
    await writeFile(labels, `${rows.join('\n')}\n`);
    const { report, extraFiles } = await leakyEnhancer.run(
      { ...small, threshold: 0.5 },
      { ...context, input: { path, options: { labels } } },
    );
    const { retention, base, weight } = JSON.parse(String(extraFiles!['integrator.json']));
    expect(retention).toBeCloseTo(0.99, 3);
    expect([base, weight]).toEqual([expect.closeTo(5, 1), expect.closeTo(3, 1)]);
    const lines = String(extraFiles!['promoters.bed']).trim().split('\n');
    // 0.99^d ≥ 0.5 up to d = 68: spacings 20, 33, 46, 59.
    expect(lines.length).toBe(4);
    expect(lines[0]).toMatch(/^chr\t3028\t3036\th=0\.\d+\t\d+\t\+$/);
    expect(report.claims!.map(({ id }) => id)).toEqual(['closed', 'streaming', 'ahead']);
  });

  it('takes the retention as it is set where there are no activities, and says which file has none of the sequences', async () => {
    const path = join(folder, 'plain.fa');
    await writeFile(path, '>a\nTGACGTCATATAAAAA\n>b\nACGT\n');
    const input = { path };
    const { report } = await leakyEnhancer.run(
      { ...small, retention: 0.9, threshold: 0.9 },
      { ...context, input },
    );
    expect(report.claims!.map(({ id, met }) => [id, met])).toEqual([
      ['closed', true],
      ['streaming', true],
    ]);
    const labels = join(folder, 'other.bed');
    await writeFile(labels, 'z\t1\t2\tn\t1\n');
    await expect(leakyEnhancer.run({}, { ...context, input: { path, options: { labels } } })).rejects.toThrow(
      /0 of 1 promoters lie in sequences/,
    );
    await expect(leakyEnhancer.run({ retention: 1 }, context)).rejects.toThrow(
      /retention: expected a number between 0 and 1/,
    );
  });

  it('is in the catalogue with its whole configuration as plain JSON', async () => {
    const { defaults } = await loadRecipe('leaky-enhancer');
    expect(JSON.parse(JSON.stringify(defaults))).toEqual(enhancerDefaults);
  });
});

describe('the integrator', () => {
  it('gives what the recurrence in double precision gives, in pieces of any size', async () => {
    const integrator = await openIntegrator(0.9);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 300 }),
        async (draws, piece) => {
          const events = Uint8Array.from(draws, (d) => +(d === 0));
          const exact = leakyIntegrator(events, { retention: 0.9 });
          const enhancers = [...events.keys()].filter((t) => events[t]);
          const places = [-1, ...events.keys()];
          const found = await levelsAt({ length: events.length, enhancers }, places, integrator, { piece });
          expect(found[0]).toBe(0);
          exact.forEach((h, t) => {
            expect(found[t + 1]).toBeCloseTo(h, 5);
          });
          closedForm(enhancers, places, 0.9).forEach((h, i) => {
            expect(h).toBeCloseTo(i === 0 ? 0 : exact[i - 1]!, 10);
          });
        },
      ),
      { numRuns: 30 },
    );
    await integrator.release();
  });

  it('forgets nothing between pieces: a scan that starts each piece from 0 would be found out', async () => {
    const integrator = await openIntegrator(0.99);
    const forgetful = {
      ...integrator,
      read(events: Uint8Array) {
        integrator.restart();
        return integrator.read(events);
      },
    };
    const part = { length: 1000, enhancers: [10] };
    const [whole] = await levelsAt(part, [900], integrator, { piece: 100 });
    const [lost] = await levelsAt(part, [900], forgetful, { piece: 100 });
    expect(whole).toBeCloseTo(0.99 ** 890, 6);
    expect(lost).toBe(0);
    await integrator.release();
  });
});

describe('fitRetention', () => {
  it('finds the law that made activities without noise', () => {
    const enhancers = Float64Array.from({ length: 200 }, (_, i) => 1000 * i + ((i * 379) % 700));
    const promoters = Float64Array.from({ length: 300 }, (_, i) => 660 * i + 500);
    const activity = closedForm(enhancers, promoters, 0.997).map((h) => 2 + 4 * h);
    const fit = fitRetention({ enhancers, promoters, activity }, 1);
    expect(-1 / Math.log(fit.retention)).toBeCloseTo(-1 / Math.log(0.997), -1);
    expect([fit.base, fit.weight]).toEqual([expect.closeTo(2, 1), expect.closeTo(4, 1)]);
    expect(fit.low <= fit.retention && fit.retention <= fit.high).toBe(true);
  });

  it('counts what lies in the window before', () => {
    expect([...countsBefore(Float64Array.of(1, 5, 9), Float64Array.of(0, 5, 10), 4)]).toEqual([0, 2, 1]);
  });
});
