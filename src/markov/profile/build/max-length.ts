import { DD, DM, II, IM, MD, MI, MM, type ProfileHmm } from '../profile-hmm.ts';

/**
 * The length that all but a share of `beyond` of the sequences a profile emits do not exceed; 20 times its nodes at
 * most. Long sequences are searched in windows of this length. By recursion over lengths: what is in a
 * node's states after so many letters.
 */
export function maxLength({ nodes, transitions: t }: ProfileHmm, { beyond = 1e-7 } = {}): number {
  if (nodes === 1) return 1;
  const limit = Math.max(nodes, Math.min(20 * nodes, 100_000));
  let m: Float64Array = new Float64Array(nodes + 1);
  let i: Float64Array = new Float64Array(nodes + 1);
  let d: Float64Array = new Float64Array(nodes + 1);
  let ended = 0;
  for (let length = 1; length <= limit; length++) {
    const [nextM, nextI, nextD] = [0, 0, 0].map(() => new Float64Array(nodes + 1)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    if (length === 1) nextM[1] = 1;
    for (let k = 1; k <= nodes; k++) {
      const from = (k - 1) * 7;
      const at = k * 7;
      if (k > 1) {
        nextM[k]! += t[from + MM]! * m[k - 1]! + t[from + DM]! * d[k - 1]! + t[from + IM]! * i[k - 1]!;
        nextD[k] = t[from + MD]! * nextM[k - 1]! + t[from + DD]! * nextD[k - 1]!;
      }
      if (k < nodes) nextI[k] = t[at + MI]! * m[k]! + t[at + II]! * i[k]!;
    }
    [m, i, d] = [nextM, nextI, nextD];
    ended += m[nodes]! + d[nodes]!;
    let open = 0;
    for (let k = 1; k < nodes; k++)
      open += m[k]! * (1 - t[k * 7 + MD]!) + i[k]! + d[k]! * (1 - t[k * 7 + DD]!);
    if (open / (open + ended) <= beyond) return Math.min(length + 1, limit);
  }
  return limit;
}
