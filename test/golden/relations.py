"""Golden values for layers on relations: a GRU on a graph (PyTorch's own GRUCell at every node), features of pairs with
triangle updates (written as sums with einsum), and fusion with missing parts."""

import torch
import torch.nn.functional as F

from golden import generator, normal, record, write


def graph_case(name, seed, time=3, batch=2, nodes=4, inputs=2, hidden=3):
    rng = generator(201 + seed)
    cell = torch.nn.GRUCell(inputs + hidden, hidden)
    edges = torch.rand((nodes, nodes), generator=rng)
    given = {"x": normal(rng, time, batch, nodes, inputs), "edges": edges / edges.sum(1, keepdim=True)}
    params = {"weight": normal(rng, inputs, 3 * hidden), "recurrent": normal(rng, hidden, 3 * hidden),
              "bias": normal(rng, 3 * hidden), "recurrentBias": normal(rng, hidden),
              "message": normal(rng, hidden, 3 * hidden)}

    def apply(i, p):
        zeros = torch.zeros(2 * hidden)
        own = {"weight_ih": torch.cat([p["weight"], p["message"]]).T, "weight_hh": p["recurrent"].T,
               "bias_ih": p["bias"], "bias_hh": torch.cat([zeros, p["recurrentBias"]])}
        h = torch.zeros(batch, nodes, hidden)
        steps = []
        for row in i["x"]:
            heard = torch.einsum("ij,bjh->bih", i["edges"], h)
            read = torch.cat([row, heard], -1).reshape(batch * nodes, -1)
            h = torch.func.functional_call(cell, own, (read, h.reshape(batch * nodes, -1))).reshape(h.shape)
            steps.append(h)
        return {"y": torch.stack(steps)}

    return record(name, {"kind": "graph", "in": inputs, "hidden": hidden}, apply, given, params, seed=seed)


def pair_case(name, seed, lengths=(4, 2), time=4, width=3, pair=2, hidden=3, widen=2, reach=2):
    rng = generator(211 + seed)
    given = {"x": normal(rng, len(lengths), time, width), "lengths": torch.tensor(lengths)}
    params = {}

    def linear(path, inputs, outputs, bias=True):
        params[f"{path}.weight"] = normal(rng, inputs, outputs)
        if bias:
            params[f"{path}.bias"] = normal(rng, outputs)

    def norm(path, size):
        params[f"{path}.weight"] = normal(rng, size)
        params[f"{path}.bias"] = normal(rng, size)

    linear("left", width, pair)
    for path in ["right", "leftFactor", "rightFactor"]:
        linear(path, width, pair, False)
    params["offsets"] = normal(rng, 2 * reach + 1, pair)
    for side in ["outgoing", "incoming"]:
        norm(f"{side}.norm", pair)
        for layer in ["a", "aGate", "b", "bGate"]:
            linear(f"{side}.{layer}", pair, hidden)
        norm(f"{side}.after", hidden)
        linear(f"{side}.out", hidden, pair)
        linear(f"{side}.outGate", pair, pair)
    norm("norm", pair)
    linear("wide", pair, widen * pair)
    linear("narrow", widen * pair, pair)

    def apply(i, p):
        def dense(path, x):
            y = x @ p[f"{path}.weight"]
            return y + p[f"{path}.bias"] if f"{path}.bias" in p else y

        def normed(path, x):
            return F.layer_norm(x, x.shape[-1:], p[f"{path}.weight"], p[f"{path}.bias"], 1e-5)

        x = i["x"]
        real = torch.arange(time) < i["lengths"][:, None]
        both = (real[:, :, None] & real[:, None, :])[..., None].to(x.dtype)
        place = torch.arange(time)
        apart = (place[:, None] - place[None, :]).clamp(-reach, reach) + reach
        z = (dense("left", x)[:, :, None] + dense("right", x)[:, None]
             + dense("leftFactor", x)[:, :, None] * dense("rightFactor", x)[:, None] + p["offsets"][apart]) * both
        for side, sums in [("outgoing", "bikc,bjkc->bijc"), ("incoming", "bkic,bkjc->bijc")]:
            n = normed(f"{side}.norm", z)
            a = dense(f"{side}.a", n) * torch.sigmoid(dense(f"{side}.aGate", n)) * both
            b = dense(f"{side}.b", n) * torch.sigmoid(dense(f"{side}.bGate", n)) * both
            new = dense(f"{side}.out", normed(f"{side}.after", torch.einsum(sums, a, b)))
            z = z + new * torch.sigmoid(dense(f"{side}.outGate", n))
        return {"z": (z + dense("narrow", torch.relu(dense("wide", normed("norm", z))))) * both}

    config = {"kind": "pair", "in": width, "pair": pair, "hidden": hidden, "widen": widen, "reach": reach}
    return record(name, config, apply, given, params, seed=seed)


def fusion_case(name, seed, widths=(3, 2), size=4, batch=3):
    rng = generator(221 + seed)
    given = {f"part{m}": normal(rng, batch, width) for m, width in enumerate(widths)}
    given["present"] = torch.tensor([[1.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    params = {"missing": normal(rng, len(widths), size)}
    for m, width in enumerate(widths):
        params |= {f"norms.{m}.weight": normal(rng, width), f"norms.{m}.bias": normal(rng, width),
                   f"layers.{m}.weight": normal(rng, width, size), f"layers.{m}.bias": normal(rng, size)}

    def apply(i, p):
        total = 0
        for m, width in enumerate(widths):
            part = F.layer_norm(i[f"part{m}"], (width,), p[f"norms.{m}.weight"], p[f"norms.{m}.bias"], 1e-5)
            there = part @ p[f"layers.{m}.weight"] + p[f"layers.{m}.bias"]
            total = total + torch.where(i["present"][:, m:m + 1] > 0, there, p["missing"][m])
        return {"y": total / len(widths)}

    return record(name, {"kind": "fusion", "widths": list(widths), "size": size}, apply, given, params, seed=seed,
                  constants=("present",))


if __name__ == "__main__":
    write(__file__, [graph_case("gru on a graph", 0), pair_case("pairs", 1), pair_case("pairs, wide", 2, (4, 4), hidden=2),
                     fusion_case("fusion", 3)],
          "layers on relations; data is row-major, linear weights are [in, out]")
