import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { atomicWrite } from './atomic-write.ts';
import { thrown } from './pieces.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'seqwright-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
});
const path = (name: string) => join(folder, name);

describe('writing a file', () => {
  it('writes what it was given, in pieces or whole, and nothing beside', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.uint8Array()), { maxLength: 20 }), async (parts) => {
        async function* pieces() {
          yield* parts;
        }
        await atomicWrite(path('out'), pieces());
        await atomicWrite(path('out.gz'), parts);
        const expected = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
        expect(readFileSync(path('out'))).toEqual(expected);
        expect(gunzipSync(readFileSync(path('out.gz')))).toEqual(expected);
        expect(readdirSync(folder).sort()).toEqual(['out', 'out.gz']);
      }),
      { numRuns: 40 },
    );
  });

  it('shows the old content until the new one is complete', async () => {
    writeFileSync(path('out'), 'old');
    async function* slow() {
      yield 'x'.repeat(200_000);
      expect(readFileSync(path('out'), 'utf8')).toBe('old');
      yield 'new';
    }
    await atomicWrite(path('out'), slow());
    expect(readFileSync(path('out'), 'utf8')).toBe(`${'x'.repeat(200_000)}new`);
  });

  it('leaves the old content and nothing beside it when the content fails', async () => {
    for (const name of ['out', 'out.gz']) {
      writeFileSync(path(name), 'old');
      async function* failing() {
        yield 'x'.repeat(200_000);
        throw new RangeError('no more');
      }
      await expect(atomicWrite(path(name), failing())).rejects.toThrow(RangeError);
      expect(readFileSync(path(name), 'utf8')).toBe('old');
    }
    expect(readdirSync(folder).sort()).toEqual(['out', 'out.gz']);
  });

  it('writes through a link to the file behind it', async () => {
    writeFileSync(path('real'), 'old');
    symlinkSync(path('real'), path('link'));
    await atomicWrite(path('link'), 'new');
    expect(readFileSync(path('real'), 'utf8')).toBe('new');
  });

  it('says why it cannot write', async () => {
    const problem = async (target: string) => {
      const { kind, message } = await thrown(() => atomicWrite(target, 'x'));
      return `${kind}: ${message.replaceAll(folder, '…')}`;
    };
    writeFileSync(path('plain'), '');
    expect(await problem(path('none/out'))).toBe(
      'failure: …/none/out cannot be written: its folder does not exist. Create the folder first.',
    );
    expect(await problem(folder)).toBe('failure: … cannot be written: it is a folder. Name a file.');
    expect(await problem(path('plain/out'))).toBe(
      'failure: …/plain/out cannot be written: a part of the path is not a folder. Check the path.',
    );
  });

  it.skipIf(!existsSync('/dev/full'))('gives one failure for a full disk', async () => {
    const full =
      'cannot be written: the disk is full. Free some space or choose another place; nothing was kept.';
    expect(await thrown(() => atomicWrite('/dev/full', 'x'))).toEqual({
      kind: 'failure',
      message: `/dev/full ${full}`,
    });
    symlinkSync('/dev/full', path('full.gz'));
    expect((await thrown(() => atomicWrite(path('full.gz'), 'x'.repeat(1e6)))).message).toBe(
      `${path('full.gz')} ${full}`,
    );
    expect(readdirSync(folder)).toEqual(['full.gz']);
  });

  it.skipIf(!existsSync('/dev/null'))('writes to a device without renaming over it', async () => {
    await atomicWrite('/dev/null', 'x');
    expect(readdirSync('/dev').filter((name) => name.includes('partial'))).toEqual([]);
  });
});

/** Runs a script in a Node of its own, with this room's source beside it as plain JavaScript. */
async function program(script: string, shell: string) {
  for (const source of ['core/errors', 'data/atomic-write']) {
    const text = readFileSync(join(import.meta.dirname, '..', `${source}.ts`), 'utf8');
    const compilerOptions = {
      target: ScriptTarget.ES2022,
      module: ModuleKind.ESNext,
      rewriteRelativeImportExtensions: true,
    };
    mkdirSync(dirname(path(source)), { recursive: true });
    writeFileSync(path(`${source}.js`), transpileModule(text, { compilerOptions }).outputText);
  }
  writeFileSync(path('package.json'), '{"type":"module"}');
  writeFileSync(path('entry.js'), `import { atomicWrite } from './data/atomic-write.js';\n${script}`);
  const child = spawn('sh', [
    '-c',
    shell.replaceAll('PROGRAM', `"${process.execPath}" "${path('entry.js')}"`),
  ]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => (out += data));
  child.stderr.on('data', (data) => (err += data));
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { out, err, code };
}

describe('writing to standard output', () => {
  const lines = `
    function* lines() { for (let i = 0; i < 200000; i++) yield 'line ' + i + '\\n'; }
    await atomicWrite('-', lines());
    process.stderr.write('done');`;

  it('streams everything', async () => {
    const { out, err } = await program(lines, 'PROGRAM | tail -n 1');
    expect([out, err]).toEqual(['line 199999\n', 'done']);
  });

  it('ends quietly when the pipe closes', async () => {
    const { out, err } = await program(lines, 'PROGRAM | head -n 1');
    expect([out, err]).toEqual(['line 0\n', 'done']);
  });

  it('removes an unfinished file when the process exits early', async () => {
    const script = `
        async function* forever() { for (;;) { yield 'x'.repeat(100000); await new Promise((go) => setTimeout(go, 1)); } }
      setTimeout(() => process.exit(130), 150);
      await atomicWrite(${JSON.stringify(path('never'))}, forever());`;
    const { code, err } = await program(script, 'PROGRAM');
    expect([code, err]).toEqual([130, '']);
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});
