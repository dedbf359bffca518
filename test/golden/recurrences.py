"""Golden values for recurrences that PyTorch has no layer for: loops over time, as the papers' equations read.

All are time-major: x[time, batch, in]. The weights stand as our layers keep them, [in, gates * hidden].
"""

import torch
import torch.nn.functional as F

from golden import generator, normal, record, write

TIME, BATCH, INPUT, HIDDEN = 7, 3, 2, 3
LENGTHS = torch.tensor([7, 4, 1])


def cleared(y, lengths):
    """0 in padding."""
    return y * (torch.arange(y.shape[0])[:, None] < lengths)[:, :, None]


def at_end(states, lengths):
    """The state after each sequence's last real step, of a list over time."""
    return torch.stack([states[int(n) - 1][b] for b, n in enumerate(lengths)])


def minimal(kind):
    def apply(i, p):
        h, states = i["h0"], []
        for x in i["x"]:
            if kind == "minGru":
                z, n = (x @ p["weight"] + p["bias"]).chunk(2, -1)
                h = (1 - torch.sigmoid(z)) * h + torch.sigmoid(z) * n
            elif kind == "minLstm":
                f, g, n = (x @ p["weight"] + p["bias"]).chunk(3, -1)
                f, g = torch.sigmoid(f), torch.sigmoid(g)
                h = f / (f + g) * h + g / (f + g) * n
            else:
                a = torch.exp(-torch.exp(p["rate"]))
                h = a * h + torch.sqrt(1 - a * a) * (x @ p["weight"] + p["bias"])
            states.append(h)
        return {"y": cleared(torch.stack(states), i["lengths"]), "last": at_end(states, i["lengths"])}

    return apply


def tied(output_gate):
    def apply(i, p):
        h, c = i["h0"], i["c0"]
        hs, cs = [], []
        for x in i["x"]:
            parts = (x @ p["weight"] + h @ p["recurrent"] + p["bias"]).split(HIDDEN, -1)
            f, g = torch.sigmoid(parts[0]), torch.sigmoid(parts[1])
            c = f * c + (1 - f) * g
            h = torch.sigmoid(parts[2]) * c if output_gate else c
            hs.append(h)
            cs.append(c)
        return {"y": cleared(torch.stack(hs), i["lengths"]), "last": at_end(cs, i["lengths"])}

    return apply


def cell_case(name, kind, apply, gates, seed, extra=()):
    rng = generator(101 + seed)
    inputs = {"x": normal(rng, TIME, BATCH, INPUT), "h0": normal(rng, BATCH, HIDDEN), "lengths": LENGTHS}
    params = {"weight": normal(rng, INPUT, gates * HIDDEN), "bias": normal(rng, gates * HIDDEN)}
    if "recurrent" in extra:
        params["recurrent"] = normal(rng, HIDDEN, gates * HIDDEN)
        inputs["c0"] = torch.rand((BATCH, HIDDEN), generator=rng)
    if "rate" in extra:
        params["rate"] = normal(rng, HIDDEN)
    config = {"kind": kind, "input": INPUT, "hidden": HIDDEN, "gates": gates}
    return record(name, config, apply, inputs, params, seed=seed)


def dilated_case(seed, dilations=(1, 3)):
    """An Elman network whose state comes from d steps back."""
    rng = generator(111 + seed)
    inputs = {"x": normal(rng, TIME, BATCH, INPUT), "lengths": LENGTHS}
    params = {}
    for layer in range(len(dilations)):
        size = INPUT if layer == 0 else HIDDEN
        params.update({f"weight{layer}": normal(rng, size, HIDDEN), f"recurrent{layer}": normal(rng, HIDDEN, HIDDEN),
                       f"bias{layer}": normal(rng, HIDDEN)})

    def apply(i, p):
        y = i["x"]
        for layer, d in enumerate(dilations):
            states = []
            for t in range(TIME):
                back = states[t - d] if t >= d else torch.zeros(BATCH, HIDDEN)
                states.append(torch.tanh(y[t] @ p[f"weight{layer}"] + back @ p[f"recurrent{layer}"] + p[f"bias{layer}"]))
            y = torch.stack(states)
        return {"y": cleared(y, i["lengths"])}

    return record("dilated Elman", {"kind": "dilated", "dilations": list(dilations), "input": INPUT, "hidden": HIDDEN},
                  apply, inputs, params, seed=seed)


def mamba_case(seed, size=4, inner=6, states=3, kernel=3, rank=2):
    """A Mamba block as algorithm 2 and figure 3 of the paper have it, one step after the other."""
    rng = generator(121 + seed)
    inputs = {"x": normal(rng, TIME, BATCH, size), "lengths": LENGTHS}
    params = {
        "widen": normal(rng, size, 2 * inner), "convolution": normal(rng, inner, 1, kernel),
        "convolution_bias": normal(rng, inner), "select": normal(rng, inner, rank + 2 * states),
        "delta": normal(rng, rank, inner), "delta_bias": normal(rng, inner), "log_rates": normal(rng, inner, states, scale=0.5),
        "skip": normal(rng, inner), "narrow": normal(rng, inner, size),
    }

    def apply(i, p):
        main, gate = (i["x"] @ p["widen"]).chunk(2, -1)
        past = torch.cat([torch.zeros(kernel - 1, BATCH, inner), main])
        h, ys, hs = torch.zeros(BATCH, inner, states), [], []
        for t in range(TIME):
            seen = sum(past[t + k] * p["convolution"][:, 0, k] for k in range(kernel)) + p["convolution_bias"]
            u = F.silu(seen)
            low, b, c = (u @ p["select"]).split([rank, states, states], -1)
            delta = F.softplus(low @ p["delta"] + p["delta_bias"])
            a = torch.exp(delta[:, :, None] * -torch.exp(p["log_rates"]))
            h = a * h + (delta * u)[:, :, None] * b[:, None, :]
            y = (h * c[:, None, :]).sum(-1) + p["skip"] * u
            ys.append((y * F.silu(gate[t])) @ p["narrow"])
            hs.append(h)
        return {"y": cleared(torch.stack(ys), i["lengths"]), "last": at_end(hs, i["lengths"])}

    config = {"kind": "selective", "size": size, "expand": inner / size, "states": states, "kernel": kernel, "rank": rank}
    return record("selective state space", config, apply, inputs, params, seed=seed)


if __name__ == "__main__":
    write(__file__, [
        cell_case("minimal GRU", "minGru", minimal("minGru"), 2, 0),
        cell_case("minimal LSTM", "minLstm", minimal("minLstm"), 3, 1),
        cell_case("diagonal", "diagonal", minimal("diagonal"), 1, 2, ["rate"]),
        cell_case("tied gates", "tied", tied(True), 3, 3, ["recurrent"]),
        cell_case("tied gates, no output gate", "tied", tied(False), 2, 4, ["recurrent"]),
        dilated_case(5),
        mamba_case(6),
    ], "recurrences written out; data is row-major")
