"""Golden values for spans and their scores in src/train/metrics, from seqeval (conlleval's definition).

Run: python test/golden/tagging.py > test/golden/tagging.json
Needs: seqeval >= 1.2.
"""

import json
import random

import seqeval
from seqeval.metrics import classification_report, f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

random.seed(11)


def sequence(places, kinds, length):
    tags = ["O"] * 4 + [f"{place}-{kind}" for place in places for kind in kinds]
    return [random.choice(tags) for _ in range(length)]


def noisy(truth, places, kinds):
    other = sequence(places, kinds, len(truth))
    return [a if random.random() < 0.7 else b for a, b in zip(truth, other)]


def case(name, places, kinds, count):
    truth = [sequence(places, kinds, random.randint(1, 14)) for _ in range(count)]
    predicted = [noisy(t, places, kinds) for t in truth]
    report = classification_report(truth, predicted, output_dict=True, zero_division=0)
    return {
        "name": name,
        "truth": truth,
        "predicted": predicted,
        "spans": [[[kind, start, end + 1] for kind, start, end in get_entities(t)] for t in truth],
        "precision": precision_score(truth, predicted),
        "recall": recall_score(truth, predicted),
        "f1": f1_score(truth, predicted),
        "kinds": {
            kind: {"precision": row["precision"], "recall": row["recall"], "f1": row["f1-score"],
                   "count": int(row["support"])}
            for kind, row in report.items() if "avg" not in kind
        },
    }


cases = [
    case("well and ill formed BIO", "BI", ["gene", "cell"], 25),
    case("well and ill formed BIOES", "BIES", ["gene", "cell"], 25),
    case("a kind with a dash in its name", "BI", ["cell-line", "line"], 15),
]
print(json.dumps({"made with": {"seqeval": "1.2.2"}, "cases": cases}))
