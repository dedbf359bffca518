import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, root, start, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/**
 * Installs nothing from a registry: the tarball is unpacked as npm would, and beside it stand the packages that it declares as its
 * dependencies, as installed in this checkout, and no others; those in `without` are missing.
 */
function install(folder: string, { without = [] as string[] } = {}): { files: string[] } {
  const packed = spawnSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', at.cwd], {
    cwd: root,
    encoding: 'utf8',
  });
  const [{ filename, files }] = JSON.parse(packed.stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  const modules = at.path(`${folder}/node_modules`);
  mkdirSync(modules, { recursive: true });
  spawnSync('tar', ['-xzf', at.path(filename), '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'seqwright'));
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'seqwright', 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies).filter((name) => !without.includes(name))) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  return { files: files.map(({ path }) => path) };
}

describe('the published package', () => {
  it('runs in an empty folder, as a command and as a library', async () => {
    const { files } = install('empty');
    const cwd = at.path('empty');
    expect(files).toContain('bin/seqwright.js');
    expect(files.filter((path) => /\.(test|fixture)\.|^(src|test|bench|scripts)\//.test(path))).toEqual([]);

    const bin = join(cwd, 'node_modules/seqwright/bin/seqwright.js');
    const run = (...args: string[]) => start(process.execPath, [bin, ...args], { cwd }).ended;
    expect(await run('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      err: '',
    });
    writeFileSync(join(cwd, 'mine.fa'), fastaText(promoters));
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
      join(cwd, 'use.mjs'),
      `import { dna, loadModel, reverseComplement, train } from 'seqwright';
       import * as graph from 'seqwright/graph';
       const { spec } = await loadModel('mine.model');
       console.log(reverseComplement('AACG', dna), spec.architecture, typeof train, typeof graph.matmul);`,
    );
    const used = await start(process.execPath, ['use.mjs'], { cwd }).ended;
    expect(used).toMatchObject({ code: 0, out: 'CGTT cnn function function\n', err: '' });
  });

  it('runs as WebAssembly where the native runtime cannot be loaded, and says so', async () => {
    install('bare', { without: ['onnxruntime-node'] });
    const cwd = at.path('bare');
    writeFileSync(join(cwd, 'mine.fa'), fastaText(promoters));
    const bin = join(cwd, 'node_modules/seqwright/bin/seqwright.js');
    const train = (...args: string[]) =>
      start(
        process.execPath,
        [bin, 'train', 'mine.fa', '--label-from', 'class=(\\S+)', '--model', 'cnn', '--epochs', '1', ...args],
        { cwd },
      ).ended;
    const { code, err } = await train('-o', 'mine.model');
    expect(code).toBe(0);
    expect(
      err.match(/^onnxruntime-node has no native binary .* Running as WebAssembly instead, more slowly\.$/gm),
    ).toHaveLength(1);
    const manifest = JSON.parse(readFileSync(join(cwd, 'mine.report', 'manifest.json'), 'utf8'));
    expect(manifest.host.device).toBe('wasm');
    expect(await train('-o', 'cpu.model', '--device', 'cpu', '--quiet')).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^seqwright: onnxruntime-node has no native binary [^\n]* Use --device wasm[^\n]*\n$/,
      ),
    });
    writeFileSync(
      join(cwd, 'use.mjs'),
      `import { compile, input, tanh } from 'seqwright/graph';
       const x = input('x', ['n']);
       const program = await compile({ inputs: { x }, outputs: { y: tanh(x) } });
       const { y } = await program.run({ x: { dtype: 'float32', shape: [1], data: Float32Array.of(0) } });
       console.log(y.data[0]);`,
    );
    expect(await start(process.execPath, ['use.mjs'], { cwd }).ended).toMatchObject({ code: 0, out: '0\n' });
  });
});
