"""Golden values for attention: scaled dot-product, and multi-head with causal and padding masks."""

import torch
import torch.nn.functional as F

from golden import generator, normal, record, write

BATCH, TIME, MODEL, HEADS = 2, 4, 6, 2
LENGTHS = torch.tensor([4, 2])
MASKS = {"no mask": (False, False), "causal": (True, False), "padding": (False, True), "causal and padding": (True, True)}


def allowed(causal, lengths, queries, keys):
    """[batch, 1, queries, keys], true where a query may look."""
    kept = torch.ones(BATCH, 1, queries, keys, dtype=torch.bool)
    if causal:
        kept = kept & torch.ones(queries, keys, dtype=torch.bool).tril()
    if lengths is not None:
        kept = kept & (torch.arange(keys) < lengths[:, None])[:, None, None, :]
    return kept


def dot_product_cases():
    for number, (name, (causal, padding)) in enumerate(MASKS.items()):
        rng = generator(41 + number)
        inputs = {key: normal(rng, BATCH, HEADS, TIME, 3) for key in ("query", "key", "value")}
        if padding:
            inputs["lengths"] = LENGTHS
        yield record(
            f"scaled dot-product, {name}",
            {"attention": "scaledDotProduct", "layout": "[batch, heads, time, width]", "scale": "1 / sqrt(width)",
             "causal": causal, "padding": "keys at t >= lengths[b] are hidden"},
            lambda i, p, causal=causal: {
                "y": F.scaled_dot_product_attention(
                    i["query"], i["key"], i["value"], attn_mask=allowed(causal, i.get("lengths"), TIME, TIME)
                )
            },
            inputs, seed=number,
        )


def multi_head_case(name, causal, padding, cross, seed):
    rng = generator(51 + seed)
    layer = torch.nn.MultiheadAttention(MODEL, HEADS, batch_first=True)
    params = {key: normal(rng, *value.shape, scale=0.6) for key, value in layer.named_parameters()}
    inputs = {"x": normal(rng, BATCH, TIME, MODEL)}
    if cross:
        inputs["memory"] = normal(rng, BATCH, TIME + 1, MODEL)
    if padding:
        inputs["lengths"] = LENGTHS

    def apply(i, p):
        memory = i.get("memory", i["x"])
        keys = memory.shape[1]
        hidden = ~torch.ones(TIME, keys, dtype=torch.bool).tril() if causal else None
        pad = torch.arange(keys) >= i["lengths"][:, None] if padding else None
        y, weights = torch.func.functional_call(
            layer, p, (i["x"], memory, memory),
            {"attn_mask": hidden, "key_padding_mask": pad, "average_attn_weights": False},
        )
        return {"y": y, "weights": weights}

    config = {
        "attention": "multiHead", "layout": "[batch, time, model]", "model": MODEL, "heads": HEADS,
        "causal": causal, "cross": cross, "padding": "keys at t >= lengths[b] are hidden",
        "in_proj_weight": "[3 * model, model]: query, key, value rows in this order; each split into heads in order",
        "weights": "[batch, heads, queries, keys]",
    }
    return record(f"multi-head, {name}", config, apply, inputs, params, seed=seed)


if __name__ == "__main__":
    cases = list(dot_product_cases())
    for number, (name, (causal, padding)) in enumerate(MASKS.items()):
        cases.append(multi_head_case(name, causal, padding, False, number))
    cases.append(multi_head_case("over a memory, padding", False, True, True, len(MASKS)))
    write(__file__, cases, "attention; data is row-major")
