import { usageError } from '../../core/errors.ts';
import { concat, mul, sumOf } from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { type ActivationName, activation as activationOf } from '../../nn/activations.ts';
import { heUniform } from '../../nn/initializers.ts';
import { linear } from '../../nn/linear.ts';
import { type Module, module } from '../../nn/module.ts';
import type { readoutOptions } from './common-options.ts';
import { type InputConfig, inputWidth, sequenceInput } from './input.ts';
import { type ConfigOf, configure, defaultsOf, type Options } from './options.ts';
import { readout } from './readout.ts';
import { bothStrands, halves, maxOfStrands, meanOfStrands, randomStrand } from './strands.ts';

/** A padded batch. */
export interface SequenceInputs {
  /** Token ids, int32 [batch, time]. */
  readonly tokens: Value;
  /** int32 [batch]. */
  readonly lengths: Value;
  /** Numbers beside each letter, [batch, time, tracks]. */
  readonly tracks?: Value;
  /** Numbers of a table beside the sequence as a whole, [batch, numbers]. */
  readonly features?: Value;
}

/** One vector per sequence. */
export interface SequenceFeatures {
  /** [batch, features] */
  readonly features: Value;
  /** How much each position counted, [batch, time′]; adds up to 1. time′ is time divided by the pooling before it. */
  readonly attention?: Value;
}

export interface SequenceOutputs extends SequenceFeatures {
  /** [batch, outputs], without a final activation: logits or values. */
  readonly outputs: Value;
  /** Of an ensemble: the outputs of each network, whose mean `outputs` is. Each must learn by itself. */
  readonly members?: readonly Value[];
}

/** A model of whole sequences; its parameters and `config` (complete, plain data) are all there is to save. */
export interface SequenceModel extends Module<[SequenceInputs], SequenceOutputs> {
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where position has a meaning: the length that sequences must not exceed. */
  readonly fixedLength: number | null;
}

/** Encoded letters x[batch, time, width] → features. `width`: how many. */
export interface Body {
  readonly width: number;
  readonly layers: Module<[x: Value, lengths: Value], SequenceFeatures>;
}

type CommonConfig = InputConfig &
  ConfigOf<ReturnType<typeof readoutOptions>> & { activation?: ActivationName };

/**
 * Several networks of one kind as one model (Lakshminarayanan et al. 2017): each has its own first weights, dropout and random strands; outputs, features
 * and attention are the means. One network is itself.
 */
function ensemble(config: CommonConfig, body: Body): Module<[SequenceInputs], SequenceOutputs> {
  if (config.members === 1) return sequenceModule(config, body);
  return module({
    params: { members: Array.from({ length: config.members }, () => sequenceModule(config, body)) },
    apply: (own, given: SequenceInputs): SequenceOutputs => {
      const all = own.members.map((member) => member(given));
      const meanOf = (values: readonly Value[]) => mul(sumOf(values), 1 / values.length);
      const seen = all.flatMap(({ attention }) => attention ?? []);
      return {
        outputs: meanOf(all.map(({ outputs }) => outputs)),
        features: meanOf(all.map(({ features }) => features)),
        ...(seen.length > 0 && { attention: meanOf(seen) }),
        members: all.map(({ outputs }) => outputs),
      };
    },
  });
}

function sequenceModule(config: CommonConfig, body: Body): Module<[SequenceInputs], SequenceOutputs> {
  const {
    reverseComplement,
    alphabet,
    outputs,
    dense,
    dropout,
    activation,
    features: columns,
    tableSize,
  } = config;
  if (reverseComplement !== 'none' && !alphabet.complement)
    throw usageError(
      `reverseComplement: ${reverseComplement} needs an alphabet with complements (DNA, RNA); use none.`,
    );
  return module({
    params: {
      input: sequenceInput(config),
      body: body.layers,
      table: columns > 0 ? linear({ in: columns, out: tableSize, initial: heUniform }) : undefined,
      readout: readout({
        in: body.width + (columns > 0 ? tableSize : 0),
        out: outputs,
        dense,
        dropout,
        ...(activation && { activation }),
      }),
    },
    apply: (own, given: SequenceInputs): SequenceOutputs => {
      const batch = given.tokens.shape[0]!;
      if ((given.features?.shape[1] ?? 0) !== columns)
        throw usageError(
          `expected ${columns} numbers of a table, received ${given.features ? `[${given.features.shape.join(', ')}]` : 'none'}; features are [batch, numbers].`,
        );
      /** The pooled features with what the table says of the same records beside them. */
      const beside = (pooled: Value, times = 1): Value => {
        if (!own.table) return pooled;
        const table = activationOf(activation ?? 'relu')(own.table(given.features!));
        return concat([pooled, times === 1 ? table : concat([table, table], 0)], 1);
      };
      const read = (inputs: SequenceInputs) => {
        const { x, lengths } = own.input(inputs);
        return own.body(x, lengths);
      };
      if (reverseComplement === 'average' || reverseComplement === 'shared') {
        const { features, attention } = read(bothStrands(given, alphabet));
        // The weights of the strand as it was given.
        const seen = attention && { attention: halves(attention, batch)[0] };
        if (reverseComplement === 'shared') {
          const joint = beside(maxOfStrands(features, batch));
          return { outputs: own.readout(joint), features: joint, ...seen };
        }
        const joint = beside(features, 2);
        const averaged = meanOfStrands(own.readout(joint), batch);
        return { outputs: averaged, features: meanOfStrands(joint, batch), ...seen };
      }
      const { random, training } = own.context;
      const turned = reverseComplement === 'augment' && training && random;
      const { features: pooled, attention } = read(
        turned ? randomStrand(given, alphabet, random, own.context.site()) : given,
      );
      const features = beside(pooled);
      return { outputs: own.readout(features), features, ...(attention && { attention }) };
    },
  });
}

/** An architecture: what it is, what can be set, and how it is built from plain data. */
export interface Architecture {
  readonly summary: string;
  readonly options: Options;
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Throws a usage error that names the option for anything it cannot build from. */
  build(config: object): SequenceModel;
}

/** Makes an architecture from its options and its layers between the encoded letters and the read-out. */
export function architecture<O extends Options>(
  name: string,
  summary: string,
  options: O & (ConfigOf<O> extends CommonConfig ? unknown : never),
  body: (inputs: number, config: ConfigOf<O>) => Body,
): Architecture & { build(config: GivenConfig<O>): SequenceModel } {
  return {
    summary,
    options,
    defaults: defaultsOf(options),
    build(given) {
      const config = configure(name, options as O, given);
      const common = config as unknown as CommonConfig;
      return {
        ...ensemble(common, body(inputWidth(common), config)),
        architecture: name,
        config,
        fixedLength: common.length,
      };
    },
  };
}

/** What a user writes: the data's side in full, everything else where it differs from the default. */
export type GivenConfig<O extends Options> = Partial<ConfigOf<O>> & Pick<ConfigOf<O>, 'alphabet' | 'outputs'>;
