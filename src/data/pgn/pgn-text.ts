import type { PgnGame } from './game.ts';

/** Columns that a line of moves may fill (Edwards 1994, section 4.3). */
const columns = 79;

/**
 * A game as PGN: its tags, an empty line, its moves in lines of at most 79 columns, its result, and an empty line.
 * @example pgnText({ tags: { Opening: 'Reti' }, moves: ['Nf3', 'd5', 'c4'], result: '*' }) // … 1. Nf3 d5 2. c4 *
 */
export function pgnText({
  tags,
  moves,
  result,
}: Pick<PgnGame, 'moves' | 'result'> & Partial<PgnGame>): string {
  const pairs = Object.entries(tags ?? {}).map(([name, value]) => `[${name} "${escaped(value)}"]\n`);
  const [, turn, , , , number] = (tags?.FEN ?? '').split(' ');
  const first = Math.max(1, Math.floor(Number(number)) || 1);
  const late = turn === 'b' ? 1 : 0;
  const words = moves.flatMap((san, i) => {
    const ply = i + late;
    const count = first + Math.floor(ply / 2);
    if (ply % 2 === 0) return [`${count}.`, san];
    return i === 0 ? [`${count}...`, san] : [san];
  });
  return `${pairs.join('')}${pairs.length > 0 ? '\n' : ''}${wrapped([...words, result])}\n\n`;
}

// A tag stands on one line.
const escaped = (value: string) => value.replace(/[\\"]/g, (c) => `\\${c}`).replace(/[\r\n]+/g, ' ');

function wrapped(words: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}
