import { alphabetByName } from '../../data/alphabet.ts';
import type { HostTensor } from '../../runtime/backend.ts';
import { type MarksSpec, scaledTrack } from './spec.ts';
import type { MarksStretch, MarksWindow } from './stretch.ts';

/** A window of a stretch; `reverse`: read on the other strand, from its last bin to its first. */
export interface MarksPiece {
  readonly stretch: MarksStretch;
  readonly window: MarksWindow;
  readonly reverse?: boolean;
}

/** The inputs that carry windows, filled up to the longest of them. */
export function marksFeed(
  spec: Pick<MarksSpec, 'bin' | 'tracks' | 'alphabet'>,
  pieces: readonly MarksPiece[],
): Record<string, HostTensor> {
  const { bin, tracks } = spec;
  const { padding, complement } = alphabetByName(spec.alphabet.name, spec.alphabet.letters);
  const lengths = Int32Array.from(pieces, ({ window }) => window.end - window.start);
  const bins = lengths.reduce((a, b) => Math.max(a, b), 0);
  const width = tracks.length;
  const tokens = new Int32Array(pieces.length * bins * bin).fill(padding);
  const beside = new Float32Array(pieces.length * bins * width);
  pieces.forEach(({ stretch, window: { start, end }, reverse }, b) => {
    const letters = stretch.tokens.subarray(start * bin, end * bin);
    const at = b * bins * bin;
    if (!reverse) tokens.set(letters, at);
    else
      for (let i = 0; i < letters.length; i++)
        tokens[at + i] = complement![letters[letters.length - 1 - i]!]!;
    for (let t = 0; t < end - start; t++) {
      const row = (reverse ? end - 1 - t : start + t) * width;
      for (let k = 0; k < width; k++)
        beside[(b * bins + t) * width + k] = scaledTrack(tracks[k]!, stretch.tracks[row + k]!);
    }
  });
  return {
    tokens: { dtype: 'int32', shape: [pieces.length, bins, bin], data: tokens },
    lengths: { dtype: 'int32', shape: [pieces.length], data: lengths },
    ...(width > 0 && { tracks: { dtype: 'float32', shape: [pieces.length, bins, width], data: beside } }),
  };
}
