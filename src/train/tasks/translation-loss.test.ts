import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.ts';
import { input } from '../../graph/library.ts';
import { openForced, shiftedTargets, type TokenPair } from '../../models/translator/forced.ts';
import { sourceInputs, targetInput, translatorNetwork } from '../../models/translator/network.ts';
import { paddedSources } from '../../models/translator/runner.ts';
import { translationScorer } from '../../models/translator/scorer.ts';
import { toyTranslator, variants } from '../../models/translator/translator.fixture.ts';
import { trainingContext } from '../../nn/context.ts';
import { bind } from '../../nn/module.ts';
import { compile } from '../../runtime/compile.ts';
import { fitTranslator } from './translation.ts';
import { translationFeeder, translationLoss } from './translation-loss.ts';

const still = (name: string) => {
  const variant = variants[name]!;
  return toyTranslator({ ...variant, config: { ...variant.config, dropout: 0 } });
};
const pairs: TokenPair[] = [
  { source: Int32Array.of(0, 1, 2, 3), target: Int32Array.of(4, 1, 2, 0, 3, 5) },
  { source: Int32Array.of(5), target: Int32Array.of(1, 5) },
  { source: Int32Array.of(), target: Int32Array.of(5) },
];

/** The loss of all pairs as one batch, in training. */
async function lossOf(name: string, options: Parameters<typeof translationLoss>[1], share?: number) {
  const { spec, weights } = still(name);
  const definition = translationLoss(spec, options);
  const random = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
  const state: Record<string, { value: ReturnType<typeof input>; initial: Float32Array }> = {};
  const loss = definition.loss((path, { shape }) => {
    const value = input(path, shape);
    state[path] = { value, initial: weights.get(path)! };
    return value;
  }, trainingContext(random));
  if ('loss' in loss) throw new Error('a translator carries nothing');
  const program = await compile({
    inputs: { ...definition.inputs, ...(share !== undefined && random) },
    outputs: { loss },
    state,
  });
  const feeds = translationFeeder(pairs, spec).feed(Int32Array.of(0, 1, 2));
  const results = await program.run({ ...feeds, ...(share !== undefined && { share, seed: 3, step: 1 }) });
  await program.release();
  return results.loss!.data[0]!;
}

describe('the loss of a translator', () => {
  it.each(Object.keys(variants))(
    'is the mean −ln P of all target tokens, padding left out: %s',
    async (name) => {
      const { spec, weights } = still(name);
      const forced = await openForced(spec, weights);
      const logs = (await forced.score(pairs)).flatMap((own) => Array.from(own));
      await forced.close();
      const mean = -logs.reduce((a, b) => a + b, 0) / logs.length;
      expect(await lossOf(name, {})).toBeCloseTo(mean, 5);
    },
  );

  it.each(['transformer', 'lstm', 'gru without attention'])(
    'with no token of its own is that of teacher forcing, with some it is another: %s',
    async (name) => {
      const forced = await lossOf(name, {});
      expect(await lossOf(name, { pick: 'argmax' }, 0)).toBeCloseTo(forced, 5);
      expect(Math.abs((await lossOf(name, { pick: 'argmax' }, 1)) - forced)).toBeGreaterThan(1e-3);
      const drawn = await lossOf(name, { pick: 'sample' }, 1);
      expect(Math.abs(drawn - (await lossOf(name, { pick: 'argmax' }, 1)))).toBeGreaterThan(1e-3);
    },
  );

  it('smooths labels: the share goes to all tokens alike', async () => {
    const plain = await lossOf('lstm', {});
    const smooth = await lossOf('lstm', { smoothing: 0.3 });
    const uniform = await lossOf('lstm', { smoothing: 0.999 });
    expect(smooth).toBeCloseTo(plain + (0.3 / 0.999) * (uniform - plain), 4);
  });
});

describe('a recurrent decoder that reads its own tokens throughout', () => {
  it.each(['lstm', 'lstm that feeds what it saw'])('goes where greedy decoding goes: %s', async (name) => {
    const { spec, weights } = still(name);
    const state: Record<string, { value: ReturnType<typeof input>; initial: Float32Array }> = {};
    const inputs = { ...sourceInputs(), target: targetInput(), share: input('share', []) };
    const random = { seed: input('seed', [], 'int32'), step: input('step', [], 'int32') };
    const { encode, decode } = bind(
      translatorNetwork(spec),
      (path, { shape }) => {
        const value = input(path, shape);
        state[path] = { value, initial: weights.get(path)! };
        return value;
      },
      trainingContext(random),
    )();
    const own = { share: inputs.share, pick: 'argmax' as const };
    const { logits } = decode(encode(inputs.source, inputs.sourceLengths), inputs.target, { own });
    const program = await compile({ inputs: { ...inputs, ...random }, outputs: { logits }, state });
    const source = [2, 2, 4, 1];
    const { target } = shiftedTargets([{ target: Int32Array.of(0, 0, 0, 0, 0, 0) }], 6);
    const feeds = { ...paddedSources([Int32Array.from(source)], 6), target, share: 1, seed: 1, step: 1 };
    const rows = (await program.run(feeds)).logits!.data as Float32Array;
    const scorer = await translationScorer({ spec, weights });
    let at = scorer.start(source);
    let steps = 0;
    for (; steps < 6; steps++) {
      const expected = Array.from(await scorer.next([at]));
      const row = Array.from(rows.subarray(steps * 6, steps * 6 + 6));
      const norm = Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0));
      row.forEach((x, token) => {
        expect(Math.abs(x - norm - expected[token]!)).toBeLessThan(1e-5);
      });
      const best = expected.indexOf(Math.max(...expected));
      if (best === scorer.end) break;
      at = scorer.advance(at, best);
    }
    expect(steps).toBeGreaterThan(1);
    await scorer.close();
    await program.release();
  });
});

/** Words 0 to 4 and what they are backwards. */
function reversals(count: number, seed: number): TokenPair[] {
  const random = randomStream(seed, 'reversals');
  return Array.from({ length: count }, () => {
    const source = Int32Array.from({ length: 1 + random.below(5) }, () => random.below(5));
    return { source, target: Int32Array.of(...source.slice().reverse(), 5) };
  });
}

describe('fitting a translator', () => {
  const settings = { epochs: 8, batchSize: 32, rate: 1e-2, patience: 0, seed: 3 };
  const small = (sampled: boolean) => ({
    ...toyTranslator({ architecture: 'gru', config: { size: 16, hidden: 32, attention: 'dot', dropout: 0 } })
      .spec,
    ...(sampled && {}),
  });

  it('learns to write words backwards, with or without tokens of its own, and gives the same weights again', async () => {
    const [train, held] = [reversals(1200, 1), reversals(100, 2)];
    for (const sampling of [undefined, { curve: 'linear', floor: 0.5 } as const]) {
      const { weights } = await fitTranslator(small(false), train, held, { ...settings, sampling });
      const scorer = await translationScorer({ spec: small(false), weights });
      let right = 0;
      for (const { source, target } of held) {
        const logs = await scorer.tokens!(target, source);
        right += Number(logs.every((log) => log > Math.log(0.5)));
      }
      await scorer.close();
      expect(right).toBeGreaterThan(90);
    }
    const brief = { ...settings, epochs: 1, sampling: { curve: 'exponential' } as const };
    const [once, again] = [
      await fitTranslator(small(true), held, undefined, brief),
      await fitTranslator(small(true), held, undefined, brief),
    ];
    expect(again.weights).toEqual(once.weights);
  });
});
