import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { architectures } from '../models/architectures/index.ts';
import { languageArchitectures } from '../models/language/architectures.ts';
import { optimizers } from '../train/optimizers.ts';
import { defaultFitOptions } from '../train/options.ts';
import { schedules } from '../train/schedules.ts';
import { fitArguments } from './actions/fit-arguments.ts';
import { threadsFor } from './actions/threads.ts';
import { languageModelNames, modelNames } from './model-names.ts';
import { define, type TrainArguments } from './verbs/train.ts';

const command = new Command();
define(command);
const option = (name: string) => command.options.find((o) => o.attributeName() === name)!;

describe('the help of train', () => {
  it('names the architectures, optimisers and schedules that there are', () => {
    expect(modelNames).toEqual(Object.keys(architectures));
    expect(languageModelNames).toEqual(Object.keys(languageArchitectures));
    expect(option('schedule').argChoices).toEqual(Object.keys(schedules));
    expect(option('optimizer').description).toBe(`one of ${Object.keys(optimizers).join(', ')}`);
  });

  it('shows the defaults of the library', () => {
    expect(fitArguments(command.opts<TrainArguments>())).toEqual(defaultFitOptions);
  });
});

describe('fitArguments', () => {
  it('hands weight decay to the optimiser, and refuses it where there is none', () => {
    const args = command.opts<TrainArguments>();
    expect(fitArguments({ ...args, decay: 0.1 }).optimizerOptions).toEqual({ decay: 0.1 });
    expect(() => fitArguments({ ...args, decay: 0.1, optimizer: 'adam' })).toThrow(
      '--decay does not go with',
    );
  });
});

describe('threadsFor', () => {
  it('takes what is asked, and one thread for small models', () => {
    expect(threadsFor(7, 'cnn')).toBe(7);
    for (const name of modelNames) expect(threadsFor(undefined, name)).toBe(1);
    expect(threadsFor(undefined, 'lstm', { hidden: 256 })).toBe(
      threadsFor(undefined, 'cnn', { filters: [64, 128] }),
    );
  });
});
