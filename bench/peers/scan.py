"""A genome scanned by the network of a model folder in PyTorch, as seqwright scan does it: both strands, the higher probability.

`scan.py MODEL FASTA WIDTH STEP OUTPUT THREADS VALUES [--compile]` prints one JSON object: seconds, and seconds of processor time, from reading the FASTA to the last value
(nothing is written but, afterwards, VALUES: float32, one a window), and which variant was the quickest on the first windows.
"""

import json
import struct
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

folder, fasta, width, step, output, threads, values_file = sys.argv[1:8]
width, step, output = int(width), int(step), int(output)
torch.set_num_threads(int(threads))
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
torch.set_grad_enabled(False)


def read_weights(path):
    raw = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + size])
    body = np.frombuffer(raw, np.uint8, offset=8 + size)
    return {
        name: torch.from_numpy(body[slice(*about["data_offsets"])].copy().view(np.float32).reshape(about["shape"]))
        for name, about in header.items()
        if name != "__metadata__"
    }


spec = json.loads((Path(folder) / "model.json").read_text())["spec"]
config = spec["config"]
weights = read_weights(Path(folder) / "weights.safetensors")


class Net(torch.nn.Module):
    def __init__(self, layout):
        super().__init__()
        self.layout = layout
        inputs = 4
        self.convolutions = torch.nn.ModuleList()
        for i, (out, kernel) in enumerate(zip(config["filters"], config["kernels"])):
            layer = torch.nn.Conv1d(inputs, out, kernel, padding="same")
            layer.weight.data = weights[f"body.convolutions.blocks.{i}.convolution.weight"]
            layer.bias.data = weights[f"body.convolutions.blocks.{i}.convolution.bias"]
            self.convolutions.append(layer)
            inputs = out
        self.rnn = None
        if "hidden" in config:
            self.rnn = torch.nn.LSTM(inputs, config["hidden"], config["layers"], bidirectional=config["bidirectional"])
            for layer in range(config["layers"]):
                for ours, theirs in [("forward", ""), ("backward", "_reverse")][: 1 + config["bidirectional"]]:
                    of = f"body.recurrent.layers.{layer}.{ours}."
                    getattr(self.rnn, f"weight_ih_l{layer}{theirs}").data = weights[of + "weight"].T.contiguous()
                    getattr(self.rnn, f"weight_hh_l{layer}{theirs}").data = weights[of + "recurrent"].T.contiguous()
                    getattr(self.rnn, f"bias_ih_l{layer}{theirs}").data = weights[of + "bias"]
                    getattr(self.rnn, f"bias_hh_l{layer}{theirs}").data.zero_()
        names = [f"readout.dense.{i}" for i in range(len(config["dense"]))] + ["readout.head"]
        self.dense = [(weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in names]

    def forward(self, x):
        if self.layout == "nhwc":
            x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        for layer, pool in zip(self.convolutions, config["pools"]):
            if self.layout == "nhwc":
                x = torch.relu(F.conv2d(x, layer.weight.unsqueeze(2), layer.bias, padding=(0, layer.kernel_size[0] // 2)))
                x = F.max_pool2d(x, (1, pool), ceil_mode=True) if pool > 1 else x
            else:
                x = torch.relu(layer(x))
                x = F.max_pool1d(x, pool, ceil_mode=True) if pool > 1 else x
        if self.layout == "nhwc":
            x = x.squeeze(2)
        if self.rnn is not None:
            x = self.rnn(x.permute(2, 0, 1))[0].permute(1, 2, 0)
        x = torch.cat([x.amax(2), x.mean(2)], 1) if config["pool"] == "max+mean" else x.amax(2)
        for i, (weight, bias) in enumerate(self.dense):
            x = torch.addmm(bias, x, weight)
            x = torch.relu(x) if i + 1 < len(self.dense) else x
        return torch.softmax(x, 1)


codes = np.full(256, 4, np.int64)
for i, letter in enumerate("ACGT"):
    codes[ord(letter)] = codes[ord(letter.lower())] = i
table = torch.cat([torch.eye(4), torch.full((1, 4), 0.25)])


def sequences():
    for record in Path(fasta).read_bytes().split(b">")[1:]:
        letters = record[record.index(b"\n") :].replace(b"\n", b"")
        yield torch.from_numpy(codes[np.frombuffer(letters, np.uint8)])


def scan(net, tokens, batch, most=None):
    """The windows are views of one encoded sequence until a batch of them is copied side by side."""
    found = []
    x = table[tokens].T.contiguous()
    starts = list(range(0, tokens.shape[0] - width + 1, step))
    windows = x.unfold(1, width, step).permute(1, 0, 2)
    for at in range(0, min(len(starts), most or len(starts)), batch):
        some = windows[at : at + batch].contiguous()
        # A C G T reversed is T G C A: the other strand is the block turned round in both directions.
        found.append(torch.maximum(net(some)[:, output], net(some.flip(1, 2))[:, output]))
    if most is None and starts and starts[-1] + width < tokens.shape[0]:
        some = x[None, :, -width:]
        found.append(torch.maximum(net(some)[:, output], net(some.flip(1, 2))[:, output]))
    return torch.cat(found)


# Which variant is the quickest is found beforehand and not counted.
sample = next(sequences())[:200_000]
best = None
for layout in ["ncw", "nhwc"]:
    for compiled in [False, True] if "--compile" in sys.argv else [False]:
        plain = Net(layout).eval()
        net = torch.compile(plain, dynamic=False) if compiled else plain
        for batch in [64, 256, 1024]:
            scan(net, sample, batch, 1024)
            begin = time.perf_counter()
            scan(net, sample, batch, 2048)
            seconds = time.perf_counter() - begin
            if best is None or seconds < best[0]:
                best = (seconds, f"{layout}, batches of {batch}{', compiled' if compiled else ''}", net, batch)
_, variant, net, batch = best
begin, worked = time.perf_counter(), time.process_time()
values = torch.cat([scan(net, tokens, batch) for tokens in sequences()])
seconds, processor = time.perf_counter() - begin, time.process_time() - worked
values.numpy().tofile(values_file)
found = {"seconds": seconds, "processor": processor, "variant": variant, "windows": len(values)}
print(json.dumps({**found, "version": torch.__version__}))
