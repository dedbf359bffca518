import { type Command, InvalidArgumentError, Option } from 'commander';
import { number, whole } from './values.ts';

/** Where texts and their pairs stand. */
export interface PairArguments {
  source?: string;
  target?: string;
}

/** What `train --task translation` is told beside what every training is told. */
export interface TranslationArguments extends PairArguments {
  sourceTokens?: 'auto' | 'words' | 'characters';
  targetTokens?: 'auto' | 'words' | 'characters';
  sampling?: { curve: 'linear' | 'exponential' | 'inverseSigmoid'; k?: number; floor?: number };
}

/** How a translator writes, for `predict` and `evaluate`. */
export interface WritingArguments {
  beam?: number;
  lengthPenalty?: number;
  coverage?: number;
  maxLength?: number;
}

const curves = { linear: 'linear', exponential: 'exponential', 'inverse-sigmoid': 'inverseSigmoid' } as const;

/** `linear`, `linear:0.25` (the least share of true tokens), `exponential:0.97`, `inverse-sigmoid:12`. */
function samplingOf(text: string): NonNullable<TranslationArguments['sampling']> {
  const [name = '', constant] = text.split(':');
  const curve = Object.hasOwn(curves, name) ? curves[name as keyof typeof curves] : undefined;
  const k = constant === undefined ? undefined : Number(constant);
  if (!curve || (k !== undefined && !Number.isFinite(k)))
    throw new InvalidArgumentError(
      'Expected linear, exponential or inverse-sigmoid, with its constant after a colon.',
    );
  if (k === undefined) return { curve };
  return curve === 'linear' ? { curve, floor: k } : { curve, k };
}

/** The columns of pairs. */
export const pairOptions = (command: Command): Command =>
  command
    .optionsGroup('Translation:')
    .option('--source <column>', 'the column of texts to be translated (default: source)')
    .option(
      '--target <column>',
      'the column of what they are to become (default: target); for --task forecast the columns to be forecast, a,b or a*',
    );

/** The options of `train --task translation`. */
export function translationOptions(command: Command): Command {
  const units = ['auto', 'words', 'characters'];
  return pairOptions(command)
    .addOption(
      new Option(
        '--source-tokens <unit>',
        'what sources are cut into (default: words where they hold white space, else characters)',
      ).choices(units),
    )
    .addOption(new Option('--target-tokens <unit>', 'the same for targets').choices(units))
    .option(
      '--sampling <curve[:constant]>',
      'scheduled sampling: the decoder learns with more and more tokens of its own; linear, exponential or inverse-sigmoid',
      samplingOf,
    );
}

/** How translations are looked for. */
export const writingOptions = (command: Command): Command =>
  command
    .optionsGroup('Translators:')
    .option('--beam <n>', 'hypotheses of the beam search; 1: greedy (default: 1)', whole(1))
    .option(
      '--length-penalty <x>',
      'above 0, longer translations are favoured (Wu et al. 2016) (default: 0)',
      number(0),
    )
    .option(
      '--coverage <x>',
      'above 0, translations that looked at the whole source are favoured (default: 0)',
      number(0),
    )
    .option(
      '--max-length <n>',
      'tokens of a translation at most (default: by the lengths seen in training)',
      whole(1),
    );

/** The same as the library takes it. */
export const writingSettings = ({ beam, lengthPenalty, coverage, maxLength }: WritingArguments) => ({
  ...(beam !== undefined && { beam }),
  ...(lengthPenalty !== undefined && { lengthPenalty }),
  ...(coverage !== undefined && { coverage }),
  ...(maxLength !== undefined && { length: maxLength }),
});
