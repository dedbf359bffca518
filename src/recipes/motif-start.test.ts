import { describe, expect, it } from 'vitest';
import { dna } from '../data/alphabet.ts';
import { network } from '../models/network.ts';
import { initialize } from '../nn/module.ts';
import { motifStart, pairWidth, promoterBoxes } from './motif-start.ts';

const motifs = { first: 'TTGA', second: 'AT', spacings: [2, 3], gain: 0.5, threshold: 4, strength: 2 };
const spec = (config: object) => ({
  architecture: 'cnn',
  config: { length: 20, pool: 'flatten', filters: [3], kernels: [9], pools: [1], dense: [], ...config },
  alphabet: { name: dna.name, letters: dna.letters },
  tracks: [],
  output: { kind: 'classes' as const, classes: ['no', 'yes'] },
});
const begun = (config: object = {}, more: object = {}) => {
  const initial = initialize(network(spec(config)), 1);
  return { initial, start: new Map([...initial, ...motifStart({ ...motifs, ...more })(initial)]) };
};
const scan = 'body.convolutions.blocks.0.convolution';

/** What the convolution `f` gives at every place of a sequence, with the padding of `same`; and relu. */
function activations(weights: ReadonlyMap<string, Float32Array>, f: number, sequence: string, kernel = 9) {
  const filter = weights.get(`${scan}.weight`)!.subarray(f * 4 * kernel, (f + 1) * 4 * kernel);
  const bias = weights.get(`${scan}.bias`)![f]!;
  return Array.from(sequence, (_, t) => {
    let sum = bias;
    for (let i = 0; i < kernel; i++) {
      const letter = 'ACGT'.indexOf(sequence[t + i - (kernel - 1) / 2] ?? 'N');
      if (letter >= 0) sum += filter[letter * kernel + i]!;
    }
    return Math.max(0, sum);
  });
}

describe('motifStart', () => {
  it('makes one filter for each spacing that answers to both motifs at that spacing and to nothing else', () => {
    const { start } = begun();
    const [at2, at3] = ['CCCCTTGACCATCCCCCCCC', 'CCCCTTGACCCATCCCCCCC'];
    const best = (f: number, sequence: string) => Math.max(...activations(start, f, sequence));
    // Six letters match, four are expected at least, and each further one gives 0.5.
    expect(best(0, at2)).toBeCloseTo(1, 6);
    expect(best(1, at3)).toBeCloseTo(1, 6);
    expect([best(0, at3), best(1, at2)]).toEqual([0, 0]);
    expect(best(0, 'CCCCTTGCCCATCCCCCCCC')).toBeCloseTo(0.5, 6);
    expect(best(0, 'C'.repeat(20))).toBe(0);
  });

  it('leaves the other filters as the seed made them', () => {
    const { initial, start } = begun();
    const path = `${scan}.weight`;
    const size = initial.get(path)!.length / 3;
    expect(start.get(path)!.slice(2 * size)).toEqual(initial.get(path)!.slice(2 * size));
    expect(start.get(path)!.slice(0, size)).not.toEqual(initial.get(path)!.slice(0, size));
    expect(start.get('readout.head.weight')).toEqual(initial.get('readout.head.weight'));
  });

  it('expects the second motif at its place: there the read-out weighs most, for the second class', () => {
    const { start } = begun({}, { expected: 11 });
    const head = start.get('readout.head.weight')!;
    const yes = (f: number) => Array.from({ length: 20 }, (_, t) => head[(f * 20 + t) * 2 + 1]!);
    // TTGA at 5, AT at 11 (counted from 1): the activation that the first filter gives there.
    const place = activations(start, 0, 'CCCCTTGACCATCCCCCCCC').findIndex((a) => a > 0);
    expect(yes(0).indexOf(Math.max(...yes(0)))).toBe(place);
    expect(yes(0)[place]).toBeCloseTo(4, 6);
    expect(head[place * 2]).toBeCloseTo(-4, 6);
    expect(yes(0)[place + 6]).toBeLessThan(0.1);
  });

  it('holds the boxes of promoters at their widest spacing in 31 letters', () => {
    expect(pairWidth(promoterBoxes)).toBe(31);
  });

  it('refuses a model with too little room', () => {
    expect(() => begun({ filters: [1] })).toThrow(/need 2 filters.*at least 9 letters; the model has 1 of 9/);
    expect(() => begun({ kernels: [7] })).toThrow(/the model has 3 of 7/);
  });
});
