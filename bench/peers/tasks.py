"""PyTorch in the suite of tasks.js: stock layers where there are some, and the quickest of several formulations where there are none.

`python tasks.py THREADS`
"""

import math
import sys

import protocol
import torch
from torch import nn
from torch.nn import functional as F

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
PROBE_SECONDS = 0.15
WRITES = 64


class Weights:
    """The data file's arrays under our paths: linear layers there are [in, out]."""

    def __init__(self, arrays):
        self.arrays = arrays

    def __call__(self, path):
        return torch.from_numpy(self.arrays[path].copy())

    def has(self, path):
        return path in self.arrays

    def linear(self, path):
        weight = self(f"{path}.weight").T.contiguous()
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=self.has(f"{path}.bias"))
        layer.weight = nn.Parameter(weight)
        if layer.bias is not None:
            layer.bias = nn.Parameter(self(f"{path}.bias"))
        return layer

    def norm(self, path):
        return fill(nn.LayerNorm(len(self(f"{path}.weight"))), {"weight": self(f"{path}.weight"), "bias": self(f"{path}.bias")})

    def table(self, path):
        return nn.Embedding.from_pretrained(self(path), freeze=False)

    def attention(self, path, kind):
        """A dictionary of nn.MultiheadAttention's parameters under the name that its layer gives it."""
        rows = [self(f"{path}.{part}.weight").T for part in ("query", "key", "value")]
        biases = [self(f"{path}.{part}.bias") for part in ("query", "key", "value")]
        return {
            f"{kind}.in_proj_weight": torch.cat(rows),
            f"{kind}.in_proj_bias": torch.cat(biases),
            f"{kind}.out_proj.weight": self(f"{path}.output.weight").T,
            f"{kind}.out_proj.bias": self(f"{path}.output.bias"),
        }

    def block(self, path, names, heads, decodes=False):
        """A pre-norm layer of PyTorch; `names` says what ours are called."""
        table = self.attention(f"{path}.{names['self']}", "self_attn")
        norms = [names["norm"], "feedNorm"]
        if decodes:
            table |= self.attention(f"{path}.cross", "multihead_attn")
            norms.insert(1, "crossNorm")
        for k, name in enumerate(norms):
            table |= {f"norm{k + 1}.{kind}": self(f"{path}.{name}.{kind}") for kind in ("weight", "bias")}
        for k, name in enumerate(["inner", "outer"]):
            table |= {f"linear{k + 1}.weight": self(f"{path}.feed.{name}.weight").T, f"linear{k + 1}.bias": self(f"{path}.feed.{name}.bias")}
        size, feed = self(f"{path}.feed.inner.weight").shape
        kind = nn.TransformerDecoderLayer if decodes else nn.TransformerEncoderLayer
        return fill(kind(size, heads, feed, dropout=0.0, activation="gelu", batch_first=True, norm_first=True), table)

    def recurrent(self, kind, path, ends):
        """nn.LSTM or nn.GRU; `ends` maps PyTorch's endings of names to our paths."""
        first = self(f"{path}{next(iter(ends.values()))}.weight")
        recurrent = self(f"{path}{next(iter(ends.values()))}.recurrent")
        layer = kind(first.shape[0], recurrent.shape[0], batch_first=True, bidirectional=len(ends) > 1)
        table = {}
        for end, place in ends.items():
            own = f"{path}{place}"
            table[f"weight_ih_{end}"] = self(f"{own}.weight").T
            table[f"weight_hh_{end}"] = self(f"{own}.recurrent").T
            table[f"bias_ih_{end}"] = self(f"{own}.bias")
            second = torch.zeros_like(self(f"{own}.bias"))
            if self.has(f"{own}.recurrentBias"):
                second[-recurrent.shape[0] :] = self(f"{own}.recurrentBias")
            table[f"bias_hh_{end}"] = second
        return fill(layer, table)


def fill(layer, table):
    layer.load_state_dict({name: value.contiguous() for name, value in table.items()})
    return layer


class TransformerLanguage(nn.Module):
    def __init__(self, w, spec):
        super().__init__()
        config = spec["config"]
        self.table, self.places = w.table("gpt.embedding"), w.table("gpt.positions.weight")
        names = {"self": "attention", "norm": "attentionNorm"}
        self.blocks = nn.ModuleList(w.block(f"gpt.body.blocks.{b}", names, config["heads"]) for b in range(config["layers"]))
        self.norm = w.norm("gpt.body.norm")
        # Only its shape and its being the causal one are read.
        self.mask = nn.Transformer.generate_square_subsequent_mask(spec["time"])

    def forward(self, tokens):
        x = self.table(tokens) + self.places.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, src_mask=self.mask, is_causal=True)
        return (self.norm(x) @ self.table.weight.T)[..., :WRITES]


class LstmLanguage(nn.Module):
    def __init__(self, w, spec):
        super().__init__()
        self.table, self.head = w.table("embedding"), w.linear("head")
        self.rnn = w.recurrent(nn.LSTM, "layers.0.layers.0.", {"l0": "forward"})
        freeze_second_bias(self.rnn)

    def forward(self, tokens):
        return self.head(self.rnn(self.table(tokens))[0])

    def step(self, token, state):
        y, state = self.rnn(self.table(token), state)
        return self.head(y[:, -1]), state


def freeze_second_bias(rnn):
    for name, value in rnn.named_parameters():
        if name.startswith("bias_hh"):
            value.requires_grad_(False)


def loop_scan(decay, value):
    """h_t = decay_t h_{t-1} + value_t over axis 1, one step after the other."""
    h = torch.zeros_like(value[:, 0])
    out = []
    for a, b in zip(decay.unbind(1), value.unbind(1)):
        h = torch.addcmul(b, a, h)
        out.append(h)
    return torch.stack(out, 1)


def doubling_scan(decay, value):
    """The same in log2(time) passes over all places (Hillis and Steele 1986)."""
    time, reach = value.shape[1], 1
    while reach < time:
        value = torch.cat([value[:, :reach], torch.addcmul(value[:, reach:], decay[:, reach:], value[:, :-reach])], 1)
        decay = torch.cat([decay[:, :reach], decay[:, reach:] * decay[:, :-reach]], 1)
        reach *= 2
    return value


def chunked_scan(decay, value, chunk=32):
    """Chunks side by side, then their ends in order: our own way."""
    batch, time, width = value.shape
    a = decay.view(batch, time // chunk, chunk, width)
    b = value.view(batch, time // chunk, chunk, width)
    h, product = torch.zeros_like(b[:, :, 0]), torch.ones_like(b[:, :, 0])
    own, products = [], []
    for shrink, more in zip(a.unbind(2), b.unbind(2)):
        h = torch.addcmul(more, shrink, h)
        product = shrink * product
        own.append(h)
        products.append(product)
    before, starts = torch.zeros_like(h[:, 0]), []
    for end, shrunk in zip(h.unbind(1), product.unbind(1)):
        starts.append(before)
        before = torch.addcmul(end, shrunk, before)
    all_ = torch.stack(own, 2) + torch.stack(products, 2) * torch.stack(starts, 1).unsqueeze(2)
    return all_.reshape(batch, time, width)


SCANS = {"loop": loop_scan, "doubling": doubling_scan, "chunks": chunked_scan}


class MinGruLanguage(nn.Module):
    def __init__(self, w, spec, scan):
        super().__init__()
        self.scan = SCANS[scan]
        self.table, self.norm, self.head = w.table("embedding"), w.norm("norm"), w.linear("head")
        self.blocks = nn.ModuleList(
            nn.ModuleDict(
                {
                    **{"norm": w.norm(f"blocks.{b}.norm"), "feed_norm": w.norm(f"blocks.{b}.feedNorm")},
                    "mix": w.linear(f"blocks.{b}.mix.cell.layers.0.forward"),
                    **{"inner": w.linear(f"blocks.{b}.feed.inner"), "outer": w.linear(f"blocks.{b}.feed.outer")},
                }
            )
            for b in range(spec["config"]["layers"])
        )

    def forward(self, tokens):
        x = self.table(tokens)
        for own in self.blocks:
            z, candidate = own["mix"](own["norm"](x)).chunk(2, -1)
            x = x + self.scan(torch.sigmoid(-z), torch.sigmoid(z) * candidate)
            x = x + own["outer"](F.gelu(own["inner"](own["feed_norm"](x))))
        return self.head(self.norm(x))


def sinusoids(time, size):
    angle = torch.arange(time).unsqueeze(1) * 10000 ** (-torch.arange(0, size, 2) / size)
    return torch.stack([angle.sin(), angle.cos()], -1).reshape(time, size)


class TransformerTranslator(nn.Module):
    def __init__(self, w, spec):
        super().__init__()
        config = spec["config"]
        names = {"self": "self", "norm": "norm"}
        self.source, self.target = w.table("sourceTable"), w.table("targetTable")
        stack = lambda side: nn.ModuleList(
            w.block(f"{side}.blocks.{b}", names, config["heads"], side == "decoder") for b in range(config["layers"])
        )
        self.encoder, self.decoder = stack("encoder"), stack("decoder")
        self.encoder_norm, self.decoder_norm, self.head = w.norm("encoder.norm"), w.norm("decoder.norm"), w.linear("head")
        self.places = sinusoids(max(spec["keys"], spec["time"]), config["size"])
        self.scale = math.sqrt(config["size"])
        self.mask = nn.Transformer.generate_square_subsequent_mask(spec["time"])

    def forward(self, source, lengths, target):
        padding = torch.arange(source.shape[1]) >= lengths.unsqueeze(1)
        x = self.source(source) * self.scale + self.places[: source.shape[1]]
        for block in self.encoder:
            x = block(x, src_key_padding_mask=padding)
        memory = self.encoder_norm(x)
        y = self.target(target) * self.scale + self.places[: target.shape[1]]
        for block in self.decoder:
            y = block(y, memory, tgt_mask=self.mask, tgt_is_causal=True, memory_key_padding_mask=padding)
        return self.head(self.decoder_norm(y))


class GruTranslator(nn.Module):
    def __init__(self, w, spec):
        super().__init__()
        self.source, self.target = w.table("sourceTable"), w.table("targetTable")
        self.encoder = w.recurrent(nn.GRU, "encoder.layers.0.", {"l0": "forward", "l0_reverse": "backward"})
        self.decoder = w.recurrent(nn.GRU, "layers.0", {"l0": ""})
        self.bridge, self.combine, self.head = w.linear("bridge.encode"), w.linear("combine"), w.linear("head")
        self.query, self.memory = nn.Parameter(w("attention.weight")), nn.Parameter(w("attention.memoryWeight"))
        self.bias, self.vector = nn.Parameter(w("attention.bias")), nn.Parameter(w("attention.vector"))

    def forward(self, source, lengths, target):
        packed = nn.utils.rnn.pack_padded_sequence(self.source(source), lengths, batch_first=True, enforce_sorted=False)
        output, last = self.encoder(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(output, batch_first=True, total_length=source.shape[1])
        start = torch.tanh(self.bridge(torch.cat([last[0], last[1]], 1)))
        tops, _ = self.decoder(self.target(target), start.unsqueeze(0))
        asked = torch.addmm(self.bias, tops.reshape(-1, tops.shape[2]), self.query).view(*tops.shape[:2], 1, -1)
        scores = (torch.tanh(asked + (memory @ self.memory).unsqueeze(1)) @ self.vector).squeeze(3)
        real = torch.arange(source.shape[1]) < lengths.unsqueeze(1)
        seen = torch.softmax(scores.masked_fill(~real.unsqueeze(1), -1e30), 2) @ memory
        return self.head(torch.tanh(self.combine(torch.cat([tops, seen], 2))))


class Crf(nn.Module):
    """`scan`: log-sum-exp over [batch, from, to]; `matrix`: the same as a product of exponentials, less its largest number."""

    def __init__(self, w, how):
        super().__init__()
        self.head, self.how = w.linear("head"), how
        self.transitions, self.start, self.end = (nn.Parameter(w(f"crf.{name}")) for name in ("transitions", "start", "end"))

    def forward(self, x, lengths, tags):
        emissions = self.head(x)
        return (self.partition(emissions, lengths) - self.score(emissions, lengths, tags)).mean()

    def score(self, emissions, lengths, tags):
        real = (torch.arange(tags.shape[1]) < lengths.unsqueeze(1)).float()
        emitted = (emissions.gather(2, tags.unsqueeze(2)).squeeze(2) * real).sum(1)
        moves = (self.transitions[tags[:, :-1], tags[:, 1:]] * real[:, 1:]).sum(1)
        last = tags.gather(1, lengths.unsqueeze(1) - 1).squeeze(1)
        return emitted + moves + self.start[tags[:, 0]] + self.end[last]

    def partition(self, emissions, lengths):
        alpha = self.start + emissions[:, 0]
        factors = self.transitions.exp()
        alive = (torch.arange(emissions.shape[1]) < lengths.unsqueeze(1)).unbind(1)
        for t, emitted in enumerate(emissions.unbind(1)[1:], 1):
            if self.how == "matrix":
                top = alpha.detach().amax(1, keepdim=True)
                following = ((alpha - top).exp() @ factors).log() + top + emitted
            else:
                following = torch.logsumexp(alpha.unsqueeze(2) + self.transitions, 1) + emitted
            alpha = torch.where(alive[t].unsqueeze(1), following, alpha)
        return torch.logsumexp(alpha + self.end, 1)


class TorchCrf(nn.Module):
    """The package pytorch-crf."""

    def __init__(self, w):
        super().__init__()
        from torchcrf import CRF

        self.head = w.linear("head")
        self.crf = CRF(len(w("crf.start")), batch_first=True)
        self.crf.load_state_dict(
            {"transitions": w("crf.transitions"), "start_transitions": w("crf.start"), "end_transitions": w("crf.end")}
        )

    def forward(self, x, lengths, tags):
        mask = torch.arange(tags.shape[1]) < lengths.unsqueeze(1)
        return -self.crf(self.head(x), tags, mask, reduction="mean")


class Ctc(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.head = w.linear("head")

    def forward(self, x, lengths, targets, target_lengths):
        logs = F.log_softmax(self.head(x).transpose(0, 1), 2)
        return F.ctc_loss(logs, targets, lengths, target_lengths)


def cross_entropy(net, labels):
    return lambda *inputs: F.cross_entropy(net(*inputs).flatten(0, 1), labels.flatten())


def candidates(spec, arrays):
    """{formulation: build}, where build() gives a network and the loss of it."""
    w = Weights(arrays)
    integers = {name: torch.from_numpy(value).long() for name, value in arrays.items() if value.dtype.kind == "i"}
    kind = spec["kind"]
    if kind == "language":
        if spec["architecture"] == "transformer":
            builds = {"blocks": lambda: TransformerLanguage(w, spec)}
        elif spec["architecture"] == "lstm":
            builds = {"nn.LSTM": lambda: LstmLanguage(w, spec)}
        else:
            builds = {name: lambda name=name: MinGruLanguage(w, spec, name) for name in SCANS}
        inputs = [integers["tokens"]]
        wrap = lambda net: cross_entropy(net, integers["targets"])
    elif kind == "translate":
        make = {"transformer": TransformerTranslator, "gru": GruTranslator}[spec["architecture"]]
        builds = {"layers": lambda: make(w, spec)}
        inputs = [integers[name] for name in ("source", "sourceLengths", "target")]
        wrap = lambda net: cross_entropy(net, integers["labels"])
    else:
        names = ("lengths", "tags") if kind == "crf" else ("lengths", "targets", "targetLengths")
        inputs = [torch.from_numpy(arrays["x"])] + [integers[name] for name in names]
        wrap = lambda net: net
        builds = {"ctc_loss": lambda: Ctc(w)}
        if kind == "crf":
            builds = {"scan": lambda: Crf(w, "scan"), "matrix": lambda: Crf(w, "matrix"), "pytorch-crf": lambda: TorchCrf(w)}
    return builds, wrap, inputs


def training(net, wrap, inputs, options, compiled, check):
    if check:
        mask_second_biases(net)
    update = torch.optim.AdamW(
        [value for value in net.parameters() if value.requires_grad], lr=options["rate"], betas=(options["beta1"], options["beta2"]),
        eps=options["epsilon"], weight_decay=options["decay"], fused=True,
    )
    loss_of = wrap(net)
    if compiled:
        loss_of = torch.compile(loss_of, dynamic=False)

    def work(steps):
        for _ in range(steps):
            update.zero_grad(set_to_none=True)
            loss = loss_of(*inputs)
            loss.backward()
            update.step()
        return loss.item()

    return work


def mask_second_biases(net):
    """The GRU's second bias counts for its candidate alone; PyTorch trains the rest of it along, which the check of the losses leaves out."""
    for layer in net.modules():
        if isinstance(layer, nn.GRU):
            for name, value in layer.named_parameters():
                if name.startswith("bias_hh"):
                    kept = torch.zeros_like(value)
                    kept[-layer.hidden_size :] = 1
                    value.register_hook(lambda g, kept=kept: g * kept)
                    # Decay moves zeros nowhere.


def train(message, arrays):
    spec, options = message["workload"], message["optimizer"]
    builds, wrap, inputs = candidates(spec, arrays)
    ways = {name: (build, False) for name, build in builds.items()}
    if message.get("compile") != "none":
        # A loop over time would be unrolled, step by step: minutes.
        for name in ("blocks", "layers", "doubling"):
            if name in builds and spec["architecture"] != "gru":
                ways[f"{name}, compiled"] = (builds[name], True)
    works, failed = {}, {}
    for name, (build, compiled) in ways.items():
        try:
            work = training(build(), wrap, inputs, options, compiled, False)
            work(2)
            works[name] = work
        except Exception as error:
            # A variant that cannot run here (no compiler, say) is left out; the reply says so.
            failed[name] = f"{type(error).__name__}: {str(error)[:200]}"
    name = protocol.fastest(works, PROBE_SECONDS)
    build, compiled = ways[name]
    checked = training(build(), wrap, inputs, options, False, True)
    losses = [checked(1) for _ in range(message["steps"])]
    return {"variant": name, "tried": list(works), "failed": failed, "losses": losses}, works[name]


def decoding(message, arrays):
    spec = message["workload"]
    net = LstmLanguage(Weights(arrays), spec).eval()
    start = torch.full((spec["batch"], 1), WRITES)
    cell = nn.LSTMCell(net.rnn.input_size, net.rnn.hidden_size)
    cell.load_state_dict({name.removesuffix("_l0"): value for name, value in net.rnn.state_dict().items()})

    def layer_step(token, state):
        return net.step(token, state)

    def cell_step(token, state):
        state = cell(net.table.weight[token[:, 0]], state)
        return net.head(state[0]), state

    @torch.inference_mode()
    def write(step, choose, length):
        token, state, out = start, None, []
        for _ in range(length):
            logits, state = step(token, state)
            token = choose(logits)
            out.append(token)
        return torch.cat(out, 1)

    draw = lambda logits: torch.multinomial(torch.softmax(logits, 1), 1)
    # The same draw without multinomial's checks: the least of exponential waiting times.
    race = lambda logits: (torch.softmax(logits, 1) / torch.empty_like(logits).exponential_()).argmax(1, keepdim=True)
    greedy = lambda logits: logits.argmax(1, keepdim=True)

    @torch.inference_mode()
    def beam(step, width, length):
        logits, state = step(start, None)
        scores, tokens = torch.log_softmax(logits, 1).topk(width)
        scores, token = scores[0], tokens.T
        fit = lambda value, rows: value.index_select(value.dim() - 2, rows)
        state = tuple(fit(value, torch.zeros(width, dtype=torch.long)) for value in state)
        written = token
        for _ in range(length - 1):
            logits, state = step(token, state)
            scores, best = (scores.unsqueeze(1) + torch.log_softmax(logits, 1)).flatten().topk(width)
            rows = best // WRITES
            token = (best % WRITES).unsqueeze(1)
            state = tuple(fit(value, rows) for value in state)
            written = torch.cat([written[rows], token], 1)
        return written[scores.argmax()]

    length = spec["length"]
    steps = {"nn.LSTM": layer_step, "LSTMCell": cell_step}
    if spec["kind"] == "beam":
        works = {name: lambda n, step=step: [beam(step, spec["width"], length) for _ in range(n)] for name, step in steps.items()}
        tokens = beam(layer_step, spec["width"], length).tolist()
    else:
        works = {
            f"{name}, {how}": lambda n, step=step, choose=choose: [write(step, choose, length) for _ in range(n)]
            for name, step in steps.items()
            for how, choose in {"multinomial": draw, "exponential race": race}.items()
        }
        tokens = write(layer_step, greedy, 48)[0].tolist()
    name = protocol.fastest(works, PROBE_SECONDS)
    return {"variant": name, "tried": list(works), "failed": {}, "tokens": tokens}, works[name]


DATA = {"tokens", "targets", "source", "sourceLengths", "target", "labels", "x", "lengths", "tags", "targetLengths"}


def prepare(message):
    torch._dynamo.reset()
    arrays = protocol.load(message["tensors"], message["data"])
    reply, work = (train if message["mode"] == "train" else decoding)(message, arrays)
    parameters = sum(value.size for name, value in arrays.items() if name not in DATA)
    return {"parameters": int(parameters), **reply}, work


if __name__ == "__main__":
    versions = {"torch": torch.__version__}
    protocol.serve({"name": "PyTorch", "versions": versions, "threads": torch.get_num_threads()}, prepare, lambda size: 0)
