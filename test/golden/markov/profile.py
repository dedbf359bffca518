"""What HMMER (through pyhmmer) makes of small synthetic alignments: profiles, scores, domains and tables.

    python3 -m venv ../hmmer-venv && ../hmmer-venv/bin/pip install pyhmmer
    ../hmmer-venv/bin/python test/golden/markov/profile.py

All sequences are drawn here from Python's seeded generator; nothing comes from a data set.
"""

import io
import json
import random
import re
from pathlib import Path

import pyhmmer
from pyhmmer import easel, plan7

rng = random.Random(7)
AMINO, DNA = "ACDEFGHIKLMNPQRSTVWY", "ACGT"


def family(letters, columns, rows, keep, fragments=0):
    """Rows of a made-up family: a consensus with substitutions, deletions, insertions and fragments."""
    consensus = [rng.choice(letters) for _ in range(columns)]
    inserts = {rng.randrange(2, columns - 2): rng.randint(1, 4) for _ in range(3)}
    out = []
    for r in range(rows):
        row = ""
        for c in range(columns):
            row += "-" if rng.random() < 0.06 else consensus[c] if rng.random() < keep else rng.choice(letters)
            width = inserts.get(c, 0)
            used = rng.randint(0, width) if rng.random() < 0.3 else 0
            row += "".join(rng.choice(letters) for _ in range(used)) + "-" * (width - used)
        if r < fragments:
            cut = len(row) * 6 // 10
            row = "-" * cut + row[cut:]
        out.append({"id": f"row{r + 1}", "text": row})
    return out


def msa_of(rows, name, alphabet):
    text = easel.TextMSA(
        name=name,
        sequences=[easel.TextSequence(name=row["id"], sequence=row["text"]) for row in rows],
    )
    return text.digitize(alphabet)


def random_text(letters, length):
    return "".join(rng.choice(letters) for _ in range(length))


def mutated(rows, letters, keep):
    text = rng.choice(rows)["text"].replace("-", "")
    return "".join(c if rng.random() < keep else rng.choice(letters) for c in text)


def targets_of(rows, letters):
    out = []
    for i in range(8):
        middle = mutated(rows, letters, 0.9 - 0.07 * i)
        out.append(random_text(letters, rng.randint(5, 60)) + middle + random_text(letters, rng.randint(5, 60)))
    two = [mutated(rows, letters, 0.8), mutated(rows, letters, 0.7)]
    out.append(random_text(letters, 20) + random_text(letters, 45).join(two) + random_text(letters, 30))
    out.append(two[0] + two[1])
    out += [random_text(letters, rng.randint(50, 200)) for _ in range(6)]
    return [{"id": f"target{i + 1}", "text": text} for i, text in enumerate(out)]


def hit_of(hit):
    domains = []
    for d in hit.domains:
        a = d.alignment
        domains.append({
            "score": d.score, "bias": d.bias, "cEvalue": d.c_evalue, "iEvalue": d.i_evalue,
            "nodeFrom": a.hmm_from, "nodeTo": a.hmm_to, "from": a.target_from, "to": a.target_to,
            "envelopeFrom": d.env_from, "envelopeTo": d.env_to,
            "model": a.hmm_sequence, "agreement": a.identity_sequence, "target": a.target_sequence,
            "posterior": a.posterior_probabilities,
        })
    return {"id": hit.name, "score": hit.score, "bias": hit.bias, "evalue": hit.evalue, "domains": domains}


def table(hits, kind):
    out = io.BytesIO()
    hits.write(out, format=kind)
    lines = out.getvalue().decode().splitlines()
    head = [line for line in lines if line.startswith("#")][:3]
    return head + [line for line in lines if not line.startswith("#")]


def case(name, letters, alphabet, columns, rows, keep, fragments):
    aligned = family(letters, columns, rows, keep, fragments)
    builder, background = plan7.Builder(alphabet, seed=42), plan7.Background(alphabet)
    hmm, _, _ = builder.build_msa(msa_of(aligned, name, alphabet), background)
    text = io.BytesIO()
    hmm.write(text)
    profile = re.sub(r"^(DATE|COM) .*\n", "", text.getvalue().decode(), flags=re.M)
    # Scores are of the profile as the file has it, five decimals.
    with plan7.HMMFile(io.BytesIO(profile.encode())) as file:
        hmm = file.read()
    targets = targets_of(aligned, letters)
    block = easel.DigitalSequenceBlock(
        alphabet,
        [easel.TextSequence(name=t["id"], sequence=t["text"]).digitize(alphabet) for t in targets],
    )
    hits = next(iter(pyhmmer.hmmsearch(hmm, block, cpus=1)))
    pipeline = plan7.Pipeline(alphabet, background=background)
    pipeline.bias_filter = True
    return {
        "name": name,
        "alphabet": alphabet.type,
        "alignment": aligned,
        "effective": hmm.nseq_effective,
        "checksum": hmm.checksum,
        "profile": profile,
        "targets": targets,
        "hits": [hit_of(hit) for hit in hits],
        "tblout": table(hits, "targets"),
        "domtblout": table(hits, "domains"),
    }


cases = [
    case("synthetic-protein", AMINO, easel.Alphabet.amino(), 60, 14, 0.6, 2),
    case("synthetic-dna", DNA, easel.Alphabet.dna(), 50, 10, 0.75, 1),
    case("one-row", AMINO, easel.Alphabet.amino(), 40, 1, 1.0, 0),
]


def long_target(golden):
    """Copies of a DNA family on both strands of a long random sequence, and where nhmmer finds them."""
    with plan7.HMMFile(io.BytesIO(golden["profile"].encode())) as file:
        hmm = file.read()
    text = ""
    for i in range(6):
        text += random_text(DNA, rng.randint(1500, 3500))
        copy = mutated(golden["alignment"], DNA, 0.97 - 0.03 * i)
        text += copy if i % 2 == 0 else copy[::-1].translate(str.maketrans("ACGT", "TGCA"))
    text += random_text(DNA, 700) + "ACACACACAC" * 12 + random_text(DNA, 2000)
    block = easel.DigitalSequenceBlock(
        easel.Alphabet.dna(),
        [easel.TextSequence(name="long", sequence=text).digitize(easel.Alphabet.dna())],
    )
    hits = []
    for hit in next(iter(pyhmmer.nhmmer(hmm, block, cpus=1))):
        d = hit.best_domain
        hits.append({**hit_of(hit)["domains"][0], "evalue": hit.evalue, "score": hit.score, "strand": d.strand,
                     "included": hit.included})
    return {"text": text, "hits": [hit for hit in hits if hit["evalue"] < 0.01]}


def aligned_targets(golden, trim):
    """The targets aligned to the profile by hmmalign."""
    with plan7.HMMFile(io.BytesIO(golden["profile"].encode())) as file:
        hmm = file.read()
    block = easel.DigitalSequenceBlock(
        hmm.alphabet,
        [easel.TextSequence(name=t["id"], sequence=t["text"]).digitize(hmm.alphabet) for t in golden["targets"]],
    )
    msa = pyhmmer.hmmalign(hmm, block, trim=trim)
    text = io.BytesIO()
    msa.write(text, "pfam")
    return [line for line in text.getvalue().decode().splitlines() if line and not line.startswith(("# ", "//"))]


cases[1]["long"] = long_target(cases[1])
cases[0]["aligned"] = {"all": aligned_targets(cases[0], False), "trimmed": aligned_targets(cases[0], True)}
out = {"made_with": f"pyhmmer {pyhmmer.__version__} (HMMER 3.4)", "cases": cases}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
print(out["made_with"], [len(c["hits"]) for c in cases])
