"""Golden values for optimisers: five steps on given gradients, parameters after every step.

A case's inputs are `gradient_<step>_<parameter>`, its params the start, its outputs
`after_<step>_<parameter>` (and `norm_<step>`, the global norm before clipping). Steps count from 1.
"""

import torch

from golden import generator, normal, rounded, tensors, write

STEPS = 5
CASES = {
    "adamw": (torch.optim.AdamW, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}, None),
    "adamw, decay": (torch.optim.AdamW, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01}, None),
    "adamw, other betas and epsilon": (torch.optim.AdamW, {"lr": 3e-3, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1}, None),
    "adam": (torch.optim.Adam, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}, None),
    "adam, clipped": (torch.optim.Adam, {"lr": 1e-2, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}, 1.5),
    "sgd": (torch.optim.SGD, {"lr": 0.1}, None),
    "sgd, decay": (torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.01}, None),
    "sgd, clipped": (torch.optim.SGD, {"lr": 0.1}, 1.5),
    "sgd, momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, None),
    "sgd, momentum, decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01}, None),
    "sgd, nesterov": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}, None),
    "sgd, nesterov, decay": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}, None),
    "rmsprop": (torch.optim.RMSprop, {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8}, None),
    "rmsprop, momentum": (torch.optim.RMSprop, {"lr": 1e-2, "alpha": 0.9, "eps": 1e-8, "momentum": 0.9}, None),
    "rmsprop, decay": (torch.optim.RMSprop, {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0.01}, None),
}
NOTES = {
    "AdamW": "decoupled decay: w -= lr * decay * w before the step",
    "Adam": "bias-corrected; epsilon is added outside the root",
    "SGD": "decay joins the gradient; v = momentum * v + g, w -= lr * v, first v = g; nesterov uses g + momentum * v",
    "RMSprop": "decay joins the gradient; s = alpha s + (1 - alpha) g^2; d = g / (sqrt(s) + eps); b = momentum b + d; w -= lr b",
}
# Small, large, small: both sides of the clipping threshold are met.
SCALES = [1.0, 4.0, 0.1, 0.02, 1.5]


def problem():
    rng = generator(31)
    start = {"weight": rounded(normal(rng, 2, 3)), "bias": rounded(normal(rng, 4))}
    gradients = [
        {name: rounded(normal(rng, *value.shape, scale=scale)) for name, value in start.items()} for scale in SCALES
    ]
    gradients[2]["bias"][0] = 0.0
    return start, gradients


def case(name, kind, options, clip):
    start, gradients = problem()
    params = {key: torch.nn.Parameter(value.clone()) for key, value in start.items()}
    optimizer = kind(list(params.values()), **options)
    inputs, outputs = {}, {}
    for step in range(1, STEPS + 1):
        for key, value in params.items():
            value.grad = gradients[step - 1][key].clone()
            inputs[f"gradient_{step}_{key}"] = gradients[step - 1][key]
        if clip is not None:
            outputs[f"norm_{step}"] = torch.nn.utils.clip_grad_norm_(list(params.values()), clip)
        optimizer.step()
        for key, value in params.items():
            outputs[f"after_{step}_{key}"] = value.detach().clone()
    config = {"optimizer": kind.__name__, **options, "note": NOTES[kind.__name__], "steps": STEPS, "clip": clip}
    if clip is not None:
        config["clipFormula"] = "g *= min(1, clip / (norm + 1e-6)), norm over all parameters together"
    return {"name": name, "config": config, "inputs": tensors(inputs), "params": tensors(start),
            "outputs": tensors(outputs), "gradients": {}}


if __name__ == "__main__":
    write(__file__, [case(name, *row) for name, row in CASES.items()], "optimisers; data is row-major")
