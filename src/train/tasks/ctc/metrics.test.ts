import { describe, expect, it } from 'vitest';
import { words } from '../../metrics/edit.ts';
import { transcriptionMetrics } from './metrics.ts';

const valuesOf = (metrics: ReturnType<typeof transcriptionMetrics>) =>
  Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));

describe('metrics of transcriptions', () => {
  it('are edits for each character and word of the truth, and the share that is right to the letter', () => {
    const found = transcriptionMetrics(['the cat', 'a dog', ''], ['the cat', 'the dog', 'ox'], {
      resamples: 0,
    });
    // "a dog" takes three edits to "the dog", "" takes two: five of 16 characters; two of five words are wrong.
    expect(valuesOf(found)).toEqual({ cer: 5 / 16, wer: 2 / 5, exactMatch: 1 / 3, editDistance: 5 / 3 });
  });

  it('speak of words only where there are some', () => {
    const named = (hypotheses: string[], references: string[], options = {}) =>
      Object.keys(transcriptionMetrics(hypotheses, references, { resamples: 0, ...options }));
    expect(named(['ACG'], ['ACT'])).not.toContain('wer');
    expect(named(['A'], ['A'])).not.toContain('wer');
    expect(named(['up'], ['down'], { tokens: words })).toContain('wer');
  });

  it('have intervals over whole groups, wider than over records that are alike within them', () => {
    const right = Array.from({ length: 80 }, (_, i) => (i % 8 < 4 ? 'aa' : 'ab'));
    const truth = right.map(() => 'aa');
    const width = ({ cer }: ReturnType<typeof transcriptionMetrics>) => cer!.high! - cer!.low!;
    const groups = right.map((_, i) => `g${i % 8}`);
    const apart = transcriptionMetrics(right, truth, { resamples: 400 });
    const together = transcriptionMetrics(right, truth, { resamples: 400, groups });
    expect(together.cer!.value).toBe(apart.cer!.value);
    expect(width(together)).toBeGreaterThan(1.5 * width(apart));
  });

  it('have a calibration error of what was said with confidence', () => {
    const symbols = {
      confidences: Float64Array.of(0.95, 0.95, 0.95, 0.95),
      right: Uint8Array.of(1, 1, 1, 0),
      record: Int32Array.of(0, 0, 1, 1),
    };
    const { ece } = transcriptionMetrics(['ab', 'cd'], ['ab', 'ce'], { resamples: 0, symbols });
    expect(ece!.value).toBeCloseTo(0.2, 12);
  });
});
