import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

const verbs = ['walk', 'run', 'jump', 'look'];
const times: Record<string, number> = { '': 1, twice: 2, thrice: 3 };

/** Commands of a robot and what it does: "run left twice and jump" → "L RUN L RUN JUMP". */
const simple = verbs.flatMap((verb) =>
  ['', 'left', 'right'].flatMap((side) =>
    Object.entries(times).map(([often, count]) => ({
      command: [verb, side, often].filter(Boolean).join(' '),
      actions: new Array(count)
        .fill([side && side[0]!.toUpperCase(), verb.toUpperCase()].filter(Boolean).join(' '))
        .join(' '),
    })),
  ),
);
const all = simple.flatMap((a, i) =>
  simple.map((b, j) =>
    (7 * i + 3 * j) % 5 === 0
      ? a
      : { command: `${a.command} and ${b.command}`, actions: `${a.actions} ${b.actions}` },
  ),
);
const pairs = [...new Map(all.map((pair) => [pair.command, pair])).values()].filter((_, i) => i % 2 === 0);
const columns = ['--source', 'command', '--target', 'actions'];
const small = [
  '--model',
  'gru',
  ...['hidden=48', 'size=24', 'attention=dot', 'dropout=0'].flatMap((s) => ['--set', s]),
];

beforeAll(() => {
  const rows = pairs.map(({ command, actions }, i) => `c${i}\t${command}\t${actions}\n`);
  writeFileSync(at.path('pairs.tsv'), `id\tcommand\tactions\n${rows.join('')}`);
});

describe('train --task translation', () => {
  it('learns pairs, evaluates beside copying and a dictionary; evaluate and predict take the model', async () => {
    const training = ['--task', 'translation', ...columns, ...small, '--epochs', '9', '--rate', '0.01'];
    const { code, out, err } = await at.seqwright(
      'train',
      'pairs.tsv',
      ...training,
      '-o',
      'x.model',
      '--json',
    );
    expect(code).toBe(0);
    expect(err).toMatch(
      /^\d+ pairs; sources of 3 to \d+ letters\.\nSplit at random, pairs of one source together\./,
    );
    const { metrics, baselines } = JSON.parse(out);
    expect(metrics.exactMatch.value).toBeGreaterThan(0.6);
    expect(metrics.bleu.value).toBeGreaterThan(baselines.dictionary.bleu.value + 30);
    expect(baselines.copy.exactMatch.value).toBe(0);
    expect(at.list('x.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    expect(at.list('x.report')).toContain('report.html');

    const judged = await at.seqwright(
      'evaluate',
      'x.model',
      'pairs.tsv',
      ...columns,
      '--json',
      '--quiet',
      '--beam',
      '3',
    );
    expect(JSON.parse(judged.out).metrics.exactMatch.value).toBeGreaterThan(0.7);

    writeFileSync(at.path('new.txt'), 'run left twice\njump thrice\n');
    const [greedy, beam] = await Promise.all([
      at.seqwright('predict', 'x.model', 'new.txt', '--attention'),
      at.seqwright('predict', 'x.model', 'new.txt', '--beam', '5', '-o', 'out.jsonl'),
    ]);
    const [header, ...rows] = greedy.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(header).toEqual(['id', 'prediction', 'logProbability', 'ended', 'attention']);
    expect(beam.code).toBe(0);
    const found = at.read('out.jsonl').toString().trim().split('\n');
    for (const [i, line] of found.entries()) {
      const { id, prediction, logProbability, ended } = JSON.parse(line);
      expect([id, rows[i]![0]]).toEqual([`${i + 1}`, `${i + 1}`]);
      expect(prediction).toMatch([/^(L RUN ?)+$/, /^(JUMP ?)+$/][i]!);
      expect(ended).toBe(true);
      // A beam finds nothing less probable than the greedy path, which keeps a place in it.
      expect(logProbability).toBeGreaterThanOrEqual(Number(rows[i]![2]) - 1e-5);
      expect(rows[i]![4]!.split(',')).toHaveLength(rows[i]![1]!.split(' ').length);
    }
  }, 60_000);

  it('says what does not fit', async () => {
    const train = (...words: string[]) =>
      at.seqwright('train', 'pairs.tsv', '--task', 'translation', '-o', 'y.model', ...words);
    const [column, label, model, sampling] = await Promise.all([
      train('--source', 'english'),
      train(...columns, '--label', 'x'),
      train(...columns, '--model', 'cnn'),
      train(...columns, '--sampling', 'steep'),
    ]);
    expect(column).toMatchObject({
      code: 3,
      err: 'seqwright: pairs.tsv has no column "english"; it has: id, command, actions.\n',
    });
    expect(label.err).toContain('--label does not go with --task translation');
    expect(model.err).toContain('there is no translator "cnn". There are transformer, lstm, gru.');
    expect(sampling.err).toContain('Expected linear, exponential or inverse-sigmoid');
  }, 30_000);
});
