import type { ChainMotif, MotifChain } from './chain.ts';
import { bestWindow, type SiteColumns, siteColumns, type Window, windowMatrix } from './columns.ts';
import type { Tokens } from './scan.ts';
import type { MotifSite, WeightedSite } from './sites.ts';
import { fewestSites, type SearchShape } from './strongest.ts';

/**
 * The two motifs that one motif's sites divide into best, or null where no division pays. Sites with one letter at one position stand
 * against all others, for each position in and around the site and each letter; a division is worth what the columns of its two parts gain more
 * than those of all sites, less what it takes to say of each site to which part it belongs. Whether two motifs are
 * really better is for the whole chain to say, trained with both.
 */
export function dividedMotif(
  chain: MotifChain,
  motif: number,
  sequences: readonly Tokens[],
  sites: readonly MotifSite[],
  { widths, size }: Pick<SearchShape, 'widths' | 'size'>,
): readonly [ChainMotif, ChainMotif] | null {
  const own = sites
    .filter((site) => site.motif === motif)
    .map(({ sequence, start, strand }): WeightedSite => ({ sequence, start, strand, weight: 1 }));
  if (own.length < 2 * fewestSites) return null;
  const { matrix, rates } = chain.motifs[motif]!;
  const width = matrix.length;
  const reach = Math.max(4, Math.ceil((widths.most - width) / 2));
  const look = (part: readonly WeightedSite[]): { columns: SiteColumns; window: Window } => {
    const columns = siteColumns(sequences, part, { ...chain, width, reach });
    return { columns, window: bestWindow(columns, chain.background, widths) };
  };
  const whole = look(own).window.gain;
  let best: { gain: number; parts: readonly [WeightedSite[], WeightedSite[]] } | undefined;
  for (let offset = -reach; offset < width + reach; offset++)
    for (let letter = 0; letter < size; letter++) {
      const has = (site: WeightedSite) => letterAt(site, sequences, { offset, width, ...chain }) === letter;
      const parts = [own.filter(has), own.filter((site) => !has(site))] as const;
      if (parts.some(({ length }) => length < fewestSites)) continue;
      const gains = parts.map(
        (part) => look(part).window.gain - part.length * Math.log(own.length / part.length),
      );
      const gain = gains[0]! + gains[1]! - whole;
      if (gain > (best?.gain ?? 0)) best = { gain, parts };
    }
  if (!best) return null;
  return best.parts.map((part): ChainMotif => {
    const { columns, window } = look(part);
    const share = part.length / own.length;
    return {
      matrix: windowMatrix(columns, window, chain.background),
      rates: [rates[0] * share, rates[1] * share],
    };
  }) as [ChainMotif, ChainMotif];
}

/** The letter at an offset from where a site begins, as its strand reads. */
function letterAt(
  { sequence, start, strand }: WeightedSite,
  sequences: readonly Tokens[],
  {
    offset,
    width,
    background,
    complement,
  }: { offset: number; width: number } & Pick<MotifChain, 'background' | 'complement'>,
): number | undefined {
  const tokens = sequences[sequence]!;
  if (strand === '+') return tokens[start + offset];
  const token = tokens[start + width - 1 - offset];
  return token !== undefined && token < background.length ? complement![token] : undefined;
}
