import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dna } from '../../../data/alphabet.ts';
import { collect, thrown } from '../../../data/pieces.fixture.ts';
import { letters } from '../../../tokenize/letters.ts';
import { wordsOf } from '../../../tokenize/words.ts';
import { passagesOf } from './input.ts';
import { readSpans, type SpanSource } from './read.ts';

const folder = mkdtempSync(join(tmpdir(), 'spans-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const fasta = file('s.fa', '>a\nACGTACGT\n>b\nGGGGTTTT\n>c\nAAAA\n');
const bed = (text: string) => file('s.bed', text);
const short = ({ message }: { message: string }) => message.replaceAll(`${folder}/`, '');
const read = (more: Partial<SpanSource>) => readSpans({ sequences: fasta, ...more });
const refused = async (more: Partial<SpanSource>) => short(await thrown(() => read(more)));
const spansOf = async (source: SpanSource) =>
  (await readSpans(source)).records.map(({ id, span }) => [id, span]);

describe('sequences and their spans', () => {
  it('are joined by id: BED, or a table; what has none is said to have none', async () => {
    const expected = [
      ['a', { start: 2, end: 5 }],
      ['b', { start: 0, end: 8 }],
      ['c', null],
    ];
    const table = file('s.tsv', 'name\tid\tstart\tend\nx\tb\t0\t8\ny\ta\t2\t5\nz\tc\t\t\n');
    for (const spans of [bed('# none\na\t2\t5\tcds\nb\t0\t8\tcds\t0\t+\n'), table])
      expect(await spansOf({ sequences: fasta, spans })).toEqual(expected);
    const own = file('own.csv', 'id,sequence,from,end\na,ACGTACGT,2,5\nb,GGGGTTTT,0,8\nc,AAAA,,\n');
    expect(await spansOf({ sequences: own })).toEqual(expected);
    expect(await spansOf({ sequences: own, start: 'from', end: 'end' })).toEqual(expected);
  });

  it('are counted where one has no other: sequences without a span, spans without a sequence', async () => {
    const found = await read({ spans: bed('a\t2\t5\nq\t0\t1\n'), without: 'skip' });
    expect(found.records.map(({ id }) => id)).toEqual(['a']);
    expect(found.notes.slice(1)).toEqual([
      '1 span names no sequence that is there: q.',
      'Left out 2 records (no span): b, c.',
    ]);
    expect(found.skipped).toEqual([{ reason: 'no span', count: 2, examples: ['b', 'c'] }]);
  });

  it('of several spans the first or the longest is taken only where that is asked for', async () => {
    const spans = bed('a\t0\t2\na\t3\t7\n');
    expect(await refused({ spans })).toBe(
      's.bed:2: "a" has a span already (s.bed:1); expected one a sequence. Choose one with --several first or --several longest.',
    );
    const [first] = (await read({ spans, several: 'first' })).records;
    const [longest] = (await read({ spans, several: 'longest' })).records;
    expect([first!.span, longest!.span]).toEqual([
      { start: 0, end: 2 },
      { start: 3, end: 7 },
    ]);
  });

  it.each([
    [
      'a\t4\t9\n',
      's.bed:1: the span 4–9 of "a" ends after its sequence, which has 8 letters. Spans are 0-based, the end excluded.',
    ],
    ['a\t4\t4\n', 's.bed:1: the span 4–4 of "a" holds no letter; expected at least one.'],
    ['a\t1\t2\tx\t0\t-\n', /^s\.bed:1: the span of "a" is on the minus strand/],
    ['a\tone\t2\n', /^s\.bed:1: start is "one"/],
    ['x\t1\t2\ny\t1\t2\n', /^none of the 2 ids in s\.bed \(such as "x"\) is that of a sequence in s\.fa/],
    ['', 's.bed holds no spans.'],
  ])('refuses %j', async (text, message) => {
    const found = await refused({ spans: bed(text) });
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it('says what is missing where there are sequences alone', async () => {
    expect(await refused({})).toBe(
      's.fa holds sequences alone. Give their spans as BED or a table with --spans.',
    );
    expect(await refused({ sequences: '-', spans: '-' })).toMatch(/cannot both come from standard input/);
    const table = file('s.tsv', 'id\tstart\tend\na\t\t\n');
    expect(await refused({ spans: table })).toBe('s.tsv holds no spans.');
  });
});

const paragraph = (qas: unknown[], context = 'Ann lives in Bern. Ben lives in Rome.') =>
  JSON.stringify({ version: 'v2.0', data: [{ title: 'places', paragraphs: [{ context, qas }] }] });
const squad = (...qas: unknown[]) => file('squad.json', paragraph(qas));

describe('questions and answers', () => {
  it('in the format of SQuAD, with several answers, or none', async () => {
    const answers = [
      { text: 'Bern', answer_start: 13 },
      { text: 'in Bern', answer_start: 10 },
    ];
    const path = squad(
      { id: 'q1', question: 'Where does Ann live?', answers, is_impossible: false },
      { id: 'q2', question: 'Where does Cid live?', answers: [], is_impossible: true },
    );
    const { records, question, kind } = await readSpans({ sequences: path });
    expect([kind, question]).toEqual(['text', true]);
    expect(records[0]).toEqual({
      ...{ id: 'q1', passage: 'Ann lives in Bern. Ben lives in Rome.', question: 'Where does Ann live?' },
      ...{ span: { start: 13, end: 17 }, answers: ['Bern', 'in Bern'], group: 'places' },
    });
    expect(records[1]).toMatchObject({ id: 'q2', span: null });
    const left = await readSpans({ sequences: path, without: 'skip' });
    expect(left.records).toHaveLength(1);
    expect(left.notes[0]).toMatch(/^Left out 1 record .*: q2\.$/);
  });

  it('in a table or JSON lines, with starts in characters', async () => {
    const rows = [
      ['question', 'passage', 'answer', 'start'],
      ['Where?', '🙂 in Bern, not Bern', 'Bern', '5'],
      ['Who?', 'Nobody knows.', '', ''],
      ['Where then?', 'In Rome.', 'Rome', ''],
    ];
    const [header, ...body] = rows as [string[], ...string[][]];
    const lines = body.map((cells) =>
      JSON.stringify(Object.fromEntries(header.map((h, i) => [h, cells[i]]))),
    );
    const tsv = file('qa.tsv', rows.map((row) => row.join('\t')).join('\n'));
    const jsonl = file('qa.jsonl', lines.join('\n'));
    // JSON lines are told by what stands in them.
    for (const sequences of [tsv, jsonl, file('qa.txt', lines.join('\n'))])
      expect(await spansOf({ sequences })).toEqual([
        // The first character takes two units.
        ['1', { start: 6, end: 10 }],
        ['2', null],
        ['3', { start: 3, end: 7 }],
      ]);
    const renamed = file('qa.csv', 'ask,words,what\nWhere?,In Rome.,Rome\n');
    const columns = { question: 'ask', passage: 'words', answer: 'what' };
    expect(await spansOf({ sequences: renamed, ...columns })).toEqual([['1', { start: 3, end: 7 }]]);
  });

  const one = { id: 'q', question: 'Where?' };
  it.each<[unknown, RegExp]>([
    [
      { ...one, answers: [{ text: 'Oslo', answer_start: 13 }] },
      /record "q": the answer "Oslo" does not stand at character 13 of its passage; there is "Bern"/,
    ],
    [
      { ...one, answers: [{ text: 'Bern', answer_start: 99 }] },
      /the answer begins at character 99; the passage has 37, counted from 0/,
    ],
    [
      { ...one, answers: [{ text: 'Bern', answer_start: 1.5 }] },
      /answer_start is 1\.5; expected a whole number from 0/,
    ],
    [{ ...one, answers: [] }, /record "q" has no answer. Give one, or say "is_impossible": true/],
    [
      { ...one, answers: [{ text: 'Bern', answer_start: 13 }], is_impossible: true },
      /marked impossible and has an answer/,
    ],
    [{ ...one, question: ' ', answers: [] }, /record "q" has an empty question/],
    [{ ...one, answers: 'Bern' }, /answers: expected a list/],
    [{ ...one, answers: [{ text: '', answer_start: 0 }] }, /has an empty answer/],
  ])('refuses %j', async (qa, message) => {
    expect(short(await thrown(() => readSpans({ sequences: squad(qa) })))).toMatch(message);
  });

  it.each([
    [
      'question,passage,answer\nWhere?,In Rome.,Oslo\n',
      /^t\.csv:2: record "1": the answer "Oslo" does not stand in its passage\.$/,
    ],
    [
      'question,passage,answer\nWhere?,Rome or Rome,Rome\n',
      /stands in its passage more than once\. Say where with a column start\.$/,
    ],
    ['question,passage,answer\nWhere?,,\n', /^t\.csv:2: record "1" has an empty passage\. Fill it in/],
    ['id,question,passage,answer\nx,Where?,In Rome,Rome\nx,Who?,In Rome,Rome\n', /id "x" occurs twice/],
    ['question,passage\nWhere?,In Rome\n', /has no column "answer"/],
    ['question,passage,answer\nWhere?,In Rome,\n', /no record has an answer/],
  ])('refuses a table: %j', async (text, message) => {
    expect(short(await thrown(() => readSpans({ sequences: file('t.csv', text) })))).toMatch(message);
  });

  it('must be what the model reads', async () => {
    const words = { tokenizer: wordsOf(['in Rome']).toJSON(), question: false, optional: false };
    const bases = { tokenizer: letters(dna).toJSON(), question: false, optional: false };
    const text = file('t.csv', 'question,passage,answer\nWhere?,In Rome,Rome\n');
    expect(await refused({ spans: bed('a\t0\t1\n'), model: words })).toMatch(
      /holds sequences; the model reads text/,
    );
    expect(await refused({ sequences: text, model: bases })).toMatch(/holds text; the model reads sequences/);
    expect(await refused({ sequences: text, model: words })).toMatch(/has questions; the model reads none/);
    expect((await read({ spans: bed('a\t0\t1\n'), model: bases })).records).toHaveLength(1);
  });
});

describe('passages to be answered', () => {
  const words = { tokenizer: wordsOf(['in Rome']).toJSON(), question: true };
  it('are read from tables, SQuAD and FASTA; answers beside them are not looked at', async () => {
    const table = file('t.csv', 'question,passage,answer\nWhere?,In Rome,Oslo\n');
    const expected = [{ id: '1', passage: 'In Rome', question: 'Where?' }];
    expect(await collect(passagesOf(table, words))).toEqual(expected);
    const qas = [{ id: '1', question: 'Where?', answers: [{ text: 'x', answer_start: 99 }] }];
    expect(await collect(passagesOf(file('p.json', paragraph(qas, 'In Rome')), words))).toEqual(expected);
    const bases = { tokenizer: letters(dna).toJSON(), question: false };
    expect((await collect(passagesOf(fasta, bases))).map(({ passage }) => passage)).toEqual([
      'ACGTACGT',
      'GGGGTTTT',
      'AAAA',
    ]);
    const pretty = JSON.stringify(JSON.parse(paragraph(qas, 'In Rome')), null, 2);
    expect(await collect(passagesOf(file('p.txt', pretty), words))).toEqual(expected);
    const bare = file('p.csv', 'passage\nIn Rome\n');
    expect((await thrown(() => collect(passagesOf(bare, words)))).message).toMatch(
      /record "1" has no question/,
    );
  });
});
