"""Golden values for losses. Every loss is one number; its cotangent is the input cotangent_loss."""

import torch
import torch.nn.functional as F

from golden import generator, normal, record, write

CLASSES = torch.tensor([0, 2, 1, 2, 2])


def cross_entropy_cases():
    rng = generator(21)
    logits = normal(rng, 5, 3, scale=2)
    weight = torch.tensor([0.5, 2.0, 1.25])
    options = {
        "cross entropy": {},
        "cross entropy, class weights": {"weight": weight},
        "cross entropy, label smoothing": {"label_smoothing": 0.1},
        "cross entropy, class weights and label smoothing": {"weight": weight, "label_smoothing": 0.1},
    }
    for name, how in options.items():
        smoothing = how.get("label_smoothing", 0)
        inputs = {"logits": logits, "targets": CLASSES}
        if "weight" in how:
            inputs["weight"] = weight
        yield record(
            name,
            {"loss": "crossEntropy", "smoothing": smoothing, "reduction": "mean",
             "mean": "sum of the weighted losses / sum of the weights of the target classes"},
            lambda i, p, s=smoothing: {
                "loss": F.cross_entropy(i["logits"], i["targets"], weight=i.get("weight"), label_smoothing=s)
            },
            inputs, constants=("weight",),
        )
    yield record(
        "cross entropy, large logits", {"loss": "crossEntropy", "smoothing": 0, "reduction": "mean"},
        lambda i, p: {"loss": F.cross_entropy(i["logits"], i["targets"])},
        {"logits": torch.tensor([[1000.0, -1000.0, 0.0], [800.0, 801.0, 802.0]]), "targets": torch.tensor([1, 2])},
    )
    yield record(
        "cross entropy, given distributions", {"loss": "crossEntropy", "targets": "probabilities [batch, classes]"},
        lambda i, p: {"loss": F.cross_entropy(i["logits"], i["targets"])},
        {"logits": logits, "targets": F.softmax(normal(rng, 5, 3), -1)}, constants=("targets",),
    )
    targets = torch.tensor([[0, 2, -100, 1], [1, -100, -100, -100]])
    yield record(
        "cross entropy over time, padding ignored",
        {"loss": "crossEntropy", "layout": "[batch, time, classes]", "ignored": -100, "mean": "over the places kept"},
        lambda i, p: {"loss": F.cross_entropy(i["logits"].transpose(1, 2), i["targets"], ignore_index=-100)},
        {"logits": normal(rng, 2, 4, 3), "targets": targets},
    )


def binary_cases():
    rng = generator(22)
    logits = torch.cat([normal(rng, 4, 3, scale=2), torch.tensor([[100.0, -100.0, 0.0]])])
    targets = torch.tensor([[1.0, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0], [0, 1, 1]])
    for name, positive in (("", None), (", positive weights", torch.tensor([1.0, 3.0, 0.25]))):
        inputs = {"logits": logits, "targets": targets}
        if positive is not None:
            inputs["positiveWeight"] = positive
        yield record(
            f"binary cross entropy with logits{name}",
            {"loss": "binaryCrossEntropy", "reduction": "mean over all batch * labels entries",
             "formula": "-(w y log p + (1 - y) log(1 - p))"},
            lambda i, p: {
                "loss": F.binary_cross_entropy_with_logits(i["logits"], i["targets"], pos_weight=i.get("positiveWeight"))
            },
            inputs, constants=("targets", "positiveWeight"),
        )


def regression_cases():
    rng = generator(23)
    x, y = normal(rng, 4, 2, scale=2), normal(rng, 4, 2)
    counts = torch.tensor([[0.0, 3], [1, 0], [7, 2], [12, 1]])
    fixed = {"constants": ("targets",)}
    yield record("mean squared error", {"loss": "mse", "reduction": "mean"},
                 lambda i, p: {"loss": F.mse_loss(i["x"], i["targets"])}, {"x": x, "targets": y}, **fixed)
    yield record("mean absolute error", {"loss": "mae", "reduction": "mean"},
                 lambda i, p: {"loss": F.l1_loss(i["x"], i["targets"])}, {"x": x, "targets": y}, **fixed)
    yield record("Huber", {"loss": "huber", "delta": 1.0, "reduction": "mean"},
                 lambda i, p: {"loss": F.huber_loss(i["x"], i["targets"])}, {"x": x, "targets": y}, **fixed)
    yield record("Poisson, log rate", {"loss": "poisson", "formula": "mean(exp(x) - y x)"},
                 lambda i, p: {"loss": F.poisson_nll_loss(i["x"], i["targets"], log_input=True)},
                 {"x": x, "targets": counts}, **fixed)
    yield record("Poisson, softplus rate", {"loss": "poisson", "formula": "r = softplus(x); mean(r - y log(r + 1e-8))"},
                 lambda i, p: {"loss": F.poisson_nll_loss(F.softplus(i["x"]), i["targets"], log_input=False, eps=1e-8)},
                 {"x": x, "targets": counts}, **fixed)
    yield record("mean squared error, softplus rate", {"loss": "mse", "formula": "mean((softplus(x) - y)^2)"},
                 lambda i, p: {"loss": F.mse_loss(F.softplus(i["x"]), i["targets"])},
                 {"x": x, "targets": counts}, **fixed)


def penalty_cases():
    rng = generator(24)
    params = {"weight": normal(rng, 3, 2), "bias": normal(rng, 3)}
    yield record("L2 penalty", {"formula": "strength * sum of squares, over all parameters", "strength": 0.01},
                 lambda i, p: {"loss": 0.01 * sum((w**2).sum() for w in p.values())}, {}, params)
    yield record("L1 penalty", {"formula": "strength * sum of absolute values", "strength": 0.01},
                 lambda i, p: {"loss": 0.01 * sum(w.abs().sum() for w in p.values())}, {}, params)


if __name__ == "__main__":
    groups = (cross_entropy_cases, binary_cases, regression_cases, penalty_cases)
    write(__file__, [case for group in groups for case in group()], "losses; data is row-major")
