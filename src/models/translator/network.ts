import type { Shape } from '../../graph/dims.ts';
import { input, logSoftmax } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import type { Encoded, Halves, TranslatorNetwork, TranslatorSizes } from './architecture.ts';
import { buildTranslator } from './architectures.ts';
import { type TranslatorSpec, translatorTokenizers } from './spec.ts';

/** How many ids a translator reads and writes: those of its tokenizers, and an end each. */
export function translatorSizes(spec: Pick<TranslatorSpec, 'source' | 'target'>): TranslatorSizes {
  const { source, target } = translatorTokenizers(spec);
  return { reads: source.size + 1, writes: target.size + 1 };
}

/** The network that a spec describes. Throws a usage error for an unknown architecture, and for options that it does not have or accept. */
export const translatorNetwork = (spec: TranslatorSpec): TranslatorNetwork =>
  buildTranslator(spec.architecture, spec.config, translatorSizes(spec));

/** A traced part of a translator; `weights` are its inputs that hold parameters, by path. */
interface Traced {
  readonly weights: ReadonlyMap<string, Value>;
}

function traced<T extends object>(spec: TranslatorSpec, build: (halves: Halves) => T): T & Traced {
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  return { ...build(bind(translatorNetwork(spec), parameterInput, inferenceContext())()), weights };
}

/** The inputs that carry sources, with named dimensions: int32 tokens [batch, keys], their end the last of each, and lengths [batch]. */
export const sourceInputs = () => ({
  source: input('source', ['batch', 'keys'], 'int32'),
  sourceLengths: input('sourceLengths', ['batch'], 'int32'),
});

/** What a target is read from: int32 [batch, time], the start of targets first. */
export const targetInput = () => input('target', ['batch', 'time'], 'int32');

/** The graph that reads sources and known targets at once. */
export interface ForcedGraph extends Traced {
  readonly inputs: { readonly source: Value; readonly sourceLengths: Value; readonly target: Value };
  /** float32 [batch, time, writes], natural logarithms: place t tells of the token after target t. */
  readonly logProbabilities: Value;
  /** float32 [batch, time, keys] */
  readonly attention?: Value;
}

export const forcedGraph = (spec: TranslatorSpec): ForcedGraph =>
  traced(spec, ({ encode, decode }) => {
    const inputs = { ...sourceInputs(), target: targetInput() };
    const { logits, attention } = decode(encode(inputs.source, inputs.sourceLengths), inputs.target);
    return { inputs, logProbabilities: logSoftmax(logits), ...(attention && { attention }) };
  });

/** The graph that reads sources alone: `memory` and, of a decoder that carries states, what it begins with. */
export const encodeGraph = (
  spec: TranslatorSpec,
): Traced & Pick<Encoded, 'memory' | 'initial'> & { inputs: ReturnType<typeof sourceInputs> } =>
  traced(spec, ({ encode }) => {
    const inputs = sourceInputs();
    const { memory, initial } = encode(inputs.source, inputs.sourceLengths);
    return { inputs, memory, initial };
  });

/** The graph that goes on from what was encoded. */
export interface StepGraph extends Traced {
  readonly inputs: { readonly memory: Value; readonly sourceLengths: Value; readonly target: Value };
  readonly before: readonly Value[];
  readonly logProbabilities: Value;
  readonly attention?: Value;
  readonly after: readonly Value[];
}

/** For the beginning of a target, or for what `continues` one; a decoder that carries states of fixed size always continues. */
export function stepGraph(spec: TranslatorSpec, { continues }: { continues: boolean }): StepGraph {
  const { states, width } = translatorNetwork(spec);
  return traced(spec, ({ decode }) => {
    const { sourceLengths: lengths } = sourceInputs();
    const memory = input('memory', ['batch', 'keys', width]);
    const target = targetInput();
    const before = continues ? states.map((shape, i) => input(`state.${i}`, shape as Shape)) : [];
    const {
      logits,
      attention,
      states: after,
    } = decode({ memory, lengths, initial: [] }, target, {
      ...(continues && { states: before }),
    });
    return {
      inputs: { memory, sourceLengths: lengths, target },
      before,
      logProbabilities: logSoftmax(logits),
      ...(attention && { attention }),
      after,
    };
  });
}

/** Values as inputs or outputs of a program, `state.0`, `state.1` … or whatever comes before the number. */
export const numbered = (name: string, values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(values.map((value, i) => [`${name}.${i}`, value]));

/** Whether what a decoder carries grows with what it reads, so that it begins with nothing. */
export const growsWithPast = ({ states }: Pick<TranslatorNetwork, 'states'>): boolean =>
  states.some((shape) => shape.includes('past'));
