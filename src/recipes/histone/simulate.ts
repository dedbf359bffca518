import { type RandomStream, randomStream } from '../../core/random.ts';

/** How the example is made. */
export interface PlantedOptions {
  readonly chromosomes: number;
  /** Bases of each. */
  readonly length: number;
  readonly bin: number;
  readonly seed: number;
}

/** A stretch of a chromosome that a mark covers. */
export interface Planted {
  readonly start: number;
  readonly end: number;
}

/** A chromosome, the marks on it, and how open it is. */
export interface PlantedChromosome {
  readonly name: string;
  readonly sequence: string;
  /** By mark, in the order of `plantedMarks`. */
  readonly marks: readonly (readonly Planted[])[];
  /** A value a bin. */
  readonly openness: Float32Array;
  /** By mark, for each bin the probability that whoever knows the plan, but not what chance made of it, gives the mark. */
  readonly ceiling: readonly Float64Array[];
}

export const plantedMarks = ['H3K4me3', 'H3K27ac', 'H3K27me3'] as const;
export const plantedTrack = 'accessibility';

/** What stands at promoters and at enhancers, twice, and time and again within silenced domains. */
const words = { promoter: 'GCGGAAGTGACG', enhancer: 'TGACTCAGCAAA', silencer: 'GCCATTTTGGCC' };
/** A letter of a planted word is another one in so many. */
const slips = 0.02;

/** Half-widths of active marks, evenly distributed from the first to the second, in bases. */
const reach = { H3K4me3: [250, 450], H3K27ac: [350, 650] } as const;
/** The edges of a silenced domain lie within so many bases of where its elements end. */
const edge = 150;
/** An open site, or a domain, is without its marks in so many cases, which nothing foretells. */
const silent = 0.08;
/** And marks stand where nothing is: so many for each megabase, of this length. */
const stray = { rate: 8, length: 600 };

type Kind = 'promoter' | 'enhancer';

interface Site {
  readonly kind: Kind;
  readonly at: number;
  readonly open: boolean;
}

interface Domain {
  readonly from: number;
  readonly to: number;
  /** Holds the halves of the word in the other order, and no mark: what it is made of is the same, what it says is not. */
  readonly decoy: boolean;
}

/**
 * Chromosomes with three marks. Sites stand every few thousand bases: promoters (a word, twice, within an island of CG) carry H3K4me3 and H3K27ac, enhancers
 * (another word) H3K27ac alone, and both only where they are open, which is a toss-up; the track rises at open sites, and twice as often where
 * there is no site. So neither the word nor the track is enough. Domains of 2,000 to 5,000 bases, longer than what a window answers, hold a third word
 * time and again and carry H3K27me3; two in five of them hold its halves in the other order and carry nothing; sites in them are closed. Widths, edges, a share of silent sites and stray marks are
 * chance: what they leave to be known is the ceiling.
 */
export function plantedChromosomes({ chromosomes, length, bin, seed }: PlantedOptions): PlantedChromosome[] {
  return Array.from({ length: chromosomes }, (_, c) => {
    const random = randomStream(seed, 'histone', c);
    const { sites, domains } = plan(random, length);
    const sequence = letters(random, length, sites, domains);
    const bins = Math.ceil(length / bin);
    return {
      name: `chr${c + 1}`,
      sequence,
      marks: plantMarks(random, length, sites, domains),
      openness: opennessTrack(random, { bins, bin, sites, domains }),
      ceiling: ceilings({ bins, bin, length, sites, domains }),
    };
  });
}

/** What stands where: domains and sites in turn, with free space between. */
function plan(random: RandomStream, length: number): { sites: Site[]; domains: Domain[] } {
  const [sites, domains]: [Site[], Domain[]] = [[], []];
  for (let at = 700 + random.below(600); at < length - 1200; ) {
    if (random.below(6) === 0) {
      const size = 2000 + random.below(3001);
      if (at + size > length - 700) break;
      domains.push({ from: at, to: at + size, decoy: random.below(5) < 2 });
      if (random.below(2) === 0) sites.push({ kind: 'promoter', at: at + (size >> 1), open: false });
      at += size + 900 + random.below(900);
    } else {
      const kind = random.below(5) < 3 ? 'promoter' : 'enhancer';
      sites.push({ kind, at, open: random.below(2) === 1 });
      at += 1000 + random.below(900);
    }
  }
  return { sites, domains };
}

function letters(
  random: RandomStream,
  length: number,
  sites: readonly Site[],
  domains: readonly Domain[],
): string {
  const bases = Array.from({ length }, () => 'ACGT'[random.below(4)]!);
  const write = (word: string, at: number) => {
    const flip = random.below(2) === 1;
    const own = flip ? complement(word) : word;
    Array.from(own).forEach((base, i) => {
      if (random.uniform() >= slips) bases[at + i] = base;
    });
  };
  for (const { from, to, decoy } of domains)
    for (let at = from + 20; at < to - 30; at += 110 + random.below(140))
      write(decoy ? swapped(words.silencer) : words.silencer, at);
  for (const { kind, at } of sites) {
    if (kind === 'promoter')
      for (let i = at - 150; i < at + 150; i++)
        if (random.below(12) === 0) [bases[i], bases[i + 1]] = ['C', 'G'];
    write(words[kind], at - 20 - random.below(20));
    write(words[kind], at + 10 + random.below(20));
  }
  return bases.join('');
}

const pairs: Readonly<Record<string, string>> = { A: 'T', C: 'G', G: 'C', T: 'A' };
const complement = (word: string) =>
  Array.from(word, (base) => pairs[base]!)
    .reverse()
    .join('');

const swapped = (word: string) => word.slice(word.length >> 1) + word.slice(0, word.length >> 1);

const carries = (mark: 'H3K4me3' | 'H3K27ac', kind: Kind) => mark === 'H3K27ac' || kind === 'promoter';

function plantMarks(
  random: RandomStream,
  length: number,
  sites: readonly Site[],
  domains: readonly Domain[],
): Planted[][] {
  const found: Record<(typeof plantedMarks)[number], Planted[]> = { H3K4me3: [], H3K27ac: [], H3K27me3: [] };
  const within = (start: number, end: number) => ({
    start: Math.round(Math.max(0, start)),
    end: Math.round(Math.min(length, end)),
  });
  for (const { kind, at, open } of sites) {
    const active = open && random.uniform() >= silent;
    for (const mark of ['H3K4me3', 'H3K27ac'] as const) {
      const [least, most] = reach[mark];
      const [left, right] = [0, 0].map(() => least + random.uniform() * (most - least)) as [number, number];
      if (active && carries(mark, kind)) found[mark].push(within(at - left, at + right));
    }
  }
  for (const { from, to, decoy } of domains) {
    const [left, right] = [0, 0].map(() => edge * (2 * random.uniform() - 1)) as [number, number];
    if (random.uniform() >= silent && !decoy) found.H3K27me3.push(within(from + left, to + right));
  }
  for (const mark of plantedMarks)
    for (let n = Math.round((stray.rate * length) / 1e6); n > 0; n--) {
      const start = random.below(length - stray.length);
      found[mark].push({ start, end: start + stray.length });
    }
  return plantedMarks.map((mark) => joined(found[mark]));
}

function joined(all: readonly Planted[]): Planted[] {
  const found: Planted[] = [];
  for (const { start, end } of [...all].sort((a, b) => a.start - b.start)) {
    const last = found.at(-1);
    if (last && start <= last.end)
      found[found.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else found.push({ start, end });
  }
  return found;
}

interface Layout {
  readonly bins: number;
  readonly bin: number;
  readonly sites: readonly Site[];
  readonly domains: readonly Domain[];
}

/** Peaks at open sites, and twice as many elsewhere, with noise in proportion. */
function opennessTrack(random: RandomStream, { bins, bin, sites }: Layout): Float32Array {
  const open = sites.filter((site) => site.open).map(({ at }) => at);
  const free = Array.from({ length: 2 * open.length }, () => random.below(bins * bin)).filter((at) =>
    sites.every((site) => Math.abs(site.at - at) > 500),
  );
  const heights = [...open, ...free].map((at) => ({ at, height: 4 + 4 * random.uniform() }));
  return Float32Array.from({ length: bins }, (_, b) => {
    const at = (b + 0.5) * bin;
    const raised = heights.reduce(
      (sum, peak) => sum + peak.height * Math.exp(-(((at - peak.at) / 140) ** 2)),
      1,
    );
    return Number((raised * Math.exp(0.25 * random.normal())).toFixed(3));
  });
}

/** Probabilities of whoever knows sites, domains and what is open, but neither widths nor what is silent nor strays. */
function ceilings({ bins, bin, length, sites, domains }: Layout & { length: number }): Float64Array[] {
  const chance = 1 - (1 - stray.length / length) ** Math.round((stray.rate * length) / 1e6);
  const share = (x: number) => Math.min(1, Math.max(0, x));
  return plantedMarks.map((mark) =>
    Float64Array.from({ length: bins }, (_, b) => {
      const at = (b + 0.5) * bin;
      let free = 1 - chance;
      if (mark === 'H3K27me3')
        for (const { from, to, decoy } of domains) {
          if (decoy) continue;
          const covered = share((at - from + edge) / (2 * edge)) * share((to - at + edge) / (2 * edge));
          free *= 1 - (1 - silent) * covered;
        }
      else
        for (const site of sites) {
          if (!site.open || !carries(mark, site.kind)) continue;
          const [least, most] = reach[mark];
          free *= 1 - (1 - silent) * share((most - Math.abs(at - site.at)) / (most - least));
        }
      return 1 - free;
    }),
  );
}
