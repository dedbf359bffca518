/** A coding stretch from start to stop codon, both included; 0-based and half-open. One that crosses the origin of a circle ends behind its last base. */
export interface Gene {
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
  /** ln of how much more probable it is than intergenic sequence, under the network; only of predictions. */
  readonly score?: number;
  /** What of it lies beyond the contig: its start, its stop, or both. It then has whole codons up to the edge. */
  readonly runsOff?: 'start' | 'stop' | 'both';
}

export const hasStart = ({ runsOff }: Gene): boolean => runsOff === undefined || runsOff === 'stop';
export const hasStop = ({ runsOff }: Gene): boolean => runsOff === undefined || runsOff === 'start';

/** What says which gene it is, whatever its start: the strand and the lowest base of its stop codon. */
export const geneKey = ({ start, end, strand }: Gene): string =>
  `${strand}${strand === '+' ? end - 3 : start}`;

/** A stretch of DNA with what is known of its genes. */
export interface Contig {
  readonly id: string;
  /** In upper case, T for U. */
  readonly sequence: string;
  readonly circular: boolean;
  /** Annotated genes, from left to right; undefined where nothing is annotated. */
  readonly genes?: readonly Gene[];
  /** Where genes are annotated that are no whole open reading frames: nothing is learned there, and predictions that end where they do are not judged. */
  readonly unclear: readonly Gene[];
}

export const leftToRight = (genes: readonly Gene[]): Gene[] =>
  [...genes].sort((a, b) => a.start - b.start || a.end - b.end);

/** The letters of a stretch, over the origin where it ends behind the last base. */
export const lettersOf = (sequence: string, { start, end }: Gene): string =>
  end <= sequence.length
    ? sequence.slice(start, end)
    : sequence.slice(start) + sequence.slice(0, end - sequence.length);

/** Bases that a circle is read on behind its last one. */
const further = 9000;
/** Bases that a gene may share with the one that crosses the origin. */
const shared = 60;

/** What a finder of linear sequences finds on a contig; a circle is read on over its origin, and what was cut there gives way to what crosses it. */
export async function aroundCircle(
  { sequence, circular }: Contig,
  find: (sequence: string) => readonly Gene[] | Promise<readonly Gene[]>,
): Promise<Gene[]> {
  if (!circular) return [...(await find(sequence))];
  const { length } = sequence;
  const own = (await find(sequence + sequence.slice(0, further))).filter(
    ({ start, end }) => start < length && end - start <= length,
  );
  const crossed = Math.max(0, ...own.map(({ end }) => end - length));
  // Where one crosses, what begins before its end was read without it.
  return own.filter(({ start, end }) => end > length || start >= crossed - shared);
}
