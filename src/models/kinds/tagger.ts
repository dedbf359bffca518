import { parameterList } from '../../nn/module.ts';
import {
  booleanField,
  type Field,
  fieldError,
  listField,
  namesField,
  readConfig,
  textField,
  within,
} from '../fields.ts';
import { taggerGraph } from '../tagger/graph.ts';
import { taggerNetwork } from '../tagger/network.ts';
import { type TaggerInput, type TaggerSpec, type TagRules, tagSchemes } from '../tagger/spec.ts';
import { alphabetMetadata, readAlphabet } from './alphabet.ts';
import type { ModelKind } from './kind.ts';

/**
 * One tag for each letter or word. `model.onnx` has the inputs `tokens` int32 [batch, time] and `lengths` int32 [batch] and, where words
 * are spelled, `forms` int32 [batch, time]: which row of `characters` int32 [distinct, letters] spells each word; `characterLengths` int32
 * [distinct]. Its outputs are `tags` int32 [batch, time] (the best ones together, by Viterbi; −1 in padding), `probabilities`
 * float32 [batch, time, tags], `logProbability` float32 [batch] of those best tags, and what they come from: `emissions` float32
 * [batch, time, tags], `transitions` float32 [tags, tags] (from row to column), `start` and `end` float32 [tags].
 */
export const tagger: ModelKind<TaggerSpec> = {
  what: 'a tagger',
  verbs: 'seqwright tag and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'tagger',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    input: readInput(within(field, 'input')),
    tags: namesField(within(field, 'tags'), 2),
    rules: readRules(within(field, 'rules')),
  }),
  completeSpec: (spec) => ({ ...spec, config: taggerNetwork(spec).config }),
  parameters: (spec) => parameterList(taggerNetwork(spec)),
  onnx(spec) {
    const { inputs, outputs, weights } = taggerGraph(spec);
    return { inputs, outputs: { ...outputs }, weights };
  },
  /**
   * `seqwright.tags`, JSON list: what the numbers in `tags` stand for; `seqwright.rules`, JSON with the scheme of the tags and pairs that
   * are allowed; of letters `seqwright.alphabet`, `seqwright.token_ids` (JSON from letter to token) and `seqwright.padding`; of words
   * `seqwright.words` and `seqwright.characters`, JSON lists whose entries have the ids from 1 on (0: unknown), and
   * `seqwright.lowercase`, whether words are looked up in lower case.
   */
  metadata: ({ input, tags, rules }) => ({
    'seqwright.tags': JSON.stringify(tags),
    'seqwright.rules': JSON.stringify(rules),
    ...(input.kind === 'letters' ? alphabetMetadata(input.alphabet) : wordMetadata(input)),
  }),
};

const wordMetadata = ({ words, characters, lowercase }: TaggerInput & { kind: 'words' }) => ({
  'seqwright.words': JSON.stringify(words),
  'seqwright.characters': JSON.stringify(characters),
  'seqwright.lowercase': String(lowercase),
});

function readInput(field: Field): TaggerInput {
  const kind = within(field, 'kind');
  if (kind.value === 'letters') return { kind: 'letters', alphabet: readAlphabet(within(field, 'alphabet')) };
  if (kind.value !== 'words') throw fieldError(kind, 'letters or words');
  return {
    kind: 'words',
    words: namesField(within(field, 'words'), 0),
    characters: namesField(within(field, 'characters'), 0),
    lowercase: booleanField(within(field, 'lowercase')),
  };
}

function readRules(field: Field): TagRules {
  const scheme = within(field, 'scheme');
  const known = tagSchemes.find((name) => name === scheme.value);
  if (!known) throw fieldError(scheme, `one of ${tagSchemes.join(', ')}`);
  const allowed = within(field, 'allowed');
  if (allowed.value === null) return { scheme: known, allowed: null };
  return { scheme: known, allowed: listField(allowed, 0, readPair) };
}

/** Two tags; an empty text is the edge of a sequence. */
function readPair(field: Field): [string, string] {
  const pair = listField(field, 2, (item) => {
    if (typeof item.value !== 'string' || item.value.length > 10_000) throw fieldError(item, 'a tag');
    return item.value;
  });
  if (pair.length !== 2) throw fieldError(field, 'two tags');
  return pair as [string, string];
}
