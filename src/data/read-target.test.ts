import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thrown } from './pieces.fixture.ts';
import { readTarget } from './read-target.ts';
import { strataOf, subsetTarget, type TargetSchema, type TaskKind } from './target.ts';

const labels = (
  rows: string[][],
  columns = rows[0]!.map((_, k) => (k === 0 ? 'label' : `label${k + 1}`)),
) => ({
  columns,
  rows,
  places: rows.map((_, i) => ({ file: 'l.tsv', line: i + 2, id: `s${i + 1}` })),
});
const column = (cells: string[]) => labels(cells.map((cell) => [cell]));
const outcome = (cells: string[] | string[][], options: { task?: TaskKind; schema?: TargetSchema } = {}) =>
  readTarget(typeof cells[0] === 'string' ? column(cells as string[]) : labels(cells as string[][]), options);
const problem = (...[cells, options]: Parameters<typeof outcome>) => thrown(() => outcome(cells, options));
const numbers = (n: number, of = (i: number) => String(i / 8)) => Array.from({ length: n }, (_, i) => of(i));

describe('inferring the task', () => {
  const cases: [string, string[] | string[][], string][] = [
    ['two names', ['b', 'a', 'b'], 'Task: 2 classes: a, b; positive is b (the labels are names).'],
    [
      'a conventional no',
      ['no', 'Bound', 'no'],
      'Task: 2 classes: no, Bound; positive is Bound (the labels are names).',
    ],
    ['plus and minus', ['+', '-', '+'], 'Task: 2 classes: -, +; positive is + (the labels are names).'],
    [
      'a negated name',
      ['promoter', 'non-promoter', 'promoter'],
      'Task: 2 classes: non-promoter, promoter; positive is promoter (the labels are names).',
    ],
    [
      'zero and one',
      ['1', '0', '1'],
      'Task: 2 classes: 0, 1; positive is 1 (whole numbers with 2 different values).',
    ],
    [
      'few whole numbers',
      numbers(33, (i) => String(i % 11)),
      'Task: 11 classes (whole numbers with 11 different values).',
    ],
    ['fractions', ['0.5', '1.25', '0.5', '1.25'], 'Task: 1 real value (2 different numbers).'],
    ['many whole numbers', numbers(30, String), 'Task: 1 real value (30 different numbers).'],
    ['lists', ['a;b', 'b', ''], 'Task: 2 labels: a, b (cells hold labels joined by ";").'],
    [
      'flags',
      [
        ['0', '1'],
        ['1', '1'],
      ],
      'Task: 2 labels: label, label2 (several label columns of 0 and 1).',
    ],
    [
      'columns of numbers',
      [
        ['0.5', '1'],
        ['1', '2'],
      ],
      'Task: 2 real values (several label columns of numbers).',
    ],
  ];
  it.each(cases)('says what was seen: %s', (_, cells, sentence) => {
    expect(outcome(cells).why).toBe(sentence);
  });

  it('gives way to what is asked', () => {
    const asked = outcome(['1', '0', '1'], { task: 'values' });
    expect(asked.target).toEqual({ kind: 'values', names: ['label'], truth: Float64Array.of(1, 0, 1) });
    expect(asked.why).toBe('Task: 1 real value (as asked).');
    expect(outcome(['1', '0', '1'], { task: 'labels' }).target).toEqual({
      kind: 'labels',
      classes: ['label'],
      truth: Uint8Array.of(1, 0, 1),
    });
    expect(outcome(numbers(4), { task: 'classes' }).target.kind).toBe('classes');
  });
});

describe('the truth', () => {
  it('names the class of every record', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-e]x{0,2}$/), { minLength: 2 }), (cells) => {
        fc.pre(new Set(cells).size > 1);
        const { target } = outcome(cells, { task: 'classes' });
        expect(target.kind === 'classes' && Array.from(target.truth, (c) => target.classes[c])).toEqual(
          cells,
        );
      }),
    );
  });

  it('orders numbered classes by size', () => {
    const { target } = outcome(['10', '9', '2', '10', '9', '2', '2', '2', '2']);
    expect(target.kind === 'classes' && target.classes).toEqual(['2', '9', '10']);
  });

  it('marks every label of a list', () => {
    expect(outcome(['b; a', '', 'c']).target).toEqual({
      kind: 'labels',
      classes: ['a', 'b', 'c'],
      truth: Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0, 1),
    });
  });

  it('keeps the values of several columns side by side', () => {
    expect(
      outcome([
        ['1.5', '-2e3'],
        ['.5', '7'],
      ]).target,
    ).toEqual({
      kind: 'values',
      names: ['label', 'label2'],
      truth: Float64Array.of(1.5, -2000, 0.5, 7),
    });
  });

  it('follows a trained model: its classes in its order, one class alone allowed', () => {
    const schema = { kind: 'classes' as const, classes: ['z', 'a', 'q'] };
    expect(outcome(['a', 'a'], { schema }).target).toEqual({ ...schema, truth: Int32Array.of(1, 1) });
    const reversed = { kind: 'labels' as const, classes: ['label2', 'label'] };
    expect(
      outcome(
        [
          ['0', '1'],
          ['1', '1'],
        ],
        { schema: reversed },
      ).target,
    ).toEqual({
      ...reversed,
      truth: Uint8Array.of(1, 0, 1, 1),
    });
    expect(outcome(['3'], { schema: { kind: 'values', names: ['activity'] } }).target).toEqual({
      kind: 'values',
      names: ['activity'],
      truth: Float64Array.of(3),
    });
  });

  it('of some records is theirs, in their order', () => {
    const { target } = outcome([
      ['0', '1'],
      ['1', '1'],
      ['0', '0'],
    ]);
    expect([...subsetTarget(target, [2, 0]).truth]).toEqual([0, 0, 0, 1]);
    expect([...strataOf(target)!]).toEqual([0, 1, 2]);
    expect(strataOf(outcome(numbers(30)).target)).toBeUndefined();
  });
});

describe('labels that are wrong', () => {
  const classes: TargetSchema = { kind: 'classes', classes: ['a', 'b'] };
  const cases: [string, string[] | string[][], { task?: TaskKind; schema?: TargetSchema }, string][] = [
    [
      'an empty cell',
      ['a', '', 'b'],
      {},
      'l.tsv:3: record "s2" has an empty cell as "label". Fill it in or remove the record.',
    ],
    [
      'NaN among numbers',
      [...numbers(30), 'NaN'],
      {},
      'l.tsv:32: record "s31" has "NaN" as "label". Fill it in or remove the record.',
    ],
    [
      'NA among names',
      ['a', 'NA', 'b'],
      {},
      'l.tsv:3: record "s2" has "NA" as "label". Fill it in or remove the record.',
    ],
    [
      'a word among numbers',
      [...numbers(30), 'high'],
      {},
      'l.tsv:32: record "s31" has "high" as "label"; expected a finite number. Use --task classes if these are names of classes.',
    ],
    [
      'infinity',
      [...numbers(30), '1e999'],
      {},
      'l.tsv:32: record "s31" has "1e999" as "label"; expected a finite number. Use --task classes if these are names of classes.',
    ],
    [
      'names as values',
      ['a', 'b'],
      { task: 'values' },
      'l.tsv:2: record "s1" has "a" as "label"; expected a finite number. Correct the cell or remove the record.',
    ],
    [
      'one class',
      ['a', 'a'],
      {},
      'l.tsv: every record has the class "a"; training needs at least two classes.',
    ],
    [
      'one value',
      ['0.5', '0.5', '0.5'],
      {},
      'l.tsv: "label" is 0.5 in every record; there is nothing to learn.',
    ],
    [
      'no label at all',
      [
        ['0', '0'],
        ['0', '0'],
      ],
      {},
      'l.tsv: no record has any label; training needs at least one.',
    ],
    [
      'names that name nothing',
      ['x1', 'x2', 'x3', 'x4'],
      {},
      'l.tsv: label "label" is different in each of the 4 records, so it names no classes. Choose another column with --label.',
    ],
    [
      'two is no flag',
      [
        ['0', '1'],
        ['2', '1'],
      ],
      { task: 'labels' },
      'l.tsv:3: record "s2" has "2" as "label"; expected 0 or 1.',
    ],
    [
      'an unknown class',
      ['a', 'c'],
      { schema: classes },
      'l.tsv:3: record "s2" has the class "c"; the model knows: a, b.',
    ],
    [
      'a label column the model misses',
      [['0', '1']],
      { schema: { kind: 'labels', classes: ['x', 'label'] } },
      'The model knows the label "x"; the label columns are: label, label2.',
    ],
    [
      'another number of values',
      [['1', '2']],
      { schema: { kind: 'values', names: ['x'] } },
      'The model predicts x; 2 label columns were given: label, label2.',
    ],
  ];
  it.each(cases)('are refused with file, line and record: %s', async (_, cells, options, message) => {
    expect(await problem(cells, options)).toEqual({ kind: 'data', message });
  });

  it('are a usage error where the columns do not suit the task', async () => {
    expect(await problem([['a', 'b']], { task: 'classes' })).toEqual({
      kind: 'usage',
      message: 'A target of classes has one label column, not 2: label, label2.',
    });
  });
});
