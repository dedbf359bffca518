import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { forecasterArchitectures } from '../models/forecaster/architectures.ts';
import { forecastOutput } from './actions/forecast-settings.ts';
import { type ForecastArguments, forecasterNames, forecastOptions } from './forecast-options.ts';

const parsed = (...words: string[]) =>
  forecastOptions(new Command().exitOverride().configureOutput({ writeErr() {} }))
    .parse(words, { from: 'user' })
    .opts<ForecastArguments>();

describe('the options of forecasts', () => {
  it('name the forecasters that there are', () => {
    expect(forecasterNames).toEqual(Object.keys(forecasterArchitectures));
  });

  it('take quantiles in any order, at once or one by one', () => {
    expect(parsed('--quantiles', '0.9, 0.5,0.05').quantiles).toEqual([0.05, 0.5, 0.9]);
    expect(parsed('--quantiles', '0.9', '--quantiles', '0.5').quantiles).toEqual([0.5, 0.9]);
  });

  it.each(['0', '1', '0.5,0.5', '0.5,', 'many', '-0.1', '1e400'])('refuse the quantiles %s', (text) => {
    expect(() => parsed('--quantiles', text)).toThrow(/Expected different numbers between 0 and 1/);
  });

  it.each(['0', '-3', '1.5', 'far'])('refuse the horizon %s', (text) => {
    expect(() => parsed('--horizon', text)).toThrow(/Expected a whole number of at least 1/);
  });
});

describe('what is forecast', () => {
  it('follows the options', () => {
    expect(forecastOutput({ horizon: 3 })).toEqual({ kind: 'quantiles', levels: [0.1, 0.5, 0.9] });
    expect(forecastOutput({ horizon: 3, gaussian: true, quantiles: [0.5] })).toEqual({
      kind: 'gaussian',
      levels: [0.5],
    });
    expect(forecastOutput({ binary: true })).toEqual({ kind: 'binary' });
  });

  it.each<[ForecastArguments, RegExp]>([
    [{}, /needs --horizon/],
    [{ horizon: 2, quantiles: [0.1, 0.9] }, /the median is missing/],
    [{ binary: true, horizon: 2 }, /forecasts one step ahead; leave --horizon out/],
    [{ binary: true, quantiles: [0.5] }, /--binary does not go with/],
  ])('%j is refused', (args, message) => {
    expect(() => forecastOutput(args)).toThrow(message);
  });
});
