import { dna } from '../../data/alphabet.ts';
import { bedGraphLine, bedLine } from '../../data/bed/bed.ts';
import { memeText } from '../../data/meme/meme.ts';
import { visitPosteriors } from '../../markov/hmm/posterior.ts';
import { consensus } from '../../markov/motif/matrix.ts';
import type { NamedSearch } from '../motif-hmm.ts';

/** Sites, motifs and posteriors of all searches of a run; motifs are numbered through. */
export function filesOf(searches: readonly NamedSearch[]): Record<string, string> {
  const bed: string[] = [];
  const tracks: string[] = ['track type=bedGraph name="in a site"\n'];
  const motifs: Parameters<typeof memeText>[0]['motifs'] = [];
  for (const { names, sequences, search } of searches) {
    const before = motifs.length;
    const name = (motif: number) => `motif-${before + motif + 1}`;
    for (const { sequence, motif, start, end, strand, posterior } of search.sites)
      bed.push(
        bedLine({
          chrom: names[sequence]!,
          start,
          end,
          strand,
          name: name(motif),
          score: Math.round(1000 * posterior),
        }),
      );
    search.found.motifs.forEach(({ matrix, sites, chance }, m) => {
      motifs.push({
        id: name(m),
        name: consensus(matrix, dna.letters),
        matrix: matrix.map((row) => [...row]),
        sites: Math.round(sites),
        eValue: chance,
      });
    });
    for (const [i, text] of sequences.entries()) tracks.push(...track(names[i]!, text, search));
  }
  const background = searches[0]?.search.found.chain.background;
  const strands = searches.some(({ search }) => search.found.chain.complement) ? '+ -' : '+';
  return {
    'sites.bed': bed.join(''),
    'posterior.bedgraph': tracks.join(''),
    // A file without motifs is none in this format.
    ...(motifs.length > 0 && {
      'motifs.meme': memeText({
        alphabet: dna.letters,
        ...(background && { background: [...background] }),
        strands,
        motifs,
      }),
    }),
  };
}

/** P(the letter lies in a site) as bedGraph, to three decimals; neighbours that are alike are one line, zeros are left out. */
function track(chrom: string, text: string, { found }: NamedSearch['search']): string[] {
  const inSite = new Array<string>(text.length);
  visitPosteriors(found.model, dna.encode(text), (t, row) => {
    inSite[t] = Math.max(0, 1 - row[0]!).toFixed(3);
  });
  const lines: string[] = [];
  for (let start = 0, t = 1; t <= text.length; t++) {
    if (t < text.length && inSite[t] === inSite[start]) continue;
    const value = Number(inSite[start]);
    if (value > 0) lines.push(bedGraphLine({ chrom, start, end: t, value }));
    start = t;
  }
  return lines;
}
