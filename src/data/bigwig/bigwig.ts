import { dataError } from '../../core/errors.ts';
import type { Interval } from '../interval.ts';
import type { RandomAccess } from '../random-access.ts';

/** A stretch of bases with one value. */
export interface SignalStretch {
  chrom: string;
  start: number;
  end: number;
  value: number;
}

/** Values along a genome. */
export interface Signal {
  name: string;
  /** Lengths of the chromosomes by name, in the order of the file. */
  chromosomes: ReadonlyMap<string, number>;
  /** What the file says of an interval, cut to it, in order of position. */
  stretches(chrom: string, start: number, end: number): Promise<SignalStretch[]>;
  /**
   * One value for each base of an interval, in the direction of its strand; `missing` where the file has none, also beyond the
   * chromosome's ends.
   */
  values(interval: Interval, options?: { missing?: number }): Promise<Float32Array>;
  close(): Promise<void>;
}

/**
 * Opens bigWig (Kent et al. 2010), read by @gmod/bbi at full resolution. Values are what the file holds: 32-bit numbers.
 *
 * Throws a data error that names the file for another format, a damaged or truncated file, and chromosomes that are not there.
 * @example
 * const signal = await openSignal(await openFile('x.bw'), { name: 'x.bw' });
 * await signal.values({ chrom: 'chr1', start: 100, end: 110, strand: '+' }, { missing: 0 }) // Float32Array of 10
 */
export async function openSignal(
  file: RandomAccess,
  { name = 'input' }: { name?: string } = {},
): Promise<Signal> {
  const { BigWig } = await import('@gmod/bbi');
  const bigWig = new BigWig({ filehandle: file });
  const read = <T>(what: () => Promise<T>) =>
    what().catch((error: Error) => {
      throw dataError(
        `${name} is no whole bigWig file: ${error.message.replace(/\.?$/, '.')} Copy or download it again.`,
        { cause: error },
      );
    });
  const { refsByNumber, fileType } = await read(() => bigWig.getHeader());
  if (fileType !== 'bigwig') throw dataError(`${name} is ${fileType}; expected bigWig.`);
  const chromosomes = new Map(Object.values(refsByNumber).map((chrom) => [chrom.name, chrom.length]));

  const stretches = async (chrom: string, start: number, end: number): Promise<SignalStretch[]> => {
    if (!chromosomes.has(chrom)) {
      const names = [...chromosomes.keys()].slice(0, 5).join(', ');
      throw dataError(
        `${name} has no signal on "${chrom}". It has: ${names}${chromosomes.size > 5 ? ' …' : ''}.`,
      );
    }
    if (start >= end) return [];
    const found: { start: number; end: number; score?: number }[] = await read(() =>
      bigWig.getFeatures(chrom, start, end),
    );
    return found
      .map((one) => ({
        chrom,
        start: Math.max(start, one.start),
        end: Math.min(end, one.end),
        value: one.score!,
      }))
      .filter((one) => one.start < one.end)
      .sort((a, b) => a.start - b.start);
  };
  return {
    name,
    chromosomes,
    stretches,
    async values({ chrom, start, end, strand }, { missing = Number.NaN } = {}) {
      const values = new Float32Array(end - start).fill(missing);
      for (const one of await stretches(chrom, Math.max(0, start), end))
        values.fill(one.value, one.start - start, one.end - start);
      return strand === '-' ? values.reverse() : values;
    },
    close: () => file.close(),
  };
}
