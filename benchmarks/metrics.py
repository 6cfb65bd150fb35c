"""CPU time of data separation against the class loop with a pseudo-inverse.

    python benchmarks/metrics.py

Baseline: what the released code does: one covariance a class in a loop, both d × d covariances,
`pinv` of the between-class one, for D and D_mp together. Ours: D and D_mp of shared signals
(`layeratlas.signals.classes`), as a measuring job computes them; and `data_separation` alone.
Features (1, 2560, 100), 10 classes, float32, one thread, candidates interleaved, medians.
"""

from __future__ import annotations

import json
import statistics
import time

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402

from layeratlas.metrics import separation  # noqa: E402
from layeratlas.metrics.separation import data_separation  # noqa: E402
from layeratlas.signals import classes  # noqa: E402


def class_loop(x: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    n, d = x.shape
    mean = x.mean(axis=0)
    within, between = np.zeros((d, d), x.dtype), np.zeros((d, d), x.dtype)
    for k in np.unique(labels):
        members = x[labels == k]
        centred = members - members.mean(axis=0)
        within += centred.T @ centred / n
        shift = members.mean(axis=0) - mean
        between += len(members) / n * np.outer(shift, shift)
    pseudo = np.trace(within @ np.linalg.pinv(between, rcond=d * np.finfo(np.float32).eps))
    return float(np.log(np.trace(within) / np.trace(between))), float(np.log(pseudo))


def ours(x: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    stacked = x[None]
    sums = classes.class_sums(stacked, labels, classes.classes_of(labels))
    means = classes.class_means(sums)
    between = classes.between_classes(sums, means)
    left = classes.deviations(stacked, labels, classes.classes_of(labels), means)
    along = classes.square_along(left, classes.between_directions(between))
    return (
        float(separation.log_ratio(between, classes.square(left) / x.shape[0])[0]),
        float(separation.log_of(along / x.shape[0])[0]),
    )


def trace_ratio(x: np.ndarray, labels: np.ndarray) -> tuple[float]:
    return (float(data_separation(x[None], labels)[0]),)


def main(rounds: int = 30) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 2560)
    x = rng.standard_normal((2560, 100)) + 0.5 * rng.standard_normal((10, 100))[labels]
    x = x.astype(np.float32)
    assert np.allclose(class_loop(x, labels), ours(x, labels), atol=1e-3)
    candidates = {
        "class loop with pinv": class_loop,
        "ours, D and D_mp": ours,
        "ours, D": trace_ratio,
    }
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, function in candidates.items():
            start = time.process_time()
            for _ in range(5):
                function(x, labels)
            times[name].append((time.process_time() - start) / 5)
    median = {name: statistics.median(t) for name, t in times.items()}
    report = {
        "cpu_ms": {name: round(1e3 * t, 3) for name, t in median.items()},
        "times_faster": {
            name: round(median["class loop with pinv"] / t, 2) for name, t in median.items()
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
