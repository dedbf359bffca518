"""Genes of one genome as `seqwright run genes` and as Prodigal find them, beside its annotation.

    python bench/genes.py genome.gb genes.gff3 [name]

reads a GenBank file, the GFF3 that the recipe wrote for it, and runs Prodigal itself (pyrodigal, which is Prodigal's own code as a
library) on the same letters: trained on the genome, as Prodigal does from 20,000 bases on, and in its metagenomic mode. Circles are read on over their
origin for Prodigal too, which knows none. Only coding sequences that are one whole open reading frame count, from ATG, GTG or TTG to
the first stop; predictions that end where another annotated coding sequence ends are not judged. Biopython reads the file, so that
neither our reader nor our scorer judges itself. Needs: pip install pyrodigal biopython.
"""

import sys

import pyrodigal
from Bio import SeqIO

FURTHER, SHARED = 9000, 60


def key(start, end, strand):
    return (strand, end if strand == 1 else start)


def annotation(record, circular):
    """Whole genes as (start, end, strand), 0-based and half-open, and the stops of all other coding sequences."""
    letters, length = str(record.seq), len(record.seq)
    genes, others = [], set()
    for feature in record.features:
        if feature.type != "CDS":
            continue
        parts = sorted(feature.location.parts, key=lambda part: int(part.start))
        start, end, strand = int(parts[0].start), int(parts[0].end), feature.location.strand
        if len(parts) == 2 and circular and start == 0 and int(parts[1].end) == length:
            start, end = int(parts[1].start), length + end
        coding = str(feature.extract(record.seq))
        codons = [coding[i : i + 3] for i in range(0, len(coding) - 2, 3)]
        stops = {"TAA", "TAG", "TGA"}
        whole = (
            len(coding) == end - start
            and len(coding) % 3 == 0
            and codons[0] in {"ATG", "GTG", "TTG"}
            and codons[-1] in stops
            and not stops & set(codons[:-1])
            and not {"pseudo", "pseudogene"} & set(feature.qualifiers)
        )
        if whole:
            genes.append((start, end, strand))
        else:
            others |= {key(int(part.start), int(part.end), strand) for part in parts}
    return genes, others


def prodigal(letters, circular, meta):
    length = len(letters)
    read = letters + letters[:FURTHER] if circular else letters
    finder = pyrodigal.GeneFinder(meta=meta, closed=True)
    if not meta:
        finder.train(letters)
    found = [(gene.begin - 1, gene.end, gene.strand) for gene in finder.find_genes(read)]
    if not circular:
        return found
    found = [(s, e, d) for s, e, d in found if s < length and e - s <= length]
    crossed = max([0] + [e - length for _, e, _ in found])
    return [(s, e, d) for s, e, d in found if e > length or s >= crossed - SHARED]


def ours(path):
    for line in open(path):
        cells = line.rstrip("\n").split("\t")
        if len(cells) == 9 and cells[2] == "CDS":
            yield cells[0], (int(cells[3]) - 1, int(cells[4]), 1 if cells[6] == "+" else -1)


def row(name, method, genes, others, found):
    # Genes that differ in their start alone count as one, which either start answers.
    truth = {}
    for gene in genes:
        truth.setdefault(key(*gene), set()).add(gene)
    right = [gene for gene in found if key(*gene) in truth]
    wrong = [gene for gene in found if key(*gene) not in truth and key(*gene) not in others]
    exact = sum(gene in truth[key(*gene)] for gene in right)
    sensitivity = len(right) / len(truth)
    precision = len(right) / max(1, len(right) + len(wrong))
    print(
        f"| {name} | {method} | {len(truth)} | {len(right) + len(wrong)} | {sensitivity:.3f} | {precision:.3f} "
        f"| {exact / max(1, len(right)):.3f} |"
    )


genome, gff = sys.argv[1:3]
for record in SeqIO.parse(genome, "genbank"):
    circular = record.annotations.get("topology") == "circular"
    genes, others = annotation(record, circular)
    letters = str(record.seq).upper()
    name = sys.argv[3] if len(sys.argv) > 3 else record.id
    row(name, "seqwright", genes, others, [gene for chrom, gene in ours(gff) if chrom == record.id])
    if len(letters) >= 20000:
        row(name, "Prodigal, trained on it", genes, others, prodigal(letters, circular, False))
    row(name, "Prodigal, metagenomic mode", genes, others, prodigal(letters, circular, True))
