import { dataError, SeqwrightError } from '../../core/errors.ts';
import { type NgramCounts, ngramCounts } from '../../markov/ngram/counts.ts';
import { type NgramModel, ngramModel } from '../../markov/ngram/model.ts';
import type { Smoothing } from '../../markov/ngram/smoothing.ts';
import { addTrees, type NgramTree, ngramTrees } from '../../markov/ngram/tree.ts';
import {
  at,
  choiceAt,
  flagAt,
  has,
  listAt,
  numberAt,
  type Place,
  recordAt,
  wholeAt,
} from '../../tokenize/checks.ts';
import { type TokenizerDescription, tokenizerFrom } from '../../tokenize/description.ts';
import type { Tokenizer } from '../../tokenize/tokenizer.ts';
import { languageSizes } from '../language/network.ts';
import { onlyFields } from './emission-fields.ts';

/** An n-gram model as it stands in a file: its counts, how they are smoothed, and what its tokens are. */
export interface NgramFile {
  readonly kind: 'ngram';
  readonly tokenizer: TokenizerDescription;
  /** Whether it foretells the ends of sequences. */
  readonly ends: boolean;
  readonly counts: NgramCounts;
  readonly smoothing: Smoothing;
  /** Contexts that say less than so many nats beyond a shorter one are left out. */
  readonly prune: number;
  readonly model: NgramModel;
  readonly training?: Readonly<Record<string, unknown>>;
}

/** What stands in the field `format`. */
export const ngramFormat = 'seqwright n-gram';
export const ngramVersion = 1;

const fields = [
  ...['format', 'version', 'order', 'period', 'ends', 'smoothing', 'prune', 'tokenizer'],
  ...['training', 'counts'],
];

/** The longest context that is counted. */
export const mostOrder = 100;

/** An n-gram model of token sequences, ready to be saved; each sequence is without its end. Throws usage errors as `ngramCounts` and `ngramModel` do. */
export function ngramFile(
  sequences: Iterable<ArrayLike<number>>,
  {
    tokenizer,
    ends,
    order,
    period = 1,
    smoothing,
    prune = 0,
    training,
  }: Pick<NgramFile, 'tokenizer' | 'ends' | 'smoothing' | 'training'> & {
    order: number;
    period?: number;
    prune?: number;
  },
): NgramFile {
  const counts = emptyCounts({ tokenizer, ends, order, period });
  for (const sequence of sequences) counts.add(sequence);
  const model = ngramModel(counts, { smoothing, prune });
  return { kind: 'ngram', tokenizer, ends, counts, smoothing, prune, model, ...(training && { training }) };
}

function emptyCounts(shape: {
  tokenizer: TokenizerDescription;
  ends: boolean;
  order: number;
  period: number;
}) {
  const { reads, writes } = languageSizes(shape);
  return ngramCounts({ ...shape, vocabulary: writes, end: shape.ends ? reads - 1 : null });
}

/** The text of an n-gram model's file, in pieces: JSON, with counts as trees of contexts (see `ngramTrees`). */
export function* ngramFileText(file: NgramFile): Generator<string> {
  const { counts, ends, smoothing, prune, tokenizer, training } = file;
  const { order, period } = counts;
  const head = {
    ...{ format: ngramFormat, version: ngramVersion, order, period, ends, smoothing, prune },
    ...{ tokenizer, ...(training && { training }) },
  };
  yield '{\n';
  for (const [key, value] of Object.entries(head))
    yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`;
  yield '  "counts": [\n';
  const trees = ngramTrees(counts, tokenNames(tokenizerFrom(tokenizer)));
  for (const [phase, tree] of trees.entries()) {
    yield '    ';
    yield* treeText(tree);
    yield phase < trees.length - 1 ? ',\n' : '\n';
  }
  yield '  ]\n}\n';
}

/** A tree with a line for each of its first tokens, so that no piece is the whole. */
function* treeText({ next, before }: NgramTree): Generator<string> {
  yield `{"next": ${JSON.stringify(next)}`;
  if (before) {
    yield ', "before": {\n';
    let divider = '';
    for (const [name, longer] of Object.entries(before)) {
      yield `${divider}      ${JSON.stringify(name)}: ${JSON.stringify(longer)}`;
      divider = ',\n';
    }
    yield '\n    }';
  }
  yield '}';
}

/** How tokens are spelled in a file: in letters, or by number where two of them are spelled alike. */
function tokenNames(tokenizer: Tokenizer): string[] {
  const names = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.token(id));
  return new Set(names).size === names.length && !names.includes('') ? names : names.map((_, id) => `#${id}`);
}

/**
 * Reads an n-gram model from the parsed JSON of its file (`file` names it in messages). Throws a data error that names file and field for
 * whatever is missing, unknown or contradicts itself.
 */
export function readNgramFile(value: unknown, file: string): NgramFile {
  const place = { value, where: `${file}:` };
  onlyFields(place, fields);
  const made = tokenizerFrom(at(place, 'tokenizer').value, `${file}: tokenizer`);
  const shape = {
    tokenizer: made.toJSON(),
    ends: flagAt(at(place, 'ends')),
    order: wholeAt(at(place, 'order'), { max: mostOrder }),
    period: has(place, 'period') ? wholeAt(at(place, 'period'), { min: 1, max: 1000 }) : 1,
  };
  const prune = has(place, 'prune') ? numberAt(at(place, 'prune')) : 0;
  const smoothing = readSmoothing(at(place, 'smoothing'));
  const training = has(place, 'training') ? recordAt(at(place, 'training')) : undefined;
  const counts = emptyCounts(shape);
  addTrees(
    counts,
    listAt(at(place, 'counts'), (item) => item.value),
    tokenNames(made),
    file,
  );
  try {
    const model = ngramModel(counts, { smoothing, prune });
    const { tokenizer, ends } = shape;
    return { kind: 'ngram', tokenizer, ends, counts, smoothing, prune, model, ...(training && { training }) };
  } catch (error) {
    if (!(error instanceof SeqwrightError)) throw error;
    throw dataError(`${file}: ${error.message}`, { cause: error });
  }
}

function readSmoothing(place: Place): Smoothing {
  const kind = choiceAt(at(place, 'kind'), ['additive', 'witten-bell', 'kneser-ney']);
  onlyFields(place, ['kind', 'alpha', 'discounts']);
  if (kind === 'additive') return { kind, alpha: has(place, 'alpha') ? numberAt(at(place, 'alpha')) : 1 };
  if (kind === 'witten-bell') return { kind };
  const discounts = has(place, 'discounts') ? wholeAt(at(place, 'discounts'), { min: 1, max: 3 }) : 3;
  if (discounts === 2) throw dataError(`${place.where}.discounts is 2; expected 1 or 3.`);
  return { kind, discounts: discounts as 1 | 3 };
}
