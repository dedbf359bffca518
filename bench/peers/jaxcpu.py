"""JAX on the CPU: the whole step under one jit with donated state, `lax.scan` over time with the input projection
taken out of the loop; how far the scan is unrolled and how a convolution is laid out are tried and the fastest taken.

`python jaxcpu.py THREADS`
"""

import os
import sys

THREADS = int(sys.argv[1])
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# XLA sizes its thread pool by the processors it may use when it starts; there is no option for it.
allowed = os.sched_getaffinity(0)
os.sched_setaffinity(0, set(sorted(allowed)[:THREADS]))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import jaxlib  # noqa: E402
from jax import lax  # noqa: E402

import protocol  # noqa: E402

jax.devices()
jax.block_until_ready(jax.jit(lambda a: a @ a)(jnp.ones((256, 256))))
# The pool has its size now; let the scheduler place its threads, as it does for the other peers.
for thread in os.listdir("/proc/self/task"):
    os.sched_setaffinity(int(thread), allowed)

PROBE_SECONDS = 0.15


def elman(projected, h, params, end):
    h = jnp.tanh(projected + h @ params[f"rnn.weight_hh_{end}"].T)
    return h, h


def lstm(projected, state, params, end):
    h, c = state
    i, f, g, o = jnp.split(projected + h @ params[f"rnn.weight_hh_{end}"].T, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    h = jax.nn.sigmoid(o) * jnp.tanh(c)
    return (h, c), h


def gru(projected, h, params, end):
    r, z, n = jnp.split(projected, 3, axis=-1)
    hr, hz, hn = jnp.split(h @ params[f"rnn.weight_hh_{end}"].T, 3, axis=-1)
    r, z = jax.nn.sigmoid(r + hr), jax.nn.sigmoid(z + hz)
    n = jnp.tanh(n + r * (hn + params[f"rnn.bias_hn_{end}"]))
    h = (1 - z) * n + z * h
    return h, h


CELLS = {"elman": elman, "lstm": lstm, "gru": gru}


def recurrence(spec, params, x, end, unroll):
    """[time, batch, width] -> [time, batch, hidden]"""
    cell, hidden = spec["recurrent"]["cell"], spec["recurrent"]["hidden"]
    projected = x @ params[f"rnn.weight_ih_{end}"].T + params[f"rnn.bias_{end}"]
    zero = jnp.zeros((x.shape[1], hidden), x.dtype)
    step = CELLS[cell]
    _, y = lax.scan(
        lambda state, p: step(p, state, params, end), (zero, zero) if cell == "lstm" else zero, projected,
        reverse=end.endswith("reverse"), unroll=unroll,
    )
    return y


def convolution(x, weight, bias, layout):
    """[batch, time, in] -> [batch, time, out], `same`; the weight comes as [out, in, kernel]."""
    out, width, kernel = weight.shape
    if layout == "unfold":
        time = x.shape[1]
        padded = jnp.pad(x, ((0, 0), (kernel // 2, kernel // 2), (0, 0)))
        windows = jnp.concatenate([padded[:, k : k + time] for k in range(kernel)], axis=-1)
        return windows @ weight.transpose(2, 1, 0).reshape(kernel * width, out) + bias
    numbers = ("NWC", "OIW", "NWC")
    return lax.conv_general_dilated(x, weight, (1,), "SAME", dimension_numbers=numbers) + bias


def norm(x, params, name):
    x = x - x.mean(-1, keepdims=True)
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * params[f"{name}.weight"] + params[f"{name}.bias"]


def transformer(spec, params, x, layout):
    """[batch, time, width]; `layout` says how attention is computed."""
    blocks, (batch, time, width) = spec["transformer"], x.shape
    heads = blocks["heads"]

    def dense(x, name):
        return x @ params[f"{name}weight"].T + params[f"{name}bias"]

    for b in range(blocks["layers"]):
        own = f"blocks.{b}."
        made = dense(norm(x, params, f"{own}norm1"), f"{own}self_attn.in_proj_")
        query, key, value = (part.reshape(batch, time, heads, -1) for part in jnp.split(made, 3, axis=-1))
        if layout == "dot_product_attention":
            seen = jax.nn.dot_product_attention(query, key, value, is_causal=blocks["causal"])
        else:
            scores = jnp.einsum("bqhd,bkhd->bhqk", query * (width // heads) ** -0.5, key)
            if blocks["causal"]:
                scores = jnp.where(jnp.tril(jnp.ones((time, time), bool)), scores, -jnp.inf)
            seen = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), value)
        x = x + dense(seen.reshape(batch, time, width), f"{own}self_attn.out_proj.")
        wide = jax.nn.gelu(dense(norm(x, params, f"{own}norm2"), f"{own}linear1."), approximate=False)
        x = x + dense(wide, f"{own}linear2.")
    return norm(x, params, "norm")


def forward(spec, params, x, unroll, layout):
    """`x` is [batch, time, in] before a convolution and [time, batch, in] before a recurrence."""
    if spec.get("transformer"):
        x = transformer(spec, params, x, layout).mean(1)
        return x @ params["head.weight"].T + params["head.bias"]
    for k in range(len(spec["conv"])):
        x = jax.nn.relu(convolution(x, params[f"conv{k}.weight"], params[f"conv{k}.bias"], layout))
    if spec["pool"] > 1:
        x = x.reshape(x.shape[0], x.shape[1] // spec["pool"], spec["pool"], x.shape[2]).max(2)
    if spec["recurrent"]:
        if spec["conv"]:
            x = x.transpose(1, 0, 2)
        ends = ["", "_reverse"] if spec["recurrent"]["bidirectional"] else [""]
        for layer in range(spec["recurrent"]["layers"]):
            parts = [recurrence(spec, params, x, f"l{layer}{end}", unroll) for end in ends]
            x = jnp.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]
        x = x[-1] if spec["readout"] == "last" else x.mean(0)
    else:
        x = x.max(1)
    return x @ params["head.weight"].T + params["head.bias"]


def adamw(params, gradients, m, v, step, o):
    m = jax.tree.map(lambda m, g: o["beta1"] * m + (1 - o["beta1"]) * g, m, gradients)
    v = jax.tree.map(lambda v, g: o["beta2"] * v + (1 - o["beta2"]) * g * g, v, gradients)
    first, second = 1 - o["beta1"] ** step, 1 - o["beta2"] ** step
    params = jax.tree.map(
        lambda w, m, v: w * (1 - o["rate"] * o["decay"])
        - o["rate"] * (m / first) / (jnp.sqrt(v / second) + o["epsilon"]),
        params, m, v,
    )
    return params, m, v


def training(spec, params, x, labels, options, unroll, layout):
    def loss_of(params, x, labels):
        scores = jax.nn.log_softmax(forward(spec, params, x, unroll, layout))
        return -jnp.take_along_axis(scores, labels[:, None], axis=1).mean()

    def step(state, x, labels):
        params, m, v, count = state
        loss, gradients = jax.value_and_grad(loss_of)(params, x, labels)
        count = count + 1
        return (*adamw(params, gradients, m, v, count, options), count), loss

    step = jax.jit(step, donate_argnums=0)
    zeros = jax.tree.map(jnp.zeros_like, params)
    state = (jax.tree.map(jnp.array, params), zeros, jax.tree.map(jnp.zeros_like, params), jnp.float32(0))

    def work(steps):
        nonlocal state
        for _ in range(steps):
            state, loss = step(state, x, labels)
        jax.block_until_ready(state)
        return float(loss)

    return work


def inference(spec, params, x, unroll, layout):
    run = jax.jit(lambda params, x: forward(spec, params, x, unroll, layout))

    def work(steps):
        for _ in range(steps):
            logits = run(params, x)
        return jax.block_until_ready(logits)

    return work


def prepare(message):
    jax.clear_caches()
    spec, mode = message["workload"], message["mode"]
    arrays = protocol.load(message["tensors"], message["data"])
    order = (0, 1, 2) if spec.get("transformer") else (0, 2, 1) if spec["conv"] else (1, 0, 2)
    x, labels = jnp.array(arrays.pop("x").transpose(order)), jnp.array(arrays.pop("labels"))
    params = {name: jnp.array(value) for name, value in arrays.items()}

    def build(unroll, layout):
        if mode == "train":
            return training(spec, params, x, labels, message["optimizer"], unroll, layout)
        return inference(spec, params, x, unroll, layout)

    unrolls = [1, 4] if spec["recurrent"] else [1]
    layouts = ["conv", "unfold"] if spec["conv"] else [""]
    if spec.get("transformer"):
        layouts = ["einsum", "dot_product_attention"]
    table = {
        ", ".join(([layout] if layout else []) + ([f"unroll {unroll}"] if spec["recurrent"] else [])): (unroll, layout)
        for layout in layouts for unroll in unrolls
    }
    name = protocol.fastest({name: build(*how) for name, how in table.items()}, PROBE_SECONDS)
    fresh = build(*table[name])
    reply = {
        "parameters": sum(int(value.size) for value in params.values()), "variant": name, "tried": list(table),
    }
    if mode == "train":
        reply["losses"] = [fresh(1) for _ in range(message["steps"])]
    else:
        reply["logits"] = [float(value) for value in fresh(1)[:2].reshape(-1)]
    return reply, fresh


def matmul(size):
    a = jnp.ones((size, size)) * 0.5
    product = jax.jit(lambda a: a @ a)
    product(a).block_until_ready()
    best = min(
        protocol.seconds(lambda n: [product(a).block_until_ready() for _ in range(n)], 3) / 3 for _ in range(5)
    )
    return 2 * size**3 / best / 1e9


if __name__ == "__main__":
    protocol.serve(
        {"name": "JAX", "versions": {"jax": jax.__version__, "jaxlib": jaxlib.__version__}, "threads": THREADS},
        prepare, matmul,
    )
