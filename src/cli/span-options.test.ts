import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { spanArchitectures } from '../models/span/architectures.ts';
import { refuseUnknownSpanModel, spanConfig, spanThreads, usualSpanModel } from './actions/span-settings.ts';
import { refuseSpanArguments, spanModelNames, spanOptionNames, spanOptions } from './span-options.ts';

describe('the command line of spans', () => {
  it('knows the models that there are, and its own options', () => {
    expect(spanModelNames).toEqual(Object.keys(spanArchitectures));
    const declared = spanOptions(new Command()).options.map((option) => option.attributeName());
    expect([...spanOptionNames].sort()).toEqual(declared.sort());
  });

  it('takes another model where there are questions, and guesses at a misspelt name', () => {
    expect(usualSpanModel({ question: true })).toBe('bidaf');
    expect(usualSpanModel({ question: false })).toBe('cnn-bilstm');
    expect(() => refuseUnknownSpanModel('bidef')).toThrow(
      'there is no span model "bidef". Did you mean bidaf?',
    );
  });

  it('reads settings of the model, and refuses what it does not have or cannot take', () => {
    const letters = { question: false, kind: 'letters' } as const;
    expect(spanConfig('cnn', ['dilations=3', 'width=8'], letters)).toEqual({ dilations: [3], width: 8 });
    expect(() => spanConfig('cnn', ['embedding=3'], letters)).toThrow(/has no setting "embedding"/);
    expect(() => spanConfig('bilstm', ['hidden=0.5'], letters)).toThrow(
      /--set hidden: expected a whole number/,
    );
    expect(() => spanConfig('bilstm', [], { question: true, kind: 'text' })).toThrow(
      /"bilstm" reads no questions/,
    );
    expect([spanThreads(undefined, { hidden: 64 }), spanThreads(3, {})]).toEqual([1, 3]);
  });

  it('refuses for other models what only spans have', () => {
    expect(() => refuseSpanArguments('m.model', { longest: 2 })).toThrow(
      'm.model is no model of spans; only these take --longest.',
    );
    expect(() => refuseSpanArguments('m.model', { format: 'bed' })).toThrow(/only these write BED/);
    expect(() => refuseSpanArguments('m.model', {})).not.toThrow();
  });
});
