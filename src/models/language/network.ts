import type { Dim } from '../../graph/dims.ts';
import { input, logSoftmax, mul, oneHot, sum } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { inferenceContext } from '../../nn/context.ts';
import { bind, type ParameterSpec } from '../../nn/module.ts';
import type { LanguageNetwork, LanguageSizes } from './architecture.ts';
import { buildLanguage } from './architectures.ts';
import { type LanguageSpec, tokenizerOf } from './spec.ts';

/** How many token ids a language model reads and foretells. */
export function languageSizes(spec: Pick<LanguageSpec, 'tokenizer' | 'ends'>): LanguageSizes {
  const { size } = tokenizerOf(spec);
  return { reads: size + 1, writes: spec.ends ? size + 1 : size };
}

/** The network that a spec describes. Throws a usage error for an unknown architecture, and for options that it does not have or accept. */
export const languageNetwork = (spec: LanguageSpec): LanguageNetwork =>
  buildLanguage(spec.architecture, spec.config, languageSizes(spec));

/** A traced language model; `weights` are its inputs that hold parameters, by path. */
export interface LanguageGraph {
  readonly network: LanguageNetwork;
  /** int32 [batch, time] */
  readonly tokens: Value;
  /** What goes on from an earlier piece; none where the graph begins a sequence. */
  readonly before: readonly Value[];
  /** float32 [batch, time, writes], natural logarithms. */
  readonly logProbabilities: Value;
  readonly after: readonly Value[];
  readonly weights: ReadonlyMap<string, Value>;
}

/** The graph of prediction, for the beginning of a sequence or for what `continues` one. */
export function languageGraph(spec: LanguageSpec, { continues }: { continues: boolean }): LanguageGraph {
  const network = languageNetwork(spec);
  const weights = new Map<string, Value>();
  const parameterInput = (path: string, { shape }: ParameterSpec) => {
    const value = input(path, shape);
    weights.set(path, value);
    return value;
  };
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const before = continues ? network.states.map((shape, i) => input(`state.${i}`, shape as Dim[])) : [];
  const { logits, states } = bind(
    network,
    parameterInput,
    inferenceContext(),
  )(tokens, continues ? before : undefined);
  return { network, tokens, before, logProbabilities: logSoftmax(logits), after: states, weights };
}

/** Values as inputs or outputs of a program, `state.0`, `state.1` … or whatever comes before the number. */
export const numbered = (name: string, values: readonly Value[]): Record<string, Value> =>
  Object.fromEntries(values.map((value, i) => [`${name}.${i}`, value]));

/** ln P of the targets, float32 [batch, time]; anything for targets that are no token. */
export const targetLogs = (logProbabilities: Value, targets: Value): Value =>
  sum(mul(oneHot(targets, logProbabilities.shape[2] as number), logProbabilities), -1);
