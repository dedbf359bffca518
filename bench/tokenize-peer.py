"""The tokenizers library on the same sequences as bench/tokenize.js: `tokenize-peer.py FILE SIZE UNIGRAM_LETTERS` reads one
sequence a line and prints one JSON object: seconds of each piece of work, and what came of it."""

import json
import sys
import time

import tokenizers
from tokenizers import Tokenizer, models, trainers

lines = open(sys.argv[1]).read().split()
size, letters = int(sys.argv[2]), int(sys.argv[3])
out = {"version": tokenizers.__version__}


def timed(name, work):
    start = time.perf_counter()
    result = work()
    out[name] = {"seconds": time.perf_counter() - start}
    return result


few, held = [], 0
for line in lines:
    if held >= letters:
        break
    few.append(line)
    held += len(line)

bpe = Tokenizer(models.BPE())
trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=2, show_progress=False)
timed("bpe train", lambda: bpe.train_from_iterator(lines, trainer))
out["merges"] = json.loads(bpe.to_str())["model"]["merges"]
out["bpe encode"] = {"tokens": timed("bpe encode", lambda: sum(len(bpe.encode(line).ids) for line in lines))} | out["bpe encode"]

unigram = Tokenizer(models.Unigram())
trainer = trainers.UnigramTrainer(vocab_size=size, show_progress=False, special_tokens=["<unk>"], unk_token="<unk>")
timed("unigram train", lambda: unigram.train_from_iterator(few, trainer))
tokens = timed("unigram encode", lambda: sum(len(unigram.encode(line).ids) for line in few))
out["unigram encode"]["tokens"] = tokens
print(json.dumps(out))
