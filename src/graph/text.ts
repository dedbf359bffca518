import { shapeText } from './dims.ts';
import { scanAttrs } from './ops/scan.ts';
import { bodyNodes } from './rewrite.ts';
import { type Node, topological, typeText, type Value } from './value.ts';

/**
 * A graph as readable text, one node a line, for tests and for curious eyes:
 * `%2 = matmul(%0, %1) {"transB":true} : float32[batch, 4]`. Numbers depend on the graph alone, not on when it was made.
 */
export function graphText(outputs: readonly Value[]): string {
  const names = new Map<Value, string>();
  const lines = linesOf(topological(outputs), names, '');
  return [...lines, `return ${outputs.map((v) => names.get(v)).join(', ')}`].join('\n');
}

function linesOf(nodes: readonly Node[], names: Map<Value, string>, indent: string): string[] {
  return nodes.flatMap((node) => {
    const inputs = node.inputs.map((v) => names.get(v)).join(', ');
    for (const v of node.outputs) names.set(v, node.op === 'input' ? `${node.attrs.name}` : `%${names.size}`);
    const left = node.outputs.map((v) => names.get(v)).join(', ');
    const types = node.outputs.map(typeText).join(', ');
    if (node.op === 'scan') return scanLines(node, names, indent, left, types);
    if (node.op === 'input') return [`${indent}${left} : ${types}`];
    return [`${indent}${left} = ${node.op}(${inputs})${attributesText(node)} : ${types}`];
  });
}

function scanLines(
  node: Node,
  names: Map<Value, string>,
  indent: string,
  left: string,
  types: string,
): string[] {
  const { carries, steps, parameters, results, reverse } = scanAttrs(node);
  const outer = (from: number, to: number) => node.inputs.slice(from, to).map((v) => names.get(v));
  const local = new Map(names);
  parameters.forEach((p, i) => {
    local.set(p, i < carries ? `carry${i}` : `step${i - carries}`);
  });
  const inner = linesOf(bodyNodes(parameters, results), local, `${indent}  `);
  const head = `${left} = scan(carry: [${outer(0, carries).join(', ')}], steps: [${outer(carries, carries + steps).join(', ')}]${reverse ? ', reverse' : ''})`;
  const yields = results.map((v) => local.get(v) ?? '?');
  return [
    `${indent}${head} : ${types}`,
    ...inner,
    `${indent}  next [${yields.slice(0, carries).join(', ')}] output [${yields.slice(carries).join(', ')}]`,
  ];
}

function attributesText({ op, attrs }: Node): string {
  if (op === 'constant')
    return attrs.data.length > 8
      ? ` {${attrs.data.length} numbers}`
      : ` {${Array.from(attrs.data as number[]).join(', ')}}`;
  const shown = Object.entries(attrs as Record<string, unknown>).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? shapeText(value) : value}`,
  );
  return shown.length === 0 ? '' : ` {${shown.join(', ')}}`;
}
