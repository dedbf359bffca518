import { usageError } from '../../core/errors.ts';
import type { GenomeRegions } from '../../data/read-formats.ts';
import type { RegionArguments } from '../region-options.ts';

/** How regions were cut out for a training, as the model's manifest holds it. */
export type RegionShape = Pick<GenomeRegions, 'width' | 'around' | 'flank'>;

/** Files that are nothing without a genome. */
const regionFile = /\.(bed|narrowpeak|gff3?|gtf)(\.b?gz)?$/i;

/**
 * What the command line says of regions and their genome; what it leaves open is as it was in the model's `training`. Undefined where sequences
 * are no regions. Throws a usage error for options that need a genome, and for files of regions without one.
 */
export function regionsOf(
  sequences: string,
  { genome, circular, featureType, width, around, flank, offTheEnd, negatives }: RegionArguments,
  training: Readonly<Record<string, unknown>> = {},
): GenomeRegions | undefined {
  if (genome === undefined) {
    const given = { circular, featureType, width, around, flank, offTheEnd, negatives };
    const stray = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (stray)
      throw usageError(
        `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is about regions of a genome; name it with --genome.`,
      );
    if (regionFile.test(sequences))
      throw usageError(`${sequences} holds regions, no sequences. Name their genome with --genome.`);
    return undefined;
  }
  const asked = { width, around, flank };
  const present = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const shape: RegionShape = Object.keys(present).length > 0 ? present : shapeIn(training);
  return {
    genome,
    ...shape,
    ...(circular && { circular }),
    ...(featureType && { featureTypes: featureType }),
    ...(offTheEnd && { offTheEnd }),
  };
}

/** What a model's own record says, as far as it is what a training writes there. */
function shapeIn({ regions }: Readonly<Record<string, unknown>>): RegionShape {
  if (typeof regions !== 'object' || regions === null) return {};
  const { width, around, flank } = regions as Record<string, unknown>;
  const isFlank = (value: unknown): value is [number, number] =>
    Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
  return {
    ...(Number.isSafeInteger(width) && (width as number) >= 1 && { width: width as number }),
    ...(['centre', 'summit', 'start', 'end'].includes(around as string) && {
      around: around as 'centre' | 'summit' | 'start' | 'end',
    }),
    ...(isFlank(flank) && { flank }),
  };
}

/** The part of `regionsOf` that a model remembers. */
export const shapeOf = ({ width, around, flank }: RegionShape): RegionShape => ({
  ...(width !== undefined && { width }),
  ...(around && { around }),
  ...(flank !== undefined && { flank }),
});

/** `200 bases around the centre`, for messages. */
export function shapeSentence({ width, around = 'centre', flank }: RegionShape): string {
  const sized = width === undefined ? 'as long as they are' : `${width} bases around the ${around}`;
  return flank === undefined ? sized : `${sized}, flanks of ${[flank].flat().join(' and ')}`;
}
