"""Free energies of RNA duplexes from the enthalpies and entropies of Xia et al. 1998 as Biopython has them (MeltingTemp.RNA_NN2).

    pip install biopython && python test/golden/duplex.py
"""
import json
import random
from pathlib import Path

import Bio
from Bio.Seq import Seq
from Bio.SeqUtils.MeltingTemp import RNA_NN2 as table

random.seed(1)
partner = str.maketrans("ACGT", "TGCA")


def energy(strand: str) -> float:
    """ΔG at 37 °C of a strand with its perfect complement, without the symmetry correction."""
    terms = [table["init"]]
    terms += [table["init_A/T"]] * sum(end in "AT" for end in (strand[0], strand[-1]))
    for i in range(len(strand) - 1):
        pair = f"{strand[i:i + 2]}/{strand[i:i + 2].translate(partner)}"
        terms.append(table[pair] if pair in table else table[pair[::-1]])
    return sum(h - 310.15 * s / 1000 for h, s in terms)


cases = []
while len(cases) < 40:
    strand = "".join(random.choice("ACGT") for _ in range(random.randint(4, 12)))
    value = energy(strand)
    cases.append({"strand": strand, "other": str(Seq(strand).reverse_complement()), "energy": round(value, 3)})
out = Path(__file__).with_suffix(".json")
out.write_text(json.dumps({"biopython": Bio.__version__, "cases": cases}, indent=1) + "\n")
