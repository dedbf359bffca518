import { dnaComplement } from '../../markov/motif/chain.ts';
import { reverseComplementMatrix } from '../../markov/motif/matrix.ts';
import { histogram } from '../../report/plots/index.ts';
import type { Claim, Figure } from '../../report/run-report.ts';
import type { PromoterFindings } from '../motif-hmm.ts';
import { type Agreement, binomialTail, boxStarts, fisherTail, mostLike, pribnow } from './boxes.ts';
import { motifText, probability } from './wording.ts';

/** In the built-in promoters transcription starts at letter 51; the −10 box begins 12 before it, at letter 39. */
const boxPlace = 38;
/** How far from there a box may begin to be called in place. */
const near = 3;
/** How seldom its sites may be so near by chance. */
const rare = 0.001;

/** The motif that is most like the −10 box, and where its sites are. */
export interface Box extends Agreement {
  /** As the strand of the box reads. */
  readonly consensus: string;
  readonly chance: number;
  /** Where the box begins in sites on the strand that is transcribed. */
  readonly starts: readonly number[];
  /** Sites of the motif in all, and those in place. */
  readonly sites: number;
  readonly inPlace: number;
  /** P(so many in place) if sites fell anywhere, on either strand. */
  readonly probability: number;
  /** Promoters and other sequences with a site, and P(so many more promoters) if both had them equally. */
  readonly with: { readonly promoters: number; readonly others: number; readonly probability: number };
}

/** Looks for the −10 box among the motifs that were found; null where none were. */
export function boxOf(
  { search, sequences, others }: PromoterFindings,
  strands: 'both' | 'forward',
): Box | null {
  const { motifs } = search.found;
  const best = mostLike(motifs, pribnow);
  if (!best) return null;
  const placed = boxStarts(search.sites, best, pribnow);
  const starts = placed.filter(({ strand }) => strand === '+').map(({ start }) => start);
  const inPlace = starts.filter((start) => Math.abs(start - boxPlace) <= near).length;
  const { matrix, chance } = motifs[best.motif]!;
  const places = sequences[0]!.length - matrix.length + 1;
  const share = (2 * near + 1) / places / (strands === 'both' ? 2 : 1);
  const holding = (sites: readonly { motif: number; sequence: number }[]) =>
    new Set(sites.filter(({ motif }) => motif === best.motif).map(({ sequence }) => sequence)).size;
  const counts = { promoters: holding(search.sites), others: holding(others.sites) };
  return {
    ...best,
    consensus: motifText(best.flipped ? reverseComplementMatrix(matrix, dnaComplement) : matrix),
    chance,
    starts,
    sites: placed.length,
    inPlace,
    probability: placed.length > 0 ? binomialTail(inPlace, placed.length, share) : 1,
    with: {
      ...counts,
      probability: fisherTail({
        a: counts.promoters,
        m: sequences.length,
        c: counts.others,
        n: others.count,
      }),
    },
  };
}

/** What was found, in a sentence. */
export function promoterLead({ names }: PromoterFindings, box: Box | null): string {
  if (!box)
    return `In ${names.length} real promoters no motif stands out: what is strongest there is found in shuffled ones, too.`;
  return `In ${names.length} real promoters the motif most like the −10 box (${pribnow}) is ${box.consensus}: ${box.inPlace} of its ${box.sites} sites are where that box is.`;
}

/** A motif that is the box, and sites of it where the box is. */
export function promoterClaims({ names, search }: PromoterFindings, box: Box | null): Claim[] {
  const { found } = search;
  const rest = found.next
    ? `the next motif scores ${found.next.score.toFixed(1)}, and one as strong comes from shuffled promoters with probability ${probability(found.next.chance)}`
    : '';
  return [
    {
      id: 'box',
      text: box
        ? `letters of the −10 box ${pribnow} that a motif found in ${names.length} promoters (${box.consensus}; one as strong comes from shuffled promoters with probability ${probability(box.chance)}) has as its most probable ones ≥ 5 of 6`
        : `letters of the −10 box ${pribnow} in a motif found in ${names.length} promoters ≥ 5 of 6; none was found: ${rest}`,
      value: box?.letters ?? 0,
      met: (box?.letters ?? 0) >= 5,
    },
    {
      id: 'place',
      text: box
        ? `share of its ${box.sites} sites that begin on the transcribed strand within ${near} letters of −12, where nothing told it to look: P ≤ ${rare} if they fell anywhere (found: ${probability(box.probability)})`
        : 'share of its sites within 3 letters of −12: no motif, no sites',
      value: box && box.sites > 0 ? box.inPlace / box.sites : 0,
      met: box !== null && box.letters >= 5 && box.probability <= rare,
    },
  ];
}

/** Where the box is in the promoters. */
export const placeFigure = ({ starts, consensus: name }: Box): Figure => ({
  title: 'Where the −10 box was found',
  caption: `First letter of the box in the sites of ${name} on the transcribed strand, counted from the start of transcription.`,
  svg: histogram({
    values: starts.map((start) => start - boxPlace - 12),
    xLabel: 'Letters from the start of transcription',
    yLabel: 'Sites',
    domain: [-50.5, 6.5],
    bins: 57,
    mark: { x: -12, label: 'box at' },
    title: 'Places of the −10 box',
  }),
});

/** What is to be known of the promoters, and what sites there are in sequences that are none. */
export function promoterNote(promoters: PromoterFindings, box: Box | null): string {
  const { names, copies } = promoters;
  const first = `The promoters are those that the package brings, of 57 letters each; transcription starts at letter 51. ${names.length} of ${names.length + copies} are searched: the others agree with one of these in 60 % of their letters or more, and copies of one promoter are no further witnesses of a motif. The search sees neither the place of the start nor sequences that are no promoters.`;
  if (!box) return first;
  const { promoters: own, others, probability: p } = box.with;
  return `${first} ${box.consensus} has sites in ${own} of ${promoters.names.length} promoters and in ${others} of ${promoters.others.count} other sequences of E. coli (Fisher's exact test, one-sided: ${probability(p)}).`;
}
