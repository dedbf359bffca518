"""Golden values for group-DRO: plain gradient descent on a softmax regression, batch by batch.

The update is that of Algorithm 1 of Sagawa et al. 2020, written out: q_g <- q_g exp(eta (l_g + C / sqrt(n_g))) for the
subgroups in the batch, q normalised, then w <- w - rate * gradient of sum_g q_g l_g. Gradients are PyTorch's.
"""

import math

import torch

from golden import generator, normal, rounded, tensors, write

STEPS = 12
RATE = 0.3
FEATURES, CLASSES = 4, 3


def batches(rng, groups):
    """Small batches, so that some of them lack a subgroup."""
    for _ in range(STEPS):
        size = 5
        yield {
            "x": rounded(normal(rng, size, FEATURES)),
            "y": torch.randint(0, CLASSES, (size,), generator=rng),
            "g": torch.randint(0, groups, (size,), generator=rng),
            "s": rounded(torch.rand(size, generator=rng, dtype=torch.float64) + 0.1),
        }


def case(name, counts, eta, adjustment, weighted):
    rng = generator(83)
    start = rounded(normal(rng, FEATURES, CLASSES))
    w = start.clone().requires_grad_(True)
    q = [1 / len(counts)] * len(counts)
    inputs, outputs = {}, {}
    for step, batch in enumerate(batches(rng, len(counts)), 1):
        x, y, g, s = batch["x"], batch["y"], batch["g"], batch["s"]
        if not weighted:
            s = torch.ones_like(s)
        each = -torch.log_softmax(x @ w, 1)[torch.arange(len(y)), y]
        losses = {}
        for k in range(len(counts)):
            here = g == k
            if here.any():
                losses[k] = (each[here] * s[here]).sum() / s[here].sum()
        for k, loss in losses.items():
            q[k] *= math.exp(eta * (loss.item() + adjustment / math.sqrt(counts[k])))
        total = sum(q)
        q = [value / total for value in q]
        robust = sum(q[k] * loss for k, loss in losses.items())
        (gradient,) = torch.autograd.grad(robust, w)
        w = (w.detach() - RATE * gradient).requires_grad_(True)
        for key in "xygs":
            inputs[f"{key}_{step}"] = batch[key].to(torch.float64)
        outputs[f"loss_{step}"] = robust.detach()
        outputs[f"q_{step}"] = torch.tensor(q, dtype=torch.float64)
        outputs[f"w_{step}"] = w.detach()
    config = {"counts": counts, "step": eta, "adjustment": adjustment, "weighted": weighted, "rate": RATE, "steps": STEPS}
    return {"name": name, "config": config, "inputs": tensors(inputs), "params": tensors({"w": start}),
            "outputs": tensors(outputs), "gradients": {}}


if __name__ == "__main__":
    write(__file__, [
        case("three subgroups", [80, 15, 5], 0.1, 0.0, False),
        case("adjusted for size", [80, 15, 5], 0.1, 2.0, False),
        case("a large step, weighted records", [50, 50], 1.5, 0.0, True),
    ], "group-DRO; data is row-major")
