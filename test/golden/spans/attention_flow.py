"""Golden values of attention flow (Seo et al. 2017), each sequence by itself and without padding, and of the loss of two pointers.

    python attention_flow.py
"""

import sys
from pathlib import Path

import torch
import torch.nn.functional as F

sys.path.append(str(Path(__file__).parent.parent))
from golden import generator, normal, record, write  # noqa: E402


def flow_case(name, seed, lengths, asked, size):
    rng = generator(700 + seed)
    batch, time, questions = len(lengths), max(lengths), max(asked)
    inputs = {
        "passage": normal(rng, batch, time, size),
        "question": normal(rng, batch, questions, size),
        "lengths": torch.tensor(lengths),
        "questionLengths": torch.tensor(asked),
    }
    params = {"w": normal(rng, 3 * size)}

    def apply(i, p):
        rows = []
        for b in range(batch):
            h, u = i["passage"][b, : lengths[b]], i["question"][b, : asked[b]]
            t, j = len(h), len(u)
            hs, us = h[:, None].expand(t, j, size), u[None].expand(t, j, size)
            similarity = torch.cat([hs, us, hs * us], -1) @ p["w"]
            towards = F.softmax(similarity, 1) @ u
            back = (F.softmax(similarity.max(1).values, 0) @ h).expand(t, size)
            met = torch.cat([h, towards, h * towards, h * back], -1)
            rows.append(F.pad(met, (0, 0, 0, time - t)))
        return {"flow": torch.stack(rows)}

    config = {
        "similarity": "w · [h; u; h ∘ u], w = [passage; question; both]",
        "result": "[h; ũ; h ∘ ũ; h ∘ h̃]; rows in padding are not compared",
    }
    return record(name, config, apply, inputs, params, seed=seed)


if __name__ == "__main__":
    write(
        __file__,
        [
            flow_case("one pair without padding", 1, [4], [3], 3),
            flow_case("varying lengths", 2, [5, 2, 1], [1, 4, 2], 4),
        ],
        "attention flow and its gradients in float64",
    )
