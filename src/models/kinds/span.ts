import { parameterList } from '../../nn/module.ts';
import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import { booleanField, type Field, fieldError, readConfig, textField, within } from '../fields.ts';
import { spanGraph } from '../span/graph.ts';
import { spanNetwork } from '../span/network.ts';
import { mostTokens, type SpanSpec } from '../span/spec.ts';
import { spanVocabulary } from '../span/vocabulary.ts';
import type { ModelKind } from './kind.ts';

/**
 * The span of a passage that answers. `model.onnx` has the inputs `passage` int32 [batch, time] and `lengths` int32 [batch] and, where
 * questions are read, `question` int32 [batch, asked], `questionLengths` int32 [batch], `passageMatches` int32 [batch, time] (1 where the token's
 * text, in lower case, stands in the question too, else 0) and `questionMatches` int32 [batch, asked] (the other way round). Its outputs are
 * `start` and `end` float32 [batch, time], natural logarithms of the probability of each token to be the span's first and last, and, where a
 * passage may hold none, `none` float32 [batch]: the same sum start + end for "no span". The best span is the largest start[i] + end[j] with
 * i ≤ j < i + `seqwright.longest`, unless `none` is larger.
 */
export const span: ModelKind<SpanSpec> = {
  what: 'a model that points at spans',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'span',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    tokenizer: readTokenizer(within(field, 'tokenizer')),
    question: booleanField(within(field, 'question')),
    optional: booleanField(within(field, 'optional')),
    longest: readLongest(within(field, 'longest')),
  }),
  completeSpec: (spec) => ({ ...spec, config: spanNetwork(spec).config }),
  parameters: (spec) => parameterList(spanNetwork(spec)),
  onnx(spec) {
    const { inputs, outputs, weights } = spanGraph(spec);
    return { inputs, outputs: { ...outputs }, weights };
  },
  /**
   * `seqwright.tokenizer`, its description as JSON; `seqwright.padding`, the token after a passage's or question's end; `seqwright.longest`, tokens in
   * a span at most; `seqwright.question` and `seqwright.optional`, whether there are questions, and whether "none" is an answer.
   */
  metadata: (spec) => ({
    'seqwright.tokenizer': JSON.stringify(spec.tokenizer),
    'seqwright.padding': String(spanVocabulary(spec).padding),
    'seqwright.longest': String(spec.longest),
    'seqwright.question': String(spec.question),
    'seqwright.optional': String(spec.optional),
  }),
};

/** Read through the tokenizer that it describes, so that only what that knows of goes on. */
const readTokenizer = ({ value, file, path }: Field): TokenizerDescription =>
  tokenizerFrom(value, `${file}: ${path}`).toJSON();

function readLongest(field: Field): number {
  const { value } = field;
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > mostTokens)
    throw fieldError(field, `a whole number from 1 to ${mostTokens}`);
  return value as number;
}
