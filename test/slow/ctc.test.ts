import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { squiggles } from '../../src/train/tasks/ctc/squiggle.fixture.ts';
import { workplace } from '../e2e/command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** A line of JSON for each read of a made-up pore that sees two letters at once. */
const reads = (count: number, seed: number) =>
  squiggles({ reads: count, letters: [20, 30], seed })
    .records.map(({ id, observed, text }) => {
      const signal =
        observed.kind === 'frames' ? Array.from(observed.values, (x) => Number(x.toFixed(2))) : [];
      return `${JSON.stringify({ id, signal, text })}\n`;
    })
    .join('');

/**
 * Set before any run. With 64 levels (three letters at once, noise 0.2, 1,500 reads, 30 epochs at a rate of 0.005) the error rate was 0.14, greedily, and 0.13 by a beam
 * of eight: that many levels need more training than a test can wait for.
 */
const worst = 0.05;

describe('a made-up pore of 16 levels, dwell times and noise', () => {
  it(`is read with a character error rate of at most ${worst}, by greedy search and by a beam`, async () => {
    writeFileSync(at.path('train.jsonl'), reads(800, 1));
    writeFileSync(at.path('test.jsonl'), reads(200, 2));
    const trained = await at.seqwright(
      ...[
        'train',
        'train.jsonl',
        '--task',
        'ctc',
        '--test',
        'test.jsonl',
        '--epochs',
        '20',
        '--rate',
        '0.008',
      ],
      ...['--batch-size', '16', '-o', 'pore.model', '--json'],
    );
    expect(trained.code, trained.err).toBe(0);
    const { metrics, baselines } = JSON.parse(trained.out);
    const beam = await at.seqwright(
      ...['evaluate', 'pore.model', 'test.jsonl', '--beam', '8', '--json', '--quiet'],
    );
    const wide = JSON.parse(beam.out).metrics;
    expect(metrics.cer.value).toBeLessThanOrEqual(worst);
    expect(wide.cer.value).toBeLessThanOrEqual(worst);
    for (const simple of Object.values(baselines) as { cer: { value: number } }[])
      expect(simple.cer.value).toBeGreaterThan(0.5);
  });
});
