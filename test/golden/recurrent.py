"""Golden values for recurrent layers: Elman, LSTM and GRU as PyTorch defines them."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from golden import generator, normal, record, write

BATCH, TIME, INPUT, HIDDEN = 3, 4, 2, 3
LENGTHS = torch.tensor([2, 4, 1])

CELLS = {
    "elman": (torch.nn.RNN, ["h"], "h' = tanh(Wi x + bi + Wh h + bh)"),
    "lstm": (torch.nn.LSTM, ["i", "f", "g", "o"], "c' = f c + i g; h' = o tanh(c')"),
    "gru": (torch.nn.GRU, ["r", "z", "n"], "n = tanh(Wi x + bi + r (Wh h + bh)); h' = (1 - z) n + z h"),
}
STACKS = {"one direction": (1, False), "both directions": (1, True), "2 layers": (2, False), "2 layers, both directions": (2, True)}


def runner(layer, cell, total):
    def apply(inputs, params):
        x, lengths = inputs["x"], inputs.get("lengths")
        state = (inputs["h0"], inputs["c0"]) if "c0" in inputs else inputs.get("h0")
        if lengths is not None:
            x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, last = torch.func.functional_call(layer, params, (x, state))
        if lengths is not None:
            y, _ = pad_packed_sequence(y, batch_first=True, total_length=total)
        names = ["h_last", "c_last"] if cell == "lstm" else ["h_last"]
        return {"y": y, **dict(zip(names, last if cell == "lstm" else [last]))}

    return apply


def case(cell, stack, varying, initial, seed):
    kind, gates, formula = CELLS[cell]
    layers, both = STACKS[stack]
    rng = generator(seed)
    layer = kind(INPUT, HIDDEN, num_layers=layers, bidirectional=both, batch_first=True)
    params = {name: normal(rng, *value.shape, scale=0.6) for name, value in layer.named_parameters()}
    inputs = {"x": normal(rng, BATCH, TIME, INPUT)}
    if varying:
        inputs["lengths"] = LENGTHS
    if initial:
        rows = layers * (2 if both else 1)
        for name in ["h0", "c0"] if cell == "lstm" else ["h0"]:
            inputs[name] = normal(rng, rows, BATCH, HIDDEN)
    config = {
        "cell": cell, "input": INPUT, "hidden": HIDDEN, "layers": layers, "bidirectional": both,
        "varyingLengths": varying, "initialState": initial, "batchFirst": True,
        "gates": gates, "formula": formula,
        "shapes": {"x": "[batch, time, input]", "y": "[batch, time, hidden * directions]",
                   "h0, h_last, c0, c_last": "[layer * directions + direction, batch, hidden]",
                   "weight_ih": "[gates * hidden, input]", "weight_hh": "[gates * hidden, hidden]"},
        "padding": "y is 0 past the length, the backward direction starts at the last real place, h_last is the state after it",
    }
    name = f"{cell}, {stack}, {'varying' if varying else 'equal'} lengths, {'given' if initial else 'zero'} initial state"
    return record(name, config, runner(layer, cell, TIME), inputs, params, seed=seed)


if __name__ == "__main__":
    grid = [(c, s, v, i) for c in CELLS for s in STACKS for v in (False, True) for i in (False, True)]
    write(__file__, [case(*row, seed=1000 + n) for n, row in enumerate(grid)], "recurrent layers; data is row-major")
