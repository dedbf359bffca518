import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** A made-up stream of whole numbers below n, the same on every machine. */
function stream(seed: number) {
  let state = seed;
  return (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** Three gestures of a hand, each a short curve of x and y; between them it rests. */
const curves: Record<string, (t: number) => [number, number]> = {
  up: (t) => [0, t],
  across: (t) => [t, 0],
  circle: (t) => [Math.sin(6.3 * t), 1 - Math.cos(6.3 * t)],
};
const names = Object.keys(curves);

/** What a hand does, moment by moment, and the gestures in words. */
function performance(id: string, next: (n: number) => number) {
  const words = Array.from({ length: 2 + next(5) }, () => names[next(3)]!);
  const rest = () => Array.from({ length: 2 + next(3) }, () => [0, 0] as [number, number]);
  const clean = words.flatMap((word) => {
    const steps = 6 + next(5);
    return [...Array.from({ length: steps }, (_, t) => curves[word]!((t + 1) / steps)), ...rest()];
  });
  const noise = () => (next(200) - 100) / 1000;
  return {
    id,
    frames: [...rest(), ...clean].map(([x, y]) => [x + noise(), y + noise()]),
    text: words.join(' '),
    who: `w${next(6)}`,
  };
}

const next = stream(7);
const performances = Array.from({ length: 220 }, (_, i) => performance(`p${i}`, next));
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const small = [
  '--set',
  'filters=16,16',
  '--set',
  'kernels=3,5',
  '--set',
  'hidden=16',
  '--tokenizer',
  'words',
];
const training = ['--task', 'ctc', ...small, '--epochs', '16', '--rate', '0.01', '--batch-size', '16'];

beforeAll(() => {
  writeFileSync(at.path('moves.jsonl'), lines(performances.slice(0, 200)));
  writeFileSync(at.path('new.jsonl'), lines(performances.slice(200)));
});

describe('train --task ctc', () => {
  it('learns gestures from movements without being told which is when; evaluate and predict take the model', async () => {
    const { code, out, err } = await at.seqwright('train', 'moves.jsonl', ...training, '-o', 'hand.model');
    expect(err).toMatch(
      /^200 records of \d+ to \d+ frames \(1, 2\); transcriptions of \d+ to \d+ letters\.\nSplit at random\. 144 training, 16 validation, 40 test\.\n\d places of the input make one step \(--set strides=1,\d\)\.\nEpoch 1 of 16/,
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^cnn-bilstm transcriber of moves\.jsonl\n/);
    expect(out).toMatch(/^metric +value +95 % interval +empty +commonest +ngram +nearest$/m);
    expect(at.list('hand.model')).toEqual(['model.json', 'model.onnx', 'weights.safetensors']);
    const { metrics, baselines } = JSON.parse(at.read('hand.report/results.json').toString());
    expect(metrics.wer.value).toBeLessThan(0.1);
    expect(metrics.wer.value).toBeLessThan(baselines.nearest.wer.value / 2);
    expect(at.read('hand.report/report.html').toString()).toContain('Confidence of single tokens');

    const judged = await at.seqwright(
      ...['evaluate', 'hand.model', 'new.jsonl', '--train', 'moves.jsonl', '--group', 'who'],
      ...['--beam', '6', '--json', '--quiet'],
    );
    expect(JSON.parse(judged.out).metrics.wer.value).toBeLessThan(0.15);

    const [table, spans, beam] = await Promise.all([
      at.seqwright('predict', 'hand.model', 'new.jsonl'),
      at.seqwright('predict', 'hand.model', 'new.jsonl', '--positions'),
      at.seqwright('predict', 'hand.model', 'new.jsonl', '--beam', '8', '--best', '3', '-o', 'best.jsonl'),
    ]);
    const rows = table.out
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    expect(rows[0]).toEqual(['id', 'prediction', 'logProbability', 'confidence']);
    const right = performances.slice(200).filter(({ text }, i) => rows[i + 1]![1] === text);
    expect(rows.slice(1).map(([id]) => id)).toEqual(performances.slice(200).map(({ id }) => id));
    expect(right.length).toBeGreaterThan(15);
    const first = performances[200]!;
    const own = spans.out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .filter(([id]) => id === first.id);
    expect(own.map(([, token]) => token).join(' ')).toBe(rows[1]![1]);
    for (const [, , from, to, confidence] of own) {
      expect(Number(from)).toBeLessThan(Number(to));
      expect(Number(to)).toBeLessThanOrEqual(first.frames.length);
      expect(Number(confidence)).toBeLessThanOrEqual(1);
    }
    expect(beam.code).toBe(0);
    const found = at
      .read('best.jsonl')
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    found.forEach(({ logProbability, alternatives }, i) => {
      expect(alternatives.length).toBeLessThanOrEqual(3);
      // A beam finds nothing less probable than the greedy path, which is among what it weighs.
      expect(logProbability).toBeGreaterThanOrEqual(Number(rows[i + 1]![2]) - 1e-4);
    });
  }, 60_000);

  it('heeds a pattern and a language model of the same words', async () => {
    const texts = performances.map(({ text }) => `${text}\n`).join('');
    writeFileSync(at.path('words.txt'), texts);
    const language = ['--task', 'language', '--corpus', 'lines', '--tokenizer', 'words', '--model', 'gru'];
    await at.seqwright(
      ...[
        'train',
        'words.txt',
        ...language,
        '--set',
        'hidden=8',
        '--epochs',
        '2',
        '--no-test',
        '-o',
        'words.model',
      ],
    );
    const beam = ['predict', 'hand.model', 'new.jsonl', '--beam', '8', '--format', 'jsonl'];
    const [forced, heard] = await Promise.all([
      at.seqwright(...beam, '--pattern', '(up |circle )+'),
      at.seqwright(...beam, '--language', 'words.model', '--language-weight', '0.3'),
    ]);
    expect([forced.err, forced.code, heard.err, heard.code]).toEqual(['', 0, '', 0]);
    for (const line of forced.out.trim().split('\n'))
      expect(JSON.parse(line).prediction).toMatch(/^((up|circle) ?)+$/);
    expect(heard.out.trim().split('\n')).toHaveLength(20);
  }, 60_000);

  it('goes on after being killed, to the same bytes', async () => {
    const command = (output: string, ...more: string[]) => [
      ...['train', 'moves.jsonl', ...training, '--epochs', '4', '--no-test', '--no-report'],
      ...['--checkpoint-every', '0', '-o', output, ...more],
    ];
    expect((await at.seqwright(...command('whole.model'))).code).toBe(0);
    const running = at.start(...command('cut.model'));
    while (!running.err().includes('Epoch 2 of 4')) await new Promise((resolve) => setTimeout(resolve, 5));
    running.child.kill('SIGKILL');
    await running.ended;
    const resumed = await at.seqwright(...command('cut.model', '--resume'));
    expect(resumed.err).toMatch(/^Resumed in epoch \d, after \d+ steps\.$/m);
    const weights = (model: string) => at.read(`${model}/weights.safetensors`);
    expect(weights('cut.model').equals(weights('whole.model'))).toBe(true);
  }, 60_000);

  it('reads a table with a row a frame, from standard input too, and keeps groups whole', async () => {
    const some = performances.slice(0, 60);
    const rows = some.flatMap(({ id, frames, who }) =>
      frames.map(([x, y], t) => `${id},${t},${x},${y},${who}\n`),
    );
    writeFileSync(
      at.path('words.tsv'),
      `id\ttext\n${some.map(({ id, text }) => `${id}\t${text}\n`).join('')}`,
    );
    const table = `id,t,x,y,who\n${rows.join('')}`;
    const trained = await at.fed(
      table,
      ...[
        'train',
        '-',
        '--task',
        'ctc',
        '--labels',
        'words.tsv',
        '--time',
        't',
        '--track',
        'x',
        '--track',
        'y',
      ],
      ...['--group', 'who', ...small, '--epochs', '1', '-o', 'rows.model'],
    );
    expect(trained.err).toContain('frames (x, y)');
    expect(trained.err).toContain('Split at random, records of one who together.');
    const predicted = await at.fed(table, 'predict', 'rows.model', '-', '--time', 't');
    expect(predicted.out.trim().split('\n')).toHaveLength(61);
  }, 60_000);

  it('says what does not fit, in one line that names the record', async () => {
    const bad = async (text: string, ...more: string[]) => {
      const name = `bad${more.length}${text.length}.jsonl`;
      writeFileSync(at.path(name), text);
      const { code, err } = await at.seqwright(
        'train',
        name,
        '--task',
        'ctc',
        '-o',
        'x.model',
        '--quiet',
        ...more,
      );
      expect(err.trimEnd()).not.toContain('\n');
      return [code, err.trimEnd().replace(name, 'bad.jsonl')];
    };
    const whole = ['--no-test', '--no-validation'];
    expect(await bad('{"id":"a","frames":[[1,2],[3]],"text":"A"}')).toEqual([
      3,
      'seqwright: bad.jsonl:1: record "a", frames: frame 2 has 1 number; expected 2, as in the frames before.',
    ]);
    expect(await bad('{"id":"a","signal":[1,2,3],"text":"AAA"}', ...whole)).toEqual([
      3,
      'seqwright: bad.jsonl:1: record "a" needs 5 steps: one for each of 3 tokens, and 2 more between tokens that repeat; it has 3. Give --unalignable skip to leave such records out.',
    ]);
    expect(await bad('{"id":"a","signal":[1,2,3],"text":"AB"}', '--label', 'x')).toEqual([
      2,
      'seqwright: --label does not go with --task ctc, which learns from signals and their transcriptions.',
    ]);
    expect((await bad('{"id":"a","signal":[1,2,3],"text":"AB"}', '--set', 'hiden=3', ...whole))[1]).toContain(
      'has no setting "hiden". Did you mean hidden?',
    );
    const stray = performances.slice(200, 203).map((row) => ({ ...row, text: `${row.text} jump` }));
    writeFileSync(at.path('stray.jsonl'), lines(stray));
    const [unknown, counted, beamless] = await Promise.all([
      at.seqwright('evaluate', 'hand.model', 'stray.jsonl', '--ambiguous', 'error', '--quiet'),
      at.seqwright('evaluate', 'hand.model', 'stray.jsonl', '--quiet'),
      at.seqwright('predict', 'hand.model', 'new.jsonl', '--best', '2'),
    ]);
    expect(unknown.code).toBe(3);
    expect(unknown.err).toMatch(
      /^seqwright: stray\.jsonl:1: record "p200": its transcription has what the model never saw .*"jump"/,
    );
    expect(counted.out).toContain(
      '3 records have a transcription with letters or words that the model never saw',
    );
    expect(beamless).toMatchObject({
      code: 2,
      err: 'seqwright: --best goes with --beam, such as --beam 16.\n',
    });
  }, 60_000);
});
