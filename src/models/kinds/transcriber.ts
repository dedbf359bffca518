import { parameterList } from '../../nn/module.ts';
import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import {
  type Field,
  fieldError,
  namesField,
  numbersField,
  readConfig,
  textField,
  within,
} from '../fields.ts';
import { transcriberGraph } from '../transcriber/graph.ts';
import { transcriberNetwork } from '../transcriber/network.ts';
import {
  mostChannels,
  type TranscriberInput,
  type TranscriberSpec,
  targetTokenizer,
} from '../transcriber/spec.ts';
import type { ModelKind } from './kind.ts';

/**
 * From a long sequence to a shorter text, without an alignment (CTC). `model.onnx` has the inputs `frames` float32 [batch, time, channels], in
 * the units of the training file and with any finite number in the padding, or `symbols` int32 [batch, time], and `lengths` int32 [batch]; its outputs are
 * `logProbabilities` float32 [batch, steps, classes], natural logarithms, and `steps` int32 [batch], how many of them are real. Class 0 is the
 * blank, class i + 1 token i. To transcribe: the most probable class of every step, repeats made one, blanks left out.
 */
export const transcriber: ModelKind<TranscriberSpec> = {
  what: 'a transcriber from a signal to a text',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'transcriber',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    input: readInput(within(field, 'input')),
    target: readTokenizer(within(field, 'target')),
  }),
  completeSpec: (spec) => ({ ...spec, config: transcriberNetwork(spec).config }),
  parameters: (spec) => parameterList(transcriberNetwork(spec).network),
  onnx(spec) {
    const { inputs, outputs, weights } = transcriberGraph(spec, { raw: true });
    return { inputs: { ...inputs }, outputs, weights };
  },
  /**
   * `seqwright.classes`, JSON list: how each class is spelled, the blank (0) empty; `seqwright.stride`, how many places of the input make one step;
   * `seqwright.channels`, JSON list, of frames; `seqwright.source`, the tokenizer as JSON, of symbols; `seqwright.target`, the tokenizer of
   * transcriptions as JSON.
   */
  metadata(spec) {
    const tokenizer = targetTokenizer(spec);
    const spelled = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id));
    return {
      'seqwright.classes': JSON.stringify(['', ...spelled]),
      'seqwright.stride': String(transcriberNetwork(spec).stride),
      'seqwright.target': JSON.stringify(spec.target),
      ...(spec.input.kind === 'frames'
        ? { 'seqwright.channels': JSON.stringify(spec.input.channels) }
        : { 'seqwright.source': JSON.stringify(spec.input.tokens) }),
    };
  },
};

function readInput(field: Field): TranscriberInput {
  const kind = within(field, 'kind');
  if (kind.value === 'symbols') return { kind: 'symbols', tokens: readTokenizer(within(field, 'tokens')) };
  if (kind.value !== 'frames') throw fieldError(kind, 'frames or symbols');
  const channels = namesField(within(field, 'channels'), 1);
  if (channels.length > mostChannels)
    throw fieldError(within(field, 'channels'), `at most ${mostChannels} names`);
  return {
    kind: 'frames',
    channels,
    mean: numbersField(within(field, 'mean'), channels.length),
    deviation: numbersField(within(field, 'deviation'), channels.length, { positive: true }),
  };
}

/** A tokenizer that can be made; it is kept as its own kind writes it. */
const readTokenizer = ({ value, file, path }: Field): TokenizerDescription =>
  tokenizerFrom(value, `${file}: ${path}`).toJSON();
