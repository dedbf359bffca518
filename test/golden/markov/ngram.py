"""N-gram probabilities straight from the published formulas, over plain dictionaries of tuples.

No trie, no recursion shared with the program: every quantity is recounted from the text by its definition.
Begin is the symbol "B" (once, before the first token); contexts never reach before it.
"""

import json
import random
from collections import Counter
from pathlib import Path

BEGIN = "B"


def grams(texts, order, begin):
    """All (context, token) with contexts of 0 … order symbols."""
    seen = Counter()
    for text in texts:
        line = ([BEGIN] if begin else []) + list(text)
        for i, token in enumerate(line):
            if token == BEGIN:
                continue
            for k in range(order + 1):
                if i - k >= 0:
                    seen[(tuple(line[i - k : i]), token)] += 1
    return seen


def additive(seen, context, token, size, alpha):
    n = sum(c for (ctx, _), c in seen.items() if ctx == context)
    return (seen[(context, token)] + alpha) / (n + alpha * size)


def witten_bell(seen, context, token, size):
    lower = 1 / size if not context else witten_bell(seen, context[1:], token, size)
    row = {w: c for (ctx, w), c in seen.items() if ctx == context}
    if not row:
        return lower
    n, t = sum(row.values()), len(row)
    return (row.get(token, 0) + t * lower) / (n + t)


def kneser_ney(seen, order, discounts):
    def adjusted(context, token):
        if len(context) == order or (context and context[0] == BEGIN):
            return seen[(context, token)]
        return len({c[0] for (c, w) in seen if len(c) == len(context) + 1 and c[1:] == context and w == token})

    adjusted_counts = {key: adjusted(*key) for key in list(seen)}
    by_length = []
    for k in range(order + 1):
        n = [0] * 5
        for (context, _), a in adjusted_counts.items():
            if len(context) == k and 1 <= a <= 4:
                n[a] += 1
        if n[1] == 0 or n[2] == 0:
            by_length.append([0.5, 0.5, 0.5] if discounts == 1 else [0.5, 1, 1.5])
            continue
        y = n[1] / (n[1] + 2 * n[2])
        if discounts == 1:
            by_length.append([y, y, y])
            continue
        d = [1 - 2 * y * n[2] / n[1], 2 - 3 * y * n[3] / n[2], 3 - 4 * y * n[4] / n[3] if n[3] else 1.5]
        by_length.append(d if min(d) > 0 else [0.5, 1, 1.5])

    def probability(context, token, size):
        lower = 1 / size if not context else probability(context[1:], token, size)
        row = {w: a for (ctx, w), a in adjusted_counts.items() if ctx == context and a > 0}
        if not row:
            return lower
        d = by_length[len(context)]
        total = sum(row.values())
        gamma = sum(d[min(a, 3) - 1] for a in row.values()) / total
        a = row.get(token, 0)
        own = (a - d[min(a, 3) - 1]) / total if a else 0
        return own + gamma * lower

    return probability


def case(name, seed, size, order, texts, end, begin):
    rng = random.Random(seed)
    data = [[min(size - 2 if end else size - 1, int(rng.expovariate(0.6))) for _ in range(n)] for n in texts]
    lines = [t + ([size - 1] if end else []) for t in data]
    seen = grams(lines, order, begin)
    contexts = sorted({c for c, _ in seen}, key=str)
    rng.shuffle(contexts)
    chosen = contexts[:12] + [tuple(rng.randrange(size) for _ in range(order)) for _ in range(8)]
    kn1, kn3 = kneser_ney(seen, order, 1), kneser_ney(seen, order, 3)
    rows = []
    for context in chosen:
        # The model looks up the longest known suffix; the formulas back off by themselves, save additive.
        tokens = range(size)
        rows.append(
            {
                "context": [-1 if c == BEGIN else c for c in context],
                "additive": [additive(seen, longest(seen, context), w, size, 0.5) for w in tokens],
                "witten-bell": [witten_bell(seen, context, w, size) for w in tokens],
                "kneser-ney 1": [kn1(context, w, size) for w in tokens],
                "kneser-ney 3": [kn3(context, w, size) for w in tokens],
            }
        )
    return {
        "name": name, "vocabulary": size, "order": order, "end": size - 1 if end else None, "begin": begin,
        "texts": data, "rows": rows,
    }  # fmt: skip


def longest(seen, context):
    known = {c for c, _ in seen}
    while context and context not in known:
        context = context[1:]
    return context


cases = [
    case("order 2, with begin and end", 1, 6, 2, [40, 25, 1, 60, 33, 0], True, True),
    case("order 3, neither begin nor end", 2, 4, 3, [120, 60], False, False),
    case("order 1, end only", 3, 9, 1, [80, 7, 15], True, False),
    case("order 0", 4, 5, 0, [30], False, False),
    case("order 4, little text", 5, 7, 4, [30, 12], True, True),
]
path = Path(__file__).with_suffix(".json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
