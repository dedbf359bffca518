"""Golden values for layers: linear, embedding, conv1d, normalisation, activations, pooling."""

import torch
import torch.nn.functional as F

from golden import generator, normal, record, write


def linear_cases():
    rng = generator(1)
    x, weight, bias = normal(rng, 2, 3, 4), normal(rng, 5, 4), normal(rng, 5)
    note = {"layer": "linear", "weight": "[out, in]"}
    yield record(
        "linear", {**note, "bias": True},
        lambda i, p: {"y": F.linear(i["x"], p["weight"], p["bias"])},
        {"x": x}, {"weight": weight, "bias": bias},
    )
    yield record(
        "linear without bias", {**note, "bias": False},
        lambda i, p: {"y": F.linear(i["x"], p["weight"])}, {"x": x}, {"weight": weight},
    )


def embedding_cases():
    rng = generator(2)
    indices = torch.tensor([[1, 3, 3, 0, 6], [2, 3, 0, 0, 5]])
    weight = normal(rng, 7, 3)
    for name, padding in (("embedding", None), ("embedding with padding index", 0)):
        yield record(
            name, {"layer": "embedding", "paddingIndex": padding},
            lambda i, p, padding=padding: {"y": F.embedding(i["indices"], p["weight"], padding_idx=padding)},
            {"indices": indices}, {"weight": weight},
        )


CONVOLUTIONS = [
    # name, in, out, length, kernel, stride, dilation, groups, padding, bias
    ("valid, odd kernel", 3, 4, 9, 3, 1, 1, 1, "valid", True),
    ("valid, even kernel", 3, 4, 9, 4, 1, 1, 1, "valid", True),
    ("same, odd kernel", 3, 4, 9, 5, 1, 1, 1, "same", True),
    ("same, even kernel", 3, 4, 9, 4, 1, 1, 1, "same", True),
    ("same, kernel longer than the sequence", 2, 3, 4, 7, 1, 1, 1, "same", True),
    ("same, kernel 1", 3, 4, 6, 1, 1, 1, 1, "same", True),
    ("valid, stride 2", 3, 4, 10, 3, 2, 1, 1, "valid", True),
    ("valid, stride 2, last position unused", 3, 4, 10, 4, 2, 1, 1, "valid", True),
    ("valid, stride 3 beyond the kernel", 3, 4, 11, 2, 3, 1, 1, "valid", True),
    ("padding 2, stride 2", 3, 4, 9, 5, 2, 1, 1, 2, True),
    ("same, dilation 2", 3, 4, 9, 3, 1, 2, 1, "same", True),
    ("same, dilation 3, even kernel", 3, 4, 9, 4, 1, 3, 1, "same", True),
    ("valid, dilation 2, stride 2", 3, 4, 12, 3, 2, 2, 1, "valid", True),
    ("same, 2 groups", 4, 6, 7, 3, 1, 1, 2, "same", True),
    ("same, depthwise", 4, 4, 7, 3, 1, 1, 4, "same", True),
    ("valid, 2 groups, stride 2, dilation 2, even kernel", 4, 6, 12, 4, 2, 2, 2, "valid", True),
    ("same, without bias", 3, 4, 8, 3, 1, 1, 1, "same", False),
]


def padding_sides(padding, kernel, dilation):
    """PyTorch's "same" puts the odd one of an uneven total on the right."""
    if padding == "valid":
        return [0, 0]
    if padding == "same":
        total = dilation * (kernel - 1)
        return [total // 2, total - total // 2]
    return [padding, padding]


def conv_cases():
    for number, row in enumerate(CONVOLUTIONS):
        name, channels, out, length, kernel, stride, dilation, groups, padding, bias = row
        rng = generator(100 + number)
        params = {"weight": normal(rng, out, channels // groups, kernel)}
        if bias:
            params["bias"] = normal(rng, out)
        config = {
            "layer": "conv1d", "layout": "[batch, channels, time]", "weight": "[out, in / groups, kernel]",
            "in": channels, "out": out, "kernel": kernel, "stride": stride, "dilation": dilation,
            "groups": groups, "padding": padding, "pads": padding_sides(padding, kernel, dilation), "bias": bias,
        }
        how = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        yield record(
            f"conv1d {name}", config,
            lambda i, p, how=how: {"y": F.conv1d(i["x"], p["weight"], p.get("bias"), **how)},
            {"x": normal(rng, 2, channels, length)}, params, seed=number,
        )


def normalization_cases():
    rng = generator(3)
    x = normal(rng, 2, 3, 5, scale=2) + 1
    affine = {"weight": normal(rng, 5), "bias": normal(rng, 5)}
    config = {"layer": "layerNorm", "axis": -1, "epsilon": 1e-5, "variance": "biased"}
    yield record(
        "layer norm", {**config, "affine": True},
        lambda i, p: {"y": F.layer_norm(i["x"], (5,), p["weight"], p["bias"], 1e-5)}, {"x": x}, affine,
    )
    yield record(
        "layer norm without affine", {**config, "affine": False},
        lambda i, p: {"y": F.layer_norm(i["x"], (5,), eps=1e-5)}, {"x": x},
    )
    for name, shape in (("[batch, channels, time]", (3, 2, 4)), ("[batch, channels]", (5, 2))):
        for training in (True, False):
            yield batch_norm_case(rng, name, shape, training)


def batch_norm_case(rng, layout, shape, training):
    channels = shape[1]
    mode = "training" if training else "evaluation"
    params = {
        "weight": normal(rng, channels), "bias": normal(rng, channels),
        "running_mean": normal(rng, channels), "running_var": normal(rng, channels).abs() + 0.5,
    }

    def apply(i, p):
        mean, var = p["running_mean"].clone(), p["running_var"].clone()
        y = F.batch_norm(i["x"], mean, var, p["weight"], p["bias"], training, 0.1, 1e-5)
        return {"y": y, "running_mean_after": mean, "running_var_after": var}

    return record(
        f"batch norm {layout} {mode}",
        {
            "layer": "batchNorm", "layout": layout, "training": training, "epsilon": 1e-5, "momentum": 0.1,
            "normalizedBy": "biased variance",
            "running": "after = 0.9 * before + 0.1 * batch, where the batch variance is the unbiased one",
        },
        apply, {"x": normal(rng, *shape, scale=2) + 1}, params,
        constants=("running_mean", "running_var", "running_mean_after", "running_var_after"),
    )


ACTIVATIONS = {
    "relu": F.relu,
    "leaky relu": lambda x: F.leaky_relu(x, 0.01),
    "elu": lambda x: F.elu(x, 1.0),
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "softplus": F.softplus,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
CONFIGS = {"leaky relu": {"slope": 0.01}, "elu": {"alpha": 1}, "softplus": {"beta": 1, "threshold": 20}}


def activation_cases():
    rng = generator(4)
    # The far values show overflow: softplus(700) must be 700, sigmoid(-700) must not be NaN.
    x = torch.cat([normal(rng, 10, scale=2), torch.tensor([-30.0, -4.0, -1e-3, 1e-3, 4.0, 30.0])])
    for name, f in ACTIVATIONS.items():
        far = x if name == "elu" else torch.cat([x, torch.tensor([-700.0, 700.0])])
        yield record(
            name, {"activation": name, **CONFIGS.get(name, {})}, lambda i, p, f=f: {"y": f(i["x"])}, {"x": far}
        )


def softmax_cases():
    rng = generator(5)
    x = torch.cat([normal(rng, 3, 5, scale=2), torch.tensor([[1000.0, 999.0, 0.0, -1000.0, 998.5]])])
    yield record("log softmax", {"axis": -1}, lambda i, p: {"y": F.log_softmax(i["x"], -1)}, {"x": x})
    yield record("softmax", {"axis": -1}, lambda i, p: {"y": F.softmax(i["x"], -1)}, {"x": x})
    mask = torch.tensor([[1, 1, 0, 1, 0], [0, 0, 0, 1, 0], [1, 1, 1, 1, 1]])
    yield record(
        "masked softmax", {"axis": -1, "mask": "1 = kept; a masked place gets weight 0"},
        lambda i, p: {"y": F.softmax(i["x"].masked_fill(i["mask"] == 0, -torch.inf), -1)},
        {"x": normal(rng, 3, 5), "mask": mask},
    )


LENGTHS = torch.tensor([5, 3, 1])


def inside(lengths, time):
    return (torch.arange(time)[None, :] < lengths[:, None])[:, :, None]


def max_pool(i, _):
    return {"y": i["x"].masked_fill(~inside(i["lengths"], i["x"].shape[1]), -torch.inf).amax(1)}


def mean_pool(i, _):
    kept = i["x"] * inside(i["lengths"], i["x"].shape[1])
    return {"y": kept.sum(1) / i["lengths"][:, None]}


def attention_pool(i, p):
    """Additive attention (Bahdanau et al. 2015): score = v . tanh(W h + b)."""
    score = torch.tanh(F.linear(i["x"], p["weight"], p["bias"])) @ p["vector"]
    score = score.masked_fill(~inside(i["lengths"], i["x"].shape[1])[:, :, 0], -torch.inf)
    weights = F.softmax(score, -1)
    return {"y": (weights[:, :, None] * i["x"]).sum(1), "weights": weights}


def pooling_cases():
    rng = generator(6)
    config = {"layout": "[batch, time, channels]", "axis": "time", "places": "t < lengths[b] are real"}
    # What stands in the padding is large, so that a pool which looks there is caught.
    x = torch.where(inside(LENGTHS, 5), normal(rng, 3, 5, 4), normal(rng, 3, 5, 4, scale=50))
    yield record("max pool over time", {"pool": "max", **config}, max_pool, {"x": x, "lengths": LENGTHS})
    yield record("mean pool over time", {"pool": "mean", **config}, mean_pool, {"x": x, "lengths": LENGTHS})
    params = {"weight": normal(rng, 6, 4), "bias": normal(rng, 6), "vector": normal(rng, 6)}
    yield record(
        "attention pool over time",
        {
            "pool": "attention", **config, "weight": "[hidden, channels]",
            "formula": "score = vector . tanh(weight h + bias); y = sum over time of softmax(score) h",
        },
        attention_pool, {"x": x, "lengths": LENGTHS}, params,
    )


if __name__ == "__main__":
    groups = (linear_cases, embedding_cases, conv_cases, normalization_cases, activation_cases, softmax_cases, pooling_cases)
    write(__file__, [case for group in groups for case in group()], "layers; data is row-major")
