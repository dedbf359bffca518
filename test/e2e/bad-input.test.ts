import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fastaText, promoters, workplace } from './command.fixture.ts';

const at = workplace();
afterAll(at.remove);
const good = fastaText(promoters);
const write = (name: string, content: string | Uint8Array) => writeFileSync(at.path(name), content);
const labels = (change: (label: string, i: number) => string = (label) => label) =>
  `id\tlabel\n${promoters.map(({ id, label }, i) => `${id}\t${change(label, i)}`).join('\n')}\n`;

const tiny = ['--model', 'cnn', '--set', 'filters=8,8', '--epochs', '1', '--no-report', '--quiet'];
const header = ['--label-from', 'class=(\\S+)'];

beforeAll(async () => {
  write('good.fa', good);
  write('good.tsv', labels());
  expect((await at.seqwright('train', 'good.fa', ...header, ...tiny, '-o', 'good.model')).code).toBe(0);
});

/** Runs, and holds it to one line, the exit code, and a folder as it was before. */
async function refuses(args: string[], code: number, line: string, stdin = '') {
  const before = at.list();
  expect(await at.fed(stdin, ...args)).toEqual({ code, signal: null, out: '', err: `seqwright: ${line}\n` });
  expect(at.list()).toEqual(before);
}

describe('bad sequences', () => {
  const cases: [what: string, file: string, content: string | Uint8Array, line: string][] = [
    ['an empty file', 'empty.fa', '', 'empty.fa is empty; expected FASTA.'],
    ['blank lines only', 'blank.fa', '\n\n\n', 'blank.fa holds no records; expected FASTA.'],
    [
      'a header without sequence',
      'bare.fa',
      `>bare class=promoter\n${good}`,
      'bare.fa:1: record "bare" has a header but no sequence. Add its sequence or remove the header.',
    ],
    [
      'a sequence of length 0',
      'zero.fa',
      `${good}>zero class=promoter\n\n`,
      'zero.fa:213: record "zero" has a header but no sequence. Add its sequence or remove the header.',
    ],
    [
      'a letter that is none',
      'letter.fa',
      good.replace('GCCTTCTCC', 'GCCT@CTCC'),
      'letter.fa:1: record "p001" has "@" at position 5; expected a DNA letter (A C G T or IUPAC). Correct the file, or leave this record out.',
    ],
    [
      'two records of one id',
      'twice.fa',
      `${good}${fastaText(promoters.slice(0, 1))}`,
      'twice.fa:213: id "p001" is already taken on line 1; ids must be unique.',
    ],
    ['one sequence', 'one.fa', '>a class=x\nACGT\n', 'one.fa has 1 usable record; at least 2 are needed.'],
    [
      'one class only',
      'class.fa',
      good.replaceAll('class=other', 'class=promoter'),
      'class.fa: every record has the class "promoter"; training needs at least two classes.',
    ],
    [
      'truncated gzip',
      'cut.fa.gz',
      gzipSync(good).subarray(0, 900),
      'cut.fa.gz is truncated: its gzip data ends too early. Copy or download it again.',
    ],
    [
      'text that is no FASTA',
      'letter.txt',
      'Dear reader\nthis is no sequence.\n',
      'letter.txt:1: expected FASTA, a line that starts with ">"; this looks like text starting with "Dear reader".',
    ],
    [
      'JSON',
      'data.json',
      '{"a": 1}\n',
      'data.json:1: expected FASTA, a line that starts with ">"; this looks like JSON.',
    ],
    [
      'binary data',
      'data.bin',
      Uint8Array.from({ length: 999 }, (_, i) => (i * 37) % 256),
      'data.bin:1: expected FASTA, a line that starts with ">"; this looks like binary data.',
    ],
    [
      'a zip archive',
      'data.zip',
      Buffer.from('504b030414000000', 'hex'),
      'data.zip is compressed as a zip archive; expected plain text, gzip or bgzip. Unpack it first: unzip -p data.zip | …',
    ],
    [
      'headers without the label',
      'plain.fa',
      good.replaceAll('class=', 'kind='),
      'plain.fa: no header matches "class=(\\S+)"; the first is "p001 kind=promoter taxon=562".',
    ],
  ];
  it.each(cases)('train refuses %s', async (_, file, content, line) => {
    write(file, content);
    await refuses(['train', file, ...header, ...tiny, '-o', 'never.model'], 3, line);
  });

  it('train refuses a wrong alphabet and says which would fit', async () => {
    write('protein.fa', good.replace(/^GCCTTCTCC/m, 'MKWVTFISL'));
    const line =
      'protein.fa:1: record "p001" has "F" at position 6; expected a DNA letter (A C G T or IUPAC). Use --alphabet protein if these are proteins.';
    await refuses(
      ['train', 'protein.fa', ...header, ...tiny, '--alphabet', 'dna', '-o', 'never.model'],
      3,
      line,
    );
  });

  it('train that diverges says at which step and in which layer, and leaves no model', async () => {
    write('sound.fa', good);
    const wild = ['--optimizer', 'sgd', '--rate', '1000', '--clip', '0', '--l2', '1e5'];
    const command = ['train', 'sound.fa', ...header, ...tiny, ...wild, '--epochs', '60', '-o', 'never.model'];
    const { code, err } = await at.seqwright(...command);
    expect(code).toBe(1);
    expect(err).toMatch(
      /^seqwright: the loss became NaN at step \d+ \(epoch \d+, batch \d+\) with learning rate .*: (first in [\w.]+: \w+|the update before it had made [\w.]+ infinite or NaN)\. Use a smaller --rate, or gradient clipping \(--clip 1\)\.\n$/,
    );
    expect(existsSync(at.path('never.model'))).toBe(false);
  });

  it('train treats runs of N as asked', async () => {
    write('runs.fa', good.replace(/^GCCTTCTCCAAAACGTG/m, 'N'.repeat(17)));
    const command = ['train', 'runs.fa', ...header, ...tiny, '-o', 'runs.model'];
    const line =
      'runs.fa:1: record "p001" has "N" at position 1; expected one of A C G T. Use --ambiguous mask to keep such letters or --ambiguous skip to leave the record out.';
    await refuses([...command, '--ambiguous', 'error'], 3, line);
    expect((await at.seqwright(...command)).code).toBe(0);
    const loud = [...command.filter((word) => word !== '--quiet'), '--ambiguous', 'skip'];
    expect((await at.seqwright(...loud)).err).toContain(
      'Left out 1 record (letters outside the alphabet): p001.\n',
    );
  });

  it('train takes a sequence of a million letters beside short ones', async () => {
    write('long.fa', `${good}>long class=promoter\n${'ACGTTGCA'.repeat(125_000)}\n`);
    expect((await at.seqwright('train', 'long.fa', ...header, ...tiny, '-o', 'long.model')).code).toBe(0);
    const { out } = await at.seqwright('predict', 'long.model', 'long.fa');
    expect(out.trimEnd().split('\n')).toHaveLength(108);
  });

  it('train refuses what its split leaves with one class, and says what to change', async () => {
    write('two.fa', '>a class=x\nACGT\n>b class=y\nACGTT\n');
    await refuses(
      ['train', 'two.fa', ...header, ...tiny, '-o', 'never.model'],
      3,
      'the one training record has the class "x"; training needs at least two classes. Add records, or hold fewer back for test and validation.',
    );
  });

  it('train refuses by name a record that does not fit into the memory allowed', async () => {
    const { code, out, err } = await at.seqwright(
      ...['train', 'long.fa', ...header, ...tiny, '--max-memory', '400M', '-o', 'never.model'],
    );
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(
      /^seqwright: record "long" has 1,000,000 letters; training cnn on it takes up to about [\d.]+ [MG]B, and --max-memory allows 400\.0 MB\.[^\n]+\n$/,
    );
    expect(at.list()).not.toContain('never.model');
  });

  it('takes sequences of nothing but N where they are masked', async () => {
    write('n.fa', '>a\nNNNNNNNN\n>b\nACGTNNNN\n');
    const { code, out } = await at.seqwright('predict', 'good.model', 'n.fa');
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ).toEqual(['id', 'a', 'b']);
    const skipped = await at.seqwright('predict', 'good.model', 'n.fa', '--ambiguous', 'skip');
    expect(skipped).toMatchObject({
      code: 0,
      out: 'id\tother\tpromoter\tprediction\n',
      err: 'Left out 2 records (ambiguous letters): a, b.\n',
    });
  });

  it('predict refuses in the middle of a stream without a half-written file', async () => {
    write('late.fa', `${good}>late\nACGJ\n`);
    const line =
      'late.fa:213: record "late" has "J" at position 4; expected a DNA letter (A C G T or IUPAC). Use --alphabet protein if these are proteins.';
    await refuses(['predict', 'good.model', 'late.fa', '-o', 'late.tsv'], 3, line);
    await refuses(['predict', 'good.model', '-'], 3, 'stdin is empty; expected FASTA.');
  });
});

describe('bad labels', () => {
  const cases: [what: string, content: string, code: number, line: string][] = [
    [
      'NaN as a value',
      labels((_, i) => (i === 3 ? 'NaN' : `${i * 0.37}`)),
      3,
      'l.tsv:5: record "p004" has "NaN" as "label". Fill it in or remove the record.',
    ],
    [
      'infinity as a value',
      labels((_, i) => (i === 3 ? 'inf' : `${i * 0.37}`)),
      3,
      'l.tsv:5: record "p004" has "inf" as "label"; expected a finite number. Use --task classes if these are names of classes.',
    ],
    [
      'an empty cell',
      labels((label, i) => (i === 3 ? '' : label)),
      3,
      'l.tsv:5: record "p004" has an empty cell as "label". Fill it in or remove the record.',
    ],
    ['a header line only', 'id\tlabel\n', 3, 'l.tsv holds a header line but no rows.'],
    ['an empty table', '', 3, 'l.tsv is empty; expected a table with a header line.'],
    [
      'ids of something else',
      labels().replaceAll('\np', '\nq'),
      3,
      'No id of good.fa (such as "p001") is in column "id" of l.tsv (such as "q001"). Choose the id column with --id.',
    ],
    [
      'an id twice',
      `${labels()}p001\tother\n`,
      3,
      'l.tsv:108: id "p001" is already taken on line 2; ids must be unique.',
    ],
    [
      'a row with a cell too many',
      `${labels()}x\ty\tz\n`,
      3,
      'l.tsv:108: 3 cells; expected 2, one for each column of the header (id, label).',
    ],
    [
      'one value throughout',
      labels(() => '1.5'),
      3,
      'l.tsv: "label" is 1.5 in every record; there is nothing to learn.',
    ],
    [
      'one class throughout',
      labels(() => 'yes'),
      3,
      'l.tsv: every record has the class "yes"; training needs at least two classes.',
    ],
  ];
  it.each(cases)('train refuses %s', async (_, content, code, line) => {
    write('l.tsv', content);
    await refuses(['train', 'good.fa', '--labels', 'l.tsv', ...tiny, '-o', 'never.model'], code, line);
  });

  it('train says how many labels have no sequence, and the reverse', async () => {
    const rows = labels().trimEnd().split('\n').slice(0, 90);
    write('part.tsv', `${rows.join('\n')}\nzzz\tother\n`);
    const loud = tiny.filter((word) => word !== '--quiet');
    const { code, err } = await at.seqwright(
      'train',
      'good.fa',
      '--labels',
      'part.tsv',
      ...loud,
      '-o',
      'part.model',
    );
    expect(code).toBe(0);
    expect(err).toContain('Left out 17 records (no label): p090, p091, p092, p093, p094, ….\n');
    expect(err).toContain('Left out 1 record (label in part.tsv without a sequence): zzz.\n');
  });

  it('train says where labels can be when there are none', async () => {
    const line =
      'good.fa has no labels. Give a table with --labels, a column with --label, or take them from FASTA headers with --label-from.';
    await refuses(['train', 'good.fa', ...tiny, '-o', 'never.model'], 2, line);
    await refuses(
      ['train', 'good.fa', '--labels', 'good.tsv', '--label', 'class', ...tiny, '-o', 'never.model'],
      3,
      'good.tsv has no column "class"; it has: id, label.',
    );
    await refuses(
      ['train', '-', '--labels', '-', ...tiny, '-o', 'never.model'],
      2,
      'Sequences and labels cannot both come from standard input; name a file for one of them.',
    );
  });
});

describe('outputs that cannot be', () => {
  const train = (...args: string[]) => ['train', 'good.fa', ...header, ...tiny, ...args];

  it('train finds out before it trains', async () => {
    mkdirSync(at.path('mine'));
    write('mine/thesis.txt', 'years of work');
    const missing = 'cannot be written: the folder it should stand in does not exist. Create that first.';
    await refuses(train('-o', 'nowhere/m'), 1, `nowhere/m ${missing}`);
    await refuses(
      train('-o', 'good.fa'),
      2,
      'good.fa cannot be saved: good.fa is not a folder. Choose another name, or move it away.',
    );
    await refuses(
      train('-o', 'mine'),
      2,
      'mine cannot be saved: mine is a folder that holds no Seqwright model. Choose another name, or move it away.',
    );
    await refuses(
      [...train('-o', 'm.model').filter((word) => word !== '--no-report'), '--report', 'mine'],
      2,
      'mine cannot be saved: mine is a folder that no run of Seqwright wrote. Choose another name, or move it away.',
    );
    expect(at.list('mine')).toEqual(['thesis.txt']);
  });

  it.runIf(existsSync('/dev/full'))('predict says that the disk is full', async () => {
    const full =
      'cannot be written: the disk is full. Free some space or choose another place; nothing was kept.';
    await refuses(['predict', 'good.model', 'good.fa', '-o', '/dev/full'], 1, `/dev/full ${full}`);
    expect(await at.shell('seqwright predict good.model good.fa > /dev/full')).toMatchObject({
      code: 1,
      err: `seqwright: Standard output ${full}\n`,
    });
    await refuses(['export', 'good.model', '--onnx', '/dev/full'], 1, `/dev/full ${full}`);
  });

  /** A disk of 64 KiB, where this machine lets us make one. */
  const small = at.path('small');
  mkdirSync(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]).status === 0;
  afterAll(() => mounted && spawnSync('umount', [small]));

  it.runIf(mounted)(
    'a disk that fills up leaves nothing half-written, and the figures are printed all the same',
    async () => {
      const full =
        'cannot be written: the disk is full. Free some space or choose another place; nothing was kept.';
      const loud = ['train', 'good.fa', ...header, '--model', 'cnn', '--epochs', '1', '--quiet'];
      const { code, out, err } = await at.seqwright(...loud, '-o', 'kept.model', '--report', 'small/report');
      expect(code).toBe(1);
      expect(err).toMatch(
        /^seqwright: small\/report\/\w+\.\w+ cannot be written: the disk is full\. [^\n]*\n$/,
      );
      expect(out).toMatch(/^accuracy +0\.\d+/m);
      expect(out).toMatch(/^model +kept\.model$/m);
      expect(out).not.toMatch(/^report /m);
      expect(await at.seqwright(...loud, '--no-report', '-o', 'small/m.model')).toMatchObject({
        code: 1,
        out: '',
      });
      write('many.fa', Array.from({ length: 40 }, (_, i) => good.replaceAll('>', `>${i}.`)).join(''));
      await refuses(['predict', 'good.model', 'many.fa', '-o', 'small/p.tsv'], 1, `small/p.tsv ${full}`);
      expect(at.list('small')).toEqual([]);
    },
  );

  it('predict and export name the file', async () => {
    const line = 'nowhere/x cannot be written: its folder does not exist. Create the folder first.';
    await refuses(['predict', 'good.model', 'good.fa', '-o', 'nowhere/x'], 1, line);
    await refuses(['export', 'good.model', '--onnx', 'nowhere/x'], 1, line);
  });
});
