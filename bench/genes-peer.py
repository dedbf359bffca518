"""Genes of one genome as `seqwright run genes` and as Prodigal find them, beside its annotation.

    python bench/genes-peer.py genome.gb genes.gff3 [name]

reads a GenBank file of one or more contigs, the GFF3 that the recipe wrote for it, and runs Prodigal itself (pyrodigal, which is
Prodigal's own code as a library) on the same letters: trained on the genome, as Prodigal does from 20,000 bases on, and in its
metagenomic mode. Circles are read on over their origin for Prodigal too, which knows none, and genes that run off a contig are not
looked for. Only coding sequences that are one whole open reading frame count, from ATG, GTG or TTG to the first stop; those that differ in
their start alone count as one, which either start answers; predictions that end where another annotated coding sequence ends are not
judged. Biopython reads the file, so that neither our reader nor our scorer judges itself. Needs: pip install pyrodigal biopython.
"""

import sys

import pyrodigal
from Bio import SeqIO

FURTHER, SHARED = 9000, 60
STOPS = {"TAA", "TAG", "TGA"}


def key(start, end, strand):
    return (strand, end if strand == 1 else start)


def annotation(record, circular):
    """Whole genes by their stop, as sets of (start, end, strand), 0-based and half-open, and the stops of all other coding sequences."""
    length = len(record.seq)
    genes, others = {}, set()
    for feature in record.features:
        if feature.type != "CDS":
            continue
        parts = sorted(feature.location.parts, key=lambda part: int(part.start))
        start, end, strand = int(parts[0].start), int(parts[0].end), feature.location.strand
        if len(parts) == 2 and circular and start == 0 and int(parts[1].end) == length:
            start, end = int(parts[1].start), length + end
        coding = str(feature.extract(record.seq))
        codons = [coding[i : i + 3] for i in range(0, len(coding) - 2, 3)]
        if (
            len(coding) == end - start
            and len(coding) % 3 == 0
            and codons[0] in {"ATG", "GTG", "TTG"}
            and codons[-1] in STOPS
            and not STOPS & set(codons[:-1])
            and not {"pseudo", "pseudogene"} & set(feature.qualifiers)
        ):
            genes.setdefault(key(start, end, strand), set()).add((start, end, strand))
        else:
            others |= {key(int(part.start), int(part.end), strand) for part in parts}
    return genes, others


def prodigal(finder, letters, circular):
    length = len(letters)
    read = letters + letters[:FURTHER] if circular else letters
    found = [(gene.begin - 1, gene.end, gene.strand) for gene in finder.find_genes(read)]
    if not circular:
        return found
    found = [(s, e, d) for s, e, d in found if s < length and e - s <= length]
    crossed = max([0] + [e - length for _, e, _ in found])
    return [(s, e, d) for s, e, d in found if e > length or s >= crossed - SHARED]


def ours(path):
    found = {}
    for line in open(path):
        cells = line.rstrip("\n").split("\t")
        # Genes that run off a contig are looked for by neither.
        if len(cells) == 9 and cells[2] == "CDS" and "partial=true" not in cells[8]:
            gene = (int(cells[3]) - 1, int(cells[4]), 1 if cells[6] == "+" else -1)
            found.setdefault(cells[0], []).append(gene)
    return found


def row(name, method, found):
    """One line of the table; `found` has the genes of each contig."""
    right = wrong = exact = known = 0
    for (genes, others), predicted in zip(truth, found):
        known += len(genes)
        hits = [gene for gene in predicted if key(*gene) in genes]
        right += len(hits)
        exact += sum(gene in genes[key(*gene)] for gene in hits)
        wrong += sum(key(*gene) not in genes and key(*gene) not in others for gene in predicted)
    print(
        f"| {name} | {method} | {known} | {right + wrong} | {right / known:.3f} | {right / max(1, right + wrong):.3f} "
        f"| {exact / max(1, right):.3f} |"
    )


records = list(SeqIO.parse(sys.argv[1], "genbank"))
circles = [record.annotations.get("topology") == "circular" for record in records]
letters = [str(record.seq).upper() for record in records]
truth = [annotation(record, circular) for record, circular in zip(records, circles)]
name = sys.argv[3] if len(sys.argv) > 3 else records[0].id
written = ours(sys.argv[2])
row(name, "seqwright", [written.get(record.id, []) for record in records])
if sum(map(len, letters)) >= 20000:
    trained = pyrodigal.GeneFinder(closed=True)
    trained.train(*letters)
    row(name, "Prodigal, trained on it", [prodigal(trained, *each) for each in zip(letters, circles)])
presets = pyrodigal.GeneFinder(meta=True, closed=True)
row(name, "Prodigal, metagenomic mode", [prodigal(presets, *each) for each in zip(letters, circles)])
