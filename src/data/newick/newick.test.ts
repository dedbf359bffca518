import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, thrown } from '../pieces.fixture.ts';
import { leavesOf, newickText, newickTrees, type TreeNode } from './newick.ts';

const read = (text: string, sizes: number[] = []) => newickTrees(piecesOf(text, sizes), { name: 'x.nwk' });
const problem = async (text: string) => (await thrown(() => read(text))).message;

const name = fc.string({ unit: fc.constantFrom(..."ab_ 1.'(),:;[]é"), maxLength: 6 });
const length = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const { tree } = fc.letrec<{ tree: TreeNode }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record(
      { name, length, children: fc.constant([]) },
      { requiredKeys: ['name', 'children'] },
    ) as fc.Arbitrary<TreeNode>,
    fc.record(
      { name, length, children: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) },
      { requiredKeys: ['children'] },
    ) as fc.Arbitrary<TreeNode>,
  ),
}));

describe('Newick', () => {
  it('gives back what was written, however the bytes are cut', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(tree, { minLength: 1, maxLength: 3 }), sizes, async (written, sizes) => {
        expect(await read(written.map(newickText).join(''), sizes)).toEqual(written);
      }),
      { numRuns: 200 },
    );
  });

  it('takes names and supports of inner nodes, quotes, comments, blanks and line breaks', async () => {
    const [one] = await read("( a_b:1 ,\n('it''s'[&x=[1]]:2e-3,c)\n 95:.5 )root ;");
    expect(one).toEqual({
      name: 'root',
      children: [
        { name: 'a_b', length: 1, children: [] },
        {
          name: '95',
          length: 0.5,
          children: [
            { name: "it's", length: 0.002, children: [] },
            { name: 'c', children: [] },
          ],
        },
      ],
    });
    expect(leavesOf(one!).map(({ name }) => name)).toEqual(['a_b', "it's", 'c']);
  });

  it('reads and writes a tree 100 000 nodes deep', async () => {
    const depth = 100_000;
    const text = `${'('.repeat(depth)}a${',b)'.repeat(depth)};\n`;
    const [deep] = await read(text);
    expect(leavesOf(deep!).length).toBe(depth + 1);
    expect(newickText(deep!)).toBe(text);
  });

  it('may be one leaf without a name', async () => {
    expect(await read(':1;')).toEqual([{ children: [], name: '', length: 1 }]);
    expect(newickText((await read(':1;'))[0]!)).toBe("'':1;\n");
  });

  const wrong: [string, string, string][] = [
    ['nothing', '', 'x.nwk holds no trees; expected Newick, such as (a:1,(b,c):2);'],
    ['no end', '(a,b)', 'x.nwk is truncated: its last tree does not end in ";".'],
    ['a bracket too few', '((a,b);', 'x.nwk:1:7: 1 "(" is not closed.'],
    ['a bracket too many', '(a,b));', 'x.nwk:1:6: ")" without "(" before it.'],
    ['a name twice', '(a b,c);', 'x.nwk:1:4: "b" stands where "," ")" or ";" was expected.'],
    ['a length that is none', '\n(a:x,c);', 'x.nwk:2:4: "x" is no branch length.'],
    ['no length', '(a:,c);', 'x.nwk:1:4: a ":" without a branch length.'],
    ['an empty place', '(a,);', 'x.nwk:1:4: a node without name and without children.'],
    ['a missing comma', '(a(b,c));', 'x.nwk:1:3: "(" stands behind a name; a comma is missing.'],
  ];
  it.each(wrong)('is refused with file, line and column: %s', async (_, text, message) => {
    expect(await problem(text)).toBe(message);
  });

  it('ends in trees or in an error that names the file, for any text', async () => {
    const text = fc.string({ unit: fc.constantFrom(..."(),:;a1'[] \n"), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        const found = await read(text).catch((error: Error) => `${error.name}: ${error.message}`);
        if (typeof found === 'string') expect(found).toMatch(/^SeqwrightError: x\.nwk/);
        else expect(await read(found.map(newickText).join(''))).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });
});
