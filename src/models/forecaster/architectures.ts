import { usageError } from '../../core/errors.ts';
import { type ConfigOf, configure, defaultsOf, type Options } from '../architectures/options.ts';
import {
  type Body,
  graphGruBody,
  graphLstmBody,
  graphOptions,
  gruBody,
  lstmBody,
  recurrentOptions,
  transformerBody,
  transformerOptions,
} from './bodies.ts';

/** A kind of forecaster: options, and the body that they describe. */
export interface ForecasterArchitecture {
  readonly name: string;
  readonly summary: string;
  readonly options: Options;
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Whether its body reads the series of a graph together; it then is of one node's inputs. */
  readonly graph: boolean;
  /** The complete configuration, and the body for so many inputs a step and its width. */
  build(config: object, inputs: number): { config: ForecasterConfig; body: Body; width: number };
}

/** What every forecaster may be told. */
export type ForecasterConfig = Readonly<Record<string, unknown>> & {
  readonly dropout: number;
  readonly highway: boolean;
  readonly window: 'none' | 'shift' | 'standardise';
  /** Of a graph: edges that an answer looks along. */
  readonly hops?: number;
};

const forecasterArchitecture = <O extends Options>(
  name: string,
  summary: string,
  options: O,
  make: (config: ConfigOf<O>, inputs: number) => { body: Body; width: number },
  { graph = false } = {},
): ForecasterArchitecture => ({
  name,
  graph,
  summary,
  options,
  defaults: defaultsOf(options),
  build(given, inputs) {
    const config = configure(name, options, given);
    return { ...make(config, inputs), config: config as unknown as ForecasterConfig };
  },
});

/** All forecasters by the names that the command line and model folders use. */
export const forecasterArchitectures: Readonly<Record<string, ForecasterArchitecture>> = Object.fromEntries(
  [
    forecasterArchitecture(
      'lstm',
      'Long short-term memory reads the steps; one head forecasts all steps ahead.',
      recurrentOptions,
      (config, inputs) => ({ body: lstmBody(config, inputs), width: config.hidden }),
    ),
    forecasterArchitecture(
      'gru',
      'Gated recurrent units: as lstm with three quarters of the parameters.',
      recurrentOptions,
      (config, inputs) => ({ body: gruBody(config, inputs), width: config.hidden }),
    ),
    forecasterArchitecture(
      'transformer',
      'Causal attention over the steps that are looked back.',
      transformerOptions,
      (config, inputs) => ({ body: transformerBody(config, inputs), width: config.size }),
    ),
    forecasterArchitecture(
      'graph-gru',
      'Gated recurrent units at every node of a graph, which hear of the nodes around them; needs --graph.',
      graphOptions,
      (config, inputs) => ({ body: graphGruBody(config, inputs), width: config.hidden }),
      { graph: true },
    ),
    forecasterArchitecture(
      'graph-lstm',
      'Long short-term memory at every node of a graph, which hears of the nodes around it; needs --graph.',
      graphOptions,
      (config, inputs) => ({ body: graphLstmBody(config, inputs), width: config.hidden }),
      { graph: true },
    ),
  ].map((architecture) => [architecture.name, architecture]),
);

/** The forecaster called `name`; throws a usage error that lists the known names, or names the option that does not fit. */
export function buildForecaster(name: string, config: object, inputs: number) {
  if (!Object.hasOwn(forecasterArchitectures, name))
    throw usageError(
      `There is no forecaster "${name}"; choose ${Object.keys(forecasterArchitectures).join(', ')}.`,
    );
  return forecasterArchitectures[name]!.build(config, inputs);
}
