import { parameterList } from '../../nn/module.ts';
import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import { type Field, fieldError, readConfig, textField, within } from '../fields.ts';
import { maskedGraph, maskedNetwork } from '../masked/network.ts';
import { type MaskedSpec, type Masking, maskings } from '../masked/spec.ts';
import { maskedVocabulary } from '../masked/vocabulary.ts';
import type { ModelKind } from './kind.ts';

/**
 * What is hidden, given all around it. `model.onnx` has the inputs `tokens` int32 [batch, time], some of them the mask, and `lengths` int32
 * [batch]; its outputs are `logProbabilities` float32 [batch, time, tokens], natural logarithms, of what stands in each place itself, `hidden`
 * float32 [batch, time, size], and `embedding` float32 [batch, size], the mean of `hidden` over a sequence (of one in which nothing is hidden).
 */
export const masked: ModelKind<MaskedSpec> = {
  what: 'a masked model',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'masked',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    tokenizer: readTokenizer(within(field, 'tokenizer')),
    masking: readMasking(within(field, 'masking')),
  }),
  completeSpec: (spec) => ({ ...spec, config: maskedNetwork(spec).config }),
  parameters: (spec) => parameterList(maskedNetwork(spec)),
  onnx(spec) {
    const { tokens, lengths, logProbabilities, hidden, embedding, weights } = maskedGraph(spec);
    return { inputs: { tokens, lengths }, outputs: { logProbabilities, hidden, embedding }, weights };
  },
  /**
   * `seqwright.tokenizer`, its description as JSON; `seqwright.mask`, the token that stands where something is hidden; `seqwright.context`,
   * how many tokens are read at once at most; `seqwright.overlap`, how many tokens on either side share letters with one that is hidden,
   * and are to be hidden with it.
   */
  metadata(spec) {
    const { mask, overlap } = maskedVocabulary(spec);
    return {
      'seqwright.tokenizer': JSON.stringify(spec.tokenizer),
      'seqwright.mask': String(mask),
      'seqwright.context': String(maskedNetwork(spec).context),
      'seqwright.overlap': String(overlap),
    };
  },
};

/** Read through the tokenizer that it describes, so that only what that knows of goes on. */
const readTokenizer = ({ value, file, path }: Field): TokenizerDescription =>
  tokenizerFrom(value, `${file}: ${path}`).toJSON();

function readMasking(field: Field): Masking {
  const how = within(field, 'how');
  const known = maskings.find((name) => name === how.value);
  if (!known) throw fieldError(how, `one of ${maskings.join(', ')}`);
  const number = (name: string, low: number, high: number) => {
    const one = within(field, name);
    const { value } = one;
    if (typeof value !== 'number' || !(value >= low && value <= high))
      throw fieldError(one, `a number from ${low} to ${high}`);
    return value;
  };
  return { how: known, share: number('share', 1e-6, 1), length: number('length', 1, 1e6) };
}
