"""Byte-pair encoding learned and applied by Hugging Face tokenizers: writes subwords.json. pip install tokenizers

The Unigram part applies given pieces only; what is learned is not compared, since learning is not defined to the last digit.
"""

import json
import random
from pathlib import Path

import tokenizers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

rng = random.Random(3)
dna = ["".join(rng.choice("ACGT") for _ in range(rng.randint(50, 300))) for _ in range(30)]
dna += ["ACACACAC" * 12, "A" * 101, "TTAGGG" * 30 + "NN"]
held_out = ["".join(rng.choice("ACGT") for _ in range(200)) for _ in range(5)] + ["A" * 37, "NACACN"]

words = "the of and to in is that for it as was with be by on not he his but at are this have from".split()
text = [" ".join(rng.choices(words, weights=range(len(words), 0, -1), k=rng.randint(5, 40))) for _ in range(60)]
text += ["  two  spaces ", "naïve café, naïve!"]

cases = []
for name, texts, split, options in [
    ("dna", dna, "none", {"vocab_size": 200, "min_frequency": 2}),
    ("dna, few", dna, "none", {"vocab_size": 4000, "min_frequency": 20}),
    ("text", text, "spaces", {"vocab_size": 150, "min_frequency": 2}),
    ("text, all", text, "none", {"vocab_size": 300, "min_frequency": 3}),
]:
    tokenizer = Tokenizer(models.BPE(unk_token=None))
    if split == "spaces":
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"\s*\S+|\s+$"), "isolated")
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(special_tokens=[], show_progress=False, **options))
    model = json.loads(tokenizer.to_str())["model"]
    encoded = (held_out if texts is dna else text[:4]) + texts[-3:]
    cases.append(
        {
            "name": name,
            "split": split,
            "options": options,
            "texts": texts,
            "characters": sorted(t for t in model["vocab"] if len(t) == 1),
            "merges": model["merges"],
            "encoded": [{"text": t, "tokens": tokenizer.encode(t).tokens} for t in encoded],
        }
    )

pieces = [("A", -2.1), ("C", -2.3), ("G", -2.2), ("T", -2.4)]
found = set()
while len(found) < 120:
    found.add("".join(rng.choice("ACGT") for _ in range(rng.randint(2, 5))))
pieces += [(p, round(-rng.uniform(2, 9), 4)) for p in sorted(found)]
tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0)] + pieces, unk_id=0, byte_fallback=False))
unigram = {
    "pieces": pieces,
    "encoded": [{"text": t, "tokens": tokenizer.encode(t).tokens} for t in held_out[:5] + dna[:5]],
}

out = {"made_with": f"tokenizers {tokenizers.__version__}", "bpe": cases, "unigram": unigram}
Path(__file__).with_suffix(".json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")) + "\n")
