import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { gradientError } from '../../graph/check.fixture.ts';
import { evaluate } from '../../graph/evaluate.ts';
import { input, square, sum } from '../../graph/library.ts';
import { type Tensor, tensor } from '../../graph/tensor.ts';
import type { Value } from '../../graph/value.ts';
import { type Context, inferenceContext, trainingContext } from '../../nn/context.ts';
import { bind, initialize, parameterList } from '../../nn/module.ts';
import { architectures, buildModel, type SequenceModel, type SequenceOutputs } from './index.ts';

// A C G T, N, padding.
const alphabet = {
  size: 4,
  table: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0],
  complement: [3, 2, 1, 0, 4, 5],
};
const letters = 'ACGTN.';
const names = Object.keys(architectures);
const data = { alphabet, outputs: 2, dropout: 0 };
const conv = { filters: [3, 3], kernels: [4, 3], pools: [2, 1], dense: [4] };
const small: Record<string, object> = {
  cnn: { ...data, ...conv },
  lstm: { ...data, hidden: 2 },
  gru: { ...data, hidden: 2, layers: 2 },
  'cnn-bilstm': { ...data, ...conv, hidden: 2 },
  'attention-bilstm': { ...data, hidden: 2 },
  elman: { ...data, hidden: 3, initial: 'learned' },
  'min-gru': { ...data, hidden: 2 },
  diagonal: { ...data, hidden: 2 },
  hierarchical: { ...data, hidden: 2, window: 3 },
  'dilated-rnn': { ...data, hidden: 2, dilations: [1, 2] },
  selective: { ...data, size: 2, layers: 1, states: 1, kernel: 2, bidirectional: false, blockDropout: 0 },
  circular: { ...data, hidden: 2, cell: 'tied' },
  'dilated-cnn': { ...data, size: 3, stem: 3, layers: 3 },
  transformer: { ...data, size: 4, heads: 2, feed: 2, layers: 1, blockDropout: 0, positions: 'alibi' },
  'cnn-transformer': { ...data, ...conv, size: 4, heads: 2, layers: 1, feed: 2, blockDropout: 0 },
};

interface Batch {
  sequences: string[];
  time?: number;
  tracks?: number[][][];
}

/** Traces a model for named sizes and returns what it gives for a batch, in double precision. */
function predictor(
  model: SequenceModel,
  { context = inferenceContext() as Context, seed = 1, weights = initialize(model, seed) } = {},
) {
  const parameters = new Map<Value, Tensor>();
  const net = bind(
    model,
    (path, { shape }) => {
      const value = input(path, shape);
      parameters.set(value, tensor(shape, weights.get(path)!));
      return value;
    },
    context,
  );
  const tokens = input('tokens', ['batch', 'time'], 'int32');
  const lengths = input('lengths', ['batch'], 'int32');
  const count = model.config.tracks as number;
  const tracks = count > 0 ? input('tracks', ['batch', 'time', count]) : undefined;
  const outputs = net({ tokens, lengths, ...(tracks && { tracks }) });
  const given = (batch: Batch) => {
    const time = batch.time ?? Math.max(...batch.sequences.map((s) => s.length));
    const rows = batch.sequences.map((s) => [...s.padEnd(time, '.')].map((c) => letters.indexOf(c)));
    const size = batch.sequences.length;
    const values = new Map<Value, Tensor>([
      ...parameters,
      [tokens, tensor([size, time], rows.flat())],
      [
        lengths,
        tensor(
          [size],
          batch.sequences.map((s) => s.length),
        ),
      ],
    ]);
    if (tracks) values.set(tracks, tensor([size, time, count], batch.tracks!.flat(2)));
    return values;
  };
  const run = (batch: Batch, extra: [Value, Tensor][] = []) =>
    evaluate([outputs.outputs], new Map([...given(batch), ...extra]))[0]!;
  return { outputs, parameters, given, run, tokens };
}

const rowsOf = ({ shape, data: numbers }: Tensor) =>
  Array.from({ length: shape[0]! }, (_, i) => [...numbers.slice(i * shape[1]!, (i + 1) * shape[1]!)]);

const random = randomStream(5, 'sequences');
const sequence = (length: number) => Array.from({ length }, () => 'ACGT'[random.below(4)]!).join('');
const sequences = [sequence(9), sequence(5), sequence(12), sequence(1)];
const reverseComplement = (s: string) =>
  [...s]
    .reverse()
    .map((c) => letters[alphabet.complement[letters.indexOf(c)]!])
    .join('');

describe.each(names)('%s', (name) => {
  it('gives one row of outputs a sequence, whatever the sizes of the batch', () => {
    const { run } = predictor(buildModel(name, small[name]!));
    expect(run({ sequences }).shape).toEqual([4, 2]);
    expect(run({ sequences: sequences.slice(0, 1) }).shape).toEqual([1, 2]);
  });

  it('gives a sequence the same numbers in a longer batch, in another order, and beside other sequences', () => {
    const { run } = predictor(buildModel(name, small[name]!));
    const rows = rowsOf(run({ sequences }));
    expect(rowsOf(run({ sequences, time: 19 }))).toEqual(rows);
    expect(rowsOf(run({ sequences: [...sequences].reverse() }))).toEqual([...rows].reverse());
    expect(rowsOf(run({ sequences: [sequences[1]!] }))).toEqual([rows[1]]);
    expect(new Set(rows.map(String)).size).toBe(4);
  });

  it('gives finite numbers for an empty sequence beside others', () => {
    const { run } = predictor(buildModel(name, small[name]!));
    const rows = rowsOf(run({ sequences: ['', sequences[0]!] }));
    expect(rows.flat().every(Number.isFinite)).toBe(true);
    expect(rows[1]).toEqual(rowsOf(run({ sequences: [sequences[0]!] }))[0]);
  });

  it('has the gradient that central differences give', () => {
    // Smooth throughout, since differences across a kink of relu tell nothing.
    const smooth = 'activation' in architectures[name]!.defaults ? { activation: 'gelu' } : {};
    const { outputs, parameters, given } = predictor(buildModel(name, { ...small[name], ...smooth }));
    const loss = sum(square(outputs.outputs));
    expect(gradientError(loss, [...parameters.keys()], given({ sequences: ['GATTN', 'CA'] }))).toBeLessThan(
      1e-6,
    );
  });

  it('averages over strands, or shares its layers between them, so that a sequence and its complement are the same to it', () => {
    for (const mode of ['average', 'shared']) {
      const { run } = predictor(buildModel(name, { ...small[name], reverseComplement: mode }));
      const given = rowsOf(run({ sequences }));
      const other = rowsOf(run({ sequences: sequences.map(reverseComplement) }));
      given.flat().forEach((x, i) => {
        expect(x).toBeCloseTo(other.flat()[i]!, 12);
      });
    }
    const { run } = predictor(buildModel(name, small[name]!));
    expect(rowsOf(run({ sequences }))).not.toEqual(
      rowsOf(run({ sequences: sequences.map(reverseComplement) })),
    );
  });

  it('is the mean of its networks where it has several, each with weights of its own', () => {
    const ensemble = buildModel(name, { ...small[name], members: 3 });
    const weights = initialize(ensemble, 1);
    const single = parameterList(buildModel(name, small[name]!));
    expect([...weights.keys()]).toEqual(
      [0, 1, 2].flatMap((i) => single.map(({ path }) => `members.${i}.${path}`)),
    );
    const matrix = single.find(({ spec }) => spec.shape.length > 1 && spec.shape[0]! > 1)!.path;
    expect(weights.get(`members.0.${matrix}`)).not.toEqual(weights.get(`members.1.${matrix}`));
    const { run, outputs } = predictor(ensemble);
    expect(outputs.members).toHaveLength(3);
    const alone = [0, 1, 2].map((i) => {
      const own = new Map(single.map(({ path }) => [path, weights.get(`members.${i}.${path}`)!]));
      return rowsOf(predictor(buildModel(name, small[name]!), { weights: own }).run({ sequences })).flat();
    });
    rowsOf(run({ sequences }))
      .flat()
      .forEach((x, k) => {
        expect(x).toBeCloseTo((alone[0]![k]! + alone[1]![k]! + alone[2]![k]!) / 3, 10);
      });
  });

  it('repeats a training step to the bit for the same seed and step, and drops otherwise for another', () => {
    const key = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
    const model = buildModel(name, { ...small[name], dropout: 0.5 });
    const { run } = predictor(model, { context: trainingContext(key) });
    const at = (seed: number, step: number) =>
      rowsOf(
        run({ sequences }, [
          [key.seed, tensor([], [seed])],
          [key.step, tensor([], [step])],
        ]),
      );
    expect(at(1, 1)).toEqual(at(1, 1));
    expect(at(1, 2)).not.toEqual(at(1, 1));
    expect(at(2, 1)).not.toEqual(at(1, 1));
  });

  it('names the layer of every node and lists its parameters under the same paths', () => {
    const model = buildModel(name, small[name]!);
    const { outputs } = predictor(model);
    expect(outputs.outputs.node.scope).toBe('readout.head');
    const paths = parameterList(model).map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths).toContain('readout.head.weight');
  });

  it('is built from plain data and keeps the complete configuration', () => {
    const model = buildModel(name, small[name]!);
    const config = JSON.parse(JSON.stringify(model.config));
    expect(config).toMatchObject({ ...architectures[name]!.defaults, ...small[name] });
    expect(rowsOf(predictor(buildModel(name, config)).run({ sequences }))).toEqual(
      rowsOf(predictor(model).run({ sequences })),
    );
  });
});

describe('inputs', () => {
  it('see a letter that is unlike the others', () => {
    const { run } = predictor(buildModel('cnn', small.cnn!));
    const [plain, masked] = rowsOf(run({ sequences: ['ACGTACGT', 'ACGNACGT'] }));
    expect(plain).not.toEqual(masked);
  });

  it.each(['embedding', 'kmer'])('%s: padding changes nothing', (encoding) => {
    const { run } = predictor(buildModel('gru', { ...small.gru, encoding, embedding: 3, k: 2 }));
    expect(rowsOf(run({ sequences, time: 15 }))).toEqual(rowsOf(run({ sequences })));
  });

  it('read numeric tracks beside the letters, and turn them with the strand', () => {
    const { run } = predictor(buildModel('cnn', { ...small.cnn, tracks: 1, reverseComplement: 'shared' }));
    const track = (...values: number[]) => values.map((v) => [v]);
    const rows = rowsOf(
      run({
        sequences: ['AACG', 'CGTT', 'AACG'],
        tracks: [track(1, 2, 3, 4), track(4, 3, 2, 1), track(4, 3, 2, 1)],
      }),
    );
    rows[0]!.forEach((x, i) => {
      expect(x).toBeCloseTo(rows[1]![i]!, 12);
    });
    expect(rows[0]).not.toEqual(rows[2]);
  });

  it('tell positions apart where asked: flattened or learned, but not by a global pool', () => {
    const motif = (at: number) => `${'A'.repeat(at)}CGT${'A'.repeat(21 - at)}`;
    const shifted = { sequences: [motif(8), motif(12)] };
    const differ = (options: object) => {
      const [a, b] = rowsOf(
        predictor(buildModel('cnn', { ...small.cnn, pools: [1, 1], ...options })).run(shifted),
      );
      return Math.max(...a!.map((x, i) => Math.abs(x - b![i]!))) > 1e-9;
    };
    expect(differ({ length: 24 })).toBe(false);
    expect(differ({ length: 24, pool: 'flatten' })).toBe(true);
    expect(differ({ length: 24, position: 'learned' })).toBe(true);
  });

  it.each(['cnn', 'cnn-bilstm', 'lstm'])(
    '%s keeps positions apart in batches of any width up to length',
    (name) => {
      const { run } = predictor(buildModel(name, { ...small[name], length: 12, pool: 'flatten' }));
      const rows = rowsOf(run({ sequences: sequences.slice(0, 2) }));
      expect(rowsOf(run({ sequences: sequences.slice(0, 2), time: 12 }))).toEqual(rows);
    },
  );
});

describe('attention', () => {
  const attended = (outputs: SequenceOutputs) => outputs.attention!;
  it.each([
    ['attention-bilstm', {}],
    ['cnn-bilstm', { pool: 'attention' }],
    ['cnn', { pool: 'attention', pools: [1, 1] }],
  ])('%s returns weights that add up to 1 over the sequence and are 0 in padding', (name, options) => {
    const { outputs, given } = predictor(buildModel(name, { ...small[name], ...options }));
    const [weights] = evaluate([attended(outputs)], given({ sequences, time: 14 })) as [Tensor];
    rowsOf(weights).forEach((row, i) => {
      expect(row.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      const places = Math.ceil((sequences[i]!.length * row.length) / 14);
      expect(row.slice(0, places).every((w) => w > 0)).toBe(true);
      expect(row.slice(places).every((w) => w === 0)).toBe(true);
    });
  });
});

describe('ways of attending', () => {
  const rows = (config: object) => {
    const model = buildModel('transformer', { ...small.transformer, ...config });
    return rowsOf(predictor(model).run({ sequences })).flat();
  };

  it('are one where each place sees all: lean, and local and global with a window as wide as the sequence', () => {
    const full = rows({ attention: 'full' });
    for (const config of [
      { attention: 'lean' },
      { attention: 'local', window: 12 },
      { attention: 'global', window: 12 },
    ])
      rows(config).forEach((x, i) => {
        expect(x).toBeCloseTo(full[i]!, 10);
      });
  });

  it('differ where they should: a narrow window, a kernel in place of the softmax, other positions', () => {
    const full = rows({});
    for (const config of [
      { attention: 'local', window: 1 },
      { attention: 'global', window: 1, globals: 1 },
      { attention: 'linear', positions: 'none' },
      { positions: 'rotary' },
      { positions: 'sinusoidal' },
      { positions: 'none' },
    ])
      expect(rows(config)).not.toEqual(full);
  });

  it('need heads that divide the width, and scores where distance lowers them', () => {
    expect(() => buildModel('transformer', { ...small.transformer, attention: 'linear' })).toThrow(
      'attention: linear forms no scores that alibi could lower with distance',
    );
    expect(() => buildModel('transformer', { ...small.transformer, size: 5 })).toThrow(
      '2 heads do not divide a size of 5 evenly',
    );
  });
});

describe('configuration', () => {
  const building = (name: string, config: object) => () => buildModel(name, { ...data, ...config });
  it.each([
    ['cnn', { filter: 3 }, /^cnn has no option "filter"; it has alphabet, outputs, .*filters/],
    [
      'cnn',
      { kernels: [0, 3] },
      /^cnn: expected kernels to be a list of 1 to 64 whole numbers from 1 to 16777216, received \[0,3\]/,
    ],
    [
      'cnn',
      { kernels: [5] },
      /filters, kernels and pools to be lists of one length, received 2, 1 and 2 entries/,
    ],
    [
      'cnn',
      { pool: 'last' },
      /^cnn: expected pool to be one of max, mean, max\+mean, attention, flatten, received "last"/,
    ],
    [
      'lstm',
      { hidden: 1e9 },
      /^lstm: expected hidden to be a whole number from 1 to 16777216, received 1000000000/,
    ],
    ['lstm', { dropout: 1 }, /^lstm: expected dropout to be a number from 0 up to but not 1, received 1/],
    ['gru', { pool: 'flatten' }, /flatten keeps every position.*set length/],
    ['gru', { position: 'learned' }, /position needs the length/],
    ['gru', { outputs: undefined }, /^gru: expected outputs to be a whole number.*received nothing/],
    ['cnn', { alphabet: { size: 4, table: [1, 2] } }, /expected alphabet to be/],
    [
      'cnn',
      { alphabet: { ...alphabet, complement: null }, reverseComplement: 'average' },
      /needs an alphabet with complements/,
    ],
    ['perceptron', {}, /no model "perceptron"; choose cnn, lstm, gru, cnn-bilstm, attention-bilstm/],
  ])('%s %o is refused with the reason', (name, config, message) => {
    expect(building(name, config)).toThrow(message);
  });

  it('says how many tracks it expects, and how long sequences may be', () => {
    const model = buildModel('cnn', { ...small.cnn, tracks: 2, length: 8 });
    const net = bind(model, (path, { shape }) => input(path, shape), inferenceContext());
    const lengths = input('lengths', ['batch'], 'int32');
    expect(() => net({ tokens: input('tokens', ['batch', 9], 'int32'), lengths })).toThrow(
      /at most 8 positions.*received 9/,
    );
    expect(() => net({ tokens: input('tokens', ['batch', 8], 'int32'), lengths })).toThrow(
      /expected 2 tracks, received none/,
    );
  });
});
