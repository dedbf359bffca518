"""Golden values of SQuAD's exact match and F1, from the evaluation that transformers 4 carried along.

    pip install "transformers<5" numpy && python squad.py
"""

import json
from pathlib import Path

import transformers
from transformers.data.metrics.squad_metrics import compute_exact, compute_f1, normalize_answer

PAIRS = [
    ("Denver Broncos", ["Denver Broncos", "the Denver Broncos"]),
    ("the Broncos", ["Denver Broncos"]),
    ("Broncos of Denver", ["Denver Broncos"]),
    ("The  cat's hat!", ["cats hat"]),
    ("an apple a day", ["apple day"]),
    ("theatre", ["the theatre"]),
    ("a", ["the"]),
    ("a", ["b"]),
    ("", []),
    ("anything", []),
    ("the", []),
    ("", ["Denver"]),
    ("la la land", ["la la", "land of la"]),
    ("la la la", ["la la"]),
    ("U.S.", ["US"]),
    ("3,000", ["3000", "three thousand"]),
    ("über-cool — now", ["Übercool now"]),
    ("naïve ann", ["naïve an n"]),
    ("thé the tea", ["thé tea"]),
    ("a\u00a0cat\tsat", ["cat sat"]),
    ("the_end a_b", ["theend ab"]),
    ("$5 (five) dollars", ["5 five dollars", "five bucks"]),
    ("x y z", ["z y x"]),
    ("New York City", ["New York", "York City", "NYC"]),
]


def scores(predicted, accepted):
    golds = [a for a in accepted if normalize_answer(a)] or [""]
    return {
        "exact": max(compute_exact(a, predicted) for a in golds),
        "f1": max(compute_f1(a, predicted) for a in golds),
    }


cases = [
    {"predicted": p, "accepted": a, "normalized": normalize_answer(p), **scores(p, a)} for p, a in PAIRS
]
path = Path(__file__).with_suffix(".json")
lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
path.write_text(
    f'{{"made_with":{json.dumps({"transformers": transformers.__version__})},"cases":[\n{lines}\n]}}\n', encoding="utf8"
)
print(f"{path.name}: {len(cases)} cases")
