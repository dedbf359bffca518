import { clustered, type Member } from './clusters.ts';
import { bestOffset, consensusText, isSame } from './consensus.ts';
import { type ImportanceTrack, importantCuts, type MotifSearch } from './cuts.ts';
import { apart, type FoundSite } from './sites.ts';

export interface DiscoveredMotif {
  /** Shares of A, C, G and T among the letters of its sites, by position. */
  readonly matrix: number[][];
  readonly sites: readonly FoundSite[];
  /** Information gain of all its sites, in bits: what motifs are ranked by. */
  readonly gain: number;
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

/** Counts as shares, each letter counted a quarter more than it was seen. */
function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (count + 0.25) / (total + 1));
}

const informationOf = (row: readonly number[]): number =>
  2 + row.reduce((sum, p) => sum + p * Math.log2(p), 0);
