import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** The house, from the ground up: a file imports from its own room or from a lower tier. */
const tiers = [
  ['core'],
  ['data', 'graph', 'markov'],
  ['tokenize', 'runtime'],
  ['nn'],
  ['models'],
  ['decode'],
  ['train'],
  ['explain'],
  ['report'],
  ['recipes'],
  ['cli', 'studio'],
];
const tierOf = new Map(tiers.flatMap((rooms, tier) => rooms.map((room) => [room, tier] as const)));

interface Import {
  file: string;
  target: string;
  typeOnly: boolean;
}

const files = (readdirSync(source, { recursive: true }) as string[])
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replaceAll('\\', '/'));

function importsOf(file: string): Import[] {
  const text = readFileSync(resolve(source, file), 'utf8');
  const statement =
    /(?:^|\n)\s*(?:import|export)\s(type\s)?[^;'"]*?from\s+'(\.[^']+)'|import\('(\.[^']+)'\)/g;
  return [...text.matchAll(statement)].map(([, typeOnly, from, dynamic]) => ({
    file,
    target: relative(source, resolve(source, dirname(file), (from ?? dynamic)!)).replaceAll('\\', '/'),
    typeOnly: typeOnly !== undefined,
  }));
}

const roomOf = (file: string) => (file.includes('/') ? file.split('/')[0]! : '');
// Tests and fixtures may also read files that lie outside the house, such as golden values.
const imports = files.flatMap(importsOf).filter(({ target }) => !target.startsWith('..'));
const isTest = (file: string) => /\.(test|fixture)\.ts$/.test(file);

describe('the house', () => {
  it('is seen by this test: files and imports are found', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(150);
  });

  it('has only rooms that are in the plan', () => {
    expect([...new Set(files.map(roomOf))].filter((room) => room !== '' && !tierOf.has(room))).toEqual([]);
  });

  it('is imported one way: from the own room or a lower tier', () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      // Files outside every room are the package's entry points, which nothing inside imports.
      if (from === '') return false;
      if (from === to) return false;
      return !tierOf.has(to) || tierOf.get(to)! >= tierOf.get(from)!;
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it('has no circles among files (types aside)', () => {
    const edges = new Map<string, string[]>();
    for (const { file, target, typeOnly } of imports)
      if (!typeOnly) edges.set(file, [...(edges.get(file) ?? []), target]);
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (done.has(file) || path.includes(file)) return;
      for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(circles).toEqual([]);
  });

  it('loads onnxruntime in the runtime room only', () => {
    const users = files.filter((file) =>
      /from 'onnxruntime|import\('onnxruntime/.test(readFileSync(resolve(source, file), 'utf8')),
    );
    expect(users.filter((file) => roomOf(file) !== 'runtime')).toEqual([]);
    expect(users.length).toBeGreaterThan(0);
  });

  it('keeps Node out of graph, nn and the runtime’s shared files', () => {
    const users = files.filter(
      (file) => /from 'node:/.test(readFileSync(resolve(source, file), 'utf8')) && !isTest(file),
    );
    const allowed = ['runtime/worker.ts', 'runtime/worker-client.ts'];
    const browserRooms = ['core', 'graph', 'runtime', 'nn', 'tokenize', 'markov', 'decode', 'train'];
    expect(users.filter((file) => browserRooms.includes(roomOf(file)) && !allowed.includes(file))).toEqual(
      [],
    );
  });
});
