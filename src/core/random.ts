/** A deterministic stream of random numbers; two streams with the same seed and names are identical everywhere. */
export interface RandomStream {
  /** A uniform integer in [0, 2³²). */
  uint32(): number;
  /** A uniform number in [0, 1) with 53 random bits. */
  uniform(): number;
  /** A uniform integer in [0, n), without modulo bias. */
  below(n: number): number;
  /** A standard normal number (Box and Muller 1958). */
  normal(): number;
  /** Shuffles in place (Fisher and Yates) and returns the same array. */
  shuffle<T extends unknown[] | Int32Array>(items: T): T;
  /** The whole state as four 32-bit words, for checkpoints. */
  state(): [number, number, number, number];
}

/** 32-bit FNV-1a hash of a string (UTF-16 code units). */
export function hash32(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/**
 * Opens the stream named by `seed` and `names`, such as `randomStream(42, 'split', 'fold')`.
 * Every use takes a stream of its own, so that drawing more numbers in one place changes nothing elsewhere.
 * The generator is sfc32 (Doty-Humphrey, PractRand), seeded through splitmix32.
 */
export function randomStream(seed: number, ...names: (string | number)[]): RandomStream {
  let mix = (hash32(names.join('/')) ^ Math.imul(seed >>> 0, 0x9e3779b1) ^ Math.floor(seed / 2 ** 32)) >>> 0;
  const splitmix = () => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const stream = resumeStream([splitmix(), splitmix(), splitmix(), 1]);
  for (let i = 0; i < 12; i++) stream.uint32();
  return stream;
}

/** Continues a stream from a state that `state()` returned. */
export function resumeStream([a, b, c, counter]: readonly [number, number, number, number]): RandomStream {
  const uint32 = () => {
    const t = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((c << 21) | (c >>> 11)) >>> 0;
    c = (c + t) >>> 0;
    return t;
  };
  const uniform = () => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 9007199254740992;
  const below = (n: number) => {
    const limit = 2 ** 32 - (2 ** 32 % n);
    let x = uint32();
    while (x >= limit) x = uint32();
    return x % n;
  };
  return {
    uint32,
    uniform,
    below,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [items[i], items[j]] = [items[j]!, items[i]!];
      }
      return items;
    },
    state: () => [a >>> 0, b >>> 0, c >>> 0, counter >>> 0],
  };
}
