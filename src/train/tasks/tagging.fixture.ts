import { randomStream } from '../../core/random.ts';
import { type TaggedData, type TaggedOptions, taggedData } from './tagging-data.ts';

const dnaAlphabet = { name: 'dna', letters: 'ACGT' };

/** DNA in which every ACGT and everything within three letters after it is a span: a tagger must look to both sides to see it. */
export function plantedLetters(count: number, seed = 1, options: TaggedOptions = {}): TaggedData {
  const random = randomStream(seed, 'planted tags');
  const raw = Array.from({ length: count }, (_, s) => {
    const tokens = Array.from({ length: 20 + random.below(12) }, () => 'ACGT'[random.below(4)]!);
    const at = random.below(tokens.length - 7);
    tokens.splice(at, 4, 'A', 'C', 'G', 'T');
    const labels = tokens.map(() => 'O');
    const text = tokens.join('');
    for (let i = text.indexOf('ACGT'); i >= 0; i = text.indexOf('ACGT', i + 1))
      for (let k = 0; k < 7 && i + k < labels.length; k++)
        labels[i + k] = k === 0 && labels[i] === 'O' ? 'B-site' : 'I-site';
    return { id: `s${s}`, tokens: text, labels };
  });
  return taggedData(raw, { kind: 'letters', alphabet: dnaAlphabet, ...options });
}

const names = [
  'Ann',
  'Bo',
  'Cy',
  'Dee',
  'Eva',
  'Fay',
  'Gus',
  'Hal',
  'Ida',
  'Jon',
  'Kit',
  'Lou',
  'Mia',
  'Ned',
];
const others = [
  'saw',
  'the',
  'old',
  'cat',
  'near',
  'a',
  'red',
  'hill',
  'and',
  'then',
  'sang',
  'may',
  'will',
  'mark',
];

/** Sentences in which capitalised words other than the first are persons, one or two words long. */
export function plantedWords(
  count: number,
  seed = 1,
  { persons = names, rest = others }: { persons?: string[]; rest?: string[] } = {},
): TaggedData {
  const random = randomStream(seed, 'planted words');
  const pick = (list: string[]) => list[random.below(list.length)]!;
  const raw = Array.from({ length: count }, (_, s) => {
    const tokens: string[] = [];
    const labels: string[] = [];
    const length = 4 + random.below(6);
    while (tokens.length < length) {
      if (tokens.length > 0 && random.uniform() < 0.25) {
        const words = 1 + random.below(2);
        for (let i = 0; i < words; i++) {
          tokens.push(pick(persons));
          labels.push(i === 0 ? 'B-person' : 'I-person');
        }
        tokens.push(',');
      } else tokens.push(pick(rest));
      labels.push('O');
    }
    return { id: `t${s}`, tokens, labels };
  });
  return taggedData(raw, { kind: 'words' });
}
