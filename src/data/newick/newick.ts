import { dataError } from '../../core/errors.ts';
import { lineBatches } from '../lines.ts';
import type { ByteChunks } from '../opening.ts';

/** A node of a rooted tree with everything below it. */
export interface TreeNode {
  /** Leaves have one; inner nodes may (support values stand there). */
  name?: string;
  /** Of the branch above it. */
  length?: number;
  children: TreeNode[];
}

/**
 * Reads trees in Newick format, one after the other. Names may be quoted; comments in brackets are passed over; underscores stay as they
 * are. Trees may be of any depth.
 *
 * Throws a data error with `name`, line and column for what is no tree, and for a file without trees.
 * @example
 * leavesOf((await newickTrees([bytes('(a:1,(b,c)90:2);')]))[0]).map((leaf) => leaf.name) // ['a', 'b', 'c']
 */
export async function newickTrees(
  chunks: ByteChunks,
  { name = 'input' }: { name?: string } = {},
): Promise<TreeNode[]> {
  const reader = treeReader(name);
  for await (const { lines, first } of lineBatches(chunks, { name }))
    for (const [i, text] of lines.entries()) reader.line(text, first + i);
  return reader.end();
}

/** What may come next. */
type Expected = 'node' | 'name' | 'length' | 'after' | 'tree';

function treeReader(name: string) {
  const trees: TreeNode[] = [];
  const path: TreeNode[] = [];
  let node: TreeNode = { children: [] };
  let expected: Expected = 'tree';
  let quoted: string | undefined;
  let comment = 0;
  let line = 0;
  let column = 0;

  const wrong = (what: string) => dataError(`${name}:${line}:${column + 1}: ${what}.`);
  const named = (text: string) => {
    if (expected === 'length') {
      const value = Number(text);
      if (!Number.isFinite(value)) throw wrong(`${JSON.stringify(text)} is no branch length`);
      node.length = value;
      expected = 'after';
    } else if (expected === 'after')
      throw wrong(`${JSON.stringify(text)} stands where "," ")" or ";" was expected`);
    else {
      node.name = text;
      expected = 'after';
    }
  };
  const finish = () => {
    if (expected === 'length') throw wrong('a ":" without a branch length');
    if (expected === 'node' && node.children.length === 0 && node.name === undefined)
      throw wrong('a node without name and without children');
  };
  const structure = (character: string) => {
    if (character === '(') {
      if (expected !== 'tree' && expected !== 'node')
        throw wrong('"(" stands behind a name; a comma is missing');
      path.push(node);
      node = child(node);
      expected = 'node';
    } else if (character === ':') {
      if (expected === 'length' || node.length !== undefined) throw wrong('a second ":"');
      // What has a length and neither name nor children is a leaf with an empty name, also where it is the whole tree.
      if (node.name === undefined && node.children.length === 0) node.name = '';
      expected = 'length';
    } else if (character === ';') {
      finish();
      if (path.length > 0) throw wrong(`${path.length} "(" ${path.length === 1 ? 'is' : 'are'} not closed`);
      if (expected === 'tree' && node.name === undefined) throw wrong('an empty tree');
      trees.push(node);
      node = { children: [] };
      expected = 'tree';
    } else {
      finish();
      const parent = character === ')' ? path.pop() : path.at(-1);
      if (!parent) throw wrong(`${JSON.stringify(character)} without "(" before it`);
      if (character === ')') {
        node = parent;
        expected = 'name';
      } else {
        node = child(parent);
        expected = 'node';
      }
    }
  };

  const token = /[^\s()[\],:;']+|[()[\],:;']/g;
  return {
    line(text: string, number: number) {
      line = number;
      column = 0;
      while (column < text.length) {
        if (comment > 0) {
          if (text[column] === '[') comment++;
          else if (text[column] === ']') comment--;
          column++;
        } else if (quoted !== undefined) {
          const end = text.indexOf("'", column);
          quoted += text.slice(column, end < 0 ? text.length : end);
          column = end < 0 ? text.length : end + 1;
          if (end < 0) throw wrong('a quote that does not end on its line');
          if (text[column] === "'") {
            quoted += "'";
            column++;
          } else {
            named(quoted);
            quoted = undefined;
          }
        } else {
          token.lastIndex = column;
          const found = token.exec(text);
          if (!found) return;
          column = found.index;
          const [word] = found;
          if (word === "'") quoted = '';
          else if (word === '[') comment = 1;
          else if (word === ']') throw wrong('"]" without "[" before it');
          else if (/^[(),:;]$/.test(word)) structure(word);
          else named(word);
          column = found.index + word.length;
        }
      }
    },
    end(): TreeNode[] {
      if (comment > 0) throw wrong('a comment that never ends');
      if (expected !== 'tree') throw dataError(`${name} is truncated: its last tree does not end in ";".`);
      if (trees.length === 0)
        throw dataError(`${name} holds no trees; expected Newick, such as (a:1,(b,c):2);`);
      return trees;
    },
  };
}

function child(parent: TreeNode): TreeNode {
  const fresh: TreeNode = { children: [] };
  parent.children.push(fresh);
  return fresh;
}

/** The leaves of a tree from left to right. */
export function leavesOf(tree: TreeNode): TreeNode[] {
  const leaves: TreeNode[] = [];
  const waiting = [tree];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node.children.length === 0) leaves.push(node);
    for (let i = node.children.length - 1; i >= 0; i--) waiting.push(node.children[i]!);
  }
  return leaves;
}

/**
 * Writes a tree in Newick format on one line; names are quoted where they must be. Throws a data error for a length that is no number and for a
 * name with a line break.
 * @example newickText({ children: [{ name: 'a', length: 1, children: [] }, { name: 'b c', children: [] }] }) // "(a:1,'b c');\n"
 */
export function newickText(tree: TreeNode): string {
  const parts: string[] = [];
  // A node waits with the number of its children that have been written, so that depth costs no stack.
  const waiting: { node: TreeNode; done: number }[] = [{ node: tree, done: 0 }];
  while (waiting.length > 0) {
    const top = waiting.at(-1)!;
    const next = top.node.children[top.done];
    if (next) {
      parts.push(top.done++ === 0 ? '(' : ',');
      waiting.push({ node: next, done: 0 });
      continue;
    }
    if (top.node.children.length > 0) parts.push(')');
    parts.push(label(top.node));
    waiting.pop();
  }
  return `${parts.join('')};\n`;
}

function label({ name, length, children }: TreeNode): string {
  if (name !== undefined && /[\r\n]/.test(name))
    throw dataError(`${JSON.stringify(name)} cannot be written as Newick: it has a line break.`);
  if (length !== undefined && !Number.isFinite(length))
    throw dataError(`The branch of "${name ?? ''}" has the length ${length}; Newick takes numbers.`);
  const bare =
    name === undefined
      ? children.length === 0
        ? "''"
        : ''
      : /^[^\s()[\],:;']+$/.test(name)
        ? name
        : `'${name.replaceAll("'", "''")}'`;
  return length === undefined ? bare : `${bare}:${length}`;
}
