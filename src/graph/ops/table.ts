import type { Op } from '../op.ts';
import { drawToken } from './draw.ts';
import { choiceOps, elementwiseOps } from './elementwise.ts';
import { indexOps } from './index-and-random.ts';
import { linearAlgebraOps } from './linear-algebra.ts';
import { lstm } from './lstm.ts';
import { maxPool } from './pool.ts';
import { reduceOps } from './reduce.ts';
import { scan } from './scan.ts';
import { shapeOps } from './shape.ts';

const records = {
  ...elementwiseOps,
  ...choiceOps,
  ...linearAlgebraOps,
  ...shapeOps,
  ...reduceOps,
  ...indexOps,
  lstm,
  maxPool,
  drawToken,
  scan,
};

export type OpName = keyof typeof records;

// biome-ignore lint/suspicious/noExplicitAny: each record checks its own attributes
export const ops: Readonly<Record<OpName, Op<any>>> = records;

// biome-ignore lint/suspicious/noExplicitAny: as above
export const opOf = (name: string): Op<any> => ops[name as OpName];
