import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);

/** Synthetic families, and what HMMER finds with them: test/golden/markov/profile.py. */
const { cases } = JSON.parse(readFileSync(join(root, 'test', 'golden', 'markov', 'profile.json'), 'utf8'));
const [protein] = cases;
const fasta = (records: { id: string; text: string }[]) =>
  records.map(({ id, text }) => `>${id} made up\n${text}\n`).join('');
const stockholm = (records: { id: string; text: string }[], ...more: string[]) =>
  ['# STOCKHOLM 1.0', ...more, ...records.map(({ id, text }) => `${id} ${text}`), '//', ''].join('\n');
const write = (name: string, content: string) => writeFileSync(at.path(name), content);
const text = (name: string) => at.read(name).toString();

beforeAll(() => {
  write('targets.fa', fasta(protein.targets));
  write('theirs.hmm', protein.profile);
  write('family.sto', stockholm(protein.alignment, '#=GF ID fam', '#=GF AC PF1', '#=GF GA 20.00 15.00;'));
});

describe('hmm build', () => {
  it('makes a profile of an alignment, the same bytes each time, and says what of', async () => {
    const { code, err } = await at.seqwright('hmm', 'build', 'family.sto', '-o', 'ours.hmm');
    expect(code).toBe(0);
    expect(err).toMatch(/^fam: \d+ nodes from \d+ columns of 14 rows \(amino\), worth [\d.]+ sequences\.\n$/);
    const again = await at.fed(stockholm(protein.alignment), 'hmm', 'build', '-', '--name', 'fam', '--quiet');
    expect(again.err).toBe('');
    const extra = /^(ACC|GA) .*\n/gm;
    expect(again.out).toBe(text('ours.hmm').replace(extra, ''));
    expect(text('ours.hmm').match(extra)).toEqual(['ACC   PF1\n', 'GA    20.00 15.00\n']);
    const nodes = (hmm: string) => hmm.match(/^ +\d+ {3}.*$/gm)!.map((line) => line.slice(-16));
    expect(nodes(text('ours.hmm'))).toEqual(nodes(protein.profile));
  });

  it('takes letters of the user’s own', async () => {
    write('events.afa', '>a\nHHEEC-CHEHH\n>b\nHHEECCCHE-H\n>c\nHHE-CCCHEHH\n');
    const { code, out } = await at.seqwright('hmm', 'build', 'events.afa', '--letters', 'HEC', '--quiet');
    expect(code).toBe(0);
    expect(out).toContain('ALPH  custom\n');
    write('events.hmm', out);
    const found = await at.fed(
      '>x\nCCHHEECCCHEHHEC\n',
      'hmm',
      'search',
      'events.hmm',
      '-',
      '--max',
      '-T',
      '-99',
    );
    expect(found.code).toBe(0);
    expect(found.out).toMatch(/ x +\d+ [HEC]{6,} \d+$/m);
  });
});

describe('hmm search', () => {
  it('writes the tables of HMMER', async () => {
    const tables = ['--tblout', 'hits.tbl', '--domtblout', 'domains.tbl'];
    const { code, out, err } = await at.seqwright('hmm', 'search', 'theirs.hmm', 'targets.fa', ...tables);
    expect(code).toBe(0);
    expect(out).toContain('>> target2  made up');
    expect(err).toMatch(
      /^16 comparisons; past the filters: MSV \d+, .* 8 reported, \d of them believed\.\n$/,
    );
    const rows = (lines: string[]) => lines.filter((line) => !line.startsWith('#'));
    const ours = rows(text('hits.tbl').trim().split('\n'));
    expect(ours.map((line) => line.replace('made up', '-'))).toEqual(rows(protein.tblout));
    expect(rows(text('domains.tbl').trim().split('\n')).map((line) => line.replace('made up', '-'))).toEqual(
      rows(protein.domtblout),
    );
    expect(text('domains.tbl')).toMatch(/^#.*\n#.*\n#.*\ntarget\d+ +- +\d+ synthetic-protein/);
  });

  it('writes JSON, and a pipe that closes ends quietly', async () => {
    const { out } = await at.seqwright('hmm', 'search', 'theirs.hmm', 'targets.fa', '--json', '--quiet');
    const hits = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(hits.map(({ target }) => target)).toEqual(protein.hits.map(({ id }: { id: string }) => id));
    expect(hits[0].domains.at(-1).alignment.model.length).toBeGreaterThan(50);
    const piped = await at.shell('seqwright hmm search theirs.hmm targets.fa --quiet | head -1');
    expect(piped).toMatchObject({ code: 0, err: '' });
  });

  it('takes the profile’s own thresholds', async () => {
    await at.seqwright('hmm', 'build', 'family.sto', '-o', 'cut.hmm', '--quiet');
    const { out } = await at.seqwright(
      'hmm',
      'search',
      'cut.hmm',
      'targets.fa',
      '--json',
      '--quiet',
      '--cutoff',
      'GA',
    );
    const hits = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(hits.length).toBeGreaterThan(0);
    for (const { score, domains } of hits) {
      expect(score).toBeGreaterThanOrEqual(20);
      for (const domain of domains) expect(domain.score).toBeGreaterThanOrEqual(15);
    }
  });
});

describe('hmm search with DNA', () => {
  it('finds places on both strands of long sequences, as nhmmer does', async () => {
    const dna = cases[1];
    write('dna.hmm', dna.profile);
    write('long.fa', `>long\n${dna.long.text}\n`);
    const { code, out } = await at.seqwright(
      'hmm',
      'search',
      'dna.hmm',
      'long.fa',
      '--tblout',
      'places.tbl',
      '--quiet',
    );
    expect(code).toBe(0);
    const rows = text('places.tbl')
      .split('\n')
      .filter((line) => /^long /.test(line))
      .map((line) => line.split(/\s+/))
      .filter((cells) => Number(cells[12]) < 1e-3);
    expect(rows.map((cells) => [...cells.slice(6, 8), cells[11], cells[13]].join(' '))).toEqual(
      dna.long.hits
        .filter(({ evalue }: { evalue: number }) => evalue < 1e-3)
        .map(({ from, to, strand, score }: { from: number; to: number; strand: string; score: number }) =>
          [from, to, strand, score.toFixed(1)].join(' '),
        ),
    );
    expect(out).toMatch(/^>> long {2}\d+ to \d+ \(-\) {2}score: /m);
    const refused = await at.seqwright('hmm', 'search', 'dna.hmm', 'long.fa', '--domtblout', 'x.tbl');
    expect(refused).toMatchObject({ code: 2, out: '' });
  });
});

describe('hmm scan', () => {
  it('finds the family of a sequence in a library', async () => {
    write('library.hmm', cases[2].profile + protein.profile);
    write('two.fa', fasta([protein.targets[1], cases[2].targets[0]]));
    const { code, out } = await at.seqwright(
      'hmm',
      'scan',
      'library.hmm',
      'two.fa',
      '--quiet',
      '--tblout',
      'scan.tbl',
    );
    expect(code).toBe(0);
    expect(out.match(/^Query: .*/gm)).toHaveLength(2);
    const rows = text('scan.tbl')
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(rows.map((line) => line.split(/\s+/).slice(0, 3).join(' '))).toEqual([
      'synthetic-protein - target2',
      'one-row - target1',
    ]);
  });
});

describe('a library of more profiles than are read at a time', () => {
  it('is searched and scanned whole, and needs sequences that can be read again', async () => {
    const many = 70;
    write(
      'many.hmm',
      Array.from({ length: many }, (_, i) => protein.profile.replace(/NAME .*/, `NAME  p${i}`)).join(''),
    );
    write('one.fa', fasta([protein.targets[1]]));
    const named = (out: string, key: 'query' | 'target') =>
      new Set(
        out
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)[key]),
      ).size;
    const searched = await at.seqwright('hmm', 'search', 'many.hmm', 'one.fa', '--json', '--quiet');
    expect(named(searched.out, 'query')).toBe(many);
    const scanned = await at.fed(text('one.fa'), 'hmm', 'scan', 'many.hmm', '-', '--json', '--quiet');
    expect(named(scanned.out, 'target')).toBe(many);
    const again = await at.fed(text('one.fa'), 'hmm', 'search', 'many.hmm', '-', '--json', '--quiet');
    expect(again.code).toBe(2);
    expect(again.err).toMatch(/Standard input can be read once only/);
  });
});

describe('hmm sample and hmm align', () => {
  it('sequences that a profile emits are found with it, and aligned to it', async () => {
    const drawn = await at.seqwright('hmm', 'sample', 'theirs.hmm', '--count', '5', '-o', 'drawn.fa');
    expect(drawn).toMatchObject({ code: 0, err: '' });
    expect(text('drawn.fa').match(/^>synthetic-protein-sample\d$/gm)).toHaveLength(5);
    const found = await at.seqwright('hmm', 'search', 'theirs.hmm', 'drawn.fa', '--json', '--quiet');
    expect(found.out.trim().split('\n')).toHaveLength(5);
    const aligned = await at.seqwright('hmm', 'align', 'theirs.hmm', 'drawn.fa');
    expect(aligned.err).toMatch(/^Aligned 5 sequences to synthetic-protein, \d+ columns\.\n$/);
    expect(aligned.out).toMatch(/^#=GC RF +[x.]+$/m);
    const rows = aligned.out.match(/^synthetic-protein-sample\d +\S+$/gm)!;
    const letters = (line: string) => line.split(/\s+/)[1]!.replace(/[-.]/g, '').toUpperCase();
    expect(rows.map(letters)).toEqual(
      text('drawn.fa')
        .match(/^[A-Z\n]+$/gm)!
        .map((s) => s.replaceAll('\n', '')),
    );
    const a2m = await at.seqwright(
      'hmm',
      'align',
      'theirs.hmm',
      'drawn.fa',
      '--trim',
      '-o',
      'drawn.a2m',
      '--quiet',
    );
    expect(a2m.code).toBe(0);
    expect(text('drawn.a2m')).toMatch(/^>synthetic-protein-sample1\n[A-Z-][A-Za-z.\n-]+$/m);
  });
});

describe('bad input to hmm', () => {
  it.each([
    [
      'a profile of another version',
      'old.hmm',
      'HMMER3/b [3.0 | March 2010]\n',
      3,
      /old\.hmm:1: .*HMMER3\/b.*hmmconvert/,
    ],
    [
      'a profile that is cut off',
      'cut.hmm',
      protein.profile.slice(0, protein.profile.lastIndexOf('\n', 5000)),
      3,
      /cut\.hmm(:\d+)?: .*truncated/,
    ],
    ['no such file', 'none.hmm', undefined, 3, /none\.hmm: no such file/],
  ])('%s', async (_, name, content, code, message) => {
    if (content !== undefined) write(name, content);
    const result = await at.seqwright('hmm', 'search', name, 'targets.fa');
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toMatch(message);
    expect(result.err.trim()).not.toContain('\n');
  });

  it('sequences of another alphabet, rows of unequal length, wrong usage', async () => {
    const wrong = await at.fed('>dna\nACGU1\n', 'hmm', 'search', 'theirs.hmm', '-');
    expect(wrong).toMatchObject({ code: 3, out: '' });
    expect(wrong.err).toMatch(
      /stdin:1: record "dna": "1" at position 5; expected a letter of the amino alphabet/,
    );
    const uneven = await at.fed('# STOCKHOLM 1.0\na ACGT\nb ACG\n//\n', 'hmm', 'build', '-');
    expect(uneven.code).toBe(3);
    expect(uneven.err).toMatch(/row "b" has 3 columns; expected 4/);
    expect(await at.seqwright('hmm', 'build', 'family.sto', '--symfrac', 'x')).toMatchObject({
      code: 2,
      out: '',
    });
    expect((await at.seqwright('hmm', 'search', 'theirs.hmm')).code).toBe(2);
    expect((await at.seqwright('hmm', 'serch', 'theirs.hmm', 'targets.fa')).code).toBe(2);
    const cutoff = await at.seqwright('hmm', 'search', 'theirs.hmm', 'targets.fa', '--cutoff', 'GA');
    expect(cutoff).toMatchObject({ code: 2, out: '' });
    expect(cutoff.err).toMatch(/Profile synthetic-protein has no GA thresholds/);
  });
});
