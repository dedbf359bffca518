"""Golden values for transformer blocks: PyTorch's encoder and decoder layers with norm_first, and small stacks of them."""

import torch

from golden import generator, normal, record, write

BATCH, TIME, KEYS, MODEL, HEADS, HIDDEN = 2, 4, 3, 6, 2, 8
LENGTHS, KEY_LENGTHS = torch.tensor([4, 2]), torch.tensor([2, 3])


def hidden_after(lengths, size):
    return torch.arange(size) >= lengths[:, None]


def later(size):
    return ~torch.ones(size, size, dtype=torch.bool).tril()


def cleared(y, lengths):
    """0 in padding: what stands there means nothing and is not compared."""
    return y * (~hidden_after(lengths, y.shape[1]))[:, :, None]


def encoder_case(name, activation, causal, layers, seed):
    rng = generator(61 + seed)
    layer = torch.nn.TransformerEncoderLayer(
        MODEL, HEADS, HIDDEN, dropout=0.0, activation=activation, batch_first=True, norm_first=True
    )
    net = torch.nn.TransformerEncoder(layer, layers, norm=torch.nn.LayerNorm(MODEL), enable_nested_tensor=False)
    params = {key: normal(rng, *value.shape, scale=0.5) for key, value in net.named_parameters()}
    inputs = {"x": normal(rng, BATCH, TIME, MODEL), "lengths": LENGTHS}

    def apply(i, p):
        masks = {"mask": later(TIME) if causal else None,
                 "src_key_padding_mask": hidden_after(i["lengths"], TIME)}
        return {"y": cleared(torch.func.functional_call(net, p, (i["x"],), masks), i["lengths"])}

    config = {"stack": "encoder", "activation": activation, "causal": causal, "layers": layers,
              "model": MODEL, "heads": HEADS, "hidden": HIDDEN, "padding": "y is 0 at t >= lengths[b]"}
    return record(name, config, apply, inputs, params, seed=seed)


def decoder_case(name, layers, seed):
    rng = generator(71 + seed)
    layer = torch.nn.TransformerDecoderLayer(
        MODEL, HEADS, HIDDEN, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    net = torch.nn.TransformerDecoder(layer, layers, norm=torch.nn.LayerNorm(MODEL))
    params = {key: normal(rng, *value.shape, scale=0.5) for key, value in net.named_parameters()}
    inputs = {"x": normal(rng, BATCH, TIME, MODEL), "memory": normal(rng, BATCH, KEYS, MODEL),
              "lengths": LENGTHS, "memory_lengths": KEY_LENGTHS}

    def apply(i, p):
        masks = {"tgt_mask": later(TIME), "tgt_key_padding_mask": hidden_after(i["lengths"], TIME),
                 "memory_key_padding_mask": hidden_after(i["memory_lengths"], KEYS)}
        y = torch.func.functional_call(net, p, (i["x"], i["memory"]), masks)
        return {"y": cleared(y, i["lengths"])}

    config = {"stack": "decoder", "activation": "gelu", "layers": layers, "model": MODEL, "heads": HEADS,
              "hidden": HIDDEN, "padding": "y is 0 at t >= lengths[b]; memory is real before memory_lengths[b]"}
    return record(name, config, apply, inputs, params, seed=seed)


if __name__ == "__main__":
    write(__file__, [
        encoder_case("encoder, GELU", "gelu", False, 1, 0),
        encoder_case("encoder, ReLU, 2 layers", "relu", False, 2, 1),
        encoder_case("encoder, causal", "gelu", True, 1, 2),
        decoder_case("decoder over a memory", 1, 3),
        decoder_case("decoder over a memory, 2 layers", 2, 4),
    ], "pre-norm transformer stacks; data is row-major")
