import { dataError } from '../../core/errors.ts';
import { at, flagAt, listAt, mostTokens, type Place, textAt, wholeAt } from '../checks.ts';
import { trie } from '../lattice.ts';
import { wordClass } from './pattern.ts';

/** A token that is found in texts before anything else is done with them. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no word character stands beside it. */
  readonly singleWord: boolean;
  /** Whether it takes white space on its left, on its right. */
  readonly left: boolean;
  readonly right: boolean;
  /** Whether it is looked for in the normalized text. */
  readonly normalized: boolean;
  readonly special: boolean;
}

export function addedTokensAt(place: Place): AddedToken[] {
  if ((place.value ?? null) === null) return [];
  const added = listAt(
    place,
    (item): AddedToken => {
      const special = flagAt(at(item, 'special'), false);
      return {
        id: wholeAt(at(item, 'id'), { max: mostTokens - 1 }),
        content: textAt(at(item, 'content'), { max: 1000 }),
        singleWord: flagAt(at(item, 'single_word'), false),
        left: flagAt(at(item, 'lstrip'), false),
        right: flagAt(at(item, 'rstrip'), false),
        normalized: flagAt(at(item, 'normalized'), !special),
        special,
      };
    },
    { max: 100_000 },
  );
  const ids = new Set(added.map(({ id }) => id));
  if (ids.size < added.length) throw dataError(`${place.where} gives the same id to two tokens.`);
  return added;
}

/** A part of a text: a token that was found, or text in between. */
export type Part = { readonly id: number } | { readonly text: string; readonly first: boolean };

/** Finds tokens in a text, at each place the longest, from left to right. */
export function partFinder(tokens: readonly AddedToken[]): (text: string, first: boolean) => Part[] {
  const units = (text: string) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  const tree = trie(tokens.map(({ content }) => units(content)));
  return (text, first) => {
    const parts: Part[] = [];
    let done = 0;
    const between = (to: number) => {
      if (to > done) parts.push({ text: text.slice(done, to), first: first && done === 0 });
    };
    const codes = tokens.length > 0 ? units(text) : [];
    for (let i = 0; i < codes.length; ) {
      let token: AddedToken | undefined;
      let end = i + 1;
      tree.visit(codes, i, (found, to) => {
        token = tokens[found];
        end = to;
      });
      if (!token || (token.singleWord && !standsAlone(text, i, end))) {
        i = end;
        continue;
      }
      let from = i;
      if (token.left) while (from > done && space.test(text[from - 1]!)) from--;
      if (token.right) while (end < text.length && space.test(text[end]!)) end++;
      between(from);
      parts.push({ id: token.id });
      done = i = end;
    }
    between(text.length);
    return parts;
  };
}

const space = /\p{White_Space}/u;
const wordEnd = new RegExp(`[${wordClass}]$`, 'u');
const wordStart = new RegExp(`^[${wordClass}]`, 'u');
const standsAlone = (text: string, from: number, to: number) =>
  !wordEnd.test(text.slice(Math.max(0, from - 2), from)) && !wordStart.test(text.slice(to, to + 2));
