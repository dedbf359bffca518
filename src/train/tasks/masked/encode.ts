import type { MaskedSpec } from '../../../models/masked/spec.ts';
import { maskedVocabulary } from '../../../models/masked/vocabulary.ts';
import type { Corpus } from '../language/corpus.ts';
import { encodedText } from '../language/encode.ts';

/** The tokens of each text, as a masked model reads them. Throws a data error that names the text for one that it cannot read. */
export const encodeMasked = (spec: Pick<MaskedSpec, 'tokenizer'>, { texts, ids }: Corpus): Int32Array[] =>
  texts.map((text, i) => encodedText(() => maskedVocabulary(spec).encode(text), ids[i]!));
