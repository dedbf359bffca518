import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { removeLeftovers } from './checkpoint-file.ts';
import { checkPlaces, reportPlace } from './places.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-places-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

describe('reportPlace', () => {
  it.each([
    ['mine.model', undefined, 'mine.report'],
    ['out/mine.model/', undefined, 'out/mine.report'],
    ['mine', undefined, 'mine.report'],
    ['mine.model', 'there', 'there'],
    ['mine.model', false as const, undefined],
  ])('of %s with --report %s is %s', (output, report, place) =>
    expect(reportPlace(output, report)).toBe(place),
  );
});

describe('checkPlaces', () => {
  it('leaves nothing behind', async () => {
    await checkPlaces(at('m'), at('r'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['m', 'm'],
    ['m', 'm/r'],
    ['r/m', 'r'],
  ])('refuses model %s with report %s: replacing one would delete the other', async (model, report) => {
    await expect(checkPlaces(at(model), at(report))).rejects.toThrow('need folders of their own');
  });

  it('takes places that only begin alike', async () => {
    await expect(checkPlaces(at('m'), at('m.report'))).resolves.toBeUndefined();
    await expect(checkPlaces(at('..m'), at('r'))).resolves.toBeUndefined();
  });

  it('refuses folders with anything of the user in them', async () => {
    mkdirSync(at('foreign'));
    writeFileSync(at('foreign/x'), '');
    await expect(checkPlaces(at('foreign'), undefined)).rejects.toThrow('holds no Seqwright model');
    await expect(checkPlaces(at('m'), at('foreign'))).rejects.toThrow('no run of Seqwright wrote');
    writeFileSync(at('foreign/model.json'), '{"format": "seqwright-model"}');
    await expect(checkPlaces(at('foreign'), undefined)).rejects.toThrow('holds "x" beside the model');
  });
});

describe('removeLeftovers', () => {
  it('removes what dead processes left, and nothing else', async () => {
    // No process has this id: it is above the largest that Linux gives.
    const names = [
      'c.partial-4194999-0',
      `c.partial-${process.pid}-0`,
      'c.partial-4194999-x',
      'd.partial-4194999-0',
    ];
    for (const name of names) writeFileSync(at(name), '');
    await removeLeftovers(at('c'));
    const left = readdirSync(folder).filter((name) => name.includes('partial'));
    expect(left.sort()).toEqual(names.slice(1).sort());
  });
});
