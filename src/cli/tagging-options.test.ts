import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { taggerBodies } from '../models/tagger/bodies.ts';
import { allowedTransitions, taggerConfig, taggerThreads } from './actions/tagging-settings.ts';
import { taggerNames } from './tagging-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'transitions-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the command line of taggers', () => {
  it('knows the taggers that there are', () => {
    expect(taggerNames).toEqual(Object.keys(taggerBodies));
  });

  it('takes settings of the body and of what is read, and refuses others with what was expected', () => {
    expect(taggerConfig('cnn', ['dilations=3', 'output=softmax'], 'letters')).toEqual({
      dilations: [3],
      output: 'softmax',
    });
    expect(() => taggerConfig('cnn', ['wordSize=3'], 'letters')).toThrow(/wordSize/);
    expect(() => taggerConfig('bilstm', ['hidden=0.5'], 'words')).toThrow(
      /--set hidden: expected a whole number/,
    );
  });

  it('gives one thread to small networks', () => {
    expect(taggerThreads(undefined, { hidden: 64 })).toBe(1);
    expect(taggerThreads(3, { hidden: 64 })).toBe(3);
  });

  it('reads transitions, with edges and comments, and refuses lines that are none', async () => {
    const file = (text: string) => {
      const path = join(folder, 't.txt');
      writeFileSync(path, text);
      return allowedTransitions(path);
    };
    expect(await file('# helix\nSTART C\nC H\r\nH\tC\n\nC END\n')).toEqual([
      ['', 'C'],
      ['C', 'H'],
      ['H', 'C'],
      ['C', ''],
    ]);
    await expect(file('C H\nC\n')).rejects.toThrow(/t\.txt:2: "C"; expected two tags/);
    await expect(file('END C\n')).rejects.toThrow(/t\.txt:1/);
    await expect(file('\n')).rejects.toThrow(/holds no transitions/);
    await expect(allowedTransitions(join(folder, 'none'))).rejects.toThrow(/no such file/);
  });
});
