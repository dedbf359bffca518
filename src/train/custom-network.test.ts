import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relu, transpose } from '../graph/library.ts';
import type { CustomNetwork } from '../models/custom-network.ts';
import { modelOnnx } from '../models/export.ts';
import { loadModel } from '../models/load-model.ts';
import { saveModel } from '../models/save-model.ts';
import { conv1d } from '../nn/conv1d.ts';
import { oneHotInput } from '../nn/input.ts';
import { linear } from '../nn/linear.ts';
import { module } from '../nn/module.ts';
import { maxOverTime } from '../nn/pooling.ts';
import { backendOf } from '../runtime/compile.ts';
import { predictDataset } from './assess.ts';
import type { CheckpointStore } from './options.ts';
import { planted } from './planted.fixture.ts';
import { train } from './train-model.ts';

/** The best match of each of some motifs. */
const motifs =
  (width = 12, kernel = 6): CustomNetwork =>
  ({ alphabet, outputs }) =>
    module({
      params: {
        scan: conv1d({ in: alphabet.size, out: width, kernel }),
        head: linear({ in: width, out: outputs }),
      },
      apply: ({ scan, head }, { tokens, lengths }) => {
        const letters = transpose(oneHotInput(tokens, alphabet), [0, 2, 1]);
        return head(maxOverTime(relu(scan(letters)), lengths, 2));
      },
    });

const data = planted(240);
const options = { epochs: 20, rate: 1e-2, validation: 0, seed: 1 } as const;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seqwright-network-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe("a network of the user's own", () => {
  const network = motifs();
  const trained = train({ network }, data, options);

  it('learns a planted motif as the named architectures do', async () => {
    const { model, fit } = await trained;
    expect(fit.history.at(-1)!.trainLoss).toBeLessThan(0.2 * fit.history[0]!.trainLoss);
    const { values, target } = await predictDataset(model, planted(100, 2));
    const right = Array.from(target.truth).filter((c, i) => values[2 * i + c]! > 0.5).length;
    expect(right).toBeGreaterThan(90);
    expect([...model.weights.keys()]).toEqual(['scan.weight', 'scan.bias', 'head.weight', 'head.bias']);
  });

  it('is saved without its code, and loads with the same function and no other', async () => {
    const { model } = await trained;
    const directory = join(folder, 'motifs.model');
    await saveModel(directory, model);
    expect(await readFile(join(directory, 'model.json'), 'utf8')).not.toContain('scan');
    await expect(loadModel(directory)).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringMatching(/holds no code\. Load it in that program: loadModel\(directory, \{ net/),
    });
    await expect(loadModel(directory, { network: motifs(9) })).rejects.toMatchObject({ kind: 'data' });
    await expect(loadModel(directory, { network: motifs(12, 5) })).rejects.toThrow(
      'tensor "scan.weight" has the shape [12, 4, 6]; the model needs [12, 4, 5]',
    );
    const loaded = await loadModel(directory, { network });
    const [before, after] = [await predictDataset(model, data), await predictDataset(loaded, data)];
    expect(after.values).toEqual(before.values);
  });

  it('exports to ONNX like any other', async () => {
    const { model } = await trained;
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const sequence = data.records[1]!.sequence;
    const tokens = Int32Array.from(sequence, (letter) => 'ACGT'.indexOf(letter));
    const { predictions } = await session.run(
      {
        tokens: { dtype: 'int32', shape: [1, tokens.length], data: tokens },
        lengths: { dtype: 'int32', shape: [1], data: Int32Array.of(tokens.length) },
      },
      ['predictions'],
      {},
    );
    await session.release();
    const { values } = await predictDataset(model, data);
    expect(predictions!.data[1]).toBeCloseTo(values[3]!, 5);
  });

  it('is refused where a named model is loaded with a network, naming the mistake', async () => {
    const named = { architecture: 'cnn', config: { filters: [4], kernels: [3], pools: [1], dense: [] } };
    const { model } = await train(named, planted(24), { ...options, epochs: 1 });
    await saveModel(join(folder, 'cnn.model'), model);
    await expect(loadModel(join(folder, 'cnn.model'), { network })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('describes a cnn, which Seqwright builds itself'),
    });
  });

  it('is refused where it is no module, or gives numbers of another shape', async () => {
    const none = (() => 3) as unknown as CustomNetwork;
    await expect(train({ network: none }, data, options)).rejects.toThrow(
      'network: expected a function that returns module({ params, apply }).',
    );
    const letters: CustomNetwork = ({ alphabet }) =>
      module({ params: {}, apply: (_, { tokens }) => oneHotInput(tokens, alphabet) });
    await expect(train({ network: letters }, data, options)).rejects.toThrow(
      'network: expected apply to return float32 [batch, 2], one raw number for each class, label or value; received float32 [batch, time, 4].',
    );
  });

  it('does not resume from the checkpoint of another network of the same parameters', async () => {
    let saved: Uint8Array | undefined;
    const checkpoint: CheckpointStore = {
      name: 'memory',
      read: async () => saved,
      write: async (bytes) => void (saved = bytes),
    };
    const run = (other: CustomNetwork) =>
      train({ network: other }, data, {
        ...options,
        epochs: 2,
        checkpoint,
        checkpointSeconds: 0,
        resume: true,
      });
    await run(network);
    await run(motifs());
    const squared: CustomNetwork = (given) => {
      const { params, apply } = network(given);
      const twice = (bound: never, inputs: never) => relu(apply(bound, inputs));
      return { kind: 'module', params, apply: twice } as ReturnType<CustomNetwork>;
    };
    await expect(run(squared)).rejects.toThrow('memory is the checkpoint of another run');
  });
});
