import { type Dim, dimMul } from '../../graph/dims.ts';
import {
  concat,
  expandDims,
  full,
  max,
  maximum,
  maxPool,
  reshape,
  slice,
  transpose,
} from '../../graph/library.ts';
import type { Value } from '../../graph/value.ts';
import { paddingSides } from '../../nn/conv1d.ts';
import { type Module, module } from '../../nn/module.ts';
import type {
  convolutionOptions,
  dataOptions,
  inputOptions,
  PoolName,
  readoutOptions,
} from './common-options.ts';
import { type ConvolutionConfig, convolutions, type Ends } from './convolutions.ts';
import { inputWidth, sequenceInput } from './input.ts';
import type { ConfigOf } from './options.ts';
import { pooledWidth, readout, timePool } from './readout.ts';
import type { SequenceModel } from './sequence-model.ts';

/** The configuration of the architecture `cnn`. */
type CnnConfig = ConfigOf<typeof dataOptions> &
  ConfigOf<typeof inputOptions> &
  ConfigOf<ReturnType<typeof convolutionOptions>> &
  ConfigOf<ReturnType<typeof readoutOptions>> & { readonly pool: PoolName };

/** Windows of one width in rows: each row holds `count` of them, one every `step` letters. */
export interface WindowRows {
  readonly width: number;
  readonly step: number;
  readonly count: number;
}

/** What `overlappingCnn` reads, int32 token ids. */
export interface OverlappingInputs {
  /** Whole rows, [rows, width + (count − 1) · step]. */
  readonly rows: Value;
  /** The first `beginning` letters of each window, [rows · count, beginning]. */
  readonly beginnings: Value;
  /** The last `ending` letters of each window, [rows · count, ending]. */
  readonly endings: Value;
}

/** How windows that overlap share their convolutions: what is computed once for all of them, and what anew for each. */
export interface Sharing {
  /** Letters at the beginning and at the end of a window that are convolved for it alone. */
  readonly beginning: number;
  readonly ending: number;
  /** Positions behind the convolutions: of a window, and of those the ones that see its beginning and its end. */
  readonly positions: number;
  readonly first: number;
  readonly last: number;
  /** Letters that one position stands for. */
  readonly stride: number;
}

/** What the ends of a window decide behind the convolutions, and from how many letters. */
function endsOf(width: number, { kernels, pools }: ConvolutionConfig): Omit<Sharing, 'stride'> {
  const padding = kernels.map((kernel) => paddingSides({ kernel }));
  let [first, last] = [0, 0];
  // How many positions each convolution has.
  const times: number[] = [];
  let time = width;
  padding.forEach(([before, after], i) => {
    times.push(time);
    const clean = time - last - after;
    first = Math.ceil((first + before) / pools[i]!);
    time = Math.ceil(time / pools[i]!);
    last = time - Math.floor(clean / pools[i]!);
  });
  let [beginning, ending] = [first, last];
  for (let i = padding.length - 1; i >= 0; i--) {
    const [before, after] = padding[i]!;
    const pooled = Math.ceil(times[i]! / pools[i]!);
    beginning = beginning * pools[i]! + after;
    // The last run of a window may be a shorter one.
    ending = times[i]! - (pooled - ending) * pools[i]! + before;
  }
  // No input of a program may be empty.
  return { beginning: Math.max(1, beginning), ending: Math.max(1, ending), positions: time, first, last };
}

/**
 * Letters that one position behind the convolutions stands for, in models whose windows can share these: those of the architecture `cnn` in which no
 * letter knows its place in the window. undefined for others.
 */
export function sharedStride({ architecture, config }: SequenceModel): number | undefined {
  if (architecture !== 'cnn') return undefined;
  const own = config as unknown as CnnConfig;
  const { encoding, position, tracks, features, members, reverseComplement, pools } = own;
  const oneStrand = reverseComplement === 'none' || reverseComplement === 'augment';
  const alone = tracks === 0 && features === 0 && members === 1 && oneStrand;
  const plain = encoding !== 'kmer' && position === 'none' && alone;
  return plain ? pools.reduce((a, b) => a * b, 1) : undefined;
}

/**
 * How windows of a model share its convolutions, where that saves letters to convolve: they have to begin a whole number of pooled positions apart.
 * Padding is that of a window by itself: the positions that see one of its ends are computed from the letters of that end, all
 * others are what they are wherever the sequence goes on.
 */
export function sharing(
  model: SequenceModel,
  { width, step }: Pick<WindowRows, 'width' | 'step'>,
): Sharing | undefined {
  const stride = sharedStride(model);
  const own = model.config as unknown as CnnConfig;
  const fits = own.length === null || own.length === width;
  if (stride === undefined || step % stride !== 0 || !fits) return undefined;
  const ends = endsOf(width, own);
  const gains = step + ends.beginning + ends.ending < width && ends.first + ends.last < ends.positions;
  return gains ? { ...ends, stride } : undefined;
}

/**
 * The network of the architecture `cnn`, with the same parameters, for windows that overlap: the convolutions run once over each row, and again only over
 * the ends of the windows. → outputs[rows · count, outputs], those of each window by itself.
 */
export function overlappingCnn(
  { config }: Pick<SequenceModel, 'config'>,
  windows: WindowRows,
  shared: Sharing,
): Module<[OverlappingInputs], Value> {
  const own = config as unknown as CnnConfig;
  const { outputs, dense, dropout, activation, filters, pool } = own;
  const inputs = inputWidth(own);
  const channels = filters[filters.length - 1]!;
  const pooling = { pool, channels, length: shared.positions, timeAxis: 2 } as const;
  return module({
    params: {
      // Rows are longer than the windows that they are made of.
      input: sequenceInput({ ...own, length: null }),
      body: { convolutions: convolutions(inputs, own), pool: timePool(pooling) },
      readout: readout({ in: pooledWidth(pooling), out: outputs, dense, dropout, activation }),
    },
    apply: (bound, { rows, beginnings, endings }: OverlappingInputs): Value => {
      const convolved = (tokens: Value, sides?: Ends) => {
        const given = full([tokens.shape[0]!], tokens.shape[1] as number, 'int32');
        const { x, lengths } = bound.input({ tokens, lengths: given });
        return bound.body.convolutions(transpose(x, [0, 2, 1]), lengths, sides).x;
      };
      const parts: Parts = {
        inner: convolved(rows),
        beginning: convolved(beginnings, { begins: true, ends: false }),
        ending: convolved(endings, { begins: false, ends: true }),
      };
      if (pool === 'max') return bound.readout(maxOfParts(parts, windows, shared));
      const x = assembled(parts, windows, shared);
      return bound.readout(bound.body.pool(x, full([x.shape[0]!], shared.positions, 'int32')).features);
    },
  });
}

/** What the convolutions made of rows [rows, channels, …], and of the beginnings and endings of windows [windows, channels, …]. */
interface Parts {
  readonly inner: Value;
  readonly beginning: Value;
  readonly ending: Value;
}

/** The largest value of each channel in each window, [windows, channels], without putting the windows together. */
function maxOfParts(
  { inner, beginning, ending }: Parts,
  { step, count }: WindowRows,
  { stride, positions, first, last }: Sharing,
): Value {
  const [rows, channels] = inner.shape as [Dim, Dim];
  const [size, hop] = [positions - first - last, step / stride];
  const own = slice(inner, 2, first, first + size + (count - 1) * hop);
  // [rows, channels, count] → [rows · count, channels]
  const middle = reshape(transpose(maxPool(own, size, hop), [0, 2, 1]), [dimMul(rows, count), channels]);
  return [first > 0 ? beginning : [], last > 0 ? ending : []]
    .flat()
    .reduce((best, part) => maximum(best, max(part, 2)), middle);
}

/** The windows put together, [windows, channels, positions]. */
function assembled(
  { inner, beginning, ending }: Parts,
  { step, count }: WindowRows,
  { stride, positions, first, last }: Sharing,
): Value {
  const [rows, channels] = inner.shape as [Dim, Dim];
  const size = positions - first - last;
  const middles = Array.from({ length: count }, (_, k) => {
    const from = (k * step) / stride + first;
    return expandDims(slice(inner, 2, from, from + size), 1);
  });
  const middle = reshape(concat(middles, 1), [dimMul(rows, count), channels, size]);
  return concat([...(first > 0 ? [beginning] : []), middle, ...(last > 0 ? [ending] : [])], 2);
}
