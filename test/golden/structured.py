"""Golden values for structured losses: PyTorch's CTC loss, and the linear-chain CRF of the package pytorch-crf.

Besides PyTorch this needs `pip install pytorch-crf`.
"""

import torch
import torch.nn.functional as F
from torchcrf import CRF

from golden import generator, normal, record, write


def ctc_case(name, seed, time, classes, lengths, target_lengths, targets, reduction, blank=0, zero_infinity=False):
    rng = generator(81 + seed)
    inputs = {"logits": normal(rng, len(lengths), time, classes, scale=1.5), "targets": torch.tensor(targets),
              "lengths": torch.tensor(lengths), "target_lengths": torch.tensor(target_lengths)}

    def apply(i, p):
        log_probs = F.log_softmax(i["logits"], -1).transpose(0, 1)
        return {"loss": F.ctc_loss(log_probs, i["targets"], i["lengths"], i["target_lengths"], blank=blank,
                                   reduction=reduction, zero_infinity=zero_infinity)}

    config = {"loss": "ctc", "reduction": reduction, "blank": blank, "zeroImpossible": zero_infinity,
              "padding": "targets beyond target_lengths and logits beyond lengths are not read"}
    return record(name, config, apply, inputs, seed=seed)


def crf_case(name, seed, lengths, time=5, tags=3):
    rng = generator(91 + seed)
    batch = len(lengths)
    net = CRF(tags, batch_first=True)
    params = {key: normal(rng, *value.shape, scale=0.8) for key, value in net.named_parameters()}
    inputs = {"emissions": normal(rng, batch, time, tags), "tags": torch.randint(tags, (batch, time), generator=rng),
              "lengths": torch.tensor(lengths)}

    def apply(i, p):
        real = torch.arange(time) < i["lengths"][:, None]
        return {"loss": -torch.func.functional_call(net, p, (i["emissions"], i["tags"], real), {"reduction": "mean"})}

    case = record(name, {"loss": "crf", "reduction": "mean", "tags": tags}, apply, inputs, params, seed=seed)
    # The package decodes with the values as they are, so they go in as its own parameters.
    with torch.no_grad():
        for key, value in net.named_parameters():
            value.copy_(torch.tensor(case["params"][key]["data"]).reshape(value.shape))
        emissions = torch.tensor(case["inputs"]["emissions"]["data"]).reshape(batch, time, tags)
        case["config"]["best"] = net.decode(emissions, torch.arange(time) < torch.tensor(lengths)[:, None])
    return case


if __name__ == "__main__":
    write(__file__, [
        ctc_case("ctc, each sequence", 0, 6, 4, [6, 4, 5], [3, 2, 1], [[1, 2, 3], [2, 2, 1], [3, 1, 1]], "none"),
        ctc_case("ctc, mean", 1, 6, 4, [6, 4, 5], [3, 2, 1], [[1, 2, 3], [2, 2, 1], [3, 1, 1]], "mean"),
        ctc_case("ctc, another blank", 2, 5, 3, [5, 3], [2, 1], [[0, 0], [1, 1]], "none", blank=2),
        ctc_case("ctc, an empty target", 3, 4, 3, [4, 2], [0, 2], [[1, 1], [1, 2]], "mean"),
        ctc_case("ctc, an impossible target counted as 0", 4, 3, 3, [3, 3], [3, 2], [[1, 1, 2], [1, 2, 1]], "none",
                 zero_infinity=True),
        ctc_case("ctc, repeated labels that just fit", 5, 5, 3, [5, 3], [3, 2], [[1, 1, 1], [2, 2, 1]], "none"),
        crf_case("crf, varying lengths", 6, [5, 3, 1]),
        crf_case("crf, whole sequences", 7, [5, 5], tags=4),
    ], "structured losses; data is row-major")
