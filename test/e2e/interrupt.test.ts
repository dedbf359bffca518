import { afterAll, describe, expect, it } from 'vitest';
import { fastaText, type Running, root, spliceSites, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const command = (output: string, ...more: string[]) => [
  ...[
    'train',
    `${root}/examples/data/primate_splice.tsv`,
    '--model',
    'cnn',
    '--set',
    'filters=16,16',
    '--epochs',
    '6',
  ],
  ...['--no-test', '--no-report', '--checkpoint-every', '0', '-o', output, ...more],
];

/** Waits until the messages say so. */
async function until({ err, ended }: Running, text: string): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  while (!err().includes(text)) {
    if (over) throw new Error(`The command ended before it said ${JSON.stringify(text)}: ${err()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const weights = (model: string) => at.read(`${model}/weights.safetensors`);

describe('an interrupted training', () => {
  it('resumes after kill -9 to the same weights as a run that nobody stopped', async () => {
    expect((await at.seqwright(...command('whole.model'))).code).toBe(0);
    expect((await at.seqwright(...command('again.model'))).code).toBe(0);
    expect(weights('again.model').equals(weights('whole.model'))).toBe(true);

    for (const [model, moment] of [
      ['early.model', 'Epoch 1 of 6'],
      ['late.model', 'Epoch 4 of 6'],
    ] as const) {
      const running = at.start(...command(model));
      await until(running, moment);
      running.child.kill('SIGKILL');
      expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' });
      expect(at.list()).toContain(`${model}.checkpoint`);
      expect(at.list()).not.toContain(model);
      const resumed = await at.seqwright(...command(model, '--resume'));
      expect(resumed.code).toBe(0);
      expect(resumed.err).toMatch(/^Resumed in epoch \d, after \d+ steps\.$/m);
      expect(weights(model).equals(weights('whole.model'))).toBe(true);
      expect(at.list().filter((name) => name.startsWith(model))).toEqual([model]);
    }
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops on %s, says how to go on, and goes on', async (signal, code) => {
    const model = `${signal}.model`;
    const running = at.start(...command(model));
    await until(running, 'Epoch 2 of 6');
    running.child.kill(signal);
    const { err, out, ...outcome } = await running.ended;
    expect(outcome).toEqual({ code, signal: null });
    expect(out).toBe('');
    expect(err).toMatch(
      /seqwright: stopping after this batch; once more stops at once\.\nseqwright: interrupted in epoch \d; progress is saved in \S+\.model\.checkpoint\. Continue with the same command and --resume\.\n$/,
    );
    expect(at.list().filter((name) => name.startsWith(model))).toEqual([`${model}.checkpoint`]);
    expect((await at.seqwright(...command(model, '--resume'))).code).toBe(0);
    expect(weights(model).equals(weights('whole.model'))).toBe(true);
  });

  it('refuses a checkpoint of another run', async () => {
    const running = at.start(...command('other.model'));
    await until(running, 'Epoch 1 of 6');
    running.child.kill('SIGINT');
    await running.ended;
    const { code, err } = await at.seqwright(...command('other.model', '--resume', '--seed', '7'));
    expect(code).toBe(3);
    expect(err).toMatch(/seqwright: other\.model\.checkpoint is the checkpoint of another run: .*\n$/);
  });

  it('leaves no unfinished file when a prediction is stopped', async () => {
    const running = at.startFed(fastaText(spliceSites), 'predict', 'whole.model', '-', '-o', 'stopped.tsv');
    const unfinished = () => at.list().filter((name) => name.startsWith('stopped'));
    while (unfinished().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unfinished()).toEqual([expect.stringMatching(/^stopped\.tsv\.partial-/)]);
    running.child.kill('SIGINT');
    // A shell reports a command that a signal ended as 128 and its number: 130.
    expect(await running.ended).toEqual({ code: null, signal: 'SIGINT', out: '', err: '' });
    expect(unfinished()).toEqual([]);
  });

  it('ends a prediction at once in the middle of a batch, and does not abort', async () => {
    const long = `>long\n${'ACGTTGCA'.repeat(250_000)}\n`;
    for (const moment of [600, 750, 900]) {
      const running = at.startFed(long.repeat(4), 'predict', 'whole.model', '-', '-o', 'stopped.tsv');
      await new Promise((resolve) => setTimeout(resolve, moment));
      running.child.kill('SIGTERM');
      expect(await running.ended).toEqual({ code: null, signal: 'SIGTERM', out: '', err: '' });
    }
    expect(at.list().filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it('keeps the model when its evaluation is stopped, and says so', async () => {
    const running = at.start(...command('kept.model').filter((word) => word !== '--no-test'));
    await until(running, 'Trained 6 epochs');
    running.child.kill('SIGINT');
    const { err, ...outcome } = await running.ended;
    expect(outcome).toEqual({ code: null, signal: 'SIGINT', out: '' });
    expect(err).toMatch(
      /\nseqwright: the model is saved in kept\.model; its evaluation was not finished\. See seqwright evaluate -h\.\n$/,
    );
    expect(at.list('kept.model')).toContain('weights.safetensors');
  });

  it('has other weights with another seed', async () => {
    expect((await at.seqwright(...command('seven.model', '--seed', '7', '--epochs', '1'))).code).toBe(0);
    expect((await at.seqwright(...command('eight.model', '--seed', '8', '--epochs', '1'))).code).toBe(0);
    expect(weights('seven.model').equals(weights('eight.model'))).toBe(false);
  });
});
