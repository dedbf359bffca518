"""Golden values for src/train/metrics, from scikit-learn and SciPy.

Run: python test/golden/metrics.py > test/golden/metrics.json
Needs: scikit-learn >= 1.7, scipy, numpy.
"""

import json
import sys

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics as m

random = np.random.default_rng(7)


def expected_calibration_error(p, y, bins=15):
    which = np.clip(np.floor(p * bins).astype(int), 0, bins - 1)
    parts = [which == b for b in range(bins)]
    return sum(part.mean() * abs(p[part].mean() - y[part].mean()) for part in parts if part.any())


def binary(n, digits):
    y = (random.random(n) < 0.35).astype(int)
    p = np.clip(np.round(0.35 * y + 0.65 * random.random(n), digits), 0.001, 0.999)
    w = random.integers(0, 4, n)
    called = (p > 0.5).astype(int)
    return {
        "truth": y.tolist(), "values": np.stack([1 - p, p], 1).ravel().tolist(), "weights": w.tolist(),
        "metrics": {
            "accuracy": m.accuracy_score(y, called),
            "balancedAccuracy": m.balanced_accuracy_score(y, called),
            "mcc": m.matthews_corrcoef(y, called),
            "f1": m.f1_score(y, called),
            "auroc": m.roc_auc_score(y, p),
            "auprc": m.average_precision_score(y, p),
            "brier": m.brier_score_loss(y, p),
            "logLoss": m.log_loss(y, p),
            "ece": expected_calibration_error(p, y),
        },
        "weighted": {
            "accuracy": m.accuracy_score(y, called, sample_weight=w),
            "balancedAccuracy": m.balanced_accuracy_score(y, called, sample_weight=w),
            "mcc": m.matthews_corrcoef(y, called, sample_weight=w),
            "f1": m.f1_score(y, called, sample_weight=w),
            "auroc": m.roc_auc_score(y, p, sample_weight=w),
            "auprc": m.average_precision_score(y, p, sample_weight=w),
            "brier": m.brier_score_loss(y, p, sample_weight=w),
            "logLoss": m.log_loss(y, p, sample_weight=w),
        },
    }


def many(n, k):
    y = random.integers(0, k, n)
    y[:k] = np.arange(k)
    logits = random.normal(size=(n, k)) + 1.2 * np.eye(k)[y]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    called = p.argmax(1)
    truth = np.eye(k)[y]
    return {
        "truth": y.tolist(), "values": p.ravel().tolist(), "columns": k,
        "confusion": m.confusion_matrix(y, called).tolist(),
        "metrics": {
            "accuracy": m.accuracy_score(y, called),
            "balancedAccuracy": m.balanced_accuracy_score(y, called),
            "mcc": m.matthews_corrcoef(y, called),
            "f1": m.f1_score(y, called, average="macro"),
            "auroc": m.roc_auc_score(y, p, multi_class="ovr", average="macro"),
            "auprc": m.average_precision_score(truth, p, average="macro"),
            "brier": m.brier_score_loss(y, p),
            "logLoss": m.log_loss(y, p),
            "ece": expected_calibration_error(p.max(1), (called == y).astype(float)),
        },
    }


def labels(n, k):
    y = (random.random((n, k)) < 0.4).astype(int)
    p = np.clip(0.3 * y + 0.7 * random.random((n, k)), 0.01, 0.99)
    called = (p >= 0.5).astype(int)
    each = range(k)
    return {
        "truth": y.ravel().tolist(), "values": p.ravel().tolist(), "columns": k,
        "metrics": {
            "accuracy": m.accuracy_score(y, called),
            "labelAccuracy": 1 - m.hamming_loss(y, called),
            "balancedAccuracy": np.mean([m.balanced_accuracy_score(y[:, c], called[:, c]) for c in each]),
            "mcc": np.mean([m.matthews_corrcoef(y[:, c], called[:, c]) for c in each]),
            "f1": m.f1_score(y, called, average="macro"),
            "f1Micro": m.f1_score(y, called, average="micro"),
            "auroc": m.roc_auc_score(y, p, average="macro"),
            "auprc": m.average_precision_score(y, p, average="macro"),
            "brier": np.mean([m.brier_score_loss(y[:, c], p[:, c]) for c in each]),
            "logLoss": np.mean([m.log_loss(y[:, c], p[:, c]) for c in each]),
            "ece": expected_calibration_error(p.ravel(), y.ravel()),
        },
    }


def values(n, k, digits):
    y = np.round(random.normal(3, 2, (n, k)), digits)
    p = np.round(0.7 * y + random.normal(0, 1, (n, k)), digits)
    each = range(k)
    return {
        "truth": y.ravel().tolist(), "values": p.ravel().tolist(), "columns": k,
        "metrics": {
            "r2": m.r2_score(y, p),
            "pearson": np.mean([stats.pearsonr(y[:, c], p[:, c])[0] for c in each]),
            "spearman": np.mean([stats.spearmanr(y[:, c], p[:, c])[0] for c in each]),
            "rmse": np.mean([m.root_mean_squared_error(y[:, c], p[:, c]) for c in each]),
            "mae": m.mean_absolute_error(y, p),
        },
    }


golden = {
    "made with": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__},
    "binary": binary(60, 3),
    "tied": binary(80, 1),
    "many": many(60, 4),
    "labels": labels(40, 3),
    "values": values(50, 2, 6),
    "tiedValues": values(50, 1, 0),
}
json.dump(golden, sys.stdout, default=float)
print()
