import { type RandomStream, randomStream } from '../../core/random.ts';
import { type Categorical, categorical } from '../../markov/hmm/emissions/categorical.ts';
import type { Series } from '../../markov/hmm/emissions/emissions.ts';
import { type Gaussian, gaussianMixture } from '../../markov/hmm/emissions/gaussian.ts';
import { type Poisson, poisson } from '../../markov/hmm/emissions/poisson.ts';
import { assembled, type Hmm } from '../../markov/hmm/model.ts';
import type { AnyEmissions } from './emission-fields.ts';
import type { AnyHmm, HmmFile } from './hmm-file.ts';

/**
 * The model with the distributions that its file leaves open drawn with regard to the sequences (`Emissions.randomized`). With
 * `floorShare` no Gaussian will become narrower than that share of the smallest variance among the columns, in place of the file's floor.
 */
export function withDrawnEmissions(
  { model, open }: Pick<HmmFile, 'model' | 'open'>,
  stream: RandomStream,
  sequences: readonly (ArrayLike<number> | Series)[],
  { floorShare }: { floorShare?: number | undefined } = {},
): AnyHmm {
  if (open.length === 0) return model;
  const described = model.emissions as AnyEmissions;
  const given =
    described.kind === 'gaussian' && floorShare !== undefined
      ? withFloor(described, sequences as readonly Series[], floorShare)
      : described;
  const drawn = given.randomized(stream, sequences as never) as AnyEmissions;
  const emissions = open.length === given.groups ? drawn : mixed(given, drawn, new Set(open));
  return assembled({ ...(model as Hmm<never>), emissions: emissions as never }) as AnyHmm;
}

function withFloor(given: Gaussian, sequences: readonly Series[], share: number): Gaussian {
  // Drawn distributions have the variances of all observations.
  const { variances } = rebuilt(given, Number.MIN_VALUE).randomized(
    randomStream(0, 'floor'),
    sequences,
  ) as Gaussian;
  const floor = share * Math.min(...variances.filter((variance) => variance > Number.MIN_VALUE));
  return rebuilt(given, Number.isFinite(floor) && floor > 0 ? floor : given.floor);
}

function rebuilt(
  { means, variances, weights, groups, components, width }: Gaussian,
  floor: number,
): Gaussian {
  const cut = (values: Float64Array, size: number) =>
    Array.from({ length: values.length / size }, (_, i) =>
      Array.from(values.subarray(i * size, (i + 1) * size)),
    );
  const byGroup = (rows: number[][]) =>
    Array.from({ length: groups }, (_, g) => rows.slice(g * components, (g + 1) * components));
  return gaussianMixture({
    ...{ means: byGroup(cut(means, width)), variances: byGroup(cut(variances, width)) },
    ...{ weights: cut(weights, components), floor },
  });
}

/** The given distributions, but those that are open as they were drawn. */
function mixed(given: AnyEmissions, drawn: AnyEmissions, open: ReadonlySet<number>): AnyEmissions {
  const { groups } = given;
  const rows = (ours: Float64Array, theirs: Float64Array): number[][] => {
    const size = ours.length / groups;
    return Array.from({ length: groups }, (_, g) =>
      Array.from((open.has(g) ? theirs : ours).subarray(g * size, (g + 1) * size)),
    );
  };
  if (given.kind === 'categorical') {
    const { vocabulary, order, period, probabilities } = given;
    const flat = rows(probabilities, (drawn as Categorical).probabilities).flat();
    return categorical(Float64Array.from(flat), { vocabulary, order, period });
  }
  if (given.kind === 'poisson') return poisson(rows(given.rates, (drawn as Poisson).rates));
  const { components, width, floor } = given;
  const { means, variances, weights } = drawn as Gaussian;
  const cut = (row: number[]) =>
    Array.from({ length: components }, (_, k) => row.slice(k * width, (k + 1) * width));
  return gaussianMixture({
    means: rows(given.means, means).map(cut),
    variances: rows(given.variances, variances).map(cut),
    weights: rows(given.weights, weights),
    floor,
  });
}
