"""Genetic codes, translation and codon usage of Biopython: writes codons.json. pip install biopython"""

import json
import math
import random
from collections import Counter
from pathlib import Path

import Bio
from Bio.Data import CodonTable
from Bio.Seq import Seq
from Bio.SeqUtils import CodonAdaptationIndex

bases = "TCAG"
codons = [a + b + c for a in bases for b in bases for c in bases]
tables = {}
for number, table in CodonTable.unambiguous_dna_by_id.items():
    tables[number] = {
        "row": "".join(table.forward_table.get(codon, "*") for codon in codons),
        "starts": sorted(table.start_codons),
        "stops": sorted(table.stop_codons),
    }

rng = random.Random(7)
draw = lambda letters, n: "".join(rng.choice(letters) for _ in range(n))
translations = []
for number in (1, 2, 5, 11, 22, 33):
    for letters in ("ACGT", "ACGTACGTACGTRYSWKMN"):
        sequence = draw(letters, 90)
        translations.append(
            {"table": number, "sequence": sequence, "protein": str(Seq(sequence).translate(table=number))}
        )

genes = ["ATG" + "".join(draw("ACGT", 3) for _ in range(60)) for _ in range(8)]
genes = ["".join(g[i : i + 3] for i in range(0, len(g), 3) if g[i : i + 3] not in ("TAA", "TAG", "TGA")) for g in genes]
counts = Counter(g[i : i + 3] for g in genes for i in range(0, len(g), 3))
index = CodonAdaptationIndex([Seq(g) for g in genes])
standard = CodonTable.unambiguous_dna_by_id[1]
families = {}
for codon, amino in standard.forward_table.items():
    families.setdefault(amino, []).append(codon)
rscu = {}
for family in families.values():
    mean = sum(counts[c] for c in family) / len(family)
    for codon in family:
        rscu[codon] = counts[codon] / mean
alone = {family[0] for family in families.values() if len(family) == 1}


def cai(gene, weights):
    """Sharp and Li 1987, by the formula: codons without synonyms do not count."""
    logs = [math.log(weights[gene[i : i + 3]]) for i in range(0, len(gene), 3) if gene[i : i + 3] not in alone]
    return math.exp(sum(logs) / len(logs))


weights = {}
for family in families.values():
    most = max(max(counts[c], 0.5) for c in family)
    for codon in family:
        weights[codon] = max(counts[codon], 0.5) / most

# Biopython's index differs for codons that never occur; among those that do it is the same table.
for codon in counts:
    assert abs(index[codon] - weights[codon]) < 1e-12, codon

out = {
    "made_with": f"Biopython {Bio.__version__}",
    "tables": tables,
    "translations": translations,
    "genes": genes,
    "rscu": rscu,
    "adaptiveness": weights,
    "cai": [cai(gene, weights) for gene in genes],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
