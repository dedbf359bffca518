import { utf8 } from '../bytes.ts';
import { at, checkGrowth, choiceAt, flagAt, has, type Place, stepsAt, textAt, wholeAt } from '../checks.ts';
import { bytesOfLetters } from './byte-letters.ts';
import { patternAt } from './pattern.ts';

/** Changes the spelled tokens of a text, which are then joined. */
export type Decoder = (tokens: readonly string[]) => string[];

const decoders = {
  WordPiece: (place: Place): Decoder => {
    const prefix = textAt(at(place, 'prefix'), { max: 100, empty: true });
    const clean = flagAt(at(place, 'cleanup'), true) ? tidied : (text: string) => text;
    return (tokens) =>
      tokens.map((token, i) => {
        if (i === 0) return clean(token);
        return clean(prefix !== '' && token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`);
      });
  },
  ByteLevel: (): Decoder => (tokens) => {
    const bytes = tokens.flatMap((token) => bytesOfLetters(token) ?? [...utf8(token)]);
    return [new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))];
  },
  Metaspace: (place: Place): Decoder => {
    const mark = textAt(at(place, 'replacement'), { max: 2 });
    const never = has(place, 'prepend_scheme') && at(place, 'prepend_scheme').value === 'never';
    return (tokens) => tokens.map((token, i) => token.replaceAll(mark, i === 0 && !never ? '' : ' '));
  },
  BPEDecoder: (place: Place): Decoder => {
    const suffix = textAt(at(place, 'suffix'), { max: 100 });
    return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '));
  },
  Fuse: (): Decoder => (tokens) => [tokens.join('')],
  Replace: (place: Place): Decoder => {
    const pattern = patternAt(at(place, 'pattern'));
    const content = textAt(at(place, 'content'), { max: 16, empty: true });
    return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
  },
  Strip: (place: Place): Decoder => {
    const letter = textAt(at(place, 'content'), { max: 2 });
    const [start, stop] = [wholeAt(at(place, 'start')), wholeAt(at(place, 'stop'))];
    return (tokens) => tokens.map((token) => stripped(token, letter, start, stop));
  },
  ByteFallback: (): Decoder => fromBytes,
  Sequence: (place: Place): Decoder => {
    const list = stepsAt(at(place, 'decoders'), decoderAt);
    const letters = (texts: readonly string[]) => texts.reduce((sum, text) => sum + text.length, 0);
    return (tokens) =>
      list.reduce<string[]>(
        (before, next) => {
          const changed = next(before);
          checkGrowth(letters(tokens), letters(changed));
          return changed;
        },
        [...tokens],
      );
  },
} satisfies Record<string, (place: Place) => Decoder>;

/** The decoder that a file describes. Throws a data error that names one that is not supported. */
export function decoderAt(place: Place): Decoder {
  const type = choiceAt(at(place, 'type'), Object.keys(decoders) as (keyof typeof decoders)[]);
  return decoders[type](place);
}

/** Spaces before marks and contractions that BERT's tokens put there. */
const tidied = (text: string): string =>
  text
    .replaceAll(' .', '.')
    .replaceAll(' ?', '?')
    .replaceAll(' !', '!')
    .replaceAll(' ,', ',')
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(' do not', " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");

function stripped(token: string, letter: string, start: number, stop: number): string {
  const letters = [...token];
  let from = 0;
  while (from < Math.min(start, letters.length) && letters[from] === letter) from++;
  let to = letters.length;
  while (to > from && letters.length - to < stop && letters[to - 1] === letter) to--;
  return letters.slice(from, to).join('');
}

/** Runs of byte tokens as the text they are, or as so many U+FFFD where they are none. */
function fromBytes(tokens: readonly string[]): string[] {
  const out: string[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length === 0) return;
    try {
      out.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(run)));
    } catch {
      out.push(...run.map(() => '\ufffd'));
    }
    run = [];
  };
  for (const token of tokens) {
    const [, hex] = /^<0x([0-9A-Fa-f]{2})>$/.exec(token) ?? [];
    if (hex !== undefined) run.push(Number.parseInt(hex, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}
