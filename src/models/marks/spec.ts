/** What is told of every bin of a sequence, beside its other marks. */
export type Mark =
  /** There or not. `share`: of the known bins of the training part; `weight`: how much more a bin with it counted there. */
  | { readonly name: string; readonly kind: 'binary'; readonly share: number; readonly weight: number }
  /** A value of at least 0, whose mean in the training part is `mean`. */
  | { readonly name: string; readonly kind: 'signal'; readonly mean: number };

/** A track that is read beside the letters, a number a bin: (value − mean) / deviation, or of ln(1 + value) where `log`. */
export interface MarksTrack {
  readonly name: string;
  readonly log: boolean;
  readonly mean: number;
  readonly deviation: number;
}

/** Everything but the weights that is needed to rebuild a model of marks: plain data, as it stands in `model.json`. */
export interface MarksSpec {
  readonly kind: 'marks';
  /** A name in the table of bodies. */
  readonly architecture: string;
  /** Its complete configuration, defaults filled in. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly alphabet: { readonly name: string; readonly letters: string };
  readonly tracks: readonly MarksTrack[];
  readonly marks: readonly Mark[];
  /** Letters in a bin: one answer for each. */
  readonly bin: number;
  /** Bins of a window that are answered, and those at either side that are context only. */
  readonly core: number;
  readonly flank: number;
}

/** The most of each. */
export const most = { marks: 256, tracks: 256, bin: 65_536, bins: 1_000_000 };

/** What a network that knows nothing says of a mark, before its output's function: the share, or the mean. */
export const priorOf = (mark: Mark): number =>
  mark.kind === 'signal' ? Math.log(Math.E - 1) : Math.log((mark.weight * mark.share) / (1 - mark.share));

/** What weighting added to the logits of a mark: taken off, probabilities are those of bins as they are (King and Zeng 2001). */
export const shiftOf = (mark: Mark): number => (mark.kind === 'binary' ? Math.log(mark.weight) : 0);

/** A track's number as the network reads it; where there is none it is 0, the mean. */
export function scaledTrack({ log, mean, deviation }: MarksTrack, value: number): number {
  if (Number.isNaN(value)) return 0;
  return ((log ? Math.log1p(Math.max(0, value)) : value) - mean) / deviation;
}
