import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleKinds, exampleReport } from './example-reports.fixture.ts';
import { multiqcFiles, multiqcJson } from './multiqc.ts';
import { jsonSafe, manifestJson, resultsJson } from './results-json.ts';

describe('jsonSafe', () => {
  it('makes of anything what JSON holds without change', () => {
    fc.assert(
      fc.property(fc.anything({ withTypedArray: true, withNullPrototype: false }), (value) => {
        const safe = jsonSafe({ value });
        expect(JSON.parse(JSON.stringify(safe))).toEqual(JSON.parse(JSON.stringify(jsonSafe(safe))));
        expect(JSON.stringify(safe)).toBe(JSON.stringify(jsonSafe(safe)));
      }),
    );
  });

  it('turns numbers that are none into null, typed arrays into arrays, and leaves out what is undefined', () => {
    const value = {
      a: Number.NaN,
      b: Float64Array.of(1, Number.POSITIVE_INFINITY),
      c: undefined,
      d: [undefined],
    };
    expect(jsonSafe(value)).toEqual({ a: null, b: [1, null], d: [null] });
  });
});

describe('results.json', () => {
  it.each(exampleKinds)('has the shape that all verbs share (%s)', (kind) => {
    const report = exampleReport(kind);
    const text = resultsJson(report);
    const found = JSON.parse(text);
    expect(Object.keys(found).slice(0, 7)).toEqual([
      'recipe',
      'version',
      'seed',
      'seconds',
      'claims',
      'metrics',
      'baselines',
    ]);
    expect(found.metrics).toEqual(report.evaluation!.metrics);
    expect(found.claims).toEqual(report.claims);
    expect(found.artifacts).toEqual(report.artifacts);
    expect(found.alarms).toEqual(report.evaluation!.alarms);
    expect(found.similarity.median).toBeGreaterThan(0);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text.endsWith('}\n')).toBe(true);
  });
});

describe('manifest.json', () => {
  it('tells what is needed to make the run again and nothing that changes from run to run', () => {
    const report = exampleReport('binary');
    const found = JSON.parse(manifestJson(report));
    expect(found).toMatchObject({ seqwright: '0.1.0', seed: 42, config: { model: 'cnn-bilstm' } });
    expect(found.data[0].sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(manifestJson({ ...report, seconds: 9 })).toBe(manifestJson(report));
  });

  it('takes the files of the data summary where it has none of its own', () => {
    const { manifest: _, ...report } = exampleReport('binary');
    expect(JSON.parse(manifestJson(report)).data).toEqual(report.data!.sources);
  });
});

describe('MultiQC custom content', () => {
  it('is a table of one row for the model and one for each baseline', () => {
    const report = exampleReport('binary');
    const table = JSON.parse(multiqcJson(report));
    expect(table).toMatchObject({ id: 'seqwright', plot_type: 'table' });
    expect(Object.keys(table.data)).toEqual(['binary', 'binary (majority)', 'binary (6-mer logistic)']);
    expect(table.data.binary.accuracy).toBe(report.evaluation!.metrics.accuracy!.value);
    expect(table.data.binary.claims_met).toBe(2);
    const columns = new Set(Object.values<object>(table.data).flatMap((row) => Object.keys(row)));
    expect([...columns].every((c) => c in table.headers)).toBe(true);
  });

  it('puts the headline metrics among the general statistics, in a file MultiQC looks for', () => {
    const files = multiqcFiles(exampleReport('values'));
    expect(Object.keys(files).every((name) => name.endsWith('_mqc.json'))).toBe(true);
    const general = JSON.parse(files['seqwright_general_mqc.json']!);
    expect(general.plot_type).toBe('generalstats');
    expect(Object.keys(general.data.values)).toEqual(['r2', 'pearson', 'spearman', 'rmse']);
  });

  it('has the same headers for every kind of run, as MultiQC keeps those of one file only', () => {
    const headersOf = (name: string) =>
      exampleKinds.map((kind) => JSON.parse(multiqcFiles(exampleReport(kind))[name]!).headers);
    for (const name of ['seqwright_mqc.json', 'seqwright_general_mqc.json']) {
      const all = headersOf(name);
      for (const headers of all) expect(headers).toEqual(all[0]);
    }
  });

  it('keeps markup out of sample names, and columns without a value out of rows', () => {
    const report = { ...exampleReport('values'), recipe: '<b>"x"' };
    const table = JSON.parse(multiqcJson(report));
    expect(Object.keys(table.data)[0]).toBe('_b__x_');
    expect('pearson' in table.data['_b__x_ (mean)']).toBe(false);
  });
});
