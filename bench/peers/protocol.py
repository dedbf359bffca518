"""The peers' side of the conversation: one JSON object a line on stdin and stdout. See ../README.md."""

import json
import os
import sys
import time

import numpy


def load(tensors, path):
    """{name: array} from the data file, which holds the tensors one after another."""
    raw = numpy.fromfile(path, dtype=numpy.uint8)
    arrays, start = {}, 0
    for entry in tensors:
        kind = numpy.dtype(entry["dtype"])
        end = start + kind.itemsize * int(numpy.prod(entry["shape"]))
        arrays[entry["name"]] = raw[start:end].view(kind).reshape(entry["shape"]).copy()
        start = end
    return arrays


def seconds(work, steps):
    start = time.perf_counter()
    work(steps)
    return time.perf_counter() - start


def fastest(variants, probe):
    """The name of the quickest variant: each is warmed up, then the best of three short timings counts. One
    whose first step takes thrice the best so far is not tried further."""
    if len(variants) == 1:
        return next(iter(variants))
    times = {}
    for name, work in variants.items():
        work(1)
        once = seconds(work, 1)
        if times and once > 3 * min(times.values()):
            continue
        steps = max(1, min(20, int(probe / max(once, 1e-6))))
        times[name] = min(seconds(work, steps) / steps for _ in range(3))
    return min(times, key=times.get)


def serve(hello, prepare, matmul):
    """`prepare(message) -> (reply, work)`, where work(steps) runs that many steps to their end."""
    # Whatever a library prints must not get between the lines of the protocol.
    out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def say(message):
        out.write(json.dumps(message) + "\n")

    say({"ready": True, **hello})
    work = None
    for line in sys.stdin:
        message = json.loads(line)
        try:
            if message["cmd"] == "prepare":
                work = None
                reply, work = prepare(message)
                say(reply)
            elif message["cmd"] == "run":
                say({"seconds": seconds(work, message["steps"])})
            elif message["cmd"] == "matmul":
                say({"gflops": matmul(message["size"])})
            else:
                say({"error": f"unknown command {message['cmd']}"})
        except Exception as error:
            say({"error": f"{type(error).__name__}: {str(error)[:500]}"})
