import { parameterList } from '../../nn/module.ts';
import { readFeatures } from '../features.ts';
import {
  booleanField,
  type Field,
  fieldError,
  namesField,
  numbersField,
  readConfig,
  textField,
  within,
} from '../fields.ts';
import { completeSpec, inferenceGraph, network } from '../network.ts';
import type { ModelSpec, OutputSpec } from '../spec.ts';
import { alphabetMetadata, readAlphabet } from './alphabet.ts';
import type { ModelKind, OnnxGraph } from './kind.ts';

/** Models that read no table have none, nor those that were saved before there were any. */
const featuresIn = (field: Field) => (field.value === undefined ? {} : { features: readFeatures(field) });

/**
 * One answer for each sequence: classes, labels or values. `model.onnx` has the inputs `tokens` int32 [batch, time], `lengths` int32
 * [batch] and, where the model has them, `tracks` float32 [batch, time, tracks] and `features` float32 [batch, numbers]; its outputs are `predictions` float32 [batch, outputs]
 * as `openPredictor` gives them and, from models with attention, `attention` float32 [batch, time].
 */
export const answer: ModelKind<ModelSpec> = {
  what: 'a model with one answer for each sequence',
  verbs: 'seqwright predict and seqwright evaluate',
  readSpec: (field) => ({
    ...featuresIn(within(field, 'features')),
    architecture: textField(within(field, 'architecture'), { max: 100 }),
    config: readConfig(within(field, 'config')),
    alphabet: readAlphabet(within(field, 'alphabet')),
    tracks: namesField(within(field, 'tracks'), 0),
    output: readOutput(within(field, 'output')),
  }),
  completeSpec,
  parameters: (spec) => parameterList(network(spec)),
  onnx(spec) {
    const { inputs, outputs, weights } = inferenceGraph(spec);
    return { inputs, outputs: { ...outputs } as OnnxGraph['outputs'], weights };
  },
  /**
   * `seqwright.alphabet`, its name; `seqwright.token_ids`, JSON from every letter that may stand in a sequence (either case) to its
   * token; `seqwright.padding`, the token after a sequence's end; `seqwright.tracks`, JSON list of the numeric tracks;
   * `seqwright.features`, JSON list of the columns of a table and how their cells become numbers;
   * `seqwright.output`, JSON with `kind` and the names of the outputs (`classes`, or `names` of values).
   */
  metadata: ({ alphabet, tracks, features, output }) => ({
    ...alphabetMetadata(alphabet),
    'seqwright.tracks': JSON.stringify(tracks),
    ...(features && { 'seqwright.features': JSON.stringify(features) }),
    'seqwright.output': JSON.stringify(
      output.kind === 'values'
        ? { kind: output.kind, names: output.names }
        : { kind: output.kind, classes: output.classes },
    ),
  }),
};

function readOutput(field: Field): OutputSpec {
  const kind = within(field, 'kind');
  switch (kind.value) {
    case 'classes':
      return { kind: 'classes', classes: namesField(within(field, 'classes'), 2) };
    case 'labels':
      return { kind: 'labels', classes: namesField(within(field, 'classes'), 1) };
    case 'values': {
      const names = namesField(within(field, 'names'), 1);
      const positive = booleanField(within(field, 'positive'));
      return {
        kind: 'values',
        names,
        positive,
        mean: numbersField(within(field, 'mean'), names.length),
        deviation: numbersField(within(field, 'deviation'), names.length, { positive: true }),
      };
    }
    default:
      throw fieldError(kind, 'classes, labels or values');
  }
}
