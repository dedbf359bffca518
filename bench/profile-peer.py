"""The peer of bench/profile.js: HMMER through pyhmmer, one thread. Reads lines of JSON, answers each with one.

A line is {"profile": file, "sequences": file, "rounds": n}; the answer has the seconds of each round, reading left out.
"""

import json
import sys
import time

import pyhmmer
from pyhmmer import easel, plan7

print(json.dumps({"ready": True, "name": f"pyhmmer {pyhmmer.__version__} (HMMER 3.4)"}), flush=True)
for line in sys.stdin:
    task = json.loads(line)
    with plan7.HMMFile(task["profile"]) as file:
        hmm = file.read()
    with easel.SequenceFile(task["sequences"], digital=True, alphabet=hmm.alphabet) as file:
        block = file.read_block()
    seconds = []
    for _ in range(task["rounds"]):
        began = time.perf_counter()
        hits = plan7.Pipeline(hmm.alphabet).search_hmm(hmm, block)
        seconds.append(time.perf_counter() - began)
    # The same hits must be found, or the times are of different work.
    found = sorted(hit.name for hit in hits if hit.evalue < 1e-3)
    print(json.dumps({"seconds": seconds, "hits": found}), flush=True)
