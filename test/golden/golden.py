"""What the scripts here share: seeded float64 tensors, a record of one case, and compact JSON.

A case is a pure function of named tensors. `record` runs it, takes the loss
sum(output * cotangent) over its outputs, and writes down everything a test needs to repeat it.
"""

import json
import math
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

DIGITS = 12


def generator(seed):
    return torch.Generator().manual_seed(seed)


def normal(rng, *shape, scale=1.0):
    return torch.randn(shape, generator=rng) * scale


def number(value):
    """12 significant digits; whole numbers without a point. JSON has no infinities: none may arrive."""
    if not math.isfinite(value):
        raise ValueError(f"a golden value must be finite, got {value}")
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short == int(short) and abs(short) < 1e15 else short


def tensor(value):
    value = value.detach()
    return {"shape": list(value.shape), "data": [number(float(x)) for x in value.reshape(-1)]}


def tensors(values):
    return {name: tensor(value) for name, value in values.items()}


def rounded(value):
    """What the JSON file will hold, so that the outputs belong to exactly the inputs that are written."""
    if not value.is_floating_point():
        return value
    data = [float(number(float(x))) for x in value.detach().reshape(-1)]
    return torch.tensor(data, dtype=torch.float64).reshape(value.shape)


def record(name, config, apply, inputs, params=None, *, seed=0, constants=()):
    """Run `apply(inputs, params) -> {output name: tensor}` and its gradient.

    Integer tensors and the names in `constants` get no gradient. Outputs named in `constants`
    (running statistics, say) take no part in the loss. An output's cotangent is the input
    `cotangent_<output>`.
    """
    inputs = {key: rounded(value) for key, value in inputs.items()}
    params = {key: rounded(value) for key, value in (params or {}).items()}
    trained = {
        key: value.requires_grad_()
        for key, value in {**inputs, **params}.items()
        if value.is_floating_point() and key not in constants
    }
    outputs = apply(inputs, params)
    rng = generator(10_000 + seed)
    loss, cotangents = 0, {}
    for key, value in outputs.items():
        if key in constants:
            continue
        cotangents[f"cotangent_{key}"] = rounded(normal(rng, *value.shape))
        loss = loss + (value * cotangents[f"cotangent_{key}"]).sum()
    gradients = torch.autograd.grad(loss, list(trained.values()))
    return {
        "name": name,
        "config": config,
        "inputs": tensors({**inputs, **cotangents}),
        "params": tensors(params),
        "outputs": tensors(outputs),
        "gradients": tensors(dict(zip(trained, gradients))),
    }


def write(script, cases, note):
    """One line a case, so that a change shows as the case it touches."""
    names = [case["name"] for case in cases]
    if len(set(names)) != len(names):
        raise ValueError("two cases share a name")
    path = Path(script).with_suffix(".json")
    versions = json.dumps({"torch": torch.__version__.split("+")[0]})
    lines = ",\n".join(json.dumps(case, separators=(",", ":"), allow_nan=False) for case in cases)
    path.write_text(f'{{"made_with":{versions},"note":{json.dumps(note)},"cases":[\n{lines}\n]}}\n')
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size / 1024:.0f} KiB")
