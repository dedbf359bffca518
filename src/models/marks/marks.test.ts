import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dna } from '../../data/alphabet.ts';
import type { Given } from '../../nn/check.fixture.ts';
import { bound, directionError, drawn, known, lossOf, runtimeError } from '../../nn/check.fixture.ts';
import { marksFeed } from './feed.ts';
import { markPredictions } from './graph.ts';
import { exampleMarks, exampleStretch, smallMarks } from './marks.fixture.ts';
import { marksNetwork } from './network.ts';
import { openMarksRunner } from './runner.ts';
import { scaledTrack } from './spec.ts';
import { marksWindows } from './stretch.ts';

describe.each(Object.keys(smallMarks))('%s', (architecture) => {
  const { spec, weights } = exampleMarks({ architecture });

  it('has gradients as finite differences tell, and the same numbers on ONNX Runtime', async () => {
    const given: Given = new Map();
    const { model, parameters } = bound(marksNetwork(spec), given, { jitter: 0.3 });
    const letters = Array.from({ length: 2 * 5 * 4 }, (_, i) => (i >= 32 ? dna.padding : (i * 7) % 4));
    const tokens = known(given, [2, 5, 4], letters);
    const lengths = known(given, [2], [5, 3]);
    const predictions = markPredictions(spec, model({ tokens, lengths, tracks: drawn(given, [2, 5, 1], 4) }));
    expect(directionError(lossOf(predictions), [...parameters.values()], given)).toBeLessThan(1e-5);
    expect(await runtimeError([predictions], given)).toBeLessThan(1e-4);
  });

  it('tells the same of a window alone, among longer ones, and in any order', async () => {
    const runner = await openMarksRunner(spec, weights);
    const pieces = [3, 9, 6, 1].map((bins, i) => ({
      stretch: exampleStretch(bins, { seed: i + 1 }),
      window: { start: 0, end: bins, from: 0, to: bins },
    }));
    const together = await runner.windows(pieces);
    const turned = (await runner.windows(pieces.toReversed())).toReversed();
    for (const [i, piece] of pieces.entries()) {
      const [alone] = await runner.windows([piece]);
      alone!.forEach((x, j) => {
        expect(x).toBeCloseTo(together[i]![j]!, 5);
        expect(x).toBeCloseTo(turned[i]![j]!, 5);
      });
    }
    await runner.close();
  });
});

describe('a model of marks', () => {
  it('knows how common marks are before it has learned anything', async () => {
    const { spec, weights } = exampleMarks();
    const silent = new Map(
      [...weights].map(([path, w]) => [path, path.startsWith('head') ? w.map(() => 0) : w]),
    );
    const runner = await openMarksRunner(spec, silent);
    const found = await runner.run(exampleStretch(11));
    await runner.close();
    found.forEach((x, i) => {
      expect(x).toBeCloseTo([0.2, 3, 0.05][i % 3]!, 4);
    });
  });

  it('answers every bin as the window does that has it in its core', async () => {
    const { spec, weights } = exampleMarks();
    const runner = await openMarksRunner(spec, weights);
    const stretch = exampleStretch(17);
    const whole = await runner.run(stretch);
    for (const window of marksWindows(17, spec)) {
      const [own] = await runner.windows([{ stretch, window }]);
      own!.forEach((x, i) => {
        expect(x).toBeCloseTo(whole[window.from * 3 + i]!, 5);
      });
    }
    await runner.close();
  });

  it('read on the other strand answers for the same bins', async () => {
    const { spec, weights } = exampleMarks({ architecture: 'bilstm' });
    const runner = await openMarksRunner(spec, weights);
    const stretch = exampleStretch(8, { seed: 5 });
    const complement = Uint8Array.from(stretch.tokens, (id) => dna.complement![id]!).reverse();
    const other = { ...stretch, tokens: complement, tracks: stretch.tracks.slice().reverse() };
    const [reverse] = await runner.windows([
      { stretch, window: { start: 1, end: 8, from: 2, to: 7 }, reverse: true },
    ]);
    const [forward] = await runner.windows([
      { stretch: other, window: { start: 0, end: 7, from: 1, to: 6 } },
    ]);
    for (let t = 0; t < 5; t++)
      for (let m = 0; m < 3; m++) expect(reverse![t * 3 + m]).toBeCloseTo(forward![(4 - t) * 3 + m]!, 5);
    await runner.close();
  });

  it('reads a bin that ends early as its letters and nothing', () => {
    const { spec } = exampleMarks();
    const stretch = {
      ...exampleStretch(2),
      tokens: Uint8Array.of(0, 1, 2, 3, 1, dna.padding, dna.padding, dna.padding),
    };
    const { tokens, lengths, tracks } = marksFeed(spec, [
      { stretch, window: { start: 0, end: 2, from: 0, to: 2 } },
    ]);
    expect(Array.from(tokens!.data)).toEqual(Array.from(stretch.tokens));
    expect(Array.from(lengths!.data)).toEqual([2]);
    expect(tracks!.data[1]).toBeCloseTo((Math.log1p(stretch.tracks[1]!) - 0.7) / 0.4, 5);
  });

  it('takes a track that says nothing for its mean', () => {
    expect(scaledTrack({ name: 't', log: false, mean: 4, deviation: 2 }, Number.NaN)).toBe(0);
    expect(scaledTrack({ name: 't', log: false, mean: 4, deviation: 2 }, 8)).toBe(2);
  });
});

describe('windows', () => {
  it('answer every bin once, in order, with context as far as the stretch goes', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        size,
        fc.nat(5),
        fc.nat(11),
        (bins, core, flank, shift) => {
          const windows = marksWindows(bins, { core, flank }, shift % core);
          const told = windows.flatMap(({ from, to }) =>
            Array.from({ length: to - from }, (_, i) => from + i),
          );
          expect(told).toEqual(Array.from({ length: bins }, (_, b) => b));
          for (const { start, end, from, to } of windows) {
            expect(to - from).toBeLessThanOrEqual(core);
            expect(start).toBe(Math.max(0, from - flank));
            expect(end).toBe(Math.min(bins, to + flank));
          }
        },
      ),
    );
  });
});
