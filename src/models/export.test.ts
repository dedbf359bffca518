import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../runtime/backend.ts';
import { backendOf } from '../runtime/compile.ts';
import { exportModel, modelOnnx, onnxMetadata } from './export.ts';
import { exampleModel } from './model.fixture.ts';
import { openPredictor } from './predict.ts';

describe('an exported model', () => {
  it('predicts the same numbers with nothing but the file and its metadata', async () => {
    const model = exampleModel({
      architecture: 'attention-bilstm',
      config: { hidden: 4 },
      output: { kind: 'values', names: ['a', 'b'], positive: false, mean: [3, -40], deviation: [2, 7] },
    });
    const about = onnxMetadata(model.spec);
    const ids: Record<string, number> = JSON.parse(about['seqwright.token_ids']!);
    const sequences = ['ACGTNacgu', 'TT', 'GATTACA'];
    const time = 12;
    const tokens = new Int32Array(sequences.length * time).fill(Number(about['seqwright.padding']));
    sequences.forEach((sequence, row) => {
      tokens.set(
        [...sequence].map((letter) => ids[letter]!),
        row * time,
      );
    });
    const session = await (await backendOf('cpu')).open(modelOnnx(model), { threads: 1 });
    const feeds: Record<string, HostTensor> = {
      tokens: { dtype: 'int32', shape: [3, time], data: tokens },
      lengths: { dtype: 'int32', shape: [3], data: Int32Array.from(sequences, (s) => s.length) },
    };
    const { predictions, attention } = await session.run(feeds, ['predictions', 'attention'], {});
    await session.release();
    expect(attention!.shape).toEqual([3, time]);

    const predictor = await openPredictor(model);
    const records = sequences.map((sequence, i) => ({ id: String(i), sequence }));
    for await (const { id, values } of predictor.predict(records))
      values.forEach((value, k) => {
        expect(predictions!.data[2 * Number(id) + k]).toBeCloseTo(value, 4);
      });
    await predictor.close();
  });

  it('says in its metadata how letters are encoded and what the outputs are', () => {
    const { spec } = exampleModel({ tracks: ['depth'] });
    const about = onnxMetadata(spec);
    expect(JSON.parse(about['seqwright.token_ids']!)).toMatchObject({
      A: 0,
      c: 1,
      G: 2,
      T: 3,
      U: 3,
      u: 3,
      N: 14,
    });
    expect(about).toMatchObject({
      'seqwright.architecture': 'cnn',
      'seqwright.alphabet': 'dna',
      'seqwright.padding': '16',
      'seqwright.tracks': '["depth"]',
      'seqwright.output': '{"kind":"classes","classes":["no","yes"]}',
    });
  });

  it('is one file that carries its metadata', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'export-'));
    const model = exampleModel();
    await exportModel(model, join(folder, 'm.onnx'));
    const text = await readFile(join(folder, 'm.onnx'), 'latin1');
    for (const [key, value] of Object.entries(onnxMetadata(model.spec))) {
      expect(text).toContain(key);
      expect(text).toContain(value);
    }
    await rm(folder, { recursive: true });
  });
});
