import { add } from '../graph/library.ts';
import type { Value } from '../graph/value.ts';
import { type Module, module } from './module.ts';

/** x + inner(x): a layer that starts near the identity and lets gradients past it (He et al. 2016). Shapes must agree. */
export const residual = <A extends unknown[]>(inner: Module<[x: Value, ...rest: A], Value>) =>
  module({
    params: { inner: inner as Module<[x: Value, ...rest: unknown[]], Value> },
    apply: (own, x: Value, ...rest: A) => add(x, own.inner(x, ...rest)),
  });
