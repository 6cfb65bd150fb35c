"""CPU time of the whole spring–block phase diagram against one chain at a time in NumPy.

    python benchmarks/springs.py [--baseline-chains 4]

48 cells × 20 chains × 10,000 steps, L = 7, as `config/experiments/spring_phase_diagram.yaml`
asks for. Ours: one call of `chains.integrators.first_order`. Baseline: the formula of the authors'
notebook on a vector of seven blocks, a Python loop over the steps, chain after chain, normals
drawn for the whole chain at once. All chains cost the same there, so a few are timed, spread over
the cells, and scaled up; the report says how many. Both on one thread, in one process,
interleaved, medians of CPU seconds.

The limit is told by a run without noise, which is stepping alone, and by NumPy's generator drawing
as many normals.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402

from layeratlas.chains.integrators import first_order  # noqa: E402

FRICTION_RIGHT = (0.10, 0.08, 0.06, 0.04, 0.02, 0.0)
NOISE = (0.5, 0.3, 0.2, 0.15, 0.1, 0.06, 0.03, 0.0)
FRICTION_LEFT, CHAINS, STEPS, LENGTH = 0.15, 20, 10_000, 7
ROUNDS = 5


def cpu_seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def cells() -> tuple[np.ndarray, np.ndarray]:
    """μ→ and ε̄ of every chain of the diagram."""
    right, noise = np.meshgrid(FRICTION_RIGHT, NOISE, indexing="ij")
    return np.repeat(right.ravel(), CHAINS), np.repeat(noise.ravel(), CHAINS)


def whole_diagram(*, noisy: bool = True) -> np.ndarray:
    right, noise = cells()
    return first_order(
        length=LENGTH,
        steps=STEPS,
        record=[STEPS],
        seeds=range(len(right)),
        friction_right=right,
        friction_left=FRICTION_LEFT,
        noise=noise if noisy else 0.0,
    )


def one_chain(right: float, noise: float, seed: int, eta: float = 0.01) -> np.ndarray:
    x = np.zeros(LENGTH + 2)
    x[-1] = 1.0
    xi = noise * np.random.default_rng(seed).standard_normal((STEPS, LENGTH))
    for step in range(STEPS):
        z = x[2:] - 2 * x[1:-1] + x[:-2] + xi[step]
        x[1:-1] += eta * (np.maximum(z - right, 0) - np.maximum(-z - FRICTION_LEFT, 0))
    return 1.0 - x[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--baseline-chains", type=int, default=4)
    arguments = parser.parse_args()
    right, noise = cells()
    chosen = np.linspace(0, len(right) - 1, arguments.baseline_chains).astype(int)
    draws = len(right) * STEPS * LENGTH

    # Kernels are compiled before anything is timed: that happens once a machine.
    ours_result = whole_diagram()
    times: dict[str, list[float]] = {"ours": [], "ours_without_noise": [], "baseline_chain": []}
    for round_ in range(ROUNDS):
        times["ours"].append(cpu_seconds(whole_diagram))
        times["ours_without_noise"].append(cpu_seconds(lambda: whole_diagram(noisy=False)))
        for i in chosen:
            times["baseline_chain"].append(
                cpu_seconds(lambda i=i, seed=round_: one_chain(right[i], noise[i], seed))
            )
    generator = np.random.default_rng(0)
    numpy_draws = cpu_seconds(
        lambda: [generator.standard_normal(draws // 100, dtype=np.float32) for _ in range(100)]
    )
    ours, quiet = (statistics.median(times[name]) for name in ("ours", "ours_without_noise"))
    baseline = len(right) * statistics.median(times["baseline_chain"])

    # The same physics, or the ratio means nothing: noiseless cells agree to rounding.
    still = int(np.flatnonzero(noise == 0)[0])
    apart = float(abs(ours_result[still, 0] - one_chain(right[still], 0.0, 0)).max())
    report = {
        "chains": len(right),
        "steps_each": STEPS,
        "baseline_chains_timed": arguments.baseline_chains * ROUNDS,
        "ours_cpu_s": round(ours, 3),
        "baseline_cpu_s": round(baseline, 1),
        "ratio": round(baseline / ours),
        "noiseless_cell_differs_by": apart,
        "ours_without_noise_cpu_s": round(quiet, 3),
        "share_of_random_numbers": round(1 - quiet / ours, 2),
        "nanoseconds_a_normal": round(1e9 * (ours - quiet) / draws, 2),
        "numpy_nanoseconds_a_normal_float32": round(1e9 * numpy_draws / draws, 2),
        "nanoseconds_a_block_step": round(1e9 * quiet / draws, 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
