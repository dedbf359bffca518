"""The peers of bench/hmm.js: hmmlearn or pomegranate, one thread. Reads lines of JSON, answers each with one.

The argument names the peer: hmmlearn-scaling, hmmlearn-log or pomegranate. A line is {"cmd": "prepare", "model": file, "tokens": file},
answered with {"ready"}; or {"cmd": "forward" | "viterbi" | "baumWelch"}, answered with the seconds of one run and what it found.
"""

import json
import sys
import time

import numpy as np

peer = sys.argv[1]


def hmmlearn_peer(implementation):
    import hmmlearn
    from hmmlearn import hmm

    def prepare(start, transitions, emissions, tokens):
        x = tokens.reshape(-1, 1)

        def model():
            m = hmm.CategoricalHMM(
                len(start), n_iter=1, tol=0, init_params="", implementation=implementation
            )
            m.n_features = emissions.shape[1]
            m.startprob_, m.transmat_, m.emissionprob_ = start, transitions, emissions
            return m

        def baum_welch():
            m = model()
            # Without the pass that fit() makes to warn of degenerate solutions there would be nothing else to time.
            m.fit(x)
            return m.transmat_.ravel().tolist()

        return {
            "forward": lambda: model().score(x),
            "viterbi": lambda: model().decode(x)[0],
            "baumWelch": baum_welch,
        }

    return f"hmmlearn {hmmlearn.__version__}", prepare


def pomegranate_peer():
    import pomegranate
    import torch
    from pomegranate.distributions import Categorical
    from pomegranate.hmm import DenseHMM

    torch.set_num_threads(1)

    def prepare(start, transitions, emissions, tokens):
        x = torch.tensor(tokens.reshape(1, -1, 1).astype(np.int64))

        def model():
            f = lambda a: torch.tensor(np.asarray(a), dtype=torch.float32)
            rows = [Categorical(f(row[None])) for row in emissions]
            return DenseHMM(rows, edges=f(transitions), starts=f(start), ends=f(np.ones(len(start))))

        def forward():
            with torch.no_grad():
                return float(model().log_probability(x)[0])

        def viterbi():
            with torch.no_grad():
                model().viterbi(x)

        def baum_welch():
            with torch.no_grad():
                m = model()
                m.summarize(x)
                m.from_summaries()

        return {"forward": forward, "viterbi": viterbi, "baumWelch": baum_welch}

    return f"pomegranate {getattr(pomegranate, '__version__', '')}".strip(), prepare


name, prepare = (
    pomegranate_peer() if peer == "pomegranate" else hmmlearn_peer(peer.split("-")[1])
)
print(json.dumps({"name": name}), flush=True)
work = {}
for line in sys.stdin:
    task = json.loads(line)
    try:
        if task["cmd"] == "prepare":
            with open(task["model"]) as file:
                m = json.load(file)
            tokens = np.fromfile(task["tokens"], dtype=np.uint8).astype(np.int64)
            work = prepare(*(np.array(m[key]) for key in ("start", "transitions", "emissions")), tokens)
            print(json.dumps({"ready": True}), flush=True)
        else:
            began = time.process_time()
            found = work[task["cmd"]]()
            print(json.dumps({"seconds": time.process_time() - began, "found": found}), flush=True)
    except Exception as error:  # noqa: BLE001 - what a peer cannot do belongs in the report
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)
