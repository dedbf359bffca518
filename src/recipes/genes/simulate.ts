import { type RandomStream, randomStream } from '../../core/random.ts';
import { dna, reverseComplement } from '../../data/alphabet.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import { geneticCode } from '../../data/genetic-codes.ts';
import { prokaryoticStarts } from '../../data/orf.ts';
import { builtInSequences } from '../built-in-data.ts';
import { type Contig, type Gene, leftToRight } from './gene.ts';
import { isWholeGene } from './read.ts';

/** What planted contigs are made of. */
export interface PlantedOptions {
  readonly id: string;
  readonly seed: number;
}

/**
 * The real E. coli coding sequences that come with the package, each from its start to its stop, in random order. There are hardly any short ones among them, of
 * which genomes have many: every third is shortened to 30 to 150 codons, by leaving codons out of its middle.
 */
export async function realGenes(seed: number): Promise<string[]> {
  const { records } = await builtInSequences('ecoli_cds999.fa.gz');
  const rules = { code: geneticCode(11), starts: prokaryoticStarts };
  const whole = records
    .map(({ sequence }) => sequence.toUpperCase())
    .filter(
      (cds) => /^[ACGT]+$/.test(cds) && isWholeGene(cds, { start: 0, end: cds.length, strand: '+' }, rules),
    );
  const random = randomStream(seed, 'planted', 'order');
  return random.shuffle([...new Set(whole)]).map((cds, i) => (i % 3 === 0 ? shortened(cds, random) : cds));
}

/** A gene of 30 to 150 codons out of the ends of a longer one. */
function shortened(cds: string, random: RandomStream): string {
  const codons = 30 + random.below(121);
  if (3 * codons >= cds.length) return cds;
  const before = 3 * (1 + random.below(codons - 1));
  return cds.slice(0, before) + cds.slice(cds.length - 3 * codons + before);
}

/** Genes that are read together, as letters of the forward strand, with their places. */
interface Operon {
  readonly letters: string;
  readonly genes: readonly { readonly start: number; readonly end: number }[];
}

/**
 * A contig of real coding sequences on both strands, in operons: neighbours of an operon share four bases (ATGA) or one (TAATG) where their letters allow it and chance wills, and else stand apart. What lies between is
 * coding sequence whose letters were shuffled with their dinucleotides kept: it has the composition of genes, and reading frames by chance. Most genes behind a gap have a ribosome
 * binding site, AGGAGG with up to two letters changed, 5 to 9 bases before the start.
 */
export function plantedContig(genes: readonly string[], { id, seed }: PlantedOptions): Contig {
  const random = randomStream(seed, 'planted', id);
  const between = (length: number) => noise(genes, length, random);
  const waiting = [...genes];
  let sequence = between(300);
  const planted: Gene[] = [];
  while (waiting.length > 0) {
    const operon = plantedOperon(waiting, between, random);
    const strand = random.uniform() < 0.5 ? '+' : '-';
    const { length } = operon.letters;
    for (const { start, end } of operon.genes) {
      const [low, high] = strand === '+' ? [start, end] : [length - end, length - start];
      planted.push({ start: sequence.length + low, end: sequence.length + high, strand });
    }
    sequence += strand === '+' ? operon.letters : reverseComplement(operon.letters, dna);
    const far = random.uniform() < 0.15 ? 500 + random.below(1000) : 20 + random.below(160);
    sequence += between(far);
  }
  return { id, sequence, circular: false, genes: leftToRight(planted), unclear: [] };
}

function plantedOperon(waiting: string[], between: (length: number) => string, random: RandomStream): Operon {
  const genes: { start: number; end: number }[] = [];
  let letters = '';
  const put = (gene: string, shared: number) => {
    genes.push({ start: letters.length - shared, end: letters.length - shared + gene.length });
    letters += gene.slice(shared);
  };
  do {
    const gene = waiting.pop()!;
    const shared = genes.length > 0 && random.uniform() < 0.5 ? sharedBases(letters, gene) : 0;
    if (shared === 0) letters += withBindingSite(between(25 + random.below(80)), random);
    put(gene, shared);
  } while (waiting.length > 0 && random.uniform() < 0.6);
  return { letters, genes };
}

/** How many bases the end of one gene and the beginning of the next can share. */
const sharedBases = (before: string, gene: string): number =>
  [4, 1].find((n) => before.endsWith(gene.slice(0, n)) && (n > 1 || /^A/.test(gene))) ?? 0;

const bindingSite = 'AGGAGG';

function withBindingSite(leader: string, random: RandomStream): string {
  if (random.uniform() >= 0.85) return leader;
  const site = [...bindingSite];
  for (let changes = random.below(3); changes > 0; changes--)
    site[random.below(6)] = dna.letters[random.below(4)]!;
  const spacer = 5 + random.below(5);
  const at = leader.length - spacer - site.length;
  return leader.slice(0, at) + site.join('') + leader.slice(at + site.length);
}

/** Letters with the dinucleotides of real genes and no other order. */
function noise(genes: readonly string[], length: number, random: RandomStream): string {
  let letters = '';
  while (letters.length < length) {
    const gene = genes[random.below(genes.length)]!;
    const from = random.below(Math.max(1, gene.length - length));
    letters += eulerShuffle(gene.slice(from, from + length), 2, random);
  }
  return letters.slice(0, length);
}
