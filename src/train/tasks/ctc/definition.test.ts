import { describe, expect, it } from 'vitest';
import { transcriberNetwork } from '../../../models/transcriber/network.ts';
import { initialize } from '../../../nn/module.ts';
import { assessTranscriber } from './assess.ts';
import type { TranscriptionData } from './data.ts';
import { splitTranscriptions } from './data.ts';
import { alignable, transcriberSpec } from './definition.ts';
import { squiggles } from './squiggle.fixture.ts';

const dataOf = (records: readonly (readonly [number[], string, string?])[]): TranscriptionData => ({
  ...{ kind: 'frames', channels: ['signal'], sources: [] },
  records: records.map(([values, text, group], i) => ({
    ...{ id: `r${i}`, place: `a.jsonl:${i + 1}`, text, ...(group && { group }) },
    observed: { kind: 'frames', values: Float32Array.from(values), channels: 1 },
  })),
});
const ramp = (n: number) => Array.from({ length: n }, (_, i) => i % 7);

describe('a specification', () => {
  it('has the scale of the channels and the letters of the texts', () => {
    const spec = transcriberSpec(
      dataOf([
        [[1, 3], 'b'],
        [[5, 7], 'a'],
      ]),
    );
    expect(spec.input).toEqual({
      kind: 'frames',
      channels: ['signal'],
      mean: [4],
      deviation: [Math.sqrt(5)],
    });
    expect(spec.target).toMatchObject({ kind: 'characters', characters: ['a', 'b'] });
    const flat = transcriberSpec(dataOf([[[2, 2], 'b']]));
    expect(flat.input).toMatchObject({ mean: [2], deviation: [1] });
  });

  it.each([
    [10, 'ab', [1, 2]],
    [40, 'abc', [1, 6]],
    [400, 'ab', [1, 8]],
    [3, 'abc', [1, 1]],
  ])(
    'of %i frames for "%s" moves as far as leaves two steps for each that is needed',
    (frames, text, strides) => {
      expect(
        transcriberSpec(
          dataOf([
            [ramp(frames), text],
            [ramp(500), 'a'],
          ]),
        ).config.strides,
      ).toEqual(strides);
    },
  );

  it('keeps strides that are set, and has none without convolutions', () => {
    const data = dataOf([[ramp(50), 'ab']]);
    expect(transcriberSpec(data, { config: { strides: [2, 3] } }).config.strides).toEqual([2, 3]);
    expect(transcriberSpec(data, { architecture: 'bilstm' }).config.strides).toEqual([]);
    expect(() => transcriberSpec(data, { architecture: 'x' })).toThrow(
      'There is no transcriber "x"; choose cnn-bilstm',
    );
    expect(() => transcriberSpec(data, { config: { hiden: 3 } })).toThrow('has no option "hiden"');
  });
});

describe('a transcription that is too long for its record', () => {
  const data = dataOf([
    [ramp(9), 'aab'],
    [ramp(6), 'aab'],
    [ramp(12), ''],
  ]);
  const spec = transcriberSpec(data, { config: { strides: [1, 3] } });

  it('is refused with the count of steps, repeats and all', () => {
    expect(() => alignable(data, spec)).toThrow(
      'a.jsonl:1: record "r0" needs 4 steps: one for each of 3 tokens, and 1 more between tokens that repeat; its 9 places give 3 at stride 3. Set smaller strides (--set strides=1,1), or give --unalignable skip to leave such records out.',
    );
  });

  it('is left out on demand, and counted', () => {
    const { data: kept, skipped } = alignable(data, spec, 'skip');
    expect([kept.records.map(({ id }) => id), skipped.map(({ id }) => id)]).toEqual([['r2'], ['r0', 'r1']]);
    const none = { ...data, records: data.records.slice(0, 2) };
    expect(() => alignable(none, spec, 'skip')).toThrow('nothing is left to learn from');
  });
});

describe('a split', () => {
  it('holds whole groups out, where records have them', () => {
    const data = dataOf(Array.from({ length: 60 }, (_, i) => [ramp(5), 'a', `g${i % 12}`] as const));
    const { fit, test } = splitTranscriptions(data, { test: 0.25, seed: 2 });
    const seen = new Set(fit.records.map(({ group }) => group));
    expect(test.records.some(({ group }) => seen.has(group))).toBe(false);
    expect([fit.records.length, test.records.length]).toEqual([45, 15]);
  });

  it('is by record otherwise, the same for the same seed', () => {
    const ids = (seed: number) =>
      splitTranscriptions(squiggles({ reads: 50 }), { test: 0.2, seed }).test.records.map(({ id }) => id);
    expect(ids(1)).toHaveLength(10);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    expect(() => splitTranscriptions(squiggles({ reads: 1 }))).toThrow('There is only 1 record');
  });
});

describe('a transcription with what the model never saw', () => {
  const data = dataOf([
    [ramp(20), 'ab'],
    [ramp(20), 'ab'],
  ]);
  const spec = transcriberSpec(data, { config: { filters: [2], kernels: [3], hidden: 2 } });
  const model = { spec, weights: initialize(transcriberNetwork(spec).network, 1) };
  const test = dataOf([
    [ramp(20), 'aN'],
    [ramp(20), 'ab'],
    [ramp(2), 'aabb'],
  ]);

  it('counts as wrong, is refused or is left out', async () => {
    const masked = await assessTranscriber(model, test, { resamples: 0 });
    expect(masked.transcriptions).toHaveLength(3);
    expect(masked.unknown.map(({ record }) => record.id)).toEqual(['r0']);
    expect(masked.unalignable.map(({ id }) => id)).toEqual(['r2']);
    expect(masked.metrics.crossEntropy!.value).toBeGreaterThan(0);
    const skipped = await assessTranscriber(model, test, { resamples: 0, unknown: 'skip' });
    expect(skipped.transcriptions.map(({ id }) => id)).toEqual(['r1', 'r2']);
    await expect(assessTranscriber(model, test, { unknown: 'error' })).rejects.toThrow(
      'a.jsonl:1: record "r0": its transcription has what the model never saw and cannot write: "N" at position 2. Correct it,',
    );
  });
});
