import type { ScanBlock } from './blocks.ts';
import type { ScanRunner, StrandScores } from './runner.ts';

/** A block with what a model says of it. */
export interface ScoredBlock {
  readonly block: ScanBlock;
  readonly scores: readonly StrandScores[];
}

/**
 * Runs blocks by several runners at the same time and gives the results in the order of the blocks. Each runner has at most two blocks
 * at once, the one it runs and the next one, so that memory does not depend on the length of the input.
 */
export async function* runInOrder(
  blocks: AsyncIterable<ScanBlock> | Iterable<ScanBlock>,
  { open, count }: { open: () => Promise<ScanRunner>; count: number },
): AsyncGenerator<ScoredBlock, void, undefined> {
  const runners = await Promise.all(Array.from({ length: count }, open));
  const running: Promise<ScoredBlock>[] = [];
  let next = 0;
  try {
    for await (const block of blocks) {
      const runner = runners[next++ % count]!;
      const result = runner.run(block).then((scores) => ({ block, scores }));
      // Its turn to be awaited may come late; until then a failure is no unhandled one.
      result.catch(() => {});
      running.push(result);
      if (running.length >= 2 * count) yield await running.shift()!;
    }
    while (running.length > 0) yield await running.shift()!;
  } finally {
    await Promise.allSettled(running);
    await Promise.all(runners.map((runner) => runner.close()));
  }
}
