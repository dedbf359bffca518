"""PyTorch on the CPU: nn layers, fused AdamW; conv layouts, oneDNN and torch.compile are tried and the fastest taken.

`python pytorch.py THREADS`
"""

import sys

import protocol
import torch

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
CELLS = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
PROBE_SECONDS = 0.15


class Net(torch.nn.Module):
    def __init__(self, spec, layout):
        super().__init__()
        self.spec, self.layout = spec, layout
        width = spec["in"]
        for k, conv in enumerate(spec["conv"]):
            self.add_module(f"conv{k}", torch.nn.Conv1d(width, conv["out"], conv["kernel"], padding="same"))
            width = conv["out"]
        cell = spec["recurrent"]
        if cell:
            self.rnn = CELLS[cell["cell"]](
                width, cell["hidden"], cell["layers"], batch_first=True, bidirectional=cell["bidirectional"]
            )
            width = cell["hidden"] * (2 if cell["bidirectional"] else 1)
        blocks = spec.get("transformer")
        if blocks:
            self.blocks = torch.nn.ModuleList(
                torch.nn.TransformerEncoderLayer(
                    width, blocks["heads"], blocks["feed"], dropout=0.0, activation="gelu", batch_first=True, norm_first=True
                )
                for _ in range(blocks["layers"])
            )
            self.norm = torch.nn.LayerNorm(width)
            # Only its shape and its being the causal one are read.
            self.mask = torch.nn.Transformer.generate_square_subsequent_mask(spec["time"]) if blocks["causal"] else None
        self.head = torch.nn.Linear(width, spec["classes"])

    def convolve(self, x):
        """[batch, in, time] -> [batch, out, time]; `nhwc` runs the same sums as a 2-d convolution, channels last."""
        pool = self.spec["pool"]
        flat = self.layout == "nhwc"
        if flat:
            x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        for k in range(len(self.spec["conv"])):
            layer = getattr(self, f"conv{k}")
            if flat:
                reach = layer.kernel_size[0] // 2
                x = torch.nn.functional.conv2d(x, layer.weight.unsqueeze(2), layer.bias, padding=(0, reach))
            else:
                x = layer(x)
            x = torch.relu(x)
        if flat:
            x = x.squeeze(2)
        return torch.nn.functional.max_pool1d(x, pool) if pool > 1 else x

    def forward(self, x):
        if self.spec.get("transformer"):
            for block in self.blocks:
                x = block(x, src_mask=self.mask, is_causal=self.mask is not None)
            return self.head(self.norm(x).mean(1))
        if self.spec["conv"]:
            x = self.convolve(x)
            if not self.spec["recurrent"]:
                return self.head(x.amax(2))
            x = x.transpose(1, 2)
        y, _ = self.rnn(x)
        return self.head(y[:, -1] if self.spec["readout"] == "last" else y.mean(1))


def weights(arrays):
    """The state dict. PyTorch has a second bias: 0 and not trained, but for the GRU, where a third of it counts and the
    rest is trained along because its layer takes the whole (so its losses differ in the fourth digit from step 2 on)."""
    table = {name: torch.from_numpy(value.copy()) for name, value in arrays.items() if name not in ("x", "labels")}
    for name in [name for name in table if name.startswith("rnn.bias_l")]:
        end = name.removeprefix("rnn.bias_")
        bias = table.pop(name)
        second = torch.zeros_like(bias)
        if f"rnn.bias_hn_{end}" in table:
            candidate = table.pop(f"rnn.bias_hn_{end}")
            second[-len(candidate) :] = candidate
        table[f"rnn.bias_ih_{end}"], table[f"rnn.bias_hh_{end}"] = bias, second
    return table


def network(spec, arrays, layout):
    net = Net(spec, layout)
    net.load_state_dict(weights(arrays))
    if spec["recurrent"] and spec["recurrent"]["cell"] != "gru":
        for name, value in net.rnn.named_parameters():
            if name.startswith("bias_hh"):
                value.requires_grad_(False)
    return net


def training(net, arrays, options, onednn, compiled):
    x, labels = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["labels"]).long()
    update = torch.optim.AdamW(
        [value for value in net.parameters() if value.requires_grad], lr=options["rate"], betas=(options["beta1"], options["beta2"]),
        eps=options["epsilon"], weight_decay=options["decay"], fused=True,
    )

    def loss_of(x, labels):
        return torch.nn.functional.cross_entropy(net(x), labels)

    if compiled:
        loss_of = torch.compile(loss_of, dynamic=False)

    def work(steps):
        with torch.backends.mkldnn.flags(enabled=onednn):
            for _ in range(steps):
                update.zero_grad(set_to_none=True)
                loss = loss_of(x, labels)
                loss.backward()
                update.step()
        return loss.item()

    return work


def inference(net, arrays, onednn, compiled):
    x = torch.from_numpy(arrays["x"])
    net.eval()
    forward = torch.compile(net, dynamic=False) if compiled else net

    def work(steps):
        with torch.backends.mkldnn.flags(enabled=onednn), torch.inference_mode():
            for _ in range(steps):
                logits = forward(x)
        return logits

    return work


def variants_of(spec, compile):
    """name -> (conv layout, oneDNN, compiled). `compile` says for which models torch.compile is tried: "conv" for those
    that start with a convolution, where it takes seconds, "all" for recurrent ones too, whose loop it unrolls step by
    step: minutes for each shape."""
    layouts = ["ncw", "nhwc"] if spec["conv"] else ["blocks"] if spec.get("transformer") else ["time loop"]
    compiles = bool(spec["conv"] or spec.get("transformer"))
    table = {}
    for layout in layouts:
        table[layout] = (layout, True, False)
        table[f"{layout}, no oneDNN"] = (layout, False, False)
        if compile == "all" or (compile == "conv" and compiles):
            table[f"{layout}, compiled"] = (layout, True, True)
    return table


def prepare(message):
    torch._dynamo.reset()
    torch._dynamo.config.allow_rnn = message.get("compile") == "all"
    spec, mode = message["workload"], message["mode"]
    arrays = protocol.load(message["tensors"], message["data"])

    def build(layout, onednn, compiled):
        net = network(spec, arrays, layout)
        if mode == "train":
            return training(net, arrays, message["optimizer"], onednn, compiled)
        return inference(net, arrays, onednn, compiled)

    table = variants_of(spec, message.get("compile", "conv"))
    works, failed = {}, {}
    for name, how in table.items():
        try:
            work = build(*how)
            work(2)
            works[name] = work
        except Exception as error:
            # A variant that cannot run here (no compiler, say) is left out; the reply says so.
            failed[name] = f"{type(error).__name__}: {str(error)[:200]}"
    name = protocol.fastest(works, PROBE_SECONDS)
    fresh = build(*table[name])
    parameters = sum(value.size for key, value in arrays.items() if key not in ("x", "labels"))
    reply = {"parameters": int(parameters), "variant": name, "tried": list(works), "failed": failed}
    if mode == "train":
        reply["losses"] = [fresh(1) for _ in range(message["steps"])]
    else:
        reply["logits"] = fresh(1)[:2].reshape(-1).tolist()
    return reply, fresh


def matmul(size):
    a, b = torch.randn(size, size), torch.randn(size, size)
    out = torch.empty(size, size)
    best = min(protocol.seconds(lambda n: [torch.mm(a, b, out=out) for _ in range(n)], 3) / 3 for _ in range(5))
    return 2 * size**3 / best / 1e9


if __name__ == "__main__":
    protocol.serve(
        {"name": "PyTorch", "versions": {"torch": torch.__version__}, "threads": torch.get_num_threads()},
        prepare, matmul,
    )
