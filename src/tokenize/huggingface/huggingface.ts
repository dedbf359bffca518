import { dataError, usageError } from '../../core/errors.ts';
import { at, has, type Place, refusal } from '../checks.ts';
import type { SpecialName, Tokenizer } from '../tokenizer.ts';
import { type AddedToken, addedTokensAt, partFinder } from './added-tokens.ts';
import { type Decoder, decoderAt } from './decoders.ts';
import { modelAt, type WordModel } from './models.ts';
import { normalizerAt } from './normalizers.ts';
import { frameAt, noFrame } from './post-processors.ts';
import { preTokenizerAt, whole } from './pre-tokenizers.ts';

/** How the parts of a `tokenizer.json` are called there; what else it holds (padding, truncation) is the caller's affair. */
const fields = [
  'version',
  'added_tokens',
  'normalizer',
  'pre_tokenizer',
  'post_processor',
  'decoder',
  'model',
];

/**
 * The tokenizer of a `tokenizer.json` (format of Hugging Face's tokenizers 0.23), with the ids that library gives: models WordLevel,
 * WordPiece, BPE and Unigram, and the steps around them that DNABERT, Nucleotide Transformer, ESM and common models of language use.
 * `decode` leaves special tokens out as the library's does. Truncation and padding of the file are not done.
 *
 * The file may come from anywhere: every field is checked, regular expressions only run where they cannot take long. A part that is
 * not supported is refused by name, never skipped. There are no `offsets`. A letter without token is a data error where the model
 * has no unknown token (the library drops it).
 * @example huggingface(JSON.parse(await readFile('tokenizer.json', 'utf8'))).encode('MKV', { special: true })
 */
export function huggingface(file: unknown, where = 'tokenizer.json'): Tokenizer {
  const place: Place = { value: file, where };
  const optional = <T>(name: string, read: (field: Place) => T, absent: T): T =>
    has(place, name) ? read(at(place, name)) : absent;
  const added = addedTokensAt(at(place, 'added_tokens'));
  const model = modelAt(at(place, 'model'));
  const spellings = spellingsOf(model, added, where);
  const size = spellings.reduce((most, _, id) => Math.max(most, id + 1), 0);
  const normalize = optional('normalizer', normalizerAt, (text) => text);
  const cut = optional('pre_tokenizer', preTokenizerAt, whole);
  const frame = optional('post_processor', frameAt, noFrame);
  const decoder = optional<Decoder | undefined>('decoder', decoderAt, undefined);
  const stray = [...frame.before, ...frame.after].find((id) => spellings[id] === undefined);
  if (stray !== undefined)
    throw refusal({ value: stray, where: `${where}: post_processor` }, 'ids of tokens');
  const find = partFinder(added.filter(({ normalized }) => !normalized));
  const findNormal = partFinder(
    added
      .filter(({ normalized }) => normalized)
      .map((token) => ({ ...token, content: normalize(token.content) || token.content })),
  );
  const hidden = new Set(added.flatMap(({ id, special }) => (special ? [id] : [])));

  const token = (id: number): string => {
    const spelling = Number.isInteger(id) ? spellings[id] : undefined;
    if (spelling === undefined)
      throw usageError(`${id} is no token of this tokenizer; its ids are below ${size}.`);
    return spelling;
  };
  const encode = (text: string): number[] =>
    find(text, true).flatMap((part) => {
      if ('id' in part) return [part.id];
      return findNormal(normalize(part.text), part.first).flatMap((inner) =>
        'id' in inner ? [inner.id] : cut(inner.text, inner.first).flatMap((word) => model.read(word)),
      );
    });
  return {
    ...{ name: 'huggingface', size, token, lossless: false, special: rolesOf(model, added) },
    encode: (text, options) =>
      Int32Array.from(options?.special ? [...frame.before, ...encode(text), ...frame.after] : encode(text)),
    decode(ids, options) {
      const shown = Array.from(ids, (id) => ({ id, spelling: token(id) }))
        .filter(({ id }) => options?.special || !hidden.has(id))
        .map(({ spelling }) => spelling);
      return decoder ? decoder(shown).join('') : shown.join(' ');
    },
    toJSON: () => {
      const record = file as Record<string, unknown>;
      const kept = fields.flatMap((name) => (Object.hasOwn(record, name) ? [[name, record[name]]] : []));
      return { kind: 'huggingface', file: Object.fromEntries(kept) };
    },
  };
}

/** What each id spells; some may be missing. */
function spellingsOf(
  { ids }: WordModel,
  added: readonly AddedToken[],
  where: string,
): (string | undefined)[] {
  const spellings: (string | undefined)[] = [];
  for (const [token, id] of ids) spellings[id] = token;
  for (const { content, id } of added) {
    const known = spellings[id];
    if (known !== undefined && known !== content)
      throw dataError(
        `${where}: id ${id} is ${JSON.stringify(known)} in model.vocab and ${JSON.stringify(content)} in added_tokens.`,
      );
    spellings[id] = content;
  }
  return spellings;
}

/** How tokens of each role are usually called. */
const roles: Readonly<Record<Exclude<SpecialName, 'unknown'>, readonly string[]>> = {
  pad: ['[PAD]', '<pad>'],
  begin: ['<s>', '<bos>', '[BOS]'],
  end: ['</s>', '<eos>', '[EOS]', '<|endoftext|>'],
  mask: ['[MASK]', '<mask>'],
  separator: ['[SEP]', '<sep>'],
  class: ['[CLS]', '<cls>'],
};

function rolesOf({ ids, unknown }: WordModel, added: readonly AddedToken[]): Tokenizer['special'] {
  const named = new Map([...ids, ...added.map(({ content, id }) => [content, id] as const)]);
  const found = Object.entries(roles).flatMap(([role, names]) => {
    const name = names.find((name) => named.has(name));
    return name === undefined ? [] : [[role, named.get(name)!] as const];
  });
  return { ...Object.fromEntries(found), ...(unknown !== undefined && { unknown }) };
}
