import { type RandomStream, randomStream } from '../../core/random.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import type { Corpus } from '../../train/tasks/language/corpus.ts';

/** A planted motif: blocks of letters with free ones between them, which are N. */
export type SpacedMotif = string;

/** Where an instance of a motif was planted; ends are exclusive. */
export interface PlantedSite {
  readonly sequence: number;
  readonly motif: number;
  readonly start: number;
  readonly end: number;
}

export interface PlantedGenome {
  readonly corpus: Corpus;
  readonly motifs: readonly SpacedMotif[];
  readonly sites: readonly PlantedSite[];
}

/** What is planted, and in what. */
export interface PlantedSettings {
  readonly count: number;
  readonly length: number;
  readonly motifs: number;
  /** Blocks of a motif, letters of each, and the fewest and most free letters between them. */
  readonly blocks: number;
  readonly block: number;
  readonly gaps: readonly [number, number];
  /** The chance that a sequence holds a motif, for each of them, and that a letter of an instance is the motif's. */
  readonly frequency: number;
  readonly fidelity: number;
  /** The letters of every instance are in an order of its own, so that there is no motif and the claims must fail. */
  readonly scrambled: boolean;
}

const letters = 'ACGT';
/** Letters that the background's next one depends on. */
const backgroundOrder = 2;
/** The larger, the more alike are the chances of the four letters after each pair. */
const evenness = 4;

/**
 * Sequences from a Markov chain of order 2, in which motifs are planted at random places that do not overlap. Chain, motifs and places are all
 * drawn; nothing of them is chosen. Where gaps have at least five letters, a chain of order 5 never sees two blocks together: of a motif it knows
 * what little one block tells.
 */
export function plantedGenome(settings: PlantedSettings & { seed: number }): PlantedGenome {
  const { count, length, seed } = settings;
  const random = randomStream(seed, 'dna-language');
  const chain = backgroundChain(random);
  const motifs = Array.from({ length: settings.motifs }, () => spacedMotif(settings, random));
  const sites: PlantedSite[] = [];
  const texts = Array.from({ length: count }, (_, sequence) => {
    const text = drawn(chain, length, random);
    for (const site of places(motifs, settings, random)) {
      sites.push({ ...site, sequence });
      plant(text, motifs[site.motif]!, site.start, settings, random);
    }
    return text.join('');
  });
  const ids = texts.map((_, i) => `planted${i + 1}`);
  return { corpus: { texts, ids, ends: true, kind: 'letters', sources: [] }, motifs, sites };
}

function spacedMotif(
  { blocks, block, gaps: [fewest, most] }: PlantedSettings,
  random: RandomStream,
): SpacedMotif {
  const words = Array.from({ length: blocks }, () =>
    Array.from({ length: block }, () => letters[random.below(4)]!).join(''),
  );
  return words.reduce((text, word) => text + 'N'.repeat(fewest + random.below(most - fewest + 1)) + word);
}

/** The chances of each letter after each pair of letters. */
function backgroundChain(random: RandomStream): Float64Array[] {
  return Array.from({ length: 4 ** backgroundOrder }, () => {
    // Shares of gamma variates of a whole shape are Dirichlet; each is a sum of exponentials.
    const shares = Float64Array.from(letters, () => {
      let sum = 0;
      for (let i = 0; i < evenness; i++) sum -= Math.log(1 - random.uniform());
      return sum;
    });
    const total = shares.reduce((a, b) => a + b, 0);
    return shares.map((share) => share / total);
  });
}

function drawn(chain: readonly Float64Array[], length: number, random: RandomStream): string[] {
  let state = random.below(4 ** backgroundOrder);
  return Array.from({ length }, () => {
    const shares = chain[state]!;
    let [left, letter] = [random.uniform(), 0];
    while (letter < 3 && left >= shares[letter]!) left -= shares[letter++]!;
    state = (4 * state + letter) % 4 ** backgroundOrder;
    return letters[letter]!;
  });
}

/** Room for the motifs of a sequence; one that finds none after a few tries is left out. */
function places(
  motifs: readonly SpacedMotif[],
  { length, frequency }: PlantedSettings,
  random: RandomStream,
): Omit<PlantedSite, 'sequence'>[] {
  const taken: Omit<PlantedSite, 'sequence'>[] = [];
  motifs.forEach(({ length: width }, motif) => {
    if (random.uniform() >= frequency) return;
    for (let attempt = 0; attempt < 20 && width <= length; attempt++) {
      const start = random.below(length - width + 1);
      const end = start + width;
      if (taken.some((other) => start < other.end && other.start < end)) continue;
      taken.push({ motif, start, end });
      return;
    }
  });
  return taken;
}

function plant(
  text: string[],
  motif: SpacedMotif,
  start: number,
  { fidelity, scrambled }: PlantedSettings,
  random: RandomStream,
): void {
  const fixed = Array.from(motif.matchAll(/[^N]/g), ({ index }) => index);
  const word = fixed.map((i) => motif[i]!).join('');
  const written = scrambled ? eulerShuffle(word, 1, random) : word;
  fixed.forEach((i, k) => {
    text[start + i] = random.uniform() < fidelity ? written[k]! : letters[random.below(4)]!;
  });
}
