import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, root, start, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Installs nothing from a registry: the tarball is unpacked as npm would, and the dependencies are those of this checkout. */
function install(): { files: string[] } {
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', at.cwd], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename, files }] = JSON.parse(packed.stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  mkdirSync(at.path('node_modules'));
  spawnSync('tar', ['-xzf', filename, '-C', 'node_modules'], { cwd: at.cwd });
  spawnSync('mv', ['node_modules/package', 'node_modules/seqwright'], { cwd: at.cwd });
  symlinkSync(join(root, 'node_modules'), at.path('node_modules/seqwright/node_modules'));
  return { files: files.map(({ path }) => path) };
}

describe('the published package', () => {
  it('runs in an empty folder, as a command and as a library', async () => {
    const { files } = install();
    expect(files).toContain('bin/seqwright.js');
    expect(files.filter((path) => /\.(test|fixture)\.|^(src|test|bench|scripts)\//.test(path))).toEqual([]);

    const bin = at.path('node_modules/seqwright/bin/seqwright.js');
    const run = (...args: string[]) => start(process.execPath, [bin, ...args], { cwd: at.cwd }).ended;
    expect(await run('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    });
    writeFileSync(at.path('mine.fa'), fastaText(promoters));
    const args = [
      'train',
      'mine.fa',
      '--label-from',
      'class=(\\S+)',
      '--model',
      'cnn',
      '--epochs',
      '1',
      '--quiet',
    ];
    expect(await run(...args, '-o', 'mine.model')).toMatchObject({ code: 0, err: '' });

    writeFileSync(
      at.path('use.mjs'),
      `import { dna, loadModel, reverseComplement, train } from 'seqwright';
       import * as graph from 'seqwright/graph';
       const { spec } = await loadModel('mine.model');
       console.log(reverseComplement('AACG', dna), spec.architecture, typeof train, typeof graph.matmul);`,
    );
    const used = await start(process.execPath, ['use.mjs'], { cwd: at.cwd }).ended;
    expect(used).toMatchObject({ code: 0, out: 'CGTT cnn function function\n', err: '' });
  });
});
