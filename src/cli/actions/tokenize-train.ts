import { usageError } from '../../core/errors.ts';
import { atomicWrite } from '../../data/atomic-write.ts';
import { trainBpe } from '../../tokenize/bpe.ts';
import { charactersOf } from '../../tokenize/characters.ts';
import { type SpecialName, specialNames, type Tokenizer } from '../../tokenize/tokenizer.ts';
import { trainUnigram } from '../../tokenize/unigram.ts';
import { wordsOf } from '../../tokenize/words.ts';
import { type Corpus, readCorpus } from '../../train/tasks/language/corpus.ts';
import { corpusTokenizer } from '../../train/tasks/language/tokenizers.ts';
import { openMessages } from '../messages.ts';
import type { TokenizeTrainArguments } from '../verbs/tokenize.ts';

/** Learns a tokenizer from a corpus and writes it; says what it is and how much shorter it makes the corpus. */
export async function tokenizeTrain(path: string, args: TokenizeTrainArguments): Promise<void> {
  const messages = openMessages(args);
  const corpus = await readCorpus(path, { format: args.corpus ?? 'auto' });
  const tokenizer = trained(corpus, args);
  await atomicWrite(args.output, `${JSON.stringify(tokenizer)}\n`);
  messages.say(sentence(tokenizer, corpus));
}

function trained(corpus: Corpus, args: TokenizeTrainArguments): Tokenizer {
  const { kind, size, minCount, longest, lowercase, bytes } = args;
  const special = specials(args.special);
  const subwords = {
    ...(size !== undefined && { size }),
    ...(minCount !== undefined && { minCount }),
    ...(longest !== undefined && { longest }),
    ...{ bytes, special, split: args.split ?? (corpus.kind === 'letters' ? 'none' : 'spaces') },
  };
  refuseUnread(args);
  switch (kind) {
    case 'bpe':
      return trainBpe(corpus.texts, subwords);
    case 'unigram':
      return trainUnigram(corpus.texts, subwords);
    case 'words':
      return wordsOf(corpus.texts, {
        most: (size ?? 4096) - special.length,
        ...{ minCount: minCount ?? 2, lowercase: lowercase ?? false, special },
      });
    case 'characters':
      return charactersOf(corpus.texts, { special });
    default:
      return corpusTokenizer(corpus, kind);
  }
}

function specials(text = ''): SpecialName[] {
  const names = text.split(',').filter(Boolean);
  const strange = names.find((name) => !specialNames.includes(name as SpecialName));
  if (strange === undefined) return names as SpecialName[];
  throw usageError(`--special has ${JSON.stringify(strange)}; expected some of ${specialNames.join(', ')}.`);
}

/** An option that a kind has no use for is a misunderstanding, better said than ignored. */
function refuseUnread(args: TokenizeTrainArguments): void {
  const { kind } = args;
  const readBy: Record<string, readonly string[]> = {
    size: ['bpe', 'unigram', 'words'],
    minCount: ['bpe', 'unigram', 'words'],
    longest: ['bpe', 'unigram'],
    split: ['bpe', 'unigram'],
    lowercase: ['words'],
    special: ['bpe', 'unigram', 'words', 'characters'],
  };
  const unread = Object.entries(readBy).find(
    ([name, kinds]) => args[name as keyof TokenizeTrainArguments] !== undefined && !kinds.includes(kind),
  );
  if (!unread && (args.bytes || ['bpe', 'unigram'].includes(kind))) return;
  const [name, kinds] = unread ?? ['noBytes', ['bpe', 'unigram']];
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${option} is for --kind ${kinds.join(', ')}, not ${kind}. Leave it out.`);
}

function sentence(tokenizer: Tokenizer, { texts }: Corpus): string {
  let [characters, tokens] = [0, 0];
  for (const text of texts) {
    characters += text.length;
    tokens += tokenizer.encode(text).length;
  }
  const each = (characters / Math.max(1, tokens)).toFixed(2);
  return `${tokenizer.name}: ${tokenizer.size} tokens; the corpus of ${characters} letters is ${tokens} of them, ${each} letters each.`;
}
