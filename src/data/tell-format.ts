/** Formats of sequences that are neither FASTA nor a table. */
export type OtherFormat = 'fastq' | 'genbank' | '2bit' | 'regions';

/** The format by the first bytes: FASTQ, GenBank or EMBL, 2bit; undefined for anything else. */
export function tellOther(opening: Uint8Array): Exclude<OtherFormat, 'regions'> | undefined {
  const magic = [...opening.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  if (magic === '4327411a' || magic === '1a412743') return '2bit';
  const text = new TextDecoder().decode(opening).trimStart();
  if (/^(LOCUS\s|ID {3}\S)/.test(text)) return 'genbank';
  // SAM begins with "@" too, but with two capitals and a tab.
  return text.startsWith('@') && !/^@[A-Z]{2}\t/.test(text) ? 'fastq' : undefined;
}
