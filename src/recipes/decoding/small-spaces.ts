import { randomStream } from '../../core/random.ts';
import { beamEach } from '../../decode/index.ts';
import type { TranslationScorer } from '../../models/translator/scorer.ts';
import type { DecodingConfig } from '../decoding.ts';
import { exhaustive } from './enumerate.ts';
import type { SmallSpace } from './report.ts';

/** Spaces of more sequences are not small. */
const mostSequences = 100_000;

/** Some prompts whose replies are cut so short that all can be looked at, beside beams. */
export async function smallSpaces(
  conditional: TranslationScorer,
  prompts: readonly Int32Array[],
  { small, widths }: DecodingConfig,
  seed: number,
): Promise<SmallSpace[]> {
  const chosen = randomStream(seed, 'small spaces')
    .shuffle([...prompts])
    .slice(0, small.prompts);
  // With many words two of them make too many sequences; one still tells whether search and enumeration agree.
  const length = conditional.vocabulary ** small.length <= mostSequences ? small.length : 1;
  const full = (conditional.vocabulary - 1) ** (length - 1) * conditional.vocabulary;
  const spaces: SmallSpace[] = [];
  for (const prompt of chosen) {
    const truth = await exhaustive(conditional, prompt, length);
    const by = async (width: number) =>
      (await beamEach(conditional, [prompt], { length, width, count: 1 }))[0]![0]!.logProbability;
    const narrow: number[] = [];
    for (const width of [1, ...widths]) narrow.push(await by(width));
    spaces.push({ truth: truth.logProbability, sequences: truth.sequences, full: await by(full), narrow });
  }
  return spaces;
}
