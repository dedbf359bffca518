import { SeqwrightError } from '../../core/errors.ts';
import { alphabetByName } from '../../data/alphabet.ts';
import { type Field, fieldError, textField, within } from '../fields.ts';

/** How a spec names its alphabet. */
interface AlphabetName {
  readonly name: string;
  readonly letters: string;
}

/** The alphabet that a spec describes; throws a data error that names file and field. */
export function readAlphabet(field: Field): AlphabetName {
  const name = textField(within(field, 'name'), { max: 100 });
  const letters = textField(within(field, 'letters'), { max: 128 });
  try {
    alphabetByName(name, letters);
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw fieldError(field, `an alphabet (${error.message.replace(/\.$/, '')})`);
  }
  return { name, letters };
}

/**
 * Metadata properties that say how letters become tokens: `seqwright.alphabet`, its name; `seqwright.token_ids`, JSON from every letter
 * that may stand in a sequence (either case) to its token; `seqwright.padding`, the token after a sequence's end.
 */
export function alphabetMetadata({ name, letters }: AlphabetName): Record<string, string> {
  const { ids, padding } = alphabetByName(name, letters);
  const tokenIds: Record<string, number> = {};
  ids.forEach((id, code) => {
    if (id >= 0) tokenIds[String.fromCharCode(code)] = id;
  });
  return {
    'seqwright.alphabet': name,
    'seqwright.token_ids': JSON.stringify(tokenIds),
    'seqwright.padding': String(padding),
  };
}
