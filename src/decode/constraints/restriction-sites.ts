import { usageError } from '../../core/errors.ts';
import type { Constraint } from './constraint.ts';
import { constraintText } from './constraint.ts';
import { avoid } from './motifs.ts';

/** What common restriction enzymes recognise, 5′ to 3′ in IUPAC letters, without the place of the cut (as in REBASE). */
export const restrictionSites: Readonly<Record<string, string>> = {
  AarI: 'CACCTGC',
  AatII: 'GACGTC',
  AflII: 'CTTAAG',
  AgeI: 'ACCGGT',
  AluI: 'AGCT',
  ApaI: 'GGGCCC',
  ApaLI: 'GTGCAC',
  AscI: 'GGCGCGCC',
  AseI: 'ATTAAT',
  AvrII: 'CCTAGG',
  BamHI: 'GGATCC',
  BbsI: 'GAAGAC',
  BclI: 'TGATCA',
  BglII: 'AGATCT',
  BlpI: 'GCTNAGC',
  BsaI: 'GGTCTC',
  BsmBI: 'CGTCTC',
  BspEI: 'TCCGGA',
  BspHI: 'TCATGA',
  BsrGI: 'TGTACA',
  BstBI: 'TTCGAA',
  BstEII: 'GGTNACC',
  BstXI: 'CCANNNNNNTGG',
  Bsu36I: 'CCTNAGG',
  ClaI: 'ATCGAT',
  DpnI: 'GATC',
  DraI: 'TTTAAA',
  DraIII: 'CACNNNGTG',
  EcoRI: 'GAATTC',
  EcoRII: 'CCWGG',
  EcoRV: 'GATATC',
  Esp3I: 'CGTCTC',
  FseI: 'GGCCGGCC',
  HaeIII: 'GGCC',
  HindIII: 'AAGCTT',
  HinfI: 'GANTC',
  HpaI: 'GTTAAC',
  HpaII: 'CCGG',
  KpnI: 'GGTACC',
  MboI: 'GATC',
  MfeI: 'CAATTG',
  MluI: 'ACGCGT',
  MspI: 'CCGG',
  NcoI: 'CCATGG',
  NdeI: 'CATATG',
  NheI: 'GCTAGC',
  NotI: 'GCGGCCGC',
  NruI: 'TCGCGA',
  NsiI: 'ATGCAT',
  PacI: 'TTAATTAA',
  PciI: 'ACATGT',
  PmeI: 'GTTTAAAC',
  PstI: 'CTGCAG',
  PvuI: 'CGATCG',
  PvuII: 'CAGCTG',
  SacI: 'GAGCTC',
  SacII: 'CCGCGG',
  SalI: 'GTCGAC',
  SapI: 'GCTCTTC',
  SbfI: 'CCTGCAGG',
  ScaI: 'AGTACT',
  SfiI: 'GGCCNNNNNGGCC',
  SmaI: 'CCCGGG',
  SpeI: 'ACTAGT',
  SphI: 'GCATGC',
  StuI: 'AGGCCT',
  SwaI: 'ATTTAAAT',
  TaqI: 'TCGA',
  XbaI: 'TCTAGA',
  XhoI: 'CTCGAG',
  XmaI: 'CCCGGG',
};

/**
 * None of these restriction enzymes finds its site, on either strand.
 * Throws a usage error for an enzyme that is not in `restrictionSites`; give its sequence to `avoid` instead.
 * @example sites(['EcoRI', 'BsaI'])
 */
export function sites(enzymes: readonly string[]): Constraint {
  const text = constraintText('sites', enzymes);
  const sequences = enzymes.map((enzyme) => {
    const site = Object.hasOwn(restrictionSites, enzyme) ? restrictionSites[enzyme] : undefined;
    if (site !== undefined) return site;
    throw usageError(
      `${text}: there is no enzyme "${enzyme}" in the list.${near(enzyme)} ` +
        `Or give its recognition sequence: avoid('…', { iupac: true, bothStrands: true }).`,
    );
  });
  return { ...avoid(sequences, { iupac: true, bothStrands: true }), text };
}

/** `Did you mean EcoRI?` where one differs only in case or in how the numeral is written. */
function near(enzyme: string): string {
  const plain = (name: string) => name.toLowerCase().replaceAll('1', 'i').replaceAll('l', 'i');
  const found = Object.keys(restrictionSites).find((name) => plain(name) === plain(enzyme));
  return found ? ` Did you mean ${found}?` : '';
}
