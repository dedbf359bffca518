import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { marksBodies } from '../models/marks/bodies.ts';
import { markFiles, marksConfig, marksThreads, windowOf } from './actions/marks-settings.ts';
import { type MarksArguments, marksModelNames, marksOptions, trackFiles } from './marks-options.ts';

const parsed = (...words: string[]) =>
  marksOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr() {} })
    .parse(words, { from: 'user' })
    .opts<MarksArguments>();

describe('the command line of models of marks', () => {
  it('knows the models that there are', () => {
    expect(marksModelNames).toEqual(Object.keys(marksBodies));
  });

  it('takes marks by name and file, whatever the file is called', () => {
    const args = parsed('--mark', 'K4=a=b.bed', '--mark', 'K27=dir/c.bw', '--cut', 'K27=2.5');
    expect(markFiles(args)).toEqual([
      { name: 'K4', path: 'a=b.bed', cut: undefined },
      { name: 'K27', path: 'dir/c.bw', cut: 2.5 },
    ]);
    expect(trackFiles(['atac=x.bw'])).toEqual([{ name: 'atac', path: 'x.bw' }]);
  });

  it.each([
    ['a file without a name', ['--mark', 'a.bed'], /Expected <name>=<file>/],
    ['a name without a file', ['--mark', 'K4='], /Expected <name>=<file>/],
    ['a cut that is no number', ['--cut', 'K4=high'], /Expected <name>=<value>/],
    ['no bin', ['--bin', '0'], /whole number of at least 1/],
  ])('refuses %s', (_, words, message) => {
    expect(() => parsed(...words)).toThrow(message);
  });

  it('refuses a cut of no mark, a nameless track, and windows without a bin to answer', () => {
    expect(() => markFiles(parsed('--mark', 'a=a.bw', '--cut', 'b=1'))).toThrow(
      /there is no mark "b"; there are a/,
    );
    expect(() => trackFiles(['x.bw'])).toThrow(/--track x\.bw: expected <name>=<file>/);
    expect(() => windowOf({ window: 100, windowFlank: 50, bin: 10 })).toThrow(/has no bin of 10 to answer/);
  });

  it('counts windows in bins: 96 to answer and 16 at either side unless told otherwise', () => {
    expect(windowOf({})).toEqual({ bin: 32, core: 96, flank: 16 });
    expect(windowOf({ bin: 10, window: 1000, windowFlank: 200 })).toEqual({ bin: 10, core: 60, flank: 20 });
  });

  it('takes settings of the body and of the letters, and refuses others', () => {
    expect(marksConfig('cnn', ['dilations=3', 'motifs=8'])).toEqual({ dilations: [3], motifs: 8 });
    expect(() => marksConfig('cnn', ['hidden=3'])).toThrow(/the model of marks cnn has no setting "hidden"/);
    expect(() => marksConfig('bilstm', ['pool=min'])).toThrow(/--set pool: expected one of max, mean/);
    expect(() => marksConfig('lstm')).toThrow(/no model of marks "lstm"\. Did you mean bilstm\?/);
    expect([marksThreads(undefined, { hidden: 64 }), marksThreads(3, {})]).toEqual([1, 3]);
  });
});
