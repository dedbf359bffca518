import { dataError, usageError } from '../../core/errors.ts';
import { type Skipped, skipCounter } from '../../data/dataset.ts';
import type { PgnGame } from '../../data/pgn/game.ts';
import { pgnGames } from '../../data/pgn/pgn.ts';
import { openSource, type SourceDigest } from '../../data/source.ts';

/** What an opening is called: see `labelOf`. */
export const labels = ['family', 'opening', 'eco', 'volume'] as const;
export type LabelKind = (typeof labels)[number];

/** Which moves of a game are read, and what its class is. */
export interface GameOptions {
  readonly label: LabelKind;
  /** So many half-moves are left out at the beginning, and so many after them are read. */
  readonly skip: number;
  readonly plies: number;
  /** Openings with fewer games are left out. */
  readonly least: number;
}

/** Games with one of several openings each. */
export interface OpeningGames {
  readonly ids: readonly string[];
  /** The moves that are read of each game. */
  readonly moves: readonly (readonly string[])[];
  readonly classes: readonly string[];
  /** The opening of each game, as a place in `classes`. */
  readonly truth: Int32Array;
  readonly sources: SourceDigest[];
  readonly skipped: Skipped[];
  /** Of planted games: the probability of each opening given the moves, as they were drawn; games × classes. */
  readonly best?: Float64Array;
}

const tagOf: Record<LabelKind, 'Opening' | 'ECO'> = {
  family: 'Opening',
  opening: 'Opening',
  eco: 'ECO',
  volume: 'ECO',
};

/**
 * What the tags of a game say of its opening: `opening` as it stands, `family` its part before a colon or comma, `eco` the code (such as
 * B90), `volume` the code's letter. Undefined where they say nothing.
 * @example labelOf({ Opening: 'Sicilian Defense: Najdorf Variation' }, 'family') // 'Sicilian Defense'
 */
export function labelOf(tags: PgnGame['tags'], kind: LabelKind): string | undefined {
  const said = tags[tagOf[kind]]?.trim();
  if (!said || said === '?' || said === '-') return undefined;
  switch (kind) {
    case 'family':
      return /^[^:,]*/.exec(said)![0].trim() || undefined;
    case 'opening':
      return said;
    case 'eco':
    case 'volume': {
      const code = /^[A-E]\d\d/.exec(said)?.[0];
      return kind === 'volume' ? code?.[0] : code;
    }
  }
}

/** The user's games; throws a data error where too few are left. */
export async function readGames(path: string, options: GameOptions): Promise<OpeningGames> {
  if (!labels.includes(options.label))
    throw usageError(
      `label: expected one of ${labels.join(', ')}, received ${JSON.stringify(options.label)}.`,
    );
  const source = openSource(path);
  const tag = tagOf[options.label];
  const unnamed = skipCounter(`no ${tag} that ${options.label} can be read from`);
  const short = skipCounter(`fewer than ${options.skip + 1} half-moves`);
  const elsewhere = skipCounter('begins from a position of its own (FEN)');
  const kept: { id: string; label: string; moves: readonly string[] }[] = [];
  let count = 0;
  for await (const { tags, moves, line } of pgnGames(source.chunks, { name: source.name })) {
    count++;
    const id = `game ${count} (line ${line})`;
    const label = labelOf(tags, options.label);
    const read = moves.slice(options.skip, options.skip + options.plies);
    if (tags.FEN !== undefined) elsewhere.add(id);
    else if (label === undefined) unnamed.add(id);
    else if (read.length === 0) short.add(id);
    else kept.push({ id, label, moves: read });
  }
  if (unnamed.count === count)
    throw dataError(
      `${source.name}: none of ${count} games has a tag [${tag} "…"] to read its opening from. ${tag === 'ECO' ? 'Use --set label=family for the tag Opening' : 'Use --set label=eco or label=volume for the tag ECO'}, or add the tags.`,
    );
  return enough(kept, [elsewhere, unnamed, short], { ...options, name: source.name, source });
}

function enough(
  games: readonly { id: string; label: string; moves: readonly string[] }[],
  left: ReturnType<typeof skipCounter>[],
  { least, name, source }: GameOptions & { name: string; source: ReturnType<typeof openSource> },
): OpeningGames {
  const counts = new Map<string, number>();
  for (const { label } of games) counts.set(label, (counts.get(label) ?? 0) + 1);
  const classes = [...counts.keys()].filter((label) => counts.get(label)! >= least).sort();
  const rare = skipCounter(`an opening with fewer than ${least} games`);
  const kept = games.filter(({ id, label }) => {
    const common = counts.get(label)! >= least;
    if (!common) rare.add(id);
    return common;
  });
  if (classes.length < 2 || kept.length < 60)
    throw dataError(
      `${name}: ${kept.length} games of ${classes.length} openings are left; expected at least 60 games of 2 openings with ${least} games or more each. Give more games, a smaller least, or a coarser label (family, volume).`,
    );
  return {
    ids: kept.map(({ id }) => id),
    moves: kept.map(({ moves }) => moves),
    classes,
    truth: Int32Array.from(kept, ({ label }) => classes.indexOf(label)),
    sources: [source.digest()],
    skipped: [...left, rare]
      .filter(({ count }) => count > 0)
      .map(({ reason, count, examples }) => ({ reason, count, examples })),
  };
}
