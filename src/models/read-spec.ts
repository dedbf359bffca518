import { type Field, fieldError, within } from './fields.ts';
import { type AnySpec, type KindName, kinds } from './kinds/index.ts';

/**
 * Reads a model's description out of a parsed file, as its kind asks (see `ModelKind`). Whether the architecture exists and takes this
 * configuration is for `checkedParameters` to say. Throws a data error that names file and field.
 */
export function readSpec(field: Field): AnySpec {
  const kind = within(field, 'kind');
  // What was saved before there were kinds has none.
  const name = kind.value ?? 'answer';
  if (typeof name !== 'string' || !Object.hasOwn(kinds, name))
    throw fieldError(kind, `one of ${Object.keys(kinds).join(', ')}`);
  return kinds[name as KindName].readSpec(field);
}
