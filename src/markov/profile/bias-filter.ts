import { meanComposition, type ProfileHmm } from './profile-hmm.ts';

/**
 * The null model's score in nats where part of a sequence may have the profile's own composition: an HMM of two
 * states (Eddy 2011). A sequence whose score is composition alone does not pass a filter against it.
 * @example const score = biasFilter(profile); score(codes) >= nullScore(codes.length)
 */
export function biasFilter(profile: ProfileHmm): (codes: Uint8Array) => number {
  const { nodes, alphabet } = profile;
  const { members, background } = alphabet;
  const composition = profile.composition ?? meanComposition(profile);
  const odds = Float64Array.from(members, (stands) => {
    if (stands.length === 0) return 1;
    const sum = (of: Float64Array) => stands.reduce((total, x) => total + of[x]!, 0);
    return sum(composition) / sum(background);
  });
  const biased = nodes / 8; // The expected length of a biased segment.
  const leave = 1 / (biased + 1);
  return (codes) => {
    const length = codes.length;
    const stay = length / (length + 1);
    let [plain, bias, logScale] = [0.999, 0.001, 0];
    for (let i = 0; i < length; i++) {
      if (i > 0) {
        const before = plain;
        plain = before * stay + bias * leave;
        bias = before * (1 - stay) + bias * (1 - leave);
      }
      bias *= odds[codes[i]!]!;
      const total = plain + bias;
      if (total > 1e100 || total < 1e-100) {
        logScale += Math.log(total);
        plain /= total;
        bias /= total;
      }
    }
    return Math.log(plain + bias) + logScale + length * Math.log(stay) + Math.log(1 - stay);
  };
}
