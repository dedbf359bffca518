import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { applyConfigFile } from './config-file.ts';
import { define, type TrainArguments } from './verbs/train.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'c.json');

/** The options of `train` after a command line and a configuration file. */
async function configured(config: unknown, ...args: string[]) {
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  const command = new Command().exitOverride();
  define(command);
  command.parseOptions(args);
  await applyConfigFile(command, file);
  return command.opts<TrainArguments>();
}

describe('applyConfigFile', () => {
  it('fills up what the command line leaves open', async () => {
    const config = {
      epochs: 3,
      label: ['heat', 'cold'],
      test: 'test.csv',
      report: false,
      resume: true,
      rate: 0.1,
    };
    const options = await configured(config, '--epochs', '5', '--validation', '0.3');
    expect(options).toMatchObject({ ...config, epochs: 5, validation: 0.3, batchSize: 32 });
  });

  it.each([
    [{ epoch: 3 }, 'has no setting "epoch". Did you mean epochs?'],
    [{ config: 'other.json' }, 'has no setting "config".'],
    [{ epochs: 'many' }, 'epochs: Expected a whole number of at least 1.'],
    [{ epochs: { a: 1 } }, 'epochs: expected text or a number, received {"a":1}.'],
    [{ resume: 'yes' }, 'resume: expected true or false, received "yes".'],
    [{ model: 'rnn' }, 'model: Allowed choices are cnn, lstm, gru, cnn-bilstm, attention-bilstm'],
    [[1], 'expected a JSON record'],
    ['{"epochs": 3,}', 'is not valid JSON'],
  ])('refuses %j', async (config, message) => {
    await expect(configured(config)).rejects.toThrow(message);
  });

  it('says that there is no such file', async () => {
    await expect(applyConfigFile(new Command(), join(folder, 'none.json'))).rejects.toThrow('no such file');
  });
});
