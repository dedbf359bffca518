/** What a tagger reads. */
export type TaggerInput =
  /** Letters of an alphabet, one tag a letter. */
  | { readonly kind: 'letters'; readonly alphabet: { readonly name: string; readonly letters: string } }
  /** Words, one tag a word. Ids are places in the lists from 1 on; 0 is whatever is not in them. */
  | {
      readonly kind: 'words';
      readonly words: readonly string[];
      readonly characters: readonly string[];
      /** Words are looked up in lower case; their characters are seen as they are. */
      readonly lowercase: boolean;
    };

/** How tags write spans: `bio` as B-gene I-gene O, `bioes` with E- for the last and S- for the only token; `none` says nothing. */
export type TagScheme = 'none' | 'bio' | 'bioes';
export const tagSchemes: readonly TagScheme[] = ['none', 'bio', 'bioes'];

/** Which tags may follow which. */
export interface TagRules {
  readonly scheme: TagScheme;
  /** Pairs of tags that may stand side by side, all others may not; an empty text is the edge of a sequence. Null: the scheme alone decides. */
  readonly allowed: readonly (readonly [from: string, to: string])[] | null;
}

/** Everything but the weights that is needed to rebuild a tagger: plain data, as it stands in `model.json`. */
export interface TaggerSpec {
  readonly kind: 'tagger';
  /** A name in the table of bodies. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly input: TaggerInput;
  readonly tags: readonly string[];
  readonly rules: TagRules;
}
