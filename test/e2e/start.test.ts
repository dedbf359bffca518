import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program, root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

describe('seqwright', () => {
  it('prints a bare version number', async () => {
    expect(await at.seqwright('--version')).toEqual({ code: 0, signal: null, out: `${version}\n`, err: '' });
  });

  it('prints help without arguments, with every verb in it', async () => {
    const { code, out, err } = await at.seqwright();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const verb of ['train', 'evaluate', 'predict', 'export', 'run', 'init', 'list', 'doctor'])
      expect(out).toMatch(new RegExp(`^  ${verb} `, 'm'));
    expect((await at.seqwright('--help')).out).toBe(out);
  });

  it.each(['train', 'evaluate', 'predict', 'export', 'run', 'init', 'list', 'doctor'])(
    'explains %s with -h, the same as with help',
    async (verb) => {
      const { code, out, err } = await at.seqwright(verb, '-h');
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toContain(`Usage: seqwright ${verb}`);
      expect((await at.seqwright('help', verb)).out).toBe(out);
    },
  );

  it('starts for --version and --help in little more time than node takes', () => {
    const milliseconds = (args: string[]) => {
      const began = performance.now();
      spawnSync(process.execPath, args);
      return performance.now() - began;
    };
    // In turns, so that a busy machine meets all three alike.
    const rounds = Array.from({ length: 15 }, () => [
      milliseconds(['-e', '0']),
      milliseconds([program, '--version']),
      milliseconds([program, '--help']),
    ]);
    const [bare, version, help] = [0, 1, 2].map((i) => Math.min(...rounds.map((times) => times[i]!)));
    expect(version! / bare!).toBeLessThan(2);
    // The aim is 2 here as well; the rest is room for a busy machine.
    expect(help! / bare!).toBeLessThan(3);
  });

  it('loads neither runtime nor data room for help', () => {
    const { stderr } = spawnSync(process.execPath, [program, 'train', '--help'], {
      env: { ...process.env, NODE_DEBUG: 'esm' },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(stderr).toContain('dist/cli/main.js');
    expect(stderr).not.toMatch(/onnxruntime|dist\/data\//);
  });

  it.each([
    [['trian'], 'seqwright: there is no verb "trian". Did you mean train? See seqwright --help.\n'],
    [
      ['train', 'x', '--epoch', '3'],
      "seqwright: unknown option '--epoch' (Did you mean --epochs?). See seqwright train -h.\n",
    ],
    [['train'], "seqwright: missing required argument 'sequences'. See seqwright train -h.\n"],
    [
      ['train', 'x.fa'],
      'seqwright: train needs -o: name the folder for the model, such as -o mine.model. See seqwright train -h.\n',
    ],
    [
      ['predict', 'a', 'b', 'c'],
      "seqwright: too many arguments for 'predict'. Expected 2 arguments but got 3. See seqwright predict -h.\n",
    ],
    [
      ['train', 'x', '-o', 'm', '--epochs', 'ten'],
      "seqwright: option '--epochs <n>' argument 'ten' is invalid. Expected a whole number of at least 1. See seqwright train -h.\n",
    ],
    [
      ['train', 'x', '-o', 'm', '--device', 'cuda'],
      "seqwright: option '--device <name>' argument 'cuda' is invalid. Allowed choices are auto, cpu, wasm. See seqwright train -h.\n",
    ],
    [
      ['train', 'x', '-o', 'm', '--set', 'hiden=3'],
      'seqwright: the model cnn-bilstm has no setting "hiden". Did you mean hidden?\n',
    ],
    [
      ['export', 'm'],
      'seqwright: export needs --onnx: name the file, such as --onnx mine.onnx. See seqwright export -h.\n',
    ],
    [['list', 'cnm'], 'seqwright: there is no model or recipe "cnm". Did you mean cnn?\n'],
  ])('answers wrong usage with exit code 2 and one line: %j', async (args, err) => {
    expect(await at.seqwright(...args)).toEqual({ code: 2, signal: null, out: '', err });
    expect(at.list()).toEqual([]);
  });

  it('ends quietly when the reader of its help has gone', async () => {
    expect(await at.shell('seqwright train -h | head -1; echo $PIPESTATUS')).toMatchObject({
      code: 0,
      out: 'Usage: seqwright train [options] <sequences>\n0\n',
      err: '',
    });
  });

  it('lists models with what can be set in them', async () => {
    const { code, out } = await at.seqwright('list', '--json');
    expect(code).toBe(0);
    const names = (JSON.parse(out) as { models: { id: string }[] }).models.map(({ id }) => id);
    expect(names.slice(0, 5)).toEqual(['cnn', 'lstm', 'gru', 'cnn-bilstm', 'attention-bilstm']);
    expect(names).toContain('cnn-transformer');
    expect((await at.seqwright('list', 'gru')).out).toMatch(/^ {2}hidden=64 +Width of the recurrent state/m);
  });

  it('says in doctor that both devices work', async () => {
    const { code, out } = await at.seqwright('doctor', '--json');
    expect(code).toBe(0);
    const { devices } = JSON.parse(out) as { devices: { device: string; works: boolean; seconds: number }[] };
    expect(devices).toMatchObject([
      { device: 'cpu', works: true },
      { device: 'wasm', works: true },
    ]);
  });
});
