import { parameterList } from '../../nn/module.ts';
import { tokenizerFrom } from '../../tokenize/description.ts';
import { booleanField, type Field, readConfig, textField, within } from '../fields.ts';
import { languageGraph, languageNetwork, languageSizes, numbered } from '../language/network.ts';
import type { LanguageSpec } from '../language/spec.ts';
import type { ModelKind } from './kind.ts';

/**
 * The next token, given those before. `model.onnx` has the input `tokens` int32 [batch, time], of which the first of a sequence is the
 * boundary, and from networks that carry a state the inputs `state.0`, `state.1` …, zeros at the beginning; its outputs are
 * `logProbabilities` float32 [batch, time, tokens], natural logarithms, of the token that follows each place, and `next.0`, `next.1` …
 * to go on with.
 */
export const language: ModelKind<LanguageSpec> = {
  what: 'a language model',
  verbs: 'seqwright generate and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'language',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    tokenizer: readTokenizer(within(field, 'tokenizer')),
    ends: booleanField(within(field, 'ends')),
  }),
  completeSpec: (spec) => ({ ...spec, config: languageNetwork(spec).config }),
  parameters: (spec) => parameterList(languageNetwork(spec)),
  onnx(spec) {
    const carries = languageNetwork(spec).sees === null;
    const graph = languageGraph(spec, { continues: carries });
    return {
      inputs: { tokens: graph.tokens, ...numbered('state', graph.before) },
      outputs: {
        logProbabilities: graph.logProbabilities,
        ...(carries && numbered('next', graph.after)),
      },
      weights: graph.weights,
    };
  },
  /**
   * `seqwright.tokenizer`, its description as JSON; `seqwright.boundary`, the token that stands before every sequence and, with
   * `seqwright.ends`, after it; `seqwright.context`, how many tokens are seen at most, where there is a limit.
   */
  metadata(spec) {
    const { sees } = languageNetwork(spec);
    return {
      'seqwright.tokenizer': JSON.stringify(spec.tokenizer),
      'seqwright.boundary': String(languageSizes(spec).reads - 1),
      'seqwright.ends': String(spec.ends),
      ...(sees !== null && { 'seqwright.context': String(sees) }),
    };
  },
};

/** Read through the tokenizer that it describes, so that only what that knows of goes on. */
const readTokenizer = ({ value, file, path }: Field): LanguageSpec['tokenizer'] =>
  tokenizerFrom(value, `${file}: ${path}`).toJSON();
