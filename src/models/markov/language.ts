import { usageError } from '../../core/errors.ts';
import type { Scorer } from '../../core/scorer.ts';
import { hmmScorer } from '../../markov/hmm/scorer.ts';
import { ngramScorer } from '../../markov/ngram/scorer.ts';
import { tokenizerFrom } from '../../tokenize/description.ts';
import type { LanguageSpec } from '../language/spec.ts';
import { type HmmFile, readsTokens } from './hmm-file.ts';
import type { MarkovFile } from './markov-file.ts';

/** A Markov model of tokens, to be decoded and evaluated as a network is. */
export interface MarkovLanguage {
  readonly spec: Pick<LanguageSpec, 'tokenizer' | 'ends'> & { readonly kind: 'ngram' | 'hmm' };
  readonly scorer: Scorer<unknown>;
}

/**
 * A model of a file as one that foretells the next token. `name` is for messages. Throws a usage error for an HMM that reads numbers
 * or whose emissions are not trained yet.
 * @example
 * const model = markovLanguage(await readMarkovFile('genes.ngram.json'), 'genes.ngram.json');
 * for await (const { sequence } of generate(model, { length: 90, count: 10 })) console.log(sequence);
 */
export function markovLanguage(file: MarkovFile, name: string): MarkovLanguage {
  if (file.kind === 'ngram') {
    const { tokenizer, ends, model } = file;
    return { spec: { kind: 'ngram', tokenizer, ends }, scorer: ngramScorer(model) as Scorer<unknown> };
  }
  if (!readsTokens(file))
    throw usageError(
      `${name} is an HMM of numbers, which foretells no letters. Use seqwright hmm sample, hmm score or hmm decode.`,
    );
  requireTrained(file, name);
  const tokenizer = hmmTokenizer(file, name);
  return {
    spec: { kind: 'hmm', tokenizer, ends: file.model.end !== null },
    scorer: hmmScorer(file.model) as Scorer<unknown>,
  };
}

/** Throws a usage error for a topology whose emission probabilities are still left open. */
export function requireTrained({ open, groups }: HmmFile, name: string): void {
  if (open.length === 0) return;
  const names = open.map((g) => groups[g]).join(', ');
  throw usageError(
    `${name} has no emission probabilities for ${names.slice(0, 200)}; train it first: seqwright hmm train ${name} <sequences> -o trained.hmm.json.`,
  );
}

function hmmTokenizer({ observes }: HmmFile, name: string) {
  if (observes.kind === 'letters') {
    const { letters } = observes;
    return tokenizerFrom({ kind: 'characters', characters: letters, special: [] }, name).toJSON();
  }
  const words = observes.kind === 'symbols' ? observes.symbols : [];
  const spaced = words.find((word) => /\s/.test(word));
  if (spaced !== undefined)
    throw usageError(
      `${name} has the symbol ${JSON.stringify(spaced)}, which is no single word. Use seqwright hmm sample, hmm score or hmm decode.`,
    );
  const settings = { punctuation: 'keep', lowercase: false, special: [] };
  return tokenizerFrom({ kind: 'words', words, ...settings }, name).toJSON();
}
