import type { Cut, MotifSearch } from './cuts.ts';

export interface Member {
  readonly cut: Cut;
  /** The cut's first letter stands so many places after the first of the cluster's centre. */
  readonly shift: number;
}

export interface Cluster {
  members: Member[];
  /** Sum of the members' heights, laid on one another, over three widths: the middle one is the first member's. */
  centre: Float64Array;
}

/** Goes through cut-outs from the strongest on: each joins the cluster that it is most like, or begins one; then clusters that are alike join. */
export function clustered(cuts: readonly Cut[], { alike, width }: MotifSearch): Cluster[] {
  let clusters: Cluster[] = [];
  // The second pass starts from centres that are known, so that what came early is judged as what came late.
  for (let pass = 0; pass < 2; pass++) {
    const centres = clusters.map(({ centre }) => centre);
    const next: Cluster[] = centres.map((centre) => ({ members: [], centre: centre.slice() }));
    for (const cut of cuts) {
      const near = nearest(next, cut, width);
      if (near && near.cosine >= alike) join(next[near.cluster]!, cut, near.shift);
      else if (pass === 0) next.push(begun(cut, width));
    }
    clusters = merged(
      next.filter(({ members }) => members.length > 0).map((cluster) => recentred(cluster, width)),
      { alike, width },
    );
  }
  return clusters;
}

const begun = (cut: Cut, width: number): Cluster => {
  const centre = new Float64Array(3 * 4 * width);
  centre.set(cut.heights, 4 * width);
  return { members: [{ cut, shift: 0 }], centre };
};

function join({ members, centre }: Cluster, cut: Cut, shift: number): void {
  members.push({ cut, shift });
  lay(centre, cut.heights, shift);
}

function lay(centre: Float64Array, heights: Float64Array, shift: number): void {
  const from = centre.length / 3 + 4 * shift;
  for (let i = 0; i < heights.length; i++)
    if (from + i >= 0 && from + i < centre.length) centre[from + i]! += heights[i]!;
}

/** The centre as the sum of the members alone. */
function recentred({ members }: Cluster, width: number): Cluster {
  const centre = new Float64Array(3 * 4 * width);
  for (const { cut, shift } of members) lay(centre, cut.heights, shift);
  return { members, centre };
}

function nearest(clusters: readonly Cluster[], cut: Cut, width: number) {
  let best: { cluster: number; shift: number; cosine: number } | undefined;
  clusters.forEach(({ centre }, cluster) => {
    const found = aligned(centre, cut.heights, cut.norm, width);
    if (!best || found.cosine > best.cosine) best = { cluster, ...found };
  });
  return best;
}

/** The shift at which heights fit best on a centre, by the cosine over where they lie on each other. */
function aligned(centre: Float64Array, heights: Float64Array, norm: number, width: number) {
  let best = { shift: 0, cosine: -1 };
  const most = Math.floor(width / 2);
  const whole = Math.hypot(...centre);
  for (let shift = -most; shift <= most; shift++) {
    const from = centre.length / 3 + 4 * shift;
    let product = 0;
    for (let i = 0; i < heights.length; i++) product += centre[from + i]! * heights[i]!;
    const cosine = product / (whole * norm || 1);
    if (cosine > best.cosine) best = { shift, cosine };
  }
  return best;
}

function merged(
  clusters: readonly Cluster[],
  { alike, width }: Pick<MotifSearch, 'alike' | 'width'>,
): Cluster[] {
  const kept: Cluster[] = [];
  for (const cluster of [...clusters].sort((a, b) => b.members.length - a.members.length)) {
    const middle = cluster.centre.slice(4 * width, 8 * width);
    const norm = Math.hypot(...middle);
    const options = kept.map((other) => aligned(other.centre, middle, norm, width));
    const best = options.reduce((a, b, i) => (b.cosine > (options[a]?.cosine ?? -1) ? i : a), -1);
    if (best < 0 || options[best]!.cosine < alike) {
      kept.push(cluster);
      continue;
    }
    for (const { cut, shift } of cluster.members) join(kept[best]!, cut, shift + options[best]!.shift);
  }
  return kept;
}
