import { randomStream } from '../../core/random.ts';
import { eulerShuffle } from '../../data/euler-shuffle.ts';
import { languageGraph, languageSizes } from '../../models/language/network.ts';
import { type LanguageSpec, tokenizerOf } from '../../models/language/spec.ts';
import { informationGain, letterProbabilities } from '../../models/masked/letters.ts';
import { openMaskedReader } from '../../models/masked/reader.ts';
import type { MaskedSpec } from '../../models/masked/spec.ts';
import type { Model } from '../../models/model.ts';
import { type CompileOptions, compile } from '../../runtime/compile.ts';
import { quantile } from '../../train/metrics/bootstrap.ts';
import { type ImportanceTrack, windowGains } from './cuts.ts';

/** A model of DNA of either kind. */
export type DnaModel = Model<MaskedSpec> | Model<LanguageSpec>;

/**
 * What a model says of every letter: a masked model given all others, an autoregressive one given those before. The gain is over the shares of
 * letters in the texts.
 */
export async function importanceTracks(
  model: DnaModel,
  texts: readonly string[],
  where: CompileOptions,
): Promise<ImportanceTrack[]> {
  const background = letterShares(texts);
  const probabilities = await (model.spec.kind === 'masked'
    ? maskedProbabilities(model as Model<MaskedSpec>, texts, where)
    : foretoldProbabilities(model as Model<LanguageSpec>, texts, where));
  return texts.map((text, i) => ({
    text,
    probabilities: probabilities[i]!,
    gain: informationGain(probabilities[i]!, background).map((bits) => (Number.isNaN(bits) ? 0 : bits)),
  }));
}

async function maskedProbabilities(
  { spec, weights }: Model<MaskedSpec>,
  texts: readonly string[],
  where: CompileOptions,
): Promise<Float64Array[]> {
  const reader = await openMaskedReader(spec, weights, where);
  try {
    return (await letterProbabilities(reader, spec, texts)).map((told) => told.probabilities);
  } finally {
    await reader.close();
  }
}

/** Of a model whose tokens are single letters; each text is read from its beginning, at most as far as the model sees. */
async function foretoldProbabilities(
  { spec, weights }: Model<LanguageSpec>,
  texts: readonly string[],
  where: CompileOptions,
): Promise<Float64Array[]> {
  const graph = languageGraph(spec, { continues: false });
  const { reads, writes } = languageSizes(spec);
  const program = await compile(
    {
      inputs: { tokens: graph.tokens },
      outputs: { logs: graph.logProbabilities },
      constants: new Map([...graph.weights].map(([path, value]) => [value, weights.get(path)!])),
    },
    where,
  );
  const tokenizer = tokenizerOf(spec);
  const sees = graph.network.sees ?? Number.POSITIVE_INFINITY;
  try {
    const found: Float64Array[] = [];
    for (const text of texts) {
      const tokens = tokenizer.encode(text);
      const shares = new Float64Array(4 * text.length).fill(Number.NaN);
      for (let from = 0; from < tokens.length; from += sees) {
        const read = tokens.slice(Math.max(0, from - 1), Math.min(tokens.length, from + sees) - 1);
        const data = from === 0 ? Int32Array.of(reads - 1, ...read) : read;
        const { logs } = await program.run({ tokens: { dtype: 'int32', shape: [1, data.length], data } });
        for (let i = 0; i < data.length; i++)
          shares.set(fourShares(logs!.data as Float32Array, i * writes), 4 * (from + i));
      }
      found.push(shares);
    }
    return found;
  } finally {
    await program.release();
  }
}

function fourShares(logs: Float32Array, at: number): number[] {
  const shares = [0, 1, 2, 3].map((letter) => Math.exp(logs[at + letter]!));
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}

function letterShares(texts: readonly string[]): number[] {
  const counts = [1, 1, 1, 1];
  for (const text of texts)
    for (const letter of text) {
      const id = 'ACGT'.indexOf(letter);
      if (id >= 0) counts[id]!++;
    }
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => count / total);
}

/** How rarely a window of shuffled sequences gains as much as an important one must. */
const rare = 0.001;

/**
 * The gain that a window must have to be important: one that is passed by 1 of 1,000 windows of the same sequences once their letters are
 * shuffled with all pairs kept, so that what is found would not be found in just any sequence.
 */
export async function importantGain(
  model: DnaModel,
  texts: readonly string[],
  { window, seed }: { window: number; seed: number },
  where: CompileOptions,
): Promise<number> {
  const shuffled = texts.map((text, i) => eulerShuffle(text, 2, randomStream(seed, 'shuffled', i)));
  const tracks = await importanceTracks(model, shuffled, where);
  const sums = tracks.flatMap(({ gain }) => Array.from(windowGains(gain, window)));
  return sums.length === 0 ? Number.POSITIVE_INFINITY : quantile(Float64Array.from(sums).sort(), 1 - rare);
}
