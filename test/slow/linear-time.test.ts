import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/core/random.ts';
import { dna } from '../../src/data/alphabet.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { fitModel } from '../../src/train/fit.ts';
import { modelSpec } from '../../src/train/model-spec.ts';

/**
 * Time to fit against the number of sequences and against their length. What is measured is the processor's time for the quickest epoch,
 * taken inside a fit when its epochs end: at one thread it is the time that passes, but for what other programs take away, and compiling
 * counts for nothing. The sizes take turns, so that a busy machine meets all alike.
 */
const sizes = [1, 2, 4];
const rounds = 3;
const epochs = 4;

/** Random sequences in two classes; what they hold makes no difference to the time. */
function randomDataset(count: number, length: number): Dataset {
  const random = randomStream(1, 'linear time');
  const sequence = () => Array.from({ length }, () => 'ACGT'[random.below(4)]!).join('');
  const records = Array.from({ length: count }, (_, i) => ({ id: `s${i}`, sequence: sequence() }));
  const truth = Int32Array.from(records, (_, i) => i % 2);
  const target = { kind: 'classes' as const, classes: ['a', 'b'], truth };
  return { records, alphabet: dna, target, tracks: [], sources: [], skipped: [], notes: [] };
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function secondsOfEpoch(architecture: string, dataset: Dataset): Promise<number> {
  const ends: number[] = [];
  const onEvent = ({ kind }: { kind: string }) => {
    if (kind === 'epoch') ends.push(processorSeconds());
  };
  const spec = modelSpec(dataset, { architecture });
  await fitModel(spec, dataset, undefined, { epochs, seed: 1 }, { threads: 1, onEvent });
  return Math.min(...ends.slice(1).map((end, i) => end - ends[i]!));
}

describe.each(['cnn', 'cnn-bilstm', 'gru'])('the time to fit a %s', (architecture) => {
  it.each<[what: string, sizeOf: (n: number) => [count: number, length: number]]>([
    ['sequences', (n) => [256 * n, 200]],
    ['letters of each', (n) => [128, 200 * n]],
  ])('grows linearly with the number of %s', async (what, sizeOf) => {
    const datasets = sizes.map((n) => randomDataset(...sizeOf(n)));
    const seconds = sizes.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < rounds; round++)
      for (const [i, dataset] of datasets.entries())
        seconds[i] = Math.min(seconds[i]!, await secondsOfEpoch(architecture, dataset));
    const ratios = seconds.map((time) => time / seconds[0]!);
    console.log(
      `${architecture}, 1×, 2×, 4× the ${what}: ${seconds.map((s) => `${(1000 * s).toFixed(0)} ms`).join(', ')} an epoch; ratios ${ratios.map((r) => r.toFixed(2)).join(', ')}`,
    );
    // Batches have a fixed cost, so a little less than in proportion is to be expected, but not much more.
    for (const [i, n] of sizes.entries()) {
      expect(ratios[i]!).toBeLessThan(1.35 * n);
      expect(ratios[i]!).toBeGreaterThan(0.5 * n);
    }
  });
});
