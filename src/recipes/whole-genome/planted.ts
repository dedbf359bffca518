import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna, reverseComplement } from '../../data/alphabet.ts';
import type { Dataset, SequenceRecord } from '../../data/dataset.ts';
import type { Stretches, StretchPlace } from '../../data/stretches.ts';

/** What is planted, and how much of it. */
export interface PlantedOptions {
  readonly motif: string;
  /** Letters of a window to learn from. */
  readonly width: number;
  readonly seed: number;
}

/** A site of the motif, on either strand; 0-based, half-open. */
export interface Site {
  readonly chrom: string;
  readonly start: number;
  readonly end: number;
  readonly strand: '+' | '-';
}

/** A genome in which it is known where the motif stands. */
export interface PlantedGenome {
  readonly chromosomes: Readonly<Record<string, string>>;
  readonly sites: readonly Site[];
}

const bases = (length: number, random: RandomStream) =>
  Array.from({ length }, () => 'ACGT'[random.below(4)]!).join('');

/** The motif with none, one or two letters exchanged. */
export function siteOf(motif: string, random: RandomStream): string {
  const letters = [...motif];
  const places = random.shuffle(letters.map((_, i) => i)).slice(0, random.below(3));
  for (const at of places) letters[at] = 'ACGT'.replace(letters[at]!, '')[random.below(3)]!;
  return letters.join('');
}

/**
 * Chromosomes of random bases of several lengths, the last a few windows long, with a site about every `every` letters on either strand; a tenth of one
 * of them is unknown (N).
 */
export function plantedGenome(
  length: number,
  { motif, width, every, seed }: PlantedOptions & { every: number },
): PlantedGenome {
  const random = randomStream(seed, 'whole genome');
  const shares = [0.45, 0.3, 0.2, 0.05];
  const sites: Site[] = [];
  const chromosomes = shares.map((share, c) => {
    const chrom = `chr${c + 1}`;
    const letters = bases(Math.max(4 * width, Math.round(share * length)), random).split('');
    // Sites keep so far apart that windows tell them apart.
    const apart = 4 * width;
    for (
      let at = random.below(every);
      at + motif.length <= letters.length;
      at += apart + random.below(2 * (every - apart))
    ) {
      const strand = random.below(2) === 0 ? '+' : '-';
      const site = siteOf(motif, random);
      const written = strand === '+' ? site : reverseComplement(site, dna);
      letters.splice(at, motif.length, ...written);
      sites.push({ chrom, start: at, end: at + motif.length, strand });
    }
    return [chrom, letters] as const;
  });
  const [name, gapped] = chromosomes[1]!;
  const [from, to] = [Math.floor(0.4 * gapped.length), Math.floor(0.5 * gapped.length)];
  gapped.fill('N', from, to);
  return {
    chromosomes: Object.fromEntries(chromosomes.map(([chrom, letters]) => [chrom, letters.join('')])),
    sites: sites.filter(({ chrom, start, end }) => chrom !== name || end <= from || start >= to),
  };
}

/**
 * Windows to learn from: those with a site anywhere in them, against random ones, ones with a site on the other strand, and ones with a motif of
 * which four letters are exchanged.
 */
export function plantedWindows(count: number, { motif, width, seed }: PlantedOptions): Dataset {
  const random = randomStream(seed, 'planted windows');
  const around = (site: string) => {
    const before = random.below(width - site.length + 1);
    return bases(before, random) + site + bases(width - site.length - before, random);
  };
  const spoiled = () => {
    const letters = [...motif];
    for (const at of random.shuffle(letters.map((_, i) => i)).slice(0, 4))
      letters[at] = 'ACGT'.replace(letters[at]!, '')[random.below(3)]!;
    return letters.join('');
  };
  const kinds = [
    () => bases(width, random),
    () => reverseComplement(around(siteOf(motif, random)), dna),
    () => around(spoiled()),
  ];
  const records = Array.from({ length: count }, (_, i): SequenceRecord => {
    const sequence = i % 2 === 1 ? around(siteOf(motif, random)) : kinds[(i / 2) % kinds.length]!();
    return { id: `w${i + 1}`, sequence };
  });
  return {
    records,
    alphabet: dna,
    target: {
      kind: 'classes',
      classes: ['none', 'site'],
      truth: Int32Array.from(records, (_, i) => i % 2),
    },
    tracks: [],
    sources: [],
    skipped: [],
    notes: ['Task: a site of the motif, or none.'],
  };
}

/** Sequences that are held in memory, to be read as a file is. */
export function heldStretches(
  sequences: Readonly<Record<string, string>>,
  pieceLetters = 1 << 16,
): Stretches {
  const all = Object.entries(sequences).map(([chrom, text]) => ({
    chrom,
    letters: new TextEncoder().encode(text),
  }));
  return {
    name: 'the planted genome',
    measure: async () => all.map(({ chrom, letters }) => ({ chrom, start: 0, length: letters.length })),
    async *pieces(from: StretchPlace = { stretch: 0, at: 0 }) {
      for (let stretch = from.stretch; stretch < all.length; stretch++) {
        const { chrom, letters } = all[stretch]!;
        for (let at = stretch === from.stretch ? from.at : 0; ; at += pieceLetters) {
          const last = at + pieceLetters >= letters.length;
          yield { stretch, chrom, start: 0, at, letters: letters.subarray(at, at + pieceLetters), last };
          if (last) break;
        }
      }
    },
    stamp: async () => 'planted',
    close: async () => {},
  };
}

/** A sequence of any length that is made while it is read, and never held. */
export function endlessStretches(length: number, seed: number, pieceLetters = 1 << 16): Stretches {
  return {
    name: 'a sequence made while it is read',
    measure: async () => [{ chrom: 'made', start: 0, length }],
    async *pieces() {
      const random = randomStream(seed, 'endless');
      for (let at = 0; ; at += pieceLetters) {
        const letters = new Uint8Array(Math.min(pieceLetters, length - at));
        for (let i = 0; i < letters.length; ) {
          // Sixteen bases of each number.
          for (let n = random.uint32(), k = 0; k < 16 && i < letters.length; k++, n >>>= 2)
            letters[i++] = codes[n & 3]!;
        }
        const last = at + pieceLetters >= length;
        yield { stretch: 0, chrom: 'made', start: 0, at, letters, last };
        if (last) return;
      }
    },
    stamp: async () => `${length} of ${seed}`,
    close: async () => {},
  };
}

const codes = new TextEncoder().encode('ACGT');
