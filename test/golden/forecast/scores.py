"""Scores of normal forecasts: CRPS by numerical integration of its definition, quantiles by scipy."""

import json
from pathlib import Path

import numpy as np
import scipy
from scipy import integrate, stats


def crps(mean, deviation, y):
    """The integral of (F(x) - [x >= y])^2 (Matheson and Winkler 1976)."""
    cdf = lambda x: stats.norm.cdf(x, mean, deviation)
    options = {"epsabs": 1e-13, "epsrel": 1e-13, "limit": 500}
    far = 12 * deviation + abs(y - mean)
    below = integrate.quad(lambda x: cdf(x) ** 2, mean - far, y, **options)[0]
    above = integrate.quad(lambda x: (1 - cdf(x)) ** 2, y, mean + far, **options)[0]
    return below + above


if __name__ == "__main__":
    cases = [(0, 1, 0), (0, 1, 2.5), (1.5, 0.3, 1.1), (-4, 2, 3), (10, 0.01, 10.005), (0, 5, -12)]
    levels = [1e-9, 1e-4, 0.01, 0.025, 0.1, 0.3, 0.5, 0.75, 0.9, 0.975, 0.9999]
    found = {
        "made_with": {"scipy": scipy.__version__, "numpy": np.__version__},
        "crps": [{"mean": m, "deviation": s, "y": y, "crps": crps(m, s, y)} for m, s, y in cases],
        "quantiles": [{"level": q, "z": float(stats.norm.ppf(q))} for q in levels],
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
