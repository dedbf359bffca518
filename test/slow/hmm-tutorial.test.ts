import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The tutorial folder of HMMER's source distribution; not part of this repository. */
const data =
  process.env.SEQWRIGHT_HMMER_TUTORIAL ?? join(root, '../shared/data/bench/hmmer_tutorial/tutorial');
const folder = mkdtempSync(join(tmpdir(), 'seqwright-hmmer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Hit {
  id: string;
  score: number;
  evalue: number;
  domains: { from: number; to: number; score: number }[];
}
interface Pair {
  profile: string;
  target: string;
  hits: Hit[];
}
interface Place {
  from: number;
  to: number;
  score: number;
}
/** HMMER's own numbers: test/golden/markov/profile-tutorial.py. */
const golden = JSON.parse(readFileSync(join(root, 'test/golden/markov/profile-tutorial.json'), 'utf8')) as {
  files: Pair[];
  built: Pair[];
  places: { files: Place[]; built: Place[] };
};

const seqwright = (...args: string[]) => {
  const run = spawnSync(process.execPath, [join(root, 'bin/seqwright.js'), ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout;
};

/** Targets as FASTA; one of them is a UniProt entry. */
function fasta(name: string): string {
  const text = readFileSync(join(data, name), 'utf8');
  if (text.startsWith('>')) return join(data, name);
  const path = join(folder, `${name}.fa`);
  const letters = text
    .split('\nSQ ')[1]!
    .split('\n')
    .slice(1)
    .join('')
    .replace(/[^A-Z]/g, '');
  writeFileSync(path, `>${name}\n${letters}\n`);
  return path;
}

const jsonHits = <T>(profile: string, target: string): T[] =>
  seqwright('hmm', 'search', profile, target, '--json', '--quiet', '-E', '1e-3')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function build(name: string): string {
  const path = join(folder, `${name}.hmm`);
  if (!existsSync(path)) seqwright('hmm', 'build', join(data, `${name}.sto`), '-o', path, '--quiet');
  return path;
}

const largest = (values: number[]) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe.skipIf(!existsSync(data))('the tutorial of HMMER', () => {
  const compare = (pair: Pair, path: string, bits: number) => {
    const found = jsonHits<{ target: string; score: number; domains: Hit['domains'] }>(
      path,
      fasta(pair.target),
    );
    const ids = (of: string[]) => [...of].sort();
    expect(ids(found.map(({ target }) => target))).toEqual(ids(pair.hits.map(({ id }) => id)));
    const apart = pair.hits.map(({ id, score }) => found.find(({ target }) => target === id)!.score - score);
    console.log(
      `${pair.profile} in ${pair.target}: ${found.length} hits, at most ${largest(apart).toFixed(3)} bits apart`,
    );
    expect(largest(apart)).toBeLessThan(bits);
    return found;
  };

  it.each(golden.files)('$profile finds in $target what HMMER finds, within 0.1 bits', (pair) => {
    const found = compare(pair, join(data, `${pair.profile}.hmm`), 0.1);
    for (const { id, domains } of pair.hits) {
      const ours = found.find(({ target }) => target === id)!.domains;
      const place = ({ from, to }: { from: number; to: number }) => `${from}-${to}`;
      expect(ours.map(place)).toEqual(domains.map(place));
      domains.forEach(({ score }, i) => {
        expect(Math.abs(ours[i]!.score - score)).toBeLessThan(0.1);
      });
    }
  });

  it.each(golden.built)('$profile built from its alignment scores $target within 0.5 bits', (pair) => {
    compare(pair, build(pair.profile), 0.5);
  });

  it.each([
    ['files', 0.1],
    ['built', 0.5],
  ] as const)('MADE1 (%s) is found in the chromosome where nhmmer finds it, within %d bits', (kind, bits) => {
    const path = kind === 'files' ? join(data, 'MADE1.hmm') : build('MADE1');
    const found = jsonHits<Place>(path, join(data, 'dna_target.fa'));
    const place = ({ from, to }: Place) => `${from}-${to}`;
    expect(found.map(place).sort()).toEqual(golden.places[kind].map(place).sort());
    const apart = golden.places[kind].map(
      (theirs) => found.find((ours) => place(ours) === place(theirs))!.score - theirs.score,
    );
    console.log(`MADE1 (${kind}): ${found.length} places, at most ${largest(apart).toFixed(3)} bits apart`);
    expect(largest(apart)).toBeLessThan(bits);
  });

  it.each(['globins4', 'fn3', 'Pkinase', 'MADE1'])('%s.hmm is written as the same bytes', async (name) => {
    const { markov } = await import(join(root, 'dist/index.js'));
    const bytes = readFileSync(join(data, `${name}.hmm`));
    let text = '';
    for await (const profile of markov.readHmmer([bytes])) text += markov.hmmerText(profile);
    expect(text).toBe(bytes.toString());
  });
});
