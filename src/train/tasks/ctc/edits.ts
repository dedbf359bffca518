/** A step from one sequence to the other: `b` written for `a`; undefined where nothing stands on that side. */
export interface Edit<T> {
  readonly truth: T | undefined;
  readonly written: T | undefined;
  /** Where in what was written; where it would stand for what was left out. */
  readonly at: number;
}

/** More cells than this are not kept for an alignment of two texts. */
const mostCells = 5e7;

/**
 * The least number of insertions, deletions and substitutions (Levenshtein 1966) as an alignment, matches included; of several the one that pairs
 * as much as possible from the end. Undefined where the texts are too long for it.
 * @example editAlignment([...'kitten'], [...'sitting']) // k→s, i, t, t, e→i, n, +g
 */
export function editAlignment<T>(truth: readonly T[], written: readonly T[]): Edit<T>[] | undefined {
  const width = written.length + 1;
  if ((truth.length + 1) * width > mostCells) return undefined;
  const cost = new Int32Array((truth.length + 1) * width);
  for (let j = 0; j < width; j++) cost[j] = j;
  for (let i = 1; i <= truth.length; i++) {
    cost[i * width] = i;
    for (let j = 1; j < width; j++) {
      const paired = cost[(i - 1) * width + j - 1]! + Number(truth[i - 1] !== written[j - 1]);
      const alone = 1 + Math.min(cost[(i - 1) * width + j]!, cost[i * width + j - 1]!);
      cost[i * width + j] = Math.min(paired, alone);
    }
  }
  const edits: Edit<T>[] = [];
  let [i, j] = [truth.length, written.length];
  while (i > 0 || j > 0) {
    const here = cost[i * width + j]!;
    const same = Number(truth[i - 1] !== written[j - 1]);
    if (i > 0 && j > 0 && here === cost[(i - 1) * width + j - 1]! + same)
      edits.push({ truth: truth[--i], written: written[--j], at: j });
    else if (j > 0 && here === cost[i * width + j - 1]! + 1)
      edits.push({ truth: undefined, written: written[--j], at: j });
    else edits.push({ truth: truth[--i], written: undefined, at: j });
  }
  return edits.reverse();
}

/** Two lines that show an alignment, with `gap` where nothing stands. */
export function alignedTexts(
  edits: readonly Edit<string>[],
  { gap = '–', between = '' } = {},
): { truth: string; written: string } {
  const width =
    between === ''
      ? () => 0
      : ({ truth = '', written = '' }: Edit<string>) => Math.max([...truth].length, [...written].length);
  const line = (side: 'truth' | 'written') =>
    edits.map((edit) => (edit[side] ?? gap).padEnd(width(edit))).join(between);
  return { truth: line('truth'), written: line('written') };
}
