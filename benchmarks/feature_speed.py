"""CPU time of the backward–feature angles of all layers against a real step and a generic JVP.

    python benchmarks/feature_speed.py [--depth 100] [--width 1000] [--rounds 7]

ReLU network with the read-out on the last pre-activation (branch scale 1), one input, square loss,
hidden matrices trained with rates 1/(L |G_l|²), float64, weights already drawn. Candidates:

- step: autograd, one full gradient step, a second forward pass; angles from the difference;
- jvp: gradients from autograd, then `torch.func.jvp` of the features in their direction;
- ours: `layeratlas.probes.measures.probe`, exact velocities without gradient matrices;
- ours, finite step: the same with a step, still without updated matrices.

One thread, one process, candidates interleaved, CPU seconds, medians: of runs that follow a run of
the same candidate (the allocator is warm), and of first runs, where each gradient matrix is new
memory, as in a probe of one draw after another.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time

from layeratlas.runs.threads import limit_threads

limit_threads()

import numpy as np  # noqa: E402
import torch  # noqa: E402

from layeratlas.probes.losses import Square  # noqa: E402
from layeratlas.probes.measures import probe  # noqa: E402
from layeratlas.probes.networks import draw, resnet  # noqa: E402

STEP = 1e-7
TARGET = 0.3


def angle(velocity: torch.Tensor, backward: torch.Tensor) -> float:
    direction = backward / torch.linalg.vector_norm(backward)
    along = -float(direction @ velocity)
    across = float(torch.linalg.vector_norm(velocity + along * direction))
    return math.atan2(across, along)


def features(first, hidden, last, x):
    """f_2 … f_{L−1} and f_L."""
    f = first @ x
    kept = []
    for w in hidden:
        f = w @ torch.relu(f)
        kept.append(f)
    return kept, last @ f


def gradients(first, hidden, last, x):
    kept, out = features(first, hidden, last, x)
    loss = ((out - TARGET) ** 2).sum() / 2
    found = torch.autograd.grad(loss, [*hidden, *kept])
    return kept, found[: len(hidden)], found[len(hidden) :]


def step(first, hidden, last, x) -> np.ndarray:
    kept, grads, backward = gradients(first, hidden, last, x)
    depth = len(hidden) + 2
    with torch.no_grad():
        for w, g in zip(hidden, grads, strict=True):
            w.sub_(g, alpha=STEP / (depth * float(torch.linalg.vector_norm(g)) ** 2))
        after, _ = features(first, hidden, last, x)
        return np.array([angle(n - o, b) for n, o, b in zip(after, kept, backward, strict=True)])


def jvp(first, hidden, last, x) -> np.ndarray:
    _, grads, backward = gradients(first, hidden, last, x)
    depth = len(hidden) + 2
    with torch.no_grad():
        tangents = tuple(-g / (depth * torch.linalg.vector_norm(g) ** 2) for g in grads)
        _, velocity = torch.func.jvp(
            lambda *w: features(first, w, last, x)[0], tuple(w.detach() for w in hidden), tangents
        )
        return np.array([angle(v, b) for v, b in zip(velocity, backward, strict=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depth", type=int, default=100)
    parser.add_argument("--width", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    depth, width = options.depth, options.width
    network = resnet(depth, width, 1.0)
    x = np.random.default_rng(0).standard_normal(10) / math.sqrt(10)
    weights = draw(0, depth, width)
    # The same numbers for all; the step needs double precision, or it would be rounding.
    used = [s * weights.matrix(i) for i, s in enumerate(network.multipliers[0], start=1)]
    matrices = [torch.from_numpy(np.ascontiguousarray(w)) for w in used]
    originals = [w.clone() for w in matrices]
    first, last = matrices[0], matrices[-1]
    hidden = [w.requires_grad_() for w in matrices[1:-1]]
    given = torch.from_numpy(x)

    def ours(**options) -> np.ndarray:
        return probe(weights, network, x, Square(TARGET), **options).theta[0, 2:depth]

    candidates = {
        "step": lambda: step(first, hidden, last, given),
        "jvp": lambda: jvp(first, hidden, last, given),
        "ours": ours,
        "ours, finite step": lambda: ours(step=STEP),
    }

    def restore() -> None:
        with torch.no_grad():
            for w, original in zip(hidden, originals[1:-1], strict=True):
                w.copy_(original)

    cold: dict[str, list[float]] = {name: [] for name in candidates}
    warm: dict[str, list[float]] = {name: [] for name in candidates}
    angles = {}
    for round_ in range(options.rounds + 1):
        for name, function in candidates.items():
            # Twice in a row: the first finds the memory of its gradients given back to the system.
            for times in (cold, warm):
                start = time.process_time()
                angles[name] = function()
                if round_:  # the first round compiles
                    times[name].append(time.process_time() - start)
                restore()
    first_run, median = (
        {name: statistics.median(t) for name, t in times.items()} for times in (cold, warm)
    )
    report = {
        "depth": depth,
        "width": width,
        "cpu_ms": {name: round(1e3 * t, 1) for name, t in median.items()},
        "times_faster_than_step": round(median["step"] / median["ours"], 2),
        "times_faster_than_jvp": round(median["jvp"] / median["ours"], 2),
        "first_run_cpu_ms": {name: round(1e3 * t, 1) for name, t in first_run.items()},
        "first_run_times_faster_than_step": round(first_run["step"] / first_run["ours"], 2),
        "largest_difference_rad": {
            name: float(np.abs(angles[name] - angles["ours"]).max()) for name in candidates
        },
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
