import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunReport } from '../report/run-report.ts';
import { checkRunOutput, writeRunOutput } from './run-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-output-'));
const out = join(folder, 'out');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(out, { recursive: true, force: true }));

const report: RunReport = {
  title: 'A run',
  recipe: 'example',
  version: '0.1.0',
  seed: 7,
  seconds: 1,
  metrics: { accuracy: { value: 0.5 } },
};
const five = [
  'manifest.json',
  'report.html',
  'results.json',
  'seqwright_general_mqc.json',
  'seqwright_mqc.json',
];

describe('writeRunOutput', () => {
  it('writes report, results, manifest and the tables of MultiQC, and says what is where', async () => {
    const written = await writeRunOutput(out, { report, extraFiles: { 'folds.tsv': 'a\tb\n' } });
    expect(readdirSync(out).sort()).toEqual(['folds.tsv', ...five]);
    expect(readFileSync(join(out, 'folds.tsv'), 'utf8')).toBe('a\tb\n');
    const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
    expect(results).toMatchObject({ recipe: 'example', seed: 7, metrics: { accuracy: { value: 0.5 } } });
    expect(results.artifacts).toEqual({ 'folds.tsv': 'folds.tsv', report: 'report.html' });
    expect(written.artifacts).toEqual(results.artifacts);
  });

  it('replaces the output of a former run, extra files and all', async () => {
    await writeRunOutput(out, { report, extraFiles: { 'folds.tsv': '' } });
    await writeRunOutput(out, { report: { ...report, seed: 8 } });
    expect(readdirSync(out).sort()).toEqual(five);
    expect(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')).seed).toBe(8);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('refuses to delete what no run wrote', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    await expect(writeRunOutput(out, { report })).rejects.toThrow(
      'is a folder that no run of Seqwright wrote',
    );
    await expect(checkRunOutput(out)).rejects.toThrow('is a folder that no run of Seqwright wrote');
    rmSync(out, { recursive: true });
    await writeRunOutput(out, { report });
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    await expect(writeRunOutput(out, { report })).rejects.toThrow('holds "thesis.txt" beside the report');
    expect(readFileSync(join(out, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  it.each(['../up.tsv', 'a/b', 'report.html', 'model', '.hidden', ''])(
    'refuses a file called %j',
    async (name) => {
      await expect(writeRunOutput(out, { report, extraFiles: { [name]: '' } })).rejects.toThrow(
        'plain, free name',
      );
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

describe('checkRunOutput', () => {
  it('leaves no trace, and finds what writing would find', async () => {
    await checkRunOutput(out);
    expect(readdirSync(folder)).toEqual([]);
    await expect(checkRunOutput(join(folder, 'no', 'out'))).rejects.toThrow(
      'the folder it should stand in does not exist',
    );
  });
});
