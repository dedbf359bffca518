import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { baumWelch } from './baum-welch.ts';
import { type Categorical, categorical } from './emissions/categorical.ts';
import type { Emissions } from './emissions/emissions.ts';
import { type Gaussian, gaussian, gaussianMixture } from './emissions/gaussian.ts';
import { type Poisson, poisson } from './emissions/poisson.ts';
import { forward } from './forward.ts';
import { hmm } from './model.ts';
import { posteriors } from './posterior.ts';
import { pathLogProbability } from './state-path.ts';
import { viterbi } from './viterbi.ts';

type Numbers = number | Numbers[];
interface Case {
  name: string;
  kind: 'categorical' | 'gaussian' | 'mixture' | 'poisson';
  observations: number[][];
  // biome-ignore lint/suspicious/noExplicitAny: parameters by hmmlearn's names, of ranks that depend on the kind
  before: Record<string, any>;
  after: Record<string, Numbers[]>;
  logLikelihood: number;
  posteriors: number[][];
  viterbi: { log: number; path: number[] };
}
const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/markov/hmm.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

// biome-ignore lint/suspicious/noExplicitAny: as above
const families: Record<Case['kind'], (p: Record<string, any>) => Emissions<any>> = {
  categorical: (p) => categorical(p.emissionprob_),
  gaussian: (p) => gaussian({ means: p.means_, variances: p._covars_.map(diagonal) }),
  mixture: (p) => gaussianMixture({ means: p.means_, variances: p.covars_, weights: p.weights_ }),
  poisson: (p) => poisson(p.lambdas_),
};

/** hmmlearn writes a diagonal covariance as a matrix in some places. */
const diagonal = (row: number[] | number[][]) => row.map((x, i) => (Array.isArray(x) ? x[i]! : x));

const flat = (values: Numbers[]): number[] => (values as number[]).flat(9) as number[];

const close = (a: ArrayLike<number>, b: number[]) => {
  expect(a.length).toBe(b.length);
  b.forEach((x, i) => {
    expect(Math.abs(a[i]! - x)).toBeLessThan(1e-8 * Math.max(1, Math.abs(x)));
  });
};

describe.each(golden.cases)('hmmlearn on $name', (example) => {
  const { kind, before, after } = example;
  const model = hmm({
    states: before.startprob_.map((_: number, s: number) => ({ name: `s${s}`, emission: s })),
    start: before.startprob_,
    transitions: before.transmat_,
    emissions: families[kind](before),
  });
  const width = example.observations[0]!.length;
  const values = Float64Array.from(example.observations.flat());
  const observations = kind === 'categorical' ? Int32Array.from(values) : { values, width };

  it('has the same likelihood, posteriors and Viterbi path', () => {
    close([forward(model, observations).logLikelihood], [example.logLikelihood]);
    close(posteriors(model, observations).probabilities, flat(example.posteriors));
    const best = viterbi(model, observations);
    close([best.logProbability], [example.viterbi.log]);
    // Where the paths differ, theirs must be exactly as likely: two orders of the same steps, say.
    const theirs = { states: Int32Array.from(example.viterbi.path), silent: [] };
    close([pathLogProbability(model, observations, theirs)], [best.logProbability]);
    const different = best.states.filter((s, t) => s !== theirs.states[t]).length;
    expect(different).toBeLessThanOrEqual(example.name === 'categorical, 4 states' ? 2 : 0);
  });

  it('has the same parameters after one round of Baum and Welch', () => {
    const { model: next } = baumWelch(model, [observations], { iterations: 1 });
    close(next.start, flat(after.startprob_!));
    close(next.edges.probability, flat(after.transmat_!));
    const { emissions } = next;
    if (kind === 'categorical') close((emissions as Categorical).probabilities, flat(after.emissionprob_!));
    else if (kind === 'poisson') close((emissions as Poisson).rates, flat(after.lambdas_!));
    else {
      const { means, variances, weights } = emissions as unknown as Gaussian;
      close(means, flat(after.means_!));
      if (kind === 'mixture') close(weights, flat(after.weights_!));
      close(
        variances,
        kind === 'mixture' ? flat(after.covars_!) : (after._covars_ as number[][]).flatMap(diagonal),
      );
    }
  });
});
