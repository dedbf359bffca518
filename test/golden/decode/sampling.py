"""Golden values for src/decode/sampling.ts: which tokens stay, from the logits processors of Hugging Face transformers.

Run: python test/golden/decode/sampling.py > test/golden/decode/sampling.json
Needs: transformers >= 4.46, torch.

Each case holds log-probabilities and, for each setting, the indices that stay. No two log-probabilities are equal,
so that nothing depends on how ties are broken, except in the cases called "equal", which are for top-k and typical.
"""

import json
import sys

import torch
import transformers
from transformers import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

SETTINGS = {
    "topK": (TopKLogitsWarper, [1, 2, 5, 40]),
    "nucleus": (TopPLogitsWarper, [0.05, 0.3, 0.5, 0.9, 0.99]),
    "typical": (TypicalLogitsWarper, [0.05, 0.2, 0.5, 0.9, 0.99]),
    "minP": (MinPLogitsWarper, [0.01, 0.1, 0.5, 0.99]),
}


def logits_of(name):
    rng = torch.Generator().manual_seed(len(name))
    random = torch.randn(50, generator=rng, dtype=torch.float64)
    return {
        "flat": 0.1 * random,
        "usual": 2 * random,
        "peaked": 6 * random,
        "three": random[:3],
        "impossible": torch.where(torch.arange(50) % 3 == 0, -torch.inf, 3 * random),
        "equal": torch.round(random),
    }[name]


def case(name):
    logs = torch.log_softmax(logits_of(name), -1)
    # Rounded before use, so that the answers belong to the numbers in the file.
    logs = torch.tensor([float(f"{x:.12g}") for x in logs], dtype=torch.float64)
    kept = {}
    for method, (warper, values) in SETTINGS.items():
        if name == "equal" and method == "nucleus":
            continue
        for value in values:
            out = warper(value)(None, logs[None])[0]
            kept[f"{method}({value})"] = torch.nonzero(out > -torch.inf).flatten().tolist()
    cold = torch.log_softmax(TemperatureLogitsWarper(0.7)(None, logs[None])[0], -1)
    return {
        "name": name,
        "logs": [None if x == -torch.inf else float(x) for x in logs],
        "kept": kept,
        "temperature(0.7)": [None if x == -torch.inf else float(f"{x:.12g}") for x in cold],
    }


names = ["flat", "usual", "peaked", "three", "impossible", "equal"]
lines = ",\n".join(json.dumps(case(name), separators=(",", ":")) for name in names)
made = json.dumps({"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]})
sys.stdout.write(f'{{"made_with":{made},"cases":[\n{lines}\n]}}\n')
