import { parameterList } from '../../nn/module.ts';
import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import { type Field, readConfig, textField, within } from '../fields.ts';
import { forcedGraph, translatorNetwork, translatorSizes } from '../translator/network.ts';
import type { TranslatorSpec } from '../translator/spec.ts';
import type { ModelKind } from './kind.ts';

/**
 * From sequence to sequence. `model.onnx` has the inputs `source` int32 [batch, keys], its end the last of each, `sourceLengths` int32 [batch],
 * the end counted in, and `target` int32 [batch, time], what was written so far with the start first; its outputs are `logProbabilities`
 * float32 [batch, time, tokens], natural logarithms, of the token that follows each place, and, from networks that attend, `attention`
 * float32 [batch, time, keys]. To translate, begin with the start alone, append the most probable token of the last place, and
 * run again until it is the end.
 */
export const translator: ModelKind<TranslatorSpec> = {
  what: 'a translator from sequence to sequence',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    kind: 'translator',
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    source: readTokenizer(within(field, 'source')),
    target: readTokenizer(within(field, 'target')),
  }),
  completeSpec: (spec) => ({ ...spec, config: translatorNetwork(spec).config }),
  parameters: (spec) => parameterList(translatorNetwork(spec)),
  onnx(spec) {
    const { inputs, logProbabilities, attention, weights } = forcedGraph(spec);
    return { inputs, outputs: { logProbabilities, ...(attention && { attention }) }, weights };
  },
  /**
   * `seqwright.source` and `seqwright.target`, the tokenizers as JSON; `seqwright.source_end`, the token that ends every source;
   * `seqwright.target_start` and `seqwright.target_end`, those that begin and end every target; `seqwright.graph`, in words.
   */
  metadata(spec) {
    const { reads, writes } = translatorSizes(spec);
    return {
      'seqwright.source': JSON.stringify(spec.source),
      'seqwright.target': JSON.stringify(spec.target),
      'seqwright.source_end': String(reads - 1),
      'seqwright.target_start': String(writes),
      'seqwright.target_end': String(writes - 1),
      'seqwright.graph':
        'teacher-forced: source, sourceLengths and the target so far (start first) to ln P of the token after each place',
    };
  },
};

/** A tokenizer that can be made; it is kept as its own kind writes it. */
const readTokenizer = ({ value, file, path }: Field): TokenizerDescription =>
  tokenizerFrom(value, `${file}: ${path}`).toJSON();
