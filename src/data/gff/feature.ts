import type { Interval } from '../interval.ts';

/** Bases to drop from the start of a CDS part, read in its own direction, before the first whole codon. */
export type Phase = 0 | 1 | 2;

/** An annotated stretch. Coordinates are 0-based and half-open here, whatever the file has. */
export interface Feature extends Interval {
  source?: string;
  /** `gene`, `mRNA`, `CDS` … */
  type: string;
  phase?: Phase;
  id?: string;
  /** Ids of the features it is part of. */
  parents: string[];
  /** Everything the ninth column says, `ID` and `Parent` included; a bare tag has no values. */
  attributes: Readonly<Record<string, readonly string[]>>;
}

/** What is joined from several stretches, in the order in which it is read: a coding sequence, a transcript. */
export interface Spliced {
  id: string;
  type: string;
  /** 5′ to 3′; each has its own strand, so that trans-splicing is nothing special. */
  segments: Interval[];
  /** Bases before the first whole codon. */
  phase: Phase;
  name?: string;
  line?: number;
}
