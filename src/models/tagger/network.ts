import { usageError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { concat, constant, gather, input, transpose } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { lstmCell } from '../../nn/cells.ts';
import type { Context } from '../../nn/context.ts';
import { conv1d } from '../../nn/conv1d.ts';
import { dropout } from '../../nn/dropout.ts';
import { embedding } from '../../nn/embedding.ts';
import { oneHotInput } from '../../nn/input.ts';
import { linear } from '../../nn/linear.ts';
import { zeroPadding } from '../../nn/mask.ts';
import { bind, type Module, module, type ParameterSpec } from '../../nn/module.ts';
import { maxOverTime } from '../../nn/pooling.ts';
import { recurrent } from '../../nn/recurrent.ts';
import { type CrfConstraints, type CrfPotentials, crf, forbiddenScore } from '../../nn/structured/index.ts';
import {
  type ConfigOf,
  choice,
  configure,
  type Options,
  probability,
  whole,
} from '../architectures/options.ts';
import { taggerBodies } from './bodies.ts';
import { tagConstraints } from './constraints.ts';
import type { TaggerInput, TaggerSpec } from './spec.ts';

/** A padded batch of letters or words. */
export interface TaggerInputs {
  /** Ids of letters or words, int32 [batch, time]. */
  readonly tokens: Value;
  /** int32 [batch] */
  readonly lengths: Value;
  /** Of words: which row of `characters` spells each one, int32 [batch, time]. */
  readonly forms?: Value;
  /** Ids of characters of each distinct word, int32 [forms, letters], and how many it has, int32 [forms]. */
  readonly characters?: Value;
  readonly characterLengths?: Value;
}

const headOptions = {
  output: choice(
    'crf',
    ['crf', 'softmax'],
    'crf: neighbouring tags are scored together; softmax: each place is decided by itself.',
  ),
  dropout: probability(0.3, 'Dropout on what the body reads and on what it gives.'),
};
const letterOptions = {
  encoding: choice('oneHot', ['oneHot', 'embedding'], 'Letters as one-hot rows or as learned vectors.'),
  embedding: whole(16, 'Size of the learned vector of a letter (embedding).'),
};
const wordOptions = {
  wordSize: whole(64, 'Size of the learned vector of a word.'),
  characters: choice(
    'bilstm',
    ['bilstm', 'cnn', 'none'],
    'How the spelling of a word is read: by an LSTM in both directions, by convolutions, or not at all.',
  ),
  characterSize: whole(24, 'Size of the learned vector of a character.'),
  characterHidden: whole(24, 'Width of what is read from the spelling (bilstm: in each direction).'),
  characterKernel: whole(3, 'Characters that a convolution reads (cnn).'),
};

/** What can be set in a tagger: its body's options and those of its input and output. */
export function taggerOptions(architecture: string, input: TaggerInput['kind']): Options {
  if (!Object.hasOwn(taggerBodies, architecture))
    throw usageError(`There is no tagger "${architecture}"; choose ${Object.keys(taggerBodies).join(', ')}.`);
  const { options } = taggerBodies[architecture]!;
  return { ...(input === 'letters' ? letterOptions : wordOptions), ...options, ...headOptions };
}

type LetterConfig = ConfigOf<typeof letterOptions>;
type WordConfig = ConfigOf<typeof wordOptions>;

/** Vectors of tokens, and their width. */
interface Reader {
  readonly width: number;
  readonly layers: Module<[TaggerInputs], Value>;
}

function letterReader({ name, letters }: { name: string; letters: string }, config: LetterConfig): Reader {
  const alphabet = alphabetByName(name, letters);
  const [table, size] = [Array.from(alphabet.table()), alphabet.size];
  const learned = config.encoding === 'embedding';
  return {
    width: learned ? config.embedding : size,
    layers: module({
      params: {
        letters: learned ? embedding({ rows: alphabet.padding + 1, size: config.embedding }) : undefined,
      },
      apply: (own, { tokens }: TaggerInputs) =>
        own.letters ? own.letters(tokens) : oneHotInput(tokens, { table, size }),
    }),
  };
}

function wordReader(input: TaggerInput & { kind: 'words' }, config: WordConfig): Reader {
  const spelling =
    config.characters === 'none' ? undefined : spellingReader(input.characters.length + 1, config);
  return {
    width: config.wordSize + (spelling?.width ?? 0),
    layers: module({
      params: {
        words: embedding({ rows: input.words.length + 1, size: config.wordSize }),
        spelling: spelling?.layers,
      },
      apply: (own, { tokens, forms, characters, characterLengths }: TaggerInputs) => {
        const words = own.words(tokens);
        if (!own.spelling) return words;
        return concat([words, gather(own.spelling(characters!, characterLengths!), forms!)], 2);
      },
    }),
  };
}

interface Spelling {
  readonly width: number;
  /** characters[forms, letters] and lengths[forms] → [forms, width] */
  readonly layers: Module<[characters: Value, lengths: Value], Value>;
}

/** A vector of how a word is written (Ling et al. 2015; Ma and Hovy 2016). */
function spellingReader(rows: number, config: WordConfig): Spelling {
  const { characterSize: size, characterHidden: hidden, characterKernel: kernel } = config;
  const table = embedding({ rows, size });
  if (config.characters === 'cnn')
    return {
      width: hidden,
      layers: module({
        params: { table, scan: conv1d({ in: size, out: hidden, kernel }) },
        apply: (own, characters: Value, lengths: Value) => {
          const x = transpose(zeroPadding(own.table(characters), lengths, 1), [0, 2, 1]);
          return maxOverTime(own.scan(x), lengths, 2);
        },
      }),
    };
  return {
    width: 2 * hidden,
    layers: module({
      params: { table, read: recurrent(lstmCell(), { in: size, hidden, bidirectional: true }) },
      apply: (own, characters: Value, lengths: Value) => {
        const { final } = own.read(transpose(own.table(characters), [1, 0, 2]), { lengths });
        return concat(
          final.map(([h]) => h!),
          1,
        );
      },
    }),
  };
}

/** A tagger as a module: a batch → the potentials of a chain of tags. */
export interface TaggerNetwork extends Module<[TaggerInputs], CrfPotentials> {
  /** Complete and plain. */
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The module that a spec describes. With `output: softmax` the transitions score 0 wherever they are allowed, so that one way of decoding
 * serves both. Throws a usage error for an unknown body, options that it does not have or accept, and rules that no tags can keep.
 */
export function taggerNetwork({
  architecture,
  config: given,
  input: reads,
  tags,
  rules,
}: TaggerSpec): TaggerNetwork {
  const config = configure(architecture, taggerOptions(architecture, reads.kind), given);
  const constraints = tagConstraints(tags, rules);
  const reader =
    reads.kind === 'letters'
      ? letterReader(reads.alphabet, config as LetterConfig)
      : wordReader(reads, config as WordConfig);
  const { width, layers } = taggerBodies[architecture]!.build(reader.width, config);
  const rate = (config as ConfigOf<typeof headOptions>).dropout;
  const scored = config.output === 'crf';
  const network = module({
    params: {
      reader: reader.layers,
      body: layers,
      drop: dropout({ rate }),
      head: linear({ in: width, out: tags.length }),
      crf: scored ? crf({ tags: tags.length, ...(constraints && { constraints }) }) : undefined,
    },
    apply: (own, given: TaggerInputs): CrfPotentials => {
      const x = zeroPadding(own.drop(own.reader(given)), given.lengths, 1);
      const emissions = own.head(own.drop(own.body(x, given.lengths)));
      return own.crf ? own.crf(emissions) : uniformChain(emissions, tags.length, constraints);
    },
  });
  return { ...network, config };
}

/** A chain whose steps cost nothing, or are forbidden. */
function uniformChain(
  emissions: Value,
  tags: number,
  { transitions, start, end }: CrfConstraints = {},
): CrfPotentials {
  const scores = (allowed: readonly boolean[] | undefined, shape: number[]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return constant(
      Array.from({ length: count }, (_, i) => (allowed?.[i] === false ? forbiddenScore : 0)),
      shape,
    );
  };
  return {
    emissions,
    transitions: scores(transitions?.flat(), [tags, tags]),
    start: scores(start, [tags]),
    end: scores(end, [tags]),
  };
}

/** The inputs that a tagger's graph begins with, with named dimensions. */
export function taggerInputs({ input: reads, config }: Pick<TaggerSpec, 'input' | 'config'>): TaggerInputs {
  const places = {
    tokens: input('tokens', ['batch', 'time'], 'int32'),
    lengths: input('lengths', ['batch'], 'int32'),
  };
  if (reads.kind === 'letters' || config.characters === 'none') return places;
  return {
    ...places,
    forms: input('forms', ['batch', 'time'], 'int32'),
    characters: input('characters', ['distinct', 'letters'], 'int32'),
    characterLengths: input('characterLengths', ['distinct'], 'int32'),
  };
}

/** The graph from inputs to potentials; `values` gives each parameter's value, asked once for each. Training and prediction both call this. */
export const buildTagger = (
  spec: TaggerSpec,
  inputs: TaggerInputs,
  values: (path: string, parameter: ParameterSpec) => Value,
  context: Context,
): CrfPotentials => bind(taggerNetwork(spec), values, context)(inputs);
