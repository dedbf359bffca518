import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recipes } from '../../src/recipes/index.ts';
import { slowly } from '../../src/recipes/slow.fixture.ts';
import { fastaText, promoters, spliceSites, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const json = (name: string) => JSON.parse(at.read(name).toString());
const refused = (err: string, code = 2) => ({ code, signal: null, out: '', err: `seqwright: ${err}\n` });

/** So little training that it takes no time; the figures are worth nothing. */
const short = (...names: string[]) => names.flatMap((name) => ['--set', `${name}.epochs=1`]);
const briefPromoters = short('boxes.training', 'aligned.training', 'free.training');
const briefSplice = [...short('training'), '--set', 'model.hidden=4', '--set', 'folds=3'];

beforeAll(() => {
  writeFileSync(at.path('mine.fa'), fastaText(spliceSites.filter((_, i) => i % 25 === 0)));
  writeFileSync(
    at.path('rows.csv'),
    `name,kind,sequence\n${promoters.map((r) => `${r.id},${r.label},${r.sequence}`).join('\n')}\n`,
  );
});

describe('list and init', () => {
  it('list names the recipes with what they claim, and explains one with its settings', async () => {
    const { out } = await at.seqwright('list', '--json');
    const { recipes } = JSON.parse(out) as { recipes: { id: string; claim: string }[] };
    expect(recipes.map(({ id }) => id)).toEqual(expect.arrayContaining(['promoters', 'splice']));
    for (const { claim } of recipes) expect(claim).toMatch(/\.$/);
    const { out: splice } = await at.seqwright('list', 'splice');
    expect(splice).toMatch(/^ {2}folds +10$/m);
    expect(splice).toMatch(/^Input \(--input\): FASTA or a table of sequences, with labels/m);
  });

  it('init writes a complete configuration, keeps what is there, and prints with -o -', async () => {
    expect(await at.seqwright('init', 'splice')).toEqual({
      code: 0,
      signal: null,
      out: '',
      err: 'Wrote splice.json. Run it with: seqwright run splice.json\n',
    });
    expect(json('splice.json')).toMatchObject({
      recipe: 'splice',
      seed: 42,
      folds: 10,
      training: { epochs: 15 },
    });
    expect(await at.seqwright('init', 'splice')).toEqual(
      refused('splice.json is there already. Name another with -o, or replace it with --force.'),
    );
    expect((await at.seqwright('init', 'splice', '--force')).code).toBe(0);
    expect((await at.seqwright('init', 'splice', '-o', '-')).out).toBe(at.read('splice.json').toString());
  });
});

describe('run', () => {
  it("takes init's file with the user's own sequences, and leaves report, results and a model that predicts", async () => {
    await at.seqwright('init', 'splice', '-o', 'own.json');
    const own = json('own.json');
    writeFileSync(at.path('own.json'), JSON.stringify({ ...own, seed: 7, folds: 3 }));
    const { code, out, err } = await at.seqwright(
      ...['run', 'own.json', '--input', 'mine.fa', '--label-from', 'class=(\\S+)', '--quick', '-o', 'own'],
      ...[...short('training'), '--set', 'model.hidden=4'],
    );
    expect(code, err).toBe(0);
    expect(out).toMatch(/^Splice sites: 4\d records evaluated$/m);
    // A claim that is not met is a result, not a failure.
    expect(out).toMatch(/^claim (NOT )?met +accuracy in one fold above that of the best simple baseline/m);
    expect(at.list('own')).toEqual([
      'manifest.json',
      'model',
      'report.html',
      'results.json',
      'seqwright_general_mqc.json',
      'seqwright_mqc.json',
    ]);
    expect(json('own/results.json')).toMatchObject({
      recipe: 'splice',
      seed: 7,
      artifacts: { model: 'model' },
    });
    expect(json('own/manifest.json')).toMatchObject({
      config: {
        recipe: 'splice',
        seed: 7,
        folds: 3,
        training: { epochs: 1, batchSize: 32 },
        model: { hidden: 4 },
      },
      data: [{ path: 'mine.fa' }],
    });
    const predicted = await at.seqwright('predict', 'own/model', 'mine.fa');
    expect(predicted.out.split('\n')[0]).toBe('id\tei\tie\tn\tprediction');
  });

  it('leaves the demo where the README says, in a folder that has nothing yet', async () => {
    const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const args = /node bin\/seqwright\.js (.+)$/.exec(scripts.demo)![1]!.split(' ');
    const { code, err } = await at.seqwright(...args, '--quick', ...briefSplice, '--quiet');
    expect([code, err]).toEqual([0, '']);
    expect(String(at.read('seqwright-output/splice/report.html'))).toContain('Splice sites');
  });

  slowly('gives the same results for the same seed, as JSON on standard output', async () => {
    const once = async (folder: string) => {
      const { code, out } = await at.seqwright(
        'run',
        'splice',
        '--quick',
        ...briefSplice,
        '--json',
        '--quiet',
        '-o',
        folder,
      );
      expect(code).toBe(0);
      const { seconds: _seconds, artifacts, ...results } = JSON.parse(out);
      expect(artifacts).toMatchObject({ report: `${folder}/report.html`, model: `${folder}/model` });
      return results;
    };
    const first = await once('one');
    expect(await once('two')).toEqual(first);
    expect(first.metrics.accuracy).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
    const weights = 'model/weights.safetensors';
    expect(at.read(`one/${weights}`).equals(at.read(`two/${weights}`))).toBe(true);
  });

  it('promoters takes a table with column names of its own', async () => {
    const columns = ['--id', 'name', '--label', 'kind'];
    const { code, out, err } = await at.seqwright(
      ...[
        'run',
        'promoters',
        '--input',
        'rows.csv',
        ...columns,
        '--quick',
        '--quiet',
        ...briefPromoters,
        '-o',
        'rows',
      ],
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^Bacterial promoters: 106 records evaluated$/m);
  });

  it('stops on Ctrl-C and leaves nothing', async () => {
    const running = at.start('run', 'splice', '-o', 'stopped');
    while (!running.err().includes('Simple baselines'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    running.child.kill('SIGINT');
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toMatch(
      /stopping after this batch; once more stops at once\.\nseqwright: interrupted [^\n]*\n$/,
    );
    expect(at.list().filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  const cases: [args: string[], err: string, code?: number][] = [
    [['promotor'], 'there is no recipe "promotor". Did you mean promoters?'],
    [['x'], `there is no recipe "x". The recipes are ${Object.keys(recipes).join(', ')}.`],
    [['none.json'], 'none.json: no such file. Check the path.', 3],
    [['key.json'], 'key.json has no setting "fold". Did you mean folds?'],
    [['kind.json'], 'kind.json: motifs.first: expected text such as "TTGACA", received 3.'],
    [
      ['nameless.json'],
      'nameless.json does not say "recipe"; expected a file as seqwright init writes it.',
      3,
    ],
    [
      ['broken.json'],
      "broken.json is not valid JSON: Expected property name or '}' in JSON at position 1.",
      3,
    ],
    [['splice', '--set', 'fold=3'], 'the recipe splice has no setting "fold". Did you mean folds?'],
    [['splice', '--set', 'folds=0'], 'folds: expected a whole number of at least 1, received 0.'],
    [
      ['splice', '--set', 'training.rate=fast'],
      '--set training.rate: expected a number such as 0.002, received "fast".',
    ],
    [['splice', '--labels', 'x.tsv'], 'labels were given without sequences; name these with --input.'],
    [
      ['promoters', '--input', 'mine.fa', '--task', 'classes'],
      'the recipe promoters does not read --task; beside --input it reads --labels, --id, --label, --label-from, --sequence, --ambiguous.',
    ],
    [
      ['splice', '--input', 'mine.fa'],
      'mine.fa has no labels; give a table with --labels, a column with --label or --label-from.',
      3,
    ],
    [
      ['promoters', '--input', 'mine.fa', '--label-from', 'class=(\\S+)'],
      'mine.fa: expected 2 classes, found 3: ei, ie, n.',
      3,
    ],
    [
      ['splice', '-o', 'mine.fa'],
      'mine.fa cannot be saved: mine.fa is not a folder. Choose another name, or move it away.',
    ],
  ];
  it.each(cases)('refuses %j with one line', async (args, err, code = 2) => {
    writeFileSync(at.path('key.json'), '{"recipe": "splice", "fold": 3}');
    writeFileSync(at.path('kind.json'), '{"recipe": "promoters", "motifs": {"first": 3}}');
    writeFileSync(at.path('nameless.json'), '{"seed": 3}');
    writeFileSync(at.path('broken.json'), '{');
    const before = at.list();
    const { out, err: said, ...outcome } = await at.seqwright('run', ...args, '--quiet');
    expect({ ...outcome, out }).toEqual({ code, signal: null, out: '' });
    // JSON.parse words its complaint differently from version to version.
    expect(said.replace(/ \(line .*?\)/, '')).toBe(`seqwright: ${err}\n`);
    expect(at.list()).toEqual(before);
  });
});
