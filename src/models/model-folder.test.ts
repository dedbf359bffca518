import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { replaceFolder } from './folder.ts';
import { loadAnyModel, loadModel, loadModelOf } from './load-model.ts';
import { exampleModel } from './model.fixture.ts';
import type { Model } from './model.ts';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.ts';
import { saveModel } from './save-model.ts';

const model = exampleModel();
let root: string;
let directory: string;
let number = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'model-folder-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  directory = join(root, `m${number++}.model`);
});

const bitsOf = (m: Model) => [...m.weights].map(([path, data]) => [path, [...new Uint32Array(data.buffer)]]);
const jsonOf = async () => JSON.parse(await readFile(join(directory, 'model.json'), 'utf8'));
const writeJson = (value: unknown) => writeFile(join(directory, 'model.json'), JSON.stringify(value));

/** Replaces the weights, and their hash beside them, as somebody would who means harm. */
async function writeWeights(bytes: Uint8Array) {
  await writeFile(join(directory, 'weights.safetensors'), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await writeJson({ ...(await jsonOf()), weights: { sha256 } });
}
async function changeTensors(change: (tensors: Map<string, StoredTensor>) => void) {
  const { tensors } = decodeSafetensors(await readFile(join(directory, 'weights.safetensors')));
  change(tensors);
  await writeWeights(encodeSafetensors(tensors));
}

/** The refusal's message, with `mine` for the folder's path. */
async function refusal(action: Promise<unknown>, kind = 'data'): Promise<string> {
  const error = await action.then(
    () => new Error('nothing was refused'),
    (e) => e,
  );
  expect(error).toMatchObject({ name: 'SeqwrightError', kind });
  return error.message.replaceAll(directory, 'mine');
}

describe('a model folder', () => {
  it('gives back to the bit what was saved, in three files', async () => {
    await saveModel(directory, model);
    expect((await readdir(directory)).sort()).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    const loaded = await loadModel(directory);
    expect(loaded.spec).toEqual(model.spec);
    expect(loaded.training).toEqual(model.training);
    expect(bitsOf(loaded)).toEqual(bitsOf(model));
  });

  it('is read by whichever way its kind allows, named or not', async () => {
    await saveModel(directory, model);
    const json = await jsonOf();
    expect(json.spec.kind).toBeUndefined();
    await writeJson({ ...json, spec: { ...json.spec, kind: 'answer' } });
    for (const loaded of [await loadAnyModel(directory), await loadModelOf('answer', directory)]) {
      expect(loaded.spec).toEqual(model.spec);
      expect(bitsOf(loaded as Model)).toEqual(bitsOf(model));
    }
  });

  it('is the same bytes for the same model', async () => {
    await saveModel(directory, model);
    const other = `${directory}2`;
    await saveModel(other, exampleModel());
    for (const name of await readdir(directory))
      expect((await readFile(join(other, name))).equals(await readFile(join(directory, name)))).toBe(true);
  });

  it('replaces a model that is there, also through a link to it and an empty folder', async () => {
    await mkdir(directory);
    await saveModel(directory, model);
    const link = `${directory}.link`;
    await symlink(directory, link);
    await saveModel(`${link}/`, exampleModel({ architecture: 'gru', config: { hidden: 3 } }));
    expect((await loadModel(directory)).spec.architecture).toBe('gru');
    expect((await readdir(root)).filter((name) => /partial|replaced/.test(name))).toEqual([]);
  });

  it('survives a replacement that fails midway', async () => {
    await saveModel(directory, model);
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    const write = async (partial: string) => {
      await writeFile(join(partial, 'model.json'), '{');
      throw full;
    };
    expect(
      await refusal(
        replaceFolder(directory, write, async () => undefined),
        'failure',
      ),
    ).toBe(
      'mine cannot be written: the disk is full. Free some space or choose another place; nothing was kept.',
    );
    expect(bitsOf(await loadModel(directory))).toEqual(bitsOf(model));
    expect((await readdir(root)).filter((name) => /partial|replaced/.test(name))).toEqual([]);
  });

  it('survives a model that cannot be saved over it', async () => {
    await saveModel(directory, model);
    const damaged = { ...model, training: { big: 'x'.repeat(17 * 2 ** 20) } };
    expect(await refusal(saveModel(directory, damaged), 'usage')).toMatch(
      /^the model's description takes \d+ bytes, more than the 16777216 that model\.json may take\. Keep less in its training record\.$/,
    );
    expect(bitsOf(await loadModel(directory))).toEqual(bitsOf(model));
    expect((await readdir(root)).filter((name) => /partial|replaced/.test(name))).toEqual([]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      'a file',
      () => writeFile(directory, 'precious'),
      'mine cannot be saved: mine is not a folder. Choose another name, or move it away.',
    ],
    [
      'a folder of something else',
      async () => {
        await mkdir(directory);
        await writeFile(join(directory, 'precious.txt'), 'precious');
      },
      'mine cannot be saved: mine is a folder that holds no Seqwright model. Choose another name, or move it away.',
    ],
    [
      'a folder whose model.json is not ours',
      async () => {
        await mkdir(directory);
        await writeJson({ format: 'other' });
      },
      'mine cannot be saved: mine is a folder that holds no Seqwright model. Choose another name, or move it away.',
    ],
    [
      'a model with other files beside it',
      async () => {
        await saveModel(directory, model);
        await writeFile(join(directory, 'notes.txt'), 'precious');
      },
      'mine cannot be saved: mine holds "notes.txt" beside the model, which would be deleted. Choose another name, or move it away.',
    ],
  ])('is not saved over %s', async (_, prepare, message) => {
    await prepare();
    const before = await stat(directory);
    expect(await refusal(saveModel(directory, model), 'usage')).toBe(message);
    expect((await stat(directory)).ino).toBe(before.ino);
  });

  it('is not saved where it cannot be', async () => {
    expect(await refusal(saveModel(join(directory, 'deep.model'), model), 'failure')).toBe(
      'mine/deep.model cannot be written: the folder it should stand in does not exist. Create that first.',
    );
  });

  it('is not saved with weights that do not fit or are not numbers', async () => {
    const weights = new Map(model.weights);
    const [first] = weights.keys();
    weights.set(
      first!,
      weights.get(first!)!.map(() => Number.NaN),
    );
    expect(await refusal(saveModel(directory, { ...model, weights }))).toBe(
      `mine: tensor "${first}" holds NaN at place 0; every weight must be a finite number. Train the model anew, with a smaller learning rate if it diverged.`,
    );
    weights.delete(first!);
    expect(await refusal(saveModel(directory, { ...model, weights }))).toMatch(
      `mine: tensor "${first}" is missing.`,
    );
  });

  it('says where the model before is when saving was killed between two renames', async () => {
    await saveModel(`${directory}.being-replaced`, model);
    expect(await refusal(loadModel(`${directory}/`))).toBe(
      'mine/: no such model folder, but saving it was interrupted and the model before is in mine.being-replaced. Rename that back.',
    );
    await saveModel(directory, model);
    expect((await readdir(root)).filter((name) => name.endsWith('replaced'))).toEqual([]);
  });
});

const first = [...model.weights.keys()][0]!;
const damaged = 'The file is damaged or was edited; copy the model again or train it anew.';
const again = 'Copy the whole model folder again, or train it anew.';
const sound = (what: string) => `mine/weights.safetensors is not a sound safetensors file: ${what}.`;

describe('a folder is refused', () => {
  const cases: [string, () => Promise<unknown>, string | RegExp][] = [
    [
      'that is not there',
      () => rm(directory, { recursive: true }),
      'mine: no such model folder. Check the path.',
    ],
    [
      'that is a file',
      async () => {
        await rm(directory, { recursive: true });
        await writeFile(directory, '>a\nACGT\n');
      },
      'mine is not a model folder: it is a file. Name the folder that training wrote, not a file in it. (HMMs and n-gram models, which are files, go with generate, evaluate and hmm.)',
    ],
    ...['model.json', 'weights.safetensors'].flatMap((name): [string, () => Promise<unknown>, string][] => [
      [
        `without ${name}`,
        () => rm(join(directory, name)),
        `mine/${name} is missing; a model folder holds model.json and weights.safetensors. Copy the whole folder again.`,
      ],
      [
        `whose ${name} is a link out of it`,
        async () => {
          const elsewhere = `${directory}.${name}`;
          await writeFile(elsewhere, await readFile(join(directory, name)));
          await rm(join(directory, name));
          await symlink(elsewhere, join(directory, name));
        },
        `mine/${name} is a symbolic link; links in a model folder are not followed. Put the file itself there.`,
      ],
      [
        `whose ${name} is a folder`,
        async () => {
          await rm(join(directory, name));
          await mkdir(join(directory, name));
        },
        `mine/${name} is not a plain file. Copy the model again, or name another folder.`,
      ],
    ]),
    [
      'whose model.json is cut short',
      () => truncate(join(directory, 'model.json'), 100),
      'mine/model.json is not valid JSON: it is cut short or damaged. Copy the model again.',
    ],
    [
      'whose model.json is empty',
      () => truncate(join(directory, 'model.json'), 0),
      'mine/model.json is not valid JSON: it is cut short or damaged. Copy the model again.',
    ],
    [
      'whose model.json is huge',
      () => truncate(join(directory, 'model.json'), 17 * 2 ** 20),
      'mine/model.json has 17825792 bytes; the most that is read is 16777216. It is not what Seqwright wrote; copy the model again.',
    ],
    [
      'whose model.json says two things',
      async () =>
        writeFile(
          join(directory, 'model.json'),
          (await readFile(join(directory, 'model.json'), 'utf8')).replace('{', '{"format": "x",'),
        ),
      'mine/model.json holds the field "format" twice. Copy the model again.',
    ],
    [
      'whose model.json is no object',
      () => writeJson([1]),
      `mine/model.json: the file is [1]; expected an object. ${damaged}`,
    ],
    [
      'whose model.json is another program’s',
      () => writeJson({ model_type: 'bert' }),
      'mine/model.json does not describe a Seqwright model: its format is nothing; expected "seqwright-model". Name a folder that Seqwright wrote.',
    ],
    [
      'that a newer Seqwright wrote',
      async () => writeJson({ ...(await jsonOf()), formatVersion: 2, writtenBy: '3.1.4' }),
      'mine/model.json has format version 2, written by Seqwright 3.1.4; Seqwright 0.1.0 reads version 1. Update Seqwright: npm install seqwright@latest.',
    ],
    [
      'of a version before the first, with a name that would move the cursor',
      async () => writeJson({ ...(await jsonOf()), formatVersion: 0, writtenBy: '\u001b[2J' }),
      'mine/model.json has format version 0, written by an unknown version of Seqwright; Seqwright 0.1.0 reads version 1. Load it with the version that wrote it, or train the model anew.',
    ],
    [
      'whose weights are not those that were saved',
      () => writeFile(join(directory, 'weights.safetensors'), encodeSafetensors(changed(model.weights))),
      `mine/weights.safetensors is damaged or belongs to another model: its SHA-256 is not the one in model.json. ${again}`,
    ],
    [
      'whose weights are cut short',
      () => truncate(join(directory, 'weights.safetensors'), 64),
      /^mine\/weights\.safetensors has 64 bytes; the \d+ parameters that model\.json describes take \d+ and a header\. Copy the whole model folder again, or train it anew\.$/,
    ],
    [
      'whose weights are huge',
      () => truncate(join(directory, 'weights.safetensors'), 2 ** 40),
      /^mine\/weights\.safetensors has 1099511627776 bytes; the \d+ parameters that model\.json describes take \d+ and a header\. Copy the whole model folder again, or train it anew\.$/,
    ],
    [
      'whose weights claim a huge header',
      async () => {
        const bytes = new Uint8Array(await readFile(join(directory, 'weights.safetensors')));
        new DataView(bytes.buffer).setBigUint64(0, 2n ** 60n, true);
        await writeWeights(bytes);
      },
      sound('its header claims 1152921504606846976 bytes; the most that is read is 16777216'),
    ],
    [
      'with a tensor named as a path',
      async () => {
        const bytes = new Uint8Array(await readFile(join(directory, 'weights.safetensors')));
        const text = Buffer.from(bytes).toString('latin1');
        await writeWeights(Buffer.from(text.replace(first, `../${first.slice(3)}`), 'latin1'));
      },
      sound(`the tensor name "../${first.slice(3)}" is refused: it looks like a path out of the folder`),
    ],
    [
      'with a missing tensor',
      () =>
        changeTensors((tensors) => {
          const { data } = tensors.get(first)!;
          tensors.delete(first);
          const next = [...tensors.keys()][0]!;
          const kept = tensors.get(next)!.data;
          // As many numbers as before, so that the size of the file does not give it away.
          tensors.set(next, {
            shape: [data.length + kept.length],
            data: new Float32Array(data.length + kept.length),
          });
        }),
      `mine/weights.safetensors: tensor "${first}" is missing. ${again}`,
    ],
    [
      'with a tensor too many',
      () => changeTensors((tensors) => tensors.set('backdoor', { shape: [1], data: Float32Array.of(1) })),
      `mine/weights.safetensors holds a tensor "backdoor" that the model does not have. ${again}`,
    ],
    [
      'with a tensor of another shape',
      () => changeTensors((tensors) => tensors.set(first, { ...tensors.get(first)!, shape: [5, 4, 6] })),
      `mine/weights.safetensors: tensor "${first}" has the shape [5, 4, 6]; the model needs [6, 4, 5]. ${again}`,
    ],
    [
      'with whole numbers for weights',
      () =>
        changeTensors((tensors) => {
          const { shape, data } = tensors.get(first)!;
          tensors.set(first, { shape, data: Int32Array.from(data) });
        }),
      `mine/weights.safetensors: tensor "${first}" holds whole numbers; expected F32. ${again}`,
    ],
    [
      'with weights that are not numbers',
      () =>
        changeTensors((tensors) => {
          tensors.get(first)!.data[3] = Number.NaN;
        }),
      `mine/weights.safetensors: tensor "${first}" holds NaN at place 3; every weight must be a finite number. Train the model anew, with a smaller learning rate if it diverged.`,
    ],
  ];
  it.each(cases)('%s', async (_, harm, message) => {
    await saveModel(directory, model);
    await harm();
    const said = await refusal(loadModel(directory));
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});

function changed(weights: Model['weights']): Map<string, StoredTensor> {
  const { spec } = model;
  expect(spec.architecture).toBe('cnn');
  return new Map([...weights].map(([path, data]) => [path, { shape: [data.length], data }]));
}

describe('a folder is refused when', () => {
  const built = 'mine/model.json describes a model that cannot be built: ';
  const buildCases: [string, object, string][] = [
    [
      'the architecture is unknown',
      { architecture: '__proto__' },
      expect.stringMatching(/^There is no model "__proto__"; choose cnn, lstm, /) as unknown as string,
    ],
    [
      'a setting is not one of the architecture',
      { config: { onload: 'alert(1)' } },
      expect.stringMatching(/^cnn has no option "onload"; it has /) as unknown as string,
    ],
  ];
  it.each(buildCases)('%s', async (_, spec, message) => {
    await saveModel(directory, model);
    const json = await jsonOf();
    await writeJson({ ...json, spec: { ...json.spec, ...spec } });
    const said = await refusal(loadModel(directory));
    expect(said.startsWith(built)).toBe(true);
    expect(said.slice(built.length)).toEqual(message);
  });

  it('its kind is none that there is, whatever that is', async () => {
    for (const kind of ['painter', '__proto__', 7, ['answer']]) {
      await saveModel(directory, model);
      const json = await jsonOf();
      await writeJson({ ...json, spec: { ...json.spec, kind } });
      expect(await refusal(loadAnyModel(directory))).toMatch(
        /^mine\/model\.json: spec\.kind is .*; expected one of answer\b/,
      );
    }
  });

  it('the weights cannot be those of the settings, before anything of that size is made', async () => {
    await saveModel(directory, model);
    const json = await jsonOf();
    const config = { ...json.spec.config, dense: [2 ** 24, 2 ** 24] };
    await writeJson({ ...json, spec: { ...json.spec, config } });
    expect(await refusal(loadModel(directory))).toMatch(
      /^mine\/weights\.safetensors has \d+ bytes; the 28147\d+ parameters that model\.json describes take \d+ and a header\./,
    );
  });
});
