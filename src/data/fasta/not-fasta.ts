/** What the first bytes of a file that is not FASTA look like, in words: `FASTQ ("@" starts its first line)`. */
export function describeOpening(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 4096);
  const magic = magics.find(([prefix]) => prefix.every((byte, i) => head[i] === byte));
  if (magic) return magic[1];
  const text = new TextDecoder('utf-8')
    .decode(head)
    .replace(/^\uFEFF/, '')
    .trimStart();
  const looks = openings.find(([pattern]) => pattern.test(text));
  if (looks) return looks[1];
  const strange = head.reduce((n, byte) => n + (byte < 9 || (byte > 13 && byte < 32) ? 1 : 0), 0);
  if (strange > 0) return 'binary data';
  const first = text.slice(0, text.search(/[\r\n]|$/));
  if (first.includes('\t')) return 'a tab-separated table';
  if (/^[A-Za-z*-]+$/.test(first)) return 'bare sequence without a header line';
  if (first.includes(',')) return 'a comma-separated table';
  return `text starting with ${JSON.stringify(first.slice(0, 20))}`;
}

const magics: [number[], string][] = [
  [[0x1f, 0x8b], 'gzip data'],
  [[0x50, 0x4b, 3, 4], 'a zip archive'],
  [[0x42, 0x5a, 0x68], 'bzip2 data'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'xz data'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'Zstandard data'],
  [[0x42, 0x41, 0x4d, 1], 'BAM'],
  [[0x43, 0x52, 0x41, 0x4d], 'CRAM'],
  [[0xff, 0xfe], 'UTF-16 text (save it as UTF-8)'],
  [[0xfe, 0xff], 'UTF-16 text (save it as UTF-8)'],
  [[0x25, 0x50, 0x44, 0x46], 'PDF'],
];

const openings: [RegExp, string][] = [
  [/^>/, 'FASTA'],
  [/^@(HD|SQ|RG|PG|CO)\t/, 'SAM'],
  [/^@/, 'FASTQ ("@" starts its first line)'],
  [/^LOCUS\s/, 'GenBank ("LOCUS" starts its first line)'],
  [/^ID {3}/, 'EMBL ("ID" starts its first line)'],
  [/^(<!doctype|<html)/i, 'an HTML page'],
  [/^<\?xml/, 'XML'],
  [/^##gff/i, 'GFF'],
  [/^##fileformat=VCF/, 'VCF'],
  [/^#NEXUS/i, 'Nexus'],
  [/^# STOCKHOLM/, 'Stockholm'],
  [/^[[{]/, 'JSON'],
];
