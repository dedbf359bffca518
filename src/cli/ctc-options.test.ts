import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { transcriberArchitectures } from '../models/transcriber/architectures.ts';
import { unalignablePolicies } from '../train/tasks/ctc/definition.ts';
import {
  refuseUnknownTranscriber,
  transcriberConfig,
  transcriberThreads,
} from './actions/transcription-settings.ts';
import { define } from './verbs/train.ts';

const command = new Command();
define(command);
const option = (name: string) => command.options.find((o) => o.attributeName() === name)!;

describe('train --task ctc', () => {
  it('can name every transcriber, and the policies that there are', () => {
    expect(option('model').argChoices).toEqual(expect.arrayContaining(Object.keys(transcriberArchitectures)));
    expect(Object.keys(transcriberArchitectures)).toContain(option('model').defaultValue);
    expect(option('unalignable').argChoices).toEqual([...unalignablePolicies]);
    expect(() => refuseUnknownTranscriber('bilst')).toThrow('Did you mean bilstm?');
    expect(() => refuseUnknownTranscriber('elman')).toThrow('There are cnn-bilstm, bilstm');
  });

  it('takes settings of what is read, a single number for a list, and says what it expected', () => {
    const set = ['filters=8', 'kernels=3', 'strides=2', 'normalise=record'];
    const expected = { filters: [8], kernels: [3], strides: [2], normalise: 'record' };
    expect(transcriberConfig('cnn-bilstm', set, 'frames')).toEqual(expected);
    expect(() => transcriberConfig('bilstm', ['embedding=4'], 'frames')).toThrow(
      'has no setting "embedding"',
    );
    expect(transcriberConfig('bilstm', ['embedding=4'], 'symbols')).toEqual({ embedding: 4 });
    expect(() => transcriberConfig('bilstm', ['hidden=0'], 'frames')).toThrow(
      '--set hidden: expected a whole number',
    );
  });

  it('shares an operation among threads where it is wide', () => {
    expect(transcriberThreads(3, {})).toBe(3);
    expect(transcriberThreads(undefined, { filters: [32, 64], hidden: 64 })).toBe(1);
    expect(transcriberThreads(undefined, { filters: [32, 512] })).toBe(
      transcriberThreads(undefined, { hidden: 256 }),
    );
  });
});
