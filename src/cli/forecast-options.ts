import { type Command, InvalidArgumentError } from 'commander';
import { collect, whole } from './values.ts';

/** The names of the forecasters, as `--model` takes them; a test holds them to their registry. */
export const forecasterNames = ['lstm', 'gru', 'transformer', 'graph-gru', 'graph-lstm'];

/** Options of forecasts that other tasks would ignore in silence. */
export const forecastOptionNames = ['covariate', 'graph', 'undirected'];

/** Where series stand in a table. */
export interface SeriesArguments {
  time?: string;
  group?: string;
}

/** What `train --task forecast` is told beside what every training is told. */
export interface ForecastArguments extends SeriesArguments {
  /** Also of translations: see `pairOptions`. */
  target?: string;
  horizon?: number;
  context?: number;
  quantiles?: number[];
  gaussian?: boolean;
  binary?: boolean;
  season?: number;
  covariate?: string[];
  graph?: string;
  undirected?: boolean;
}

/** `0.1,0.5,0.9`, in any order; more of them where the option is repeated. */
function quantileList(text: string, before: number[] = []): number[] {
  const added = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const levels = [...before, ...added];
  if (levels.some((q) => !(q > 0 && q < 1)) || new Set(levels).size < levels.length)
    throw new InvalidArgumentError('Expected different numbers between 0 and 1, such as 0.1,0.5,0.9.');
  return levels.sort((a, b) => a - b);
}

/** The option that says when each row was. */
export const timeOption = (command: Command): Command =>
  command
    .optionsGroup('Forecasting:')
    .option(
      '--time <column>',
      'the column of times, numbers or ISO 8601 dates, which rise within a series (default: the order of rows)',
    );

/** The options of `train --task forecast`. */
export const forecastOptions = (command: Command): Command =>
  timeOption(command)
    .option('--horizon <n>', 'steps ahead that are forecast (required; 1 with --binary)', whole(1))
    .option(
      '--context <n>',
      'steps that are looked back (default: three horizons or two seasons, whichever is more)',
      whole(1),
    )
    .option(
      '--quantiles <list>',
      'forecast these, 0.5 among them; they never cross (default: 0.1,0.5,0.9)',
      quantileList,
    )
    .option('--gaussian', 'forecast normal distributions; --quantiles are then those that are written down')
    .option('--binary', 'targets are 0 or 1, such as notes that sound: one step ahead, all targets together')
    .option(
      '--covariate <column>',
      'numbers that are known of the steps to come, too (holidays, prices); predict reads them from rows whose targets are empty; repeat it for several',
      collect,
    )
    .option(
      '--graph <file>',
      'edges between the series that --group names, a table with the columns from, to and, if there is one, weight: to hears of from (--model graph-gru, graph-lstm)',
    )
    .option('--undirected', 'edges of --graph count in both directions')
    .option(
      '--season <n>',
      'steps after which the series repeats, for the seasonal naive forecast and MASE (default: 1)',
      whole(1),
    );
