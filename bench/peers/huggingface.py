"""Hugging Face transformers in the suite of tasks.js: `generate` of a GPT-2 with our weights, and a bare loop around its forward pass.

`python huggingface.py THREADS`
"""

import os
import sys

os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import protocol
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)
PROBE_SECONDS = 0.15
WRITES = 64


def network(spec, arrays):
    """Our weights fit as they are: its layers are [in, out], too. The head leaves out the start token, which is never written."""
    config = spec["config"]
    net = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=WRITES + 1, n_positions=config["context"], n_embd=config["size"], n_layer=config["layers"], n_head=config["heads"],
            activation_function="gelu_new", resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0, bos_token_id=WRITES, eos_token_id=None,
            pad_token_id=0, tie_word_embeddings=False,
        )
    )
    get = lambda path: torch.from_numpy(arrays[f"gpt.{path}"].copy())
    side = lambda block, kind: torch.cat([get(f"{block}.attention.{part}.{kind}") for part in ("query", "key", "value")], -1)
    table = {"transformer.wte.weight": get("embedding"), "transformer.wpe.weight": get("positions.weight")}
    for kind in ("weight", "bias"):
        table[f"transformer.ln_f.{kind}"] = get(f"body.norm.{kind}")
        for b in range(config["layers"]):
            own, block = f"transformer.h.{b}", f"body.blocks.{b}"
            table[f"{own}.attn.c_attn.{kind}"] = side(block, kind)
            for theirs, ours in {
                **{"ln_1": "attentionNorm", "ln_2": "feedNorm", "attn.c_proj": "attention.output"},
                **{"mlp.c_fc": "feed.inner", "mlp.c_proj": "feed.outer"},
            }.items():
                table[f"{own}.{theirs}.{kind}"] = get(f"{block}.{ours}.{kind}")
    missing, unexpected = net.load_state_dict(table, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:
        raise ValueError(f"parameters that do not fit: {missing}, {unexpected}")
    net.lm_head = torch.nn.Linear(config["size"], WRITES, bias=False)
    net.lm_head.weight = torch.nn.Parameter(table["transformer.wte.weight"][:WRITES].clone())
    return net.eval()


def prepare(message):
    spec = message["workload"]
    arrays = protocol.load(message["tensors"], message["data"])
    net = network(spec, arrays)
    length, batch = spec["length"], spec["batch"]
    start = torch.full((batch, 1), WRITES)
    # No penalty, no end: the same number of tokens in each.
    common = dict(attention_mask=torch.ones_like(start), use_cache=True, max_new_tokens=length, min_new_tokens=None)

    @torch.inference_mode()
    def generate(**options):
        return net.generate(start, **{**common, **options})[:, 1:]

    @torch.inference_mode()
    def loop(choose, count):
        token, past, out = start, None, []
        for _ in range(count):
            result = net(input_ids=token, past_key_values=past, use_cache=True)
            past = result.past_key_values
            token = choose(result.logits[:, -1])
            out.append(token)
        return torch.cat(out, 1)

    draw = lambda logits: torch.multinomial(torch.softmax(logits, 1), 1)
    if spec["kind"] == "beam":
        beam = dict(num_beams=spec["width"], do_sample=False, length_penalty=0.0, early_stopping=False)
        works = {"generate": lambda n: [generate(**beam) for _ in range(n)]}
        tokens = generate(**beam)[0].tolist()
    else:
        sample = dict(do_sample=True, top_k=0, top_p=1.0, temperature=1.0)
        works = {"generate": lambda n: [generate(**sample) for _ in range(n)], "forward in a loop": lambda n: [loop(draw, length) for _ in range(n)]}
        tokens = generate(do_sample=False, max_new_tokens=48)[0].tolist()
    name = protocol.fastest(works, PROBE_SECONDS)
    parameters = sum(value.size for value in arrays.values())
    return {"parameters": int(parameters), "variant": name, "tried": list(works), "failed": {}, "tokens": tokens}, works[name]


if __name__ == "__main__":
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    protocol.serve({"name": "Hugging Face", "versions": versions, "threads": torch.get_num_threads()}, prepare, lambda size: 0)
