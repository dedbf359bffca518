import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const words = ['sea whale ship wave', 'bread flour oven salt', 'star moon orbit sun'].map((list) =>
  list.split(' '),
);

beforeAll(() => {
  let state = 7;
  const below = (n: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * n);
  };
  const lines = Array.from({ length: 150 }, (_, i) =>
    Array.from({ length: 8 }, () => words[i % 3]![below(4)]).join(' '),
  );
  writeFileSync(at.path('lines.txt'), `${lines.join('\n')}\n`);
});

describe('train --task language --model topics', () => {
  it('is evaluated, draws texts, and is exported; what it cannot take is said', async () => {
    const trained = await at.seqwright(
      ...[
        'train',
        'lines.txt',
        '--task',
        'language',
        '--corpus',
        'lines',
        '--tokenizer',
        'words',
        '--model',
        'topics',
      ],
      ...[
        '--set',
        'topics=3',
        '--set',
        'hidden=8',
        '--epochs',
        '15',
        '--rate',
        '0.02',
        '-o',
        't.model',
        '--json',
      ],
    );
    expect(trained.code, trained.err).toBe(0);
    // Twelve words without topics, four with them.
    expect(JSON.parse(trained.out).metrics.perplexity.value).toBeLessThan(6);
    const [judged, drawn, exported, wrong] = await Promise.all([
      at.seqwright('evaluate', 't.model', 'lines.txt', '--corpus', 'lines', '--json', '--quiet'),
      at.seqwright('generate', 't.model', '--count', '3', '--length', '8', '--seed', '1'),
      at.seqwright('export', 't.model', '--onnx', 't.onnx'),
      at.seqwright(
        'train',
        'lines.txt',
        '--task',
        'language',
        '--model',
        'topics',
        '--set',
        'topics=0',
        '-o',
        'x.model',
      ),
    ]);
    expect(JSON.parse(judged.out).metrics.perplexity.value).toBeLessThan(6);
    expect(drawn.code).toBe(0);
    const texts = drawn.out.split('\n').filter((line) => /\w/.test(line));
    expect(texts).toHaveLength(3);
    // What is drawn keeps to one topic.
    for (const text of texts) {
      const said = text.split(' ');
      const most = Math.max(...words.map((list) => said.filter((word) => list.includes(word)).length));
      expect(most / said.length).toBeGreaterThan(0.6);
    }
    expect(exported.code).toBe(0);
    expect([wrong.code, wrong.err]).toEqual([
      2,
      expect.stringMatching(/--set topics: expected a whole number from 1 to 256/),
    ]);
  }, 120_000);
});
