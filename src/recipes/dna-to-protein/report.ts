import { lineChart } from '../../report/plots/index.ts';
import type { Claim, Figure, RunReport, Table } from '../../report/run-report.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import { translationMetrics } from '../../train/tasks/translation-evaluate.ts';
import type { GeneSet } from './genes.ts';

/** What the run found. */
export interface Found {
  readonly set: GeneSet;
  readonly code: { readonly number: number; readonly name: string };
  readonly builtIn: boolean;
  readonly fits: readonly FitResult[];
  readonly parameters: number;
  /** Of each network, in the order of the tested genes. */
  readonly translations: readonly (readonly string[])[];
  /** Of the network with other positions. */
  readonly beside: readonly string[] | null;
  readonly codons: readonly { readonly codon: string; readonly truth: string; readonly read: string }[];
}

const share = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length;
const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
const atLeast = 0.99;

export function proteinReport(
  found: Found,
  { quick, seed }: { quick: boolean; seed: number },
): Omit<RunReport, 'title' | 'version' | 'seed' | 'seconds'> {
  const { set, fits, parameters, translations, code } = found;
  const truth = set.test.pairs.map(({ target }) => target);
  const of = (texts: readonly string[]) =>
    translationMetrics(texts, truth, { tokens: (text) => [...text], seed });
  const exact = translations.map((texts) => share(texts.map((text, i) => text === truth[i])));
  const lengths = (pairs: GeneSet['fit']['pairs']) => pairs.map(({ source }) => source.length);
  const longest = Math.max(...lengths(set.fit.pairs));
  return {
    lead: `Learned from genes of at most ${longest} bases; ${percent(Math.min(...exact))} of the ${truth.length} genes of ${Math.min(...lengths(set.test.pairs))} to ${Math.max(...lengths(set.test.pairs))} bases came out to the letter.`,
    claims: [claim(found, exact)],
    data: {
      records: set.fit.pairs.length + set.test.pairs.length,
      task: 'coding DNA to protein',
      alphabet: 'dna',
      lengths: [...lengths(set.fit.pairs), ...lengths(set.test.pairs)],
      sources: [...set.fit.sources],
    },
    training: { history: fits[0]!.history, seconds: fits[0]!.seconds, parameters },
    metrics: of(translations[0]!),
    baselines: {
      'empty protein': of(truth.map(() => '')),
      ...(found.beside && { 'sinusoidal positions': of(found.beside) }),
    },
    leakage: {
      split: 'By length',
      parts: [
        { name: 'training', count: set.fit.pairs.length },
        { name: 'test', count: set.test.pairs.length },
      ],
      sentence: `No tested gene is as short as the longest that was learned from (${longest} bases).`,
    },
    figures: [figure(found)],
    tables: [seedTable(exact, fits), codonTable(found)],
    notes: [
      `The network reads letters and writes letters; codons, their frame and the code (${code.number}, ${code.name}) are learned from pairs.`,
      'What makes it hold beyond the lengths it saw: places are told apart by distance alone, a residue at place t stands at base 3 t, and bases beyond the reach (two away) are hidden. With shared weights for all that is far, distant bases are more in a long gene than in a short one and dilute the attention; with absolute (sinusoidal) positions, places that were never seen mean nothing.',
      ...(quick ? ['A quick run: one network, fewer epochs, nothing beside it. Its figures are rough.'] : []),
    ],
  };
}

function claim({ builtIn, set }: Found, exact: readonly number[]): Claim {
  const value = Math.min(...exact);
  const what = builtIn ? 'genes of held-out lengths' : 'your longest genes';
  return {
    id: 'exact',
    text: `${what}, ${set.test.pairs.length} of them, translated to the letter by every network: share ≥ ${atLeast}`,
    value,
    met: value >= atLeast,
  };
}

/** Share of residues that are right, by their place in the protein: where a network loses the frame, it falls. */
function byPlace(texts: readonly string[], truth: readonly string[]): [number, number][] {
  const longest = Math.max(...truth.map(({ length }) => length));
  const width = Math.max(1, Math.ceil(longest / 20));
  return Array.from({ length: Math.ceil(longest / width) }, (_, bin) => {
    const places = truth.flatMap((text, g) =>
      Array.from(text).flatMap((letter, i) =>
        Math.floor(i / width) === bin ? [texts[g]![i] === letter] : [],
      ),
    );
    return [bin * width + 1, share(places)];
  });
}

function figure({ translations, beside, set }: Found): Figure {
  const truth = set.test.pairs.map(({ target }) => target);
  const series = [
    { name: 'by distance', points: byPlace(translations[0]!, truth) },
    ...(beside ? [{ name: 'sinusoidal', points: byPlace(beside, truth) }] : []),
  ];
  return {
    title: 'Right residues by place',
    caption: 'Share of residues of held-out genes that are right, along the protein.',
    svg: lineChart({
      title: 'Right residues by place',
      description: 'Share of right residues by their place in the protein.',
      xLabel: 'place in the protein',
      yLabel: 'share right',
      series,
    }),
  };
}

const seedTable = (exact: readonly number[], fits: readonly FitResult[]): Table => ({
  title: 'Networks',
  columns: ['network', 'translated to the letter', 'training loss'],
  rows: exact.map((value, i) => [i + 1, percent(value), fits[i]!.history.at(-1)!.trainLoss.toPrecision(2)]),
});

function codonTable({ codons, code }: Found): Table {
  const wrong = codons.filter(({ truth, read }) => truth !== read);
  return {
    title: 'The code, read back',
    columns: ['codon', 'means', 'read as'],
    rows: (wrong.length > 0 ? wrong : codons.slice(0, 0)).map(({ codon, truth, read }) => [
      codon,
      truth,
      read,
    ]),
    note: `${codons.length - wrong.length} of ${codons.length} sense codons of table ${code.number} were read rightly in the middle of a random gene${wrong.length > 0 ? '; the others are listed' : ''}.`,
  };
}
