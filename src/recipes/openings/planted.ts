import { type RandomStream, randomStream } from '../../core/random.ts';
import type { OpeningGames } from './games.ts';
import {
  asidesNow,
  available,
  blackAsides,
  blackSetups,
  type Setup,
  whiteAsides,
  whiteSetups,
} from './setups.ts';

/** How the games of the example are drawn. */
export interface PlantedOptions {
  readonly games: number;
  /** Share of the games of an opening in which White, and Black, choose the set-up that is its own; the others share the rest evenly. */
  readonly white: number;
  readonly black: number;
  /** Probability of a small move beside the set-up, where there is one, and by what factor an opening's own small moves are preferred. */
  readonly aside: number;
  readonly taste: number;
  readonly plies: number;
  readonly seed: number;
}

/** One side: its set-ups, its small moves, and how often its opening's own set-up is chosen. */
interface Side {
  readonly setups: readonly Setup[];
  readonly asides: Setup;
  readonly own: number;
  /** How much opening c likes small move a: [c][a]. */
  readonly tastes: readonly Readonly<Record<string, number>>[];
}

/** Openings of the example. */
export const plantedClasses = Object.keys(whiteSetups).map(
  (_, c) => `opening ${String.fromCharCode(65 + c)}`,
);

function sidesOf({ white, black, taste }: PlantedOptions): readonly [Side, Side] {
  const side = (setups: Readonly<Record<string, Setup>>, asides: Setup, own: number, turn: number): Side => {
    const names = Object.keys(asides);
    return {
      setups: Object.values(setups),
      asides,
      own,
      tastes: plantedClasses.map((_, c) =>
        Object.fromEntries(
          names.map((name, a) => [name, (a + turn * c) % names.length === c % 2 ? taste : 1]),
        ),
      ),
    };
  };
  return [side(whiteSetups, whiteAsides, white, 1), side(blackSetups, blackAsides, black, 2)];
}

/**
 * Games of chess that follow set-ups, as an example with a known truth. An opening is a habit of both sides: White chooses one of six ways
 * to develop, mostly that of the opening or not, and so does Black. A set-up is played in any order that its moves allow, with small moves
 * between. So all moves of one side speak of the one choice that it made, and count as one piece of evidence, not as eight. Every game is
 * legal. Openings are equally common.
 */
export function plantedGames(options: PlantedOptions): OpeningGames & { readonly best: Float64Array } {
  const random = randomStream(options.seed, 'planted games');
  const sides = sidesOf(options);
  const k = plantedClasses.length;
  const moves: string[][] = [];
  const truth = new Int32Array(options.games);
  for (let g = 0; g < options.games; g++) {
    truth[g] = random.below(k);
    const setups = sides.map((side) => drawSetup(side, truth[g]!, random)) as [Setup, Setup];
    const played: [string[], string[]] = [[], []];
    const game: string[] = [];
    for (let ply = 0; ply < options.plies; ply++) {
      const s = (ply % 2) as 0 | 1;
      const move = drawMove(sides[s], setups[s], truth[g]!, played[s], options.aside, random);
      if (move === undefined) break;
      played[s].push(move);
      game.push(move);
    }
    moves.push(game);
  }
  const best = new Float64Array(options.games * k);
  moves.forEach((game, g) => {
    best.set(posterior(game, sides, options.aside), g * k);
  });
  return {
    ids: moves.map((_, g) => `game ${g + 1}`),
    moves,
    classes: plantedClasses,
    truth,
    sources: [],
    skipped: [],
    best,
  };
}

/** The probability of each set-up in an opening. */
const shareOf = ({ setups, own }: Side, setup: number, opening: number): number =>
  setup === opening ? own : (1 - own) / (setups.length - 1);

function drawSetup(side: Side, opening: number, random: RandomStream): Setup {
  let u = random.uniform();
  const chosen = side.setups.findIndex((_, s) => {
    u -= shareOf(side, s, opening);
    return u < 0;
  });
  return side.setups[chosen < 0 ? opening : chosen]!;
}

/** The moves of a side that are possible now, with their probabilities. */
function choices(
  { asides, tastes }: Side,
  setup: Setup,
  opening: number,
  played: readonly string[],
  aside: number,
): [move: string, probability: number][] {
  const main = available(setup, played);
  const small = asidesNow(asides, setup, played);
  const share = small.length === 0 ? 0 : main.length === 0 ? 1 : aside;
  const liked = small.map((move) => tastes[opening]![move]!);
  const total = liked.reduce((a, b) => a + b, 0);
  return [
    ...main.map((move): [string, number] => [move, (1 - share) / main.length]),
    ...small.map((move, i): [string, number] => [move, (share * liked[i]!) / total]),
  ];
}

function drawMove(
  side: Side,
  setup: Setup,
  opening: number,
  played: readonly string[],
  aside: number,
  random: RandomStream,
): string | undefined {
  const all = choices(side, setup, opening, played, aside);
  let u = random.uniform();
  return (all.find(([, p]) => (u -= p) < 0) ?? all.at(-1))?.[0];
}

/** P(opening | moves): what nobody can do better than, by summing over the set-ups that may have been played. */
function posterior(game: readonly string[], sides: readonly [Side, Side], aside: number): Float64Array {
  const likelihoods = Float64Array.from(plantedClasses, (_, opening) =>
    sides.reduce((product, side, s) => {
      const own = game.filter((_, ply) => ply % 2 === s);
      const sum = side.setups.reduce(
        (total, setup, i) => total + shareOf(side, i, opening) * likelihood(own, side, setup, opening, aside),
        0,
      );
      return product * sum;
    }, 1),
  );
  const total = likelihoods.reduce((a, b) => a + b, 0);
  return likelihoods.map((p) => p / total);
}

function likelihood(
  own: readonly string[],
  side: Side,
  setup: Setup,
  opening: number,
  aside: number,
): number {
  let p = 1;
  for (const [t, move] of own.entries()) {
    p *= choices(side, setup, opening, own.slice(0, t), aside).find(([name]) => name === move)?.[1] ?? 0;
    if (p === 0) return 0;
  }
  return p;
}
