import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Runs a recipe; returns its claims as `id: met`, and the names of the files that it left. */
async function run(id: string, ...args: string[]) {
  const { code, err } = await at.seqwright('run', id, '--quick', '--quiet', '-o', id, ...args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { claims } = JSON.parse(at.read(`${id}/results.json`).toString());
  const met = Object.fromEntries(claims.map((claim: { id: string; met: boolean }) => [claim.id, claim.met]));
  return { met, files: at.list(id) };
}

describe('recipes on recurrences', () => {
  it('automaton recognises what it is given', async () => {
    expect((await run('automaton')).met).toEqual({ bound: true, sites: true, transitions: true });
    writeFileSync(at.path('a.fa'), '>a\nTTGAATTCTT\n');
    const { met, files } = await run('automaton', '--input', 'a.fa', '--set', 'pattern=GAATTC');
    expect(met).toEqual({ bound: true, sites: true, transitions: true });
    expect(files).toEqual(expect.arrayContaining(['recogniser.onnx', 'report.html', 'sites.bed']));
    expect(at.read('automaton/sites.bed').toString()).toBe('a\t2\t8\tGAATTC\n');
  });

  it('no-recurrence leaves the model that it trained', async () => {
    const { met, files } = await run('no-recurrence', '--set', 'count=320', '--set', 'training.epochs=1');
    expect(met.equal).toBe(true);
    expect(files).toContain('model');
    const { out } = await at.fed('>a\nACGTA\n', 'predict', 'no-recurrence/model', '-');
    expect(out).toMatch(/^id\tG first\tT first\tprediction\na\t/);
  });

  it('vanishing-gradients probes a model folder', async () => {
    const few = ['--set', 'steps=600', '--set', 'training.steps=20'];
    const { met } = await run('vanishing-gradients', '--input', 'no-recurrence/model', ...few);
    expect(met).toMatchObject({ exponential: true, lstm: true, reach: true });
    expect(at.read('vanishing-gradients/report.html').toString()).toContain('your model (lstm)');
  });

  it('leaky-enhancer scans what it is given', async () => {
    writeFileSync(at.path('e.fa'), `>e\n${'C'.repeat(50)}TGACGTCA${'C'.repeat(9)}TATAAAAA\n`);
    const { met } = await run('leaky-enhancer', '--input', 'e.fa');
    expect(met).toEqual({ closed: true, streaming: true });
    expect(at.read('leaky-enhancer/promoters.bed').toString()).toMatch(/^e\t67\t75\th=0\.98/);
  });

  it('methylation reads a table of fractions', async () => {
    const rows = Array.from({ length: 60 }, (_, t) => `${t},${(0.5 + 0.3 * Math.sin(t / 9)).toFixed(3)}`);
    writeFileSync(at.path('m.csv'), `time,site\n${rows.join('\n')}\n`);
    const { met, files } = await run('methylation', '--input', 'm.csv', '--set', 'training.epochs=5');
    expect(met.bounded).toBe(true);
    expect(files).toEqual(expect.arrayContaining(['forecasts.tsv', 'memory.onnx']));
    const refused = await at.seqwright('run', 'methylation', '--input', 'm.csv', '--labels', 'x', '--quiet');
    expect(refused).toMatchObject({
      code: 2,
      err: 'seqwright: the recipe methylation does not read --labels; it reads --input alone.\n',
    });
  });

  it('forget-gate leaves a tagger and the track of its gate', async () => {
    const few = ['--set', 'count=90', '--set', 'hidden=6', '--set', 'training.epochs=1'];
    const { met, files } = await run('forget-gate', ...few);
    expect(Object.keys(met)).toEqual(['drops', 'learned', 'task']);
    expect(files).toEqual(expect.arrayContaining(['forget-gate.bedgraph', 'model']));
  });

  it('initial-state runs from the configuration that init wrote', async () => {
    await at.seqwright('init', 'initial-state');
    const few = ['--quick', '--quiet', '--set', 'count=60', '--set', 'training.epochs=1', '-o', 'state'];
    const { code, err } = await at.seqwright('run', 'initial-state.json', ...few);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(at.list('state')).toContain('forecaster.onnx');
  });
});
