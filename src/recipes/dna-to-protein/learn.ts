import { randomStream } from '../../core/random.ts';
import type { TranslatorSpec } from '../../models/translator/spec.ts';
import { characters } from '../../tokenize/characters.ts';
import type { FitResult } from '../../train/fit-loop.ts';
import { encodePairs, fitTranslator } from '../../train/tasks/translation.ts';
import type { PairData, TextPair } from '../../train/tasks/translation-data.ts';
import { openTranslator } from '../../train/tasks/translation-decode.ts';
import type { RecipeContext } from '../recipe.ts';

const aminoLetters = 'ACDEFGHIKLMNPQRSTVWY';

/** A network that was taught, and how. */
export interface Taught {
  readonly spec: TranslatorSpec;
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly fit: FitResult;
}

/** What to teach a network with. */
export interface Lesson {
  readonly model: Readonly<Record<string, unknown>>;
  readonly training: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly onEpoch: (epoch: number, epochs: number) => void;
}

/** Teaches a transformer to translate; it sees letters, and is told neither of codons nor of the code. */
export async function taught(
  { pairs }: PairData,
  { model, training, seed, onEpoch }: Lesson,
  { device, signal }: RecipeContext,
): Promise<Taught> {
  const spec: TranslatorSpec = {
    kind: 'translator',
    architecture: 'transformer',
    config: model,
    source: characters('ACGT').toJSON(),
    target: characters(aminoLetters).toJSON(),
  };
  const tokens = encodePairs(spec, { pairs });
  const fit = await fitTranslator(
    spec,
    tokens,
    undefined,
    { ...training, seed },
    {
      device,
      ...(signal && { signal }),
      onEvent: (event) => {
        if (event.kind === 'epoch') onEpoch(event.epoch, event.epochs);
      },
    },
  );
  return { spec, weights: fit.weights, fit };
}

/** The network's translations, in the order of the pairs. */
export async function translated(
  { spec, weights }: Taught,
  pairs: readonly TextPair[],
  { device }: Pick<RecipeContext, 'device'>,
): Promise<string[]> {
  const longest = pairs.reduce((most, { target }) => Math.max(most, target.length), 0);
  const translator = await openTranslator({ spec, weights }, { device });
  const texts = pairs.map(({ id, source }) => ({ id, text: source }));
  const found: string[] = [];
  try {
    // No protein is longer than the truth by more than a little, or it is wrong in any case.
    for await (const { translation } of translator.translate(texts, { length: longest + 5 }))
      found.push(translation);
  } finally {
    await translator.close();
  }
  return found;
}

/** Each codon in the middle of a random gene, to see what the network takes it for. */
export function codonProbes(aminoAcids: Readonly<Record<string, string>>, seed: number): TextPair[] {
  const random = randomStream(seed, 'probes');
  const sense = Object.keys(aminoAcids).filter((codon) => aminoAcids[codon] !== '*');
  const stretch = () => Array.from({ length: 4 }, () => sense[random.below(sense.length)]!);
  return sense.map((codon) => {
    const codons = [...stretch(), codon, ...stretch()];
    return { id: codon, source: codons.join(''), target: codons.map((c) => aminoAcids[c]).join('') };
  });
}

/** Where the probed codon's amino acid stands. */
export const probedPlace = 4;
