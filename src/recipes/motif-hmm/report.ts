import { columnInformation } from '../../markov/motif/matrix.ts';
import { motifLogo } from '../../report/plots/motif-logo.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import { bootstrap, type Metrics } from '../../train/metrics/index.ts';
import type { MotifHmmFindings, NamedSearch, PlantedFindings } from '../motif-hmm.ts';
import type { RecipeContext } from '../recipe.ts';
import { type Box, boxOf, placeFigure, promoterClaims, promoterLead, promoterNote } from './box-report.ts';
import { type SiteComparison, siteScores } from './compare.ts';
import { filesOf } from './files.ts';
import { motifText, probability } from './wording.ts';

type Report = Omit<RunReport, 'title' | 'version' | 'seconds'>;

/** F1 that the recipe aims at. */
const aim = 0.9;

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** The report, and the files beside it. */
export function motifReport(
  findings: MotifHmmFindings,
  { seed, quick }: RecipeContext,
): Report & { extraFiles: Record<string, string> } {
  const { planted, promoters, given, data, config } = findings;
  const judged = planted && judge(planted, seed);
  const box = promoters && boxOf(promoters, config.strands);
  const parts = [
    ['planted', planted],
    ['promoters', promoters],
    ['yours', given],
  ] as const;
  const searches = parts.flatMap(([what, search]) => (search ? [{ what, search }] : []));
  return {
    seed,
    lead: [
      planted && judged && plantedLead(planted, judged),
      promoters && box !== undefined && promoterLead(promoters, box),
      given && givenLead(given),
    ]
      .filter((sentence) => typeof sentence === 'string')
      .join(' '),
    ...(!given && {
      claims: [
        ...(planted && judged ? plantedClaims(planted, judged) : []),
        ...(promoters && box !== undefined ? promoterClaims(promoters, box) : []),
      ],
    }),
    data,
    ...(judged && { metrics: judged.metrics, baselines: judged.baselines }),
    figures: [
      ...searches.flatMap(({ what, search }) => logos(what, search, what === 'promoters' ? box : null)),
      ...(promoters && box ? [placeFigure(box)] : []),
    ],
    tables: searches.map(({ what, search }) => motifTable(what, search, findings)),
    notes: notes(findings, quick),
    extraFiles: filesOf(searches.map(({ search }) => search)),
  };
}

interface Judged {
  readonly metrics: Metrics;
  readonly baselines: Record<string, Metrics>;
}

function judge({ own, ideal, words }: PlantedFindings, seed: number): Judged {
  const metrics = (comparison: SiteComparison): Metrics => {
    const { precision, recall, f1 } = siteScores(comparison);
    return { f1: { value: f1 }, precision: { value: precision }, recall: { value: recall } };
  };
  const names = ['f1', 'precision', 'recall'] as const;
  const bounds = bootstrap(
    [
      {
        names: [...names],
        score: (weights) => {
          const scores = siteScores(own, weights);
          return names.map((name) => scores[name]);
        },
      },
    ],
    own.right.length,
    { seed },
  );
  const plain = metrics(own);
  return {
    metrics: Object.fromEntries(names.map((name) => [name, { ...plain[name], ...bounds[name] }])) as Metrics,
    baselines: { 'over-represented words': metrics(words), 'planted parameters': metrics(ideal) },
  };
}

function plantedLead({ search, planted }: PlantedFindings, { metrics }: Judged): string {
  const { motifs } = search.found;
  return `${motifs.length} motifs were found where ${planted.motifs.length} were planted, and their sites with an F1 of ${metrics.f1!.value!.toFixed(3)}.`;
}

function givenLead({ search, names }: NamedSearch): string {
  const { motifs } = search.found;
  if (motifs.length === 0)
    return `No motif stands out in these ${names.length} sequences: what is strongest is found in shuffled ones, too.`;
  return `${motifs.length === 1 ? 'One motif was' : `${motifs.length} motifs were`} found in ${names.length} sequences, with ${search.sites.length} sites: ${motifs.map(({ matrix }) => motifText(matrix)).join(', ')}.`;
}

function plantedClaims(
  { search, planted, own, ideal, inShuffled }: PlantedFindings,
  judged: Judged,
): Claim[] {
  const { value, low, high } = judged.metrics.f1!;
  const { length } = search.found.motifs;
  return [
    {
      id: 'sites',
      text: `F1 of the sites of ${planted.motifs.length} planted motifs, of whose content, number, width, strand and frequency nothing was told, > ${aim} (95 % interval ${low?.toFixed(3)} to ${high?.toFixed(3)}; the planted parameters themselves reach ${siteScores(ideal).f1.toFixed(3)})`,
      value: value!,
      met: value! > aim,
    },
    {
      id: 'number',
      text: `motifs found; ${planted.motifs.length} were planted, each of which is to be found once`,
      value: length,
      met: length === planted.motifs.length && own.identities.length === length,
    },
    {
      id: 'nothing',
      text: 'motifs found in the same sequences once they are shuffled; none expected',
      value: inShuffled,
      met: inShuffled === 0,
    },
  ];
}

const titles = { planted: 'Planted', promoters: 'Promoters', yours: 'Your sequences' } as const;

function logos(what: keyof typeof titles, { search }: NamedSearch, box: Box | null | undefined): Figure[] {
  const { motifs, chain } = search.found;
  return motifs.map(({ matrix, sites, chance }, m) => ({
    title: `${titles[what]}: motif ${m + 1}, ${motifText(matrix)}`,
    caption: `Letters as high as their information in bits. ${sites.toFixed(0)} sites expected; one as strong comes from shuffled sequences with probability ${probability(chance)}.${box?.flipped && box.motif === m ? ` On the other strand, that of the −10 box, it reads ${box.consensus}.` : ''}`,
    svg: motifLogo({
      matrix,
      background: chain.background,
      title: `Logo of ${motifText(matrix)}`,
      description: `${matrix.length} positions`,
    }),
  }));
}

function motifTable(
  what: keyof typeof titles,
  { search, sequences }: NamedSearch,
  findings: MotifHmmFindings,
): Table {
  const { found, sites } = search;
  const truth = what === 'planted' ? findings.planted : undefined;
  return {
    title: `${titles[what]}: motifs`,
    columns: [
      'motif',
      'consensus',
      'bits',
      'sites',
      'on + / −',
      'sequences with one',
      'score',
      'chance',
      ...(truth ? ['planted as'] : []),
    ],
    rows: found.motifs.map(({ matrix, score, chance }, m) => {
      const own = sites.filter(({ motif }) => motif === m);
      const plus = own.filter(({ strand }) => strand === '+').length;
      const bits = columnInformation(matrix, found.chain.background).reduce((a, b) => a + b, 0);
      const holding = new Set(own.map(({ sequence }) => sequence)).size;
      return [
        m + 1,
        motifText(matrix),
        Number(bits.toFixed(1)),
        own.length,
        `${plus} / ${own.length - plus}`,
        `${holding} (${percent(holding / sequences.length)})`,
        Number(score.toFixed(1)),
        probability(chance),
        ...(truth ? [plantedName(truth, m)] : []),
      ];
    }),
    note: tableNote(search),
  };
}

function plantedName({ own, planted }: PlantedFindings, found: number): string {
  const identity = own.identities.find((other) => other.found === found);
  if (!identity) return 'nothing';
  return `${motifText(planted.motifs[identity.planted]!)}${identity.flipped ? ', other strand' : ''}`;
}

function tableNote({ found, controls, searched, letters }: NamedSearch['search']): string {
  const { location, scale } = found.controls;
  const next = found.next
    ? ` The strongest motif that was left scored ${found.next.score.toFixed(1)} (chance ${probability(found.next.chance)}).`
    : '';
  return `Score: what ln P of all sequences loses without the motif, less the cost of its parameters. Chance: how probable so high a score is for the strongest motif of shuffled sequences, by a Gumbel distribution through ${controls} of them (location ${location.toFixed(1)}, scale ${scale.toFixed(1)}).${next}${searched < letters ? ` Motifs were looked for in ${searched.toLocaleString('en-US')} of ${letters.toLocaleString('en-US')} letters.` : ''}`;
}

function notes({ config, planted, promoters }: MotifHmmFindings, quick: boolean): string[] {
  return [
    `Searches start from over-represented words of ${config.word} letters. Baum and Welch's algorithm makes motifs of them, whose width and phase follow the letters around their sites; the strongest is kept if shuffled sequences (words of ${config.keep} letters kept) seldom have one as strong, and what its sites leave is searched again. All motifs are then trained together, divided where two explain the sites better, and each must be missed when it is left out.`,
    `sites.bed has the sites on the most likely path (Viterbi), with 1000 times the posterior probability that a site begins there as score; posterior.bedgraph has the probability of each letter to lie in a site; motifs.meme has the motifs, with the chance as E.${config.strands === 'both' ? ' Which strand of a motif is called + is as it happened to be found.' : ''}`,
    ...(planted
      ? [
          `Planted: ${planted.planted.sites.length} sites of ${planted.planted.motifs.map((matrix) => motifText(matrix)).join(', ')} in ${planted.sequences.length} random sequences; each motif was given 16 bits or more. A site is right if it overlaps a planted one of its motif by half of the narrower one, on the same strand. "planted parameters" decodes with what was planted, and is what is possible; "over-represented words" takes as many words, with one letter of each free.`,
        ]
      : []),
    ...(promoters ? [promoterNote(promoters, boxOf(promoters, config.strands))] : []),
    ...(config.shuffled ? ['Sequences were shuffled (setting shuffled): there is nothing to find.'] : []),
    ...(quick ? ['A quick run: fewer sequences.'] : []),
  ];
}
