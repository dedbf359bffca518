/** What a model says of the letters of a sequence. */
export interface ImportanceTrack {
  readonly text: string;
  /** P(letter), row-major [length, 4]. */
  readonly probabilities: Float64Array;
  /** What the prediction says beyond the frequencies of letters, in bits, by place; 0 where nothing is known. */
  readonly gain: Float64Array;
}

/** Where a motif stands; the end is exclusive. */
export interface FoundSite {
  readonly sequence: number;
  readonly start: number;
  readonly end: number;
  /** Bits of information gain within it. */
  readonly gain: number;
}

export interface DiscoveredMotif {
  /** Shares of A, C, G and T among the letters of its sites, by position. */
  readonly matrix: number[][];
  readonly sites: readonly FoundSite[];
  /** Information gain of all its sites, in bits: what motifs are ranked by. */
  readonly gain: number;
}

/** How motifs are looked for. */
export interface MotifSearch {
  /** Letters of the window whose gain is summed to find important places. */
  readonly window: number;
  /** Letters that are cut out around such a place. */
  readonly width: number;
  /** The cosine from which on two cut-outs show the same motif. */
  readonly alike: number;
  /** The fewest sites of a motif. */
  readonly least: number;
}

/** A place that the model finds important, with as much around it as a motif may be wide. */
interface Cut {
  readonly sequence: number;
  readonly start: number;
  readonly score: number;
  /** Heights of the letters of the predicted logo, p · gain, row-major [width, 4]. */
  readonly heights: Float64Array;
  readonly norm: number;
}

/** Sums of gain over windows: entry i is that of the letters from i on. */
export function windowGains(gain: Float64Array, window: number): Float64Array {
  if (gain.length < window) return new Float64Array(0);
  const sums = new Float64Array(gain.length - window + 1);
  let sum = 0;
  for (let i = 0; i < gain.length; i++) {
    sum += gain[i]!;
    if (i >= window) sum -= gain[i - window]!;
    if (i >= window - 1) sums[i - window + 1] = sum;
  }
  return sums;
}

/**
 * Words that a model finds important, gathered into motifs, in the manner of TF-MoDISco (Shrikumar et al. 2018) made simple: places whose
 * window gains more than `threshold` bits are cut out, cut-outs whose predicted logos are alike at some shift are laid on one
 * another, the strongest first, and the letters beneath are counted. Motifs come in the order of all the information that the model draws from
 * their sites.
 */
export function discoveredMotifs(
  tracks: readonly ImportanceTrack[],
  threshold: number,
  search: MotifSearch,
): DiscoveredMotif[] {
  const cuts = importantCuts(tracks, threshold, search);
  const clusters = clustered(cuts, search).filter(({ members }) => members.length >= search.least);
  const motifs = clusters
    .map(({ members }) => motifOf(members, tracks, search))
    .filter((motif) => motif !== undefined);
  return distinct(motifs).sort((a, b) => b.gain - a.gain);
}

/** The share of its letters that a motif must have in common with a stronger one to be the same. */
const same = 0.8;

/** A motif that was found in two parts, or once more with other things beside it, is one: its sites join those of the stronger. */
function distinct(motifs: readonly DiscoveredMotif[]): DiscoveredMotif[] {
  const kept: DiscoveredMotif[] = [];
  for (const motif of [...motifs].sort((a, b) => b.gain - a.gain)) {
    const at = kept.findIndex(({ matrix }) => isSame(matrix, motif.matrix));
    if (at < 0) {
      kept.push(motif);
      continue;
    }
    const { matrix, sites: own } = kept[at]!;
    const { offset } = bestOffset(consensusText(motif.matrix), matrix);
    const moved = motif.sites.map(({ sequence, start, gain }) => {
      const from = start - offset;
      return { sequence, gain, start: from, end: from + matrix.length };
    });
    const sites = apart([...own, ...moved.filter(({ start }) => start >= 0)]);
    kept[at] = { matrix, sites, gain: sites.reduce((sum, site) => sum + site.gain, 0) };
  }
  return kept;
}

const isSame = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): boolean => {
  const [one, other] = [consensusText(a), consensusText(b)];
  const fewest = Math.min(fixed(one), fixed(other));
  return bestOffset(other, a).shared >= same * fewest;
};

const fixed = (text: string): number => text.replaceAll('N', '').length;

/** The most probable letters of a motif; N where the most probable one has less than half. */
export const consensusText = (matrix: readonly (readonly number[])[]): string =>
  matrix
    .map((row) => {
      const most = row.indexOf(Math.max(...row));
      return row[most]! >= 0.5 ? 'ACGT'[most]! : 'N';
    })
    .join('');

/** Where a text, free letters (N) aside, has most letters that are the most probable ones of a motif, and how many. */
export function bestOffset(
  text: string,
  matrix: readonly (readonly number[])[],
): { offset: number; shared: number } {
  let best = { offset: 0, shared: 0 };
  for (let offset = 1 - text.length; offset < matrix.length; offset++) {
    let shared = 0;
    for (let i = 0; i < text.length; i++) {
      const row = matrix[offset + i];
      const letter = 'ACGT'.indexOf(text[i]!);
      if (row && letter >= 0 && row.every((p) => p <= row[letter]!)) shared++;
    }
    if (shared > best.shared) best = { offset, shared };
  }
  return best;
}

function importantCuts(
  tracks: readonly ImportanceTrack[],
  threshold: number,
  { window, width }: MotifSearch,
): Cut[] {
  const margin = Math.floor((width - window) / 2);
  return tracks
    .flatMap((track, sequence) => {
      const sums = windowGains(track.gain, window);
      const order = Array.from(sums.keys())
        .filter((i) => sums[i]! > threshold)
        .sort((a, b) => sums[b]! - sums[a]! || a - b);
      const taken: number[] = [];
      for (const i of order) if (taken.every((other) => Math.abs(other - i) >= window)) taken.push(i);
      return taken.map((i) => cutAt(track, { sequence, start: i - margin, score: sums[i]!, width }));
    })
    .sort((a, b) => b.score - a.score);
}

function cutAt(
  { probabilities, gain }: ImportanceTrack,
  { sequence, start, score, width }: { sequence: number; start: number; score: number; width: number },
): Cut {
  const heights = new Float64Array(4 * width);
  for (let i = 0; i < width; i++) {
    const at = start + i;
    if (at < 0 || at >= gain.length || gain[at] === 0) continue;
    for (let letter = 0; letter < 4; letter++)
      heights[4 * i + letter] = probabilities[4 * at + letter]! * gain[at]!;
  }
  return { sequence, start, score, heights, norm: Math.hypot(...heights) };
}

interface Member {
  readonly cut: Cut;
  /** The cut's first letter stands so many places after the first of the cluster's centre. */
  readonly shift: number;
}

interface Cluster {
  members: Member[];
  /** Sum of the members' heights, laid on one another, over three widths: the middle one is the first member's. */
  centre: Float64Array;
}

/** Goes through cut-outs from the strongest on: each joins the cluster that it is most like, or begins one; then clusters that are alike join. */
function clustered(cuts: readonly Cut[], { alike, width }: MotifSearch): Cluster[] {
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

/** Columns that tell less than this, in bits, are trimmed from the ends of a motif. */
const telling = 0.4;

function motifOf(
  members: readonly Member[],
  tracks: readonly ImportanceTrack[],
  { width }: MotifSearch,
): DiscoveredMotif | undefined {
  const from = -width;
  const columns = Array.from({ length: 3 * width }, (_, i) => {
    const counts = [0, 0, 0, 0];
    let gain = 0;
    for (const { cut, shift } of members) {
      const at = cut.start + from + i - shift;
      const track = tracks[cut.sequence]!;
      const letter = 'ACGT'.indexOf(track.text[at] ?? '-');
      if (letter >= 0) counts[letter]!++;
      gain += track.gain[at] ?? 0;
    }
    return { counts, gain: gain / members.length };
  });
  // Far from the middle few sequences reach, and what little is counted there tells nothing.
  const bits = columns.map(({ counts }) =>
    counts.reduce((a, b) => a + b, 0) < members.length / 2 ? 0 : informationOf(shares(counts)),
  );
  const told = columns.map(({ gain }, i) => bits[i]! >= telling && gain >= telling / 2);
  const [first, last] = [told.indexOf(true), told.lastIndexOf(true)];
  if (first < 0 || last - first < 3) return undefined;
  const sites = members.flatMap(({ cut, shift }): FoundSite[] => {
    const start = cut.start + from + first - shift;
    const end = start + last - first + 1;
    const { text, gain } = tracks[cut.sequence]!;
    if (start < 0 || end > text.length) return [];
    const bits = gain.subarray(start, end).reduce((a, b) => a + b, 0);
    return [{ sequence: cut.sequence, start, end, gain: bits }];
  });
  const kept = apart(sites);
  return {
    matrix: columns.slice(first, last + 1).map(({ counts }) => shares(counts)),
    sites: kept,
    gain: kept.reduce((sum, site) => sum + site.gain, 0),
  };
}

/** Of sites that overlap by more than half the one with most gain: a wide motif may have been cut out twice. */
function apart(sites: readonly FoundSite[]): FoundSite[] {
  const kept: FoundSite[] = [];
  for (const site of [...sites].sort((a, b) => b.gain - a.gain)) {
    const near = kept.some(
      ({ sequence, start }) =>
        sequence === site.sequence && 2 * Math.abs(start - site.start) < site.end - site.start,
    );
    if (!near) kept.push(site);
  }
  return kept;
}

/** Counts as shares, each letter counted a quarter more than it was seen. */
function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (count + 0.25) / (total + 1));
}

const informationOf = (row: readonly number[]): number =>
  2 + row.reduce((sum, p) => sum + p * Math.log2(p), 0);
