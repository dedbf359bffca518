"""What hmmlearn computes for small seeded models: likelihood, posteriors, Viterbi path, one round of Baum-Welch.

    python3 -m venv ../hmm-venv && ../hmm-venv/bin/pip install hmmlearn
    ../hmm-venv/bin/python test/golden/markov/hmm.py
"""

import json
import warnings
from pathlib import Path

import hmmlearn
import numpy as np
from hmmlearn import hmm

warnings.filterwarnings("ignore")
rng = np.random.default_rng(20)


def rows(n, m, sharp=1.0):
    return np.round(rng.dirichlet(np.full(m, sharp), n), 6)


def fix(p):
    p[..., -1] += 1 - p.sum(axis=-1)
    return p


def case(name, kind, model, x, emissions, after):
    """`emissions` and `after` name the attributes that hold the parameters."""
    log, posterior = model.score_samples(x)
    best, path = model.decode(x, algorithm="viterbi")
    before = {key: getattr(model, key).tolist() for key in ["startprob_", "transmat_", *emissions]}
    model.n_iter, model.tol, model.init_params = 1, 0, ""
    model.fit(x)
    return {
        "name": name, "kind": kind, "observations": np.asarray(x).tolist(), "before": before,
        "logLikelihood": log, "posteriors": posterior.tolist(), "viterbi": {"log": best, "path": path.tolist()},
        "after": {key: getattr(model, key).tolist() for key in ["startprob_", "transmat_", *after]},
    }  # fmt: skip


def base(model, n):
    model.startprob_ = fix(rows(1, n))[0]
    model.transmat_ = fix(rows(n, n, 0.7))
    return model


cases = []
for n, symbols, length in [(2, 4, 60), (4, 3, 150), (7, 5, 80)]:
    m = base(hmm.CategoricalHMM(n, params="ste"), n)
    m.emissionprob_ = fix(rows(n, symbols))
    m.n_features = symbols
    x = rng.integers(0, symbols, (length, 1))
    x[:symbols, 0] = range(symbols)
    cases.append(case(f"categorical, {n} states", "categorical", m, x, ["emissionprob_"], ["emissionprob_"]))

for n, width in [(3, 1), (4, 3)]:
    m = base(hmm.GaussianHMM(n, covariance_type="diag", covars_prior=0, covars_weight=1, min_covar=0), n)
    m.means_ = np.round(rng.normal(size=(n, width)) * 2, 4)
    m._covars_ = np.round(rng.uniform(0.5, 2, (n, width)), 4)
    m.n_features = width
    x = np.round(rng.normal(size=(90, width)) * 2, 4)
    c = case(f"gaussian, {n} states of width {width}", "gaussian", m, x, ["means_", "_covars_"], ["means_", "_covars_"])
    cases.append(c)

n, mix, width = 3, 2, 2
m = base(hmm.GMMHMM(n, n_mix=mix, covariance_type="diag", min_covar=0), n)
m.weights_ = fix(rows(n, mix, 3))
m.means_ = np.round(rng.normal(size=(n, mix, width)) * 2, 4)
m.covars_ = np.round(rng.uniform(0.5, 2, (n, mix, width)), 4)
m.n_features = width
x = np.round(rng.normal(size=(120, width)) * 2, 4)
cases.append(
    case("mixture, 3 states", "mixture", m, x, ["weights_", "means_", "covars_"], ["weights_", "means_", "covars_"])
)


def variances_about_new_means(c):
    """hmmlearn 0.3.3 takes the spread of a mixture about the means before the round, which is not the maximum of
    the expected likelihood; so the variances come from its posteriors by the formula, straight."""
    x, posterior = np.array(c["observations"]), np.array(c["posteriors"])
    weights, means, covars = (np.array(c["before"][key]) for key in ["weights_", "means_", "covars_"])
    z = (x[:, None, None] - means) ** 2 / covars
    density = weights * np.exp(-0.5 * z.sum(-1)) / np.sqrt((2 * np.pi * covars).prod(-1))
    share = posterior[:, :, None] * density / density.sum(-1, keepdims=True)
    total = share.sum(0)[..., None]
    new = np.einsum("tsk,td->skd", share, x) / total
    spread = np.einsum("tsk,tskd->skd", share, (x[:, None, None] - new) ** 2) / total
    about_old = np.einsum("tsk,tskd->skd", share, (x[:, None, None] - means) ** 2) / total
    assert np.allclose(new, c["after"]["means_"], atol=1e-9)
    assert np.allclose(about_old, c["after"]["covars_"], atol=1e-9)
    c["after"]["covars_"] = spread.tolist()


variances_about_new_means(cases[-1])

n, width = 3, 2
m = base(hmm.PoissonHMM(n), n)
m.lambdas_ = np.round(rng.uniform(0.5, 6, (n, width)), 4)
m.n_features = width
x = rng.poisson(3, (80, width))
cases.append(case("poisson, 3 states", "poisson", m, x, ["lambdas_"], ["lambdas_"]))

path = Path(__file__).with_suffix(".json")
body = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
path.write_text(f'{{"made_with":{json.dumps({"hmmlearn": hmmlearn.__version__})},"cases":[\n{body}\n]}}\n')
print(f"{path.name}: {len(cases)} cases, {path.stat().st_size / 1024:.0f} KiB")
