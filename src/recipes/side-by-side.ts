/**
 * Does several pieces of work at once where there are two lanes, else one after another; which, changes no result. Waits for all that
 * were begun, so that nothing goes on behind the caller's back, and then throws the first error there was.
 */
export async function sideBySide<A, B, C>(
  lanes: 1 | 2,
  [a, b, c]: readonly [() => Promise<A>, () => Promise<B>, () => Promise<C>],
): Promise<[A, B, C]> {
  if (lanes === 1) return [await a(), await b(), await c()];
  const ends = await Promise.allSettled([a(), b(), c()]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return ends.map((end) => (end as PromiseFulfilledResult<unknown>).value) as [A, B, C];
}
