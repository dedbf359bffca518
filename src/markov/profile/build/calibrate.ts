import { drawFrom } from '../../draw.ts';
import { fastScores } from '../fast-scores.ts';
import { meanRelativeEntropy, type ProfileHmm, type ProfileStatistics } from '../profile-hmm.ts';
import { samplingStream } from '../sampling-stream.ts';
import { nullScore, searchProfile } from '../search-profile.ts';
import { fitGumbel, gumbelLocation } from '../tails.ts';

/** How many random sequences of which length scores are fitted to, and the tail that Forward's are (Eddy 2008). */
const number = 200;
const length = 200;
const forwardLength = 100;
const tailMass = 0.04;

/**
 * Fits the tails of a profile's scores on random sequences: the slope follows from its length and relative entropy, the
 * locations from simulation (Eddy 2008). The same seed gives the same numbers, and HMMER's where it has that seed.
 */
export function calibrate(profile: ProfileHmm, { seed = 42 } = {}): ProfileStatistics {
  const scores = fastScores(searchProfile(profile));
  const { background } = profile.alphabet;
  const stream = samplingStream(seed);
  const simulate = (letters: number, score: (codes: Uint8Array) => number) => {
    const null1 = nullScore(letters);
    return Float64Array.from(
      { length: number },
      () => (score(randomCodes(background, letters, stream)) - null1) / Math.LN2,
    );
  };
  // A profile that is no different from the background has no slope of its own.
  const entropy = Math.max(0.01, meanRelativeEntropy(profile));
  const lambda = Math.LN2 + 1.44 / (profile.nodes * entropy);
  // In this order, as they share one stream of random numbers.
  const msv = gumbelLocation(simulate(length, scores.msv), lambda);
  const viterbi = gumbelLocation(simulate(length, scores.viterbi), lambda);
  const fitted = fitGumbel(simulate(forwardLength, scores.forward));
  const quantile = fitted.location - Math.log(-Math.log(1 - tailMass)) / fitted.lambda;
  return {
    msv: { location: msv, lambda },
    viterbi: { location: viterbi, lambda },
    forward: { location: quantile + Math.log(tailMass) / lambda, lambda },
  };
}

/** Letters drawn from a background. */
function randomCodes(
  background: Float64Array,
  letters: number,
  stream: ReturnType<typeof samplingStream>,
): Uint8Array {
  return Uint8Array.from({ length: letters }, () => drawFrom(background, stream));
}
