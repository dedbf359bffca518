import type { Series } from '../../markov/hmm/emissions/emissions.ts';
import type { Hmm } from '../../markov/hmm/model.ts';

/** What an HMM reads: letters of sequences, named events in a column, or columns of numbers. */
export type Observed =
  | { readonly kind: 'letters'; readonly letters: readonly string[] }
  | { readonly kind: 'symbols'; readonly symbols: readonly string[] }
  | { readonly kind: 'columns'; readonly columns: readonly string[] };

/** The model itself: its emissions tell which of the two it is. */
export type AnyHmm = Hmm<ArrayLike<number>> | Hmm<Series>;

/** A hidden Markov model as it stands in a file: the model, what it reads, and what its states are called in annotations. */
export interface HmmFile {
  readonly kind: 'hmm';
  readonly name?: string;
  readonly observes: Observed;
  readonly model: AnyHmm;
  /** The name of each emission distribution. */
  readonly groups: readonly string[];
  /** The label of each state in annotations: its name, unless several states share one. */
  readonly labels: readonly string[];
  /** Emission distributions (by number) whose probabilities the file leaves open; training fills them in. */
  readonly open: readonly number[];
  /** How the model came about: whatever training wrote down. */
  readonly training?: Readonly<Record<string, unknown>>;
}

/** What stands in the field `format`. */
export const hmmFormat = 'seqwright hmm';
export const hmmVersion = 1;

/** The tokens of an HMM that reads tokens, spelled; null for one that reads numbers. */
export const spellingOf = (observes: Observed): readonly string[] | null =>
  observes.kind === 'letters' ? observes.letters : observes.kind === 'symbols' ? observes.symbols : null;

/** Whether a model reads tokens rather than numbers. */
export const readsTokens = (file: HmmFile): file is HmmFile & { readonly model: Hmm<ArrayLike<number>> } =>
  file.observes.kind !== 'columns';
