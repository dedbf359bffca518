"""What HMMER (through pyhmmer) scores with the files of its own tutorial: names and numbers, none of the sequences.

    python3 -m venv ../hmmer-venv && ../hmmer-venv/bin/pip install pyhmmer
    ../hmmer-venv/bin/python test/golden/markov/profile-tutorial.py FOLDER

FOLDER is HMMER's tutorial/ folder. test/slow/hmm-tutorial.test.ts compares.
"""

import json
import sys
from pathlib import Path

import pyhmmer
from pyhmmer import easel, plan7

folder = Path(sys.argv[1])
pairs = [("globins4", "globins45.fa"), ("globins4", "HBB_HUMAN"), ("fn3", "7LESS_DROME"), ("Pkinase", "7LESS_DROME")]


def sequences(name, alphabet):
    with easel.SequenceFile(folder / name, digital=True, alphabet=alphabet) as file:
        return file.read_block()


def built(name, alphabet):
    with easel.MSAFile(folder / f"{name}.sto", format="stockholm", digital=True, alphabet=alphabet) as file:
        msa = file.read()
    msa.name = name
    return plan7.Builder(alphabet).build_msa(msa, plan7.Background(alphabet))[0]


def whole(hmm, target):
    hits = next(iter(pyhmmer.hmmsearch(hmm, sequences(target, hmm.alphabet), cpus=1)))
    return [
        {"id": hit.name, "score": hit.score, "evalue": hit.evalue,
         "domains": [{"from": d.alignment.target_from, "to": d.alignment.target_to, "score": d.score} for d in hit.domains]}
        for hit in hits if hit.evalue < 1e-3
    ]


def places(hmm):
    hits = next(iter(pyhmmer.nhmmer(hmm, sequences("dna_target.fa", hmm.alphabet), cpus=1)))
    found = {}
    for hit in hits:
        a = hit.best_domain.alignment
        if hit.evalue < 1e-3:
            found[(a.target_from, a.target_to)] = hit.score
    return [{"from": a, "to": b, "score": score} for (a, b), score in found.items()]


def read(name):
    with plan7.HMMFile(folder / f"{name}.hmm") as file:
        return file.read()


amino, dna = easel.Alphabet.amino(), easel.Alphabet.dna()
out = {
    "made_with": f"pyhmmer {pyhmmer.__version__} (HMMER 3.4)",
    "files": [{"profile": p, "target": t, "hits": whole(read(p), t)} for p, t in pairs],
    "built": [{"profile": p, "target": t, "hits": whole(built(p, amino), t)} for p, t in pairs],
    "places": {"files": places(read("MADE1")), "built": places(built("MADE1", dna))},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
