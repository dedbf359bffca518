"""Golden values of the losses of forecasts: torch.nn.GaussianNLLLoss, and pinball written out from its definition."""

import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))
from golden import generator, normal, record, write  # noqa: E402

LEVELS = [0.05, 0.5, 0.8]


def pinball(x, y):
    """q (y - x) where y is above x, (1 - q) (x - y) elsewhere; level by level, entry by entry."""
    terms = []
    for k, q in enumerate(LEVELS):
        off = y - x[..., k]
        terms.append(torch.where(off >= 0, q * off, (q - 1) * off))
    return torch.stack(terms, -1)


def numpy_pinball(x, y):
    total, count = 0.0, 0
    for place in np.ndindex(*y.shape):
        for k, q in enumerate(LEVELS):
            off = y[place] - x[place + (k,)]
            total += q * off if off >= 0 else (1 - q) * -off
            count += 1
    return total / count


def pinball_cases():
    rng = generator(91)
    x, y = normal(rng, 3, 2, 2, 3, scale=2), normal(rng, 3, 2, 2)
    case = record("pinball", {"loss": "pinball", "levels": LEVELS, "reduction": "mean over entries and levels"},
                  lambda i, p: {"loss": pinball(i["x"], i["targets"]).mean()},
                  {"x": x, "targets": y}, constants=("targets",))
    inputs = {key: np.array(value["data"]).reshape(value["shape"]) for key, value in case["inputs"].items()}
    assert abs(numpy_pinball(inputs["x"], inputs["targets"]) - case["outputs"]["loss"]["data"][0]) < 1e-10
    yield case
    weights = torch.tensor([[[1.0, 0], [2, 1]], [[0, 0], [1, 0.5]], [[1, 1], [1, 1]]])
    yield record("pinball, weights", {"loss": "pinball", "levels": LEVELS, "reduction": "sum of w * loss / (levels * sum of w)"},
                 lambda i, p: {"loss": (pinball(i["x"], i["targets"]) * i["weights"][..., None]).sum()
                               / (len(LEVELS) * i["weights"].sum())},
                 {"x": x, "targets": y, "weights": weights}, constants=("targets", "weights"))


def gaussian_cases():
    rng = generator(92)
    mean, y = normal(rng, 4, 3), normal(rng, 4, 3, scale=2)
    deviation = torch.exp(normal(rng, 4, 3))
    loss = torch.nn.GaussianNLLLoss(full=False, reduction="mean")
    yield record("gaussian", {"loss": "gaussian", "variance": "deviation ** 2"},
                 lambda i, p: {"loss": loss(i["mean"], i["targets"], i["deviation"] ** 2)},
                 {"mean": mean, "deviation": deviation, "targets": y}, constants=("targets",))


if __name__ == "__main__":
    write(__file__, [*pinball_cases(), *gaussian_cases()], "losses of forecasts; data is row-major")
