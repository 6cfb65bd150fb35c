"""Chains of blocks and springs, and the fits with them."""

from __future__ import annotations

from ..mistake import Mistake

KERNELS, TORCH = "chains/kernels.py", "chains/torch_integrators.py"
INTEGRATORS, STABILITY = "chains/integrators.py", "chains/stability.py"
FITS, SIMULATION = "chains/fits.py", "chains/simulation.py"

MISTAKES = (
    Mistake(
        KERNELS,
        "z = k[c] * (right[c] - 2.0 * now[c] + old[c]) + noise",
        "z = k[c] * (right[c] - now[c]) + noise",
        "blocks feel the spring ahead alone",
        ("chains/test_integrators.py::test_first_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "back = max(-z - mu_left[c], 0.0)",
        "back = max(-z - mu_right[c], 0.0)",
        "friction is the same both ways",
        ("chains/test_integrators.py::test_first_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "here[c] = now[c] + eta[c] * (ahead - back)\n            old[:] = now",
        "here[c] = now[c] + eta[c] * (ahead - back)\n            old[:] = here",
        "blocks see the new place of the one before (Gauss–Seidel)",
        ("chains/test_integrators.py::test_first_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "_normal_pair(keys[0], keys[1], u32(step), u32(i),",
        "_normal_pair(keys[0], keys[1], u32(step), u32(0),",
        "every other block has the same noise",
        ("chains/test_integrators.py::test_first_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "_normal_pair(keys[0], keys[1], u32(step), u32(i),",
        "_normal_pair(keys[0], keys[1], u32(1), u32(i),",
        "noise is the same at every step",
        ("chains/test_integrators.py::test_first_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "* math.sqrt(dt[c])",
        "* dt[c]",
        "Wiener increments go by dt, not √dt",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "math.exp(-decay[c] * dt[c] * (step - 1))",
        "math.exp(-decay[c] * dt[c] * step)",
        "noise decays a step early",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "(-mu_left[c] if u < 0.0 else 0.0)",
        "(mu_left[c] if u < 0.0 else 0.0)",
        "friction drives what moves back",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "dt[c] * (pull / mass[c] - friction)",
        "dt[c] * (pull - friction) / mass[c]",
        "friction is divided by the mass",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "xi[0] += xi[1:length].sum(axis=0)",
        "xi[0] *= math.sqrt(length)",
        "common noise is one Wiener scaled, not the sum of L",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        KERNELS,
        "here[c] = now[c] + dt[c] * u\n                velocity",
        "here[c] = now[c] + dt[c] * (u - dt[c] * friction)\n                velocity",
        "places move with the new velocity in part",
        ("chains/test_integrators.py::test_second_order_equals_one_chain_at_a_time",),
    ),
    Mistake(
        TORCH,
        '(-z - s["friction_left"]).relu()',
        '(-z - s["friction_right"]).relu()',
        "friction is the same both ways, in torch",
    ),
    Mistake(
        TORCH,
        "first=start))",
        "first=0))",
        "noise starts again with every block of steps",
    ),
    Mistake(
        TORCH,
        "xi = xi.sum(0)",
        "xi = xi.mean(0)",
        "common noise is the mean of L Wieners, in torch",
    ),
    Mistake(
        INTEGRATORS,
        'words = keys(seeds, "springs")\n    if device != "cpu":\n'
        "        from layeratlas.chains import torch_integrators as torch_chains\n\n"
        "        given = {\n"
        '            "target": y, "stiffness": k, "step_size": eta,',
        'words = keys([seeds[0]] * n, "springs")\n    if device != "cpu":\n'
        "        from layeratlas.chains import torch_integrators as torch_chains\n\n"
        "        given = {\n"
        '            "target": y, "stiffness": k, "step_size": eta,',
        "all chains have the noise of the first",
    ),
    Mistake(
        INTEGRATORS,
        "eps[part], bool(eps[part].any()), 0, steps,",
        "eps[part], bool(eps[part].all()), 0, steps,",
        "one calm chain calms its neighbours",
    ),
    Mistake(
        INTEGRATORS,
        "got[0] = x[-1] - x[: length + 1]",
        "got[0] = x[-1] - x[1 : length + 2]",
        "step 0 is shifted by a block",
    ),
    Mistake(
        STABILITY,
        "math.pi * length / (length + 1))",
        "math.pi * (length - 1) / length)",
        "the largest mode is that of a shorter chain",
    ),
    Mistake(
        STABILITY,
        "limit = min(limit, damping / spring)",
        "limit = min(limit, 2 * damping / spring)",
        "the largest step of an oscillating chain is doubled",
    ),
    Mistake(
        STABILITY,
        "root = damping**2 - 4.0 * mass * spring",
        "root = damping**2 - 2.0 * mass * spring",
        "a wrong discriminant",
    ),
    Mistake(
        SIMULATION,
        ".all(axis=(1, 2))",
        ".any(axis=(1, 2))",
        "a chain that ended in infinity counts as finished",
    ),
    Mistake(
        SIMULATION,
        "np.arange(length + 1),",
        "np.arange(1, length + 2),",
        "blocks are counted from 1",
    ),
    Mistake(
        FITS,
        "mean = scale(runs.mean(axis=2))",
        "mean = scale(runs).mean(axis=2)",
        "chains are rescaled before their mean, not after",
    ),
    Mistake(
        FITS,
        "deviation = scale(runs) - mean[:, :, None]",
        "deviation = scale(runs) - scale(runs).mean(axis=2, keepdims=True)",
        "scatter is about the mean of the rescaled chains",
    ),
    Mistake(
        FITS,
        "np.maximum(square, 0.0) / wanted.shape[1]",
        "np.maximum(square, 0.0)",
        "the residual is a sum over points",
    ),
    Mistake(
        FITS,
        "region = square <= square[best] + tolerance**2",
        "region = square <= (np.sqrt(square[best]) + tolerance) ** 2",
        "the region adds distances, not their squares",
    ),
    Mistake(
        FITS,
        "region = square <= square[best] + tolerance**2",
        "region = square <= square[best] + tolerance",
        "the tolerance is not squared",
    ),
    Mistake(
        FITS,
        "identifiable=bool(last - first <= (len(values) - 1) / 2),",
        "identifiable=bool(last - first < len(values) - 1),",
        "anything short of the whole range is identifiable",
    ),
    Mistake(
        FITS,
        "int(best[axis] == len(values) - 1) - int(best[axis] == 0)",
        "int(best[axis] == 0) - int(best[axis] == len(values) - 1)",
        "the ends of the range are exchanged",
    ),
    Mistake(
        FITS,
        "others.min(axis=(-2, -1), keepdims=True)",
        "others.min(axis=-1, keepdims=True)",
        "each epoch has a smallest value of its own",
    ),
    Mistake(
        FITS,
        "wall.mean(axis=(-2, -1), keepdims=True), falls)",
        "wall, falls)",
        "each epoch has a wall of its own",
    ),
    Mistake(
        FITS,
        "np.linspace(self.friction[0], self.friction[-1], self.points),",
        "np.geomspace(self.friction[0] + 1e-9, self.friction[-1], self.points),",
        "friction is refined in its logarithm",
    ),
    Mistake(
        FITS,
        "(1 - weight) * separation[..., after - 1, :] + weight * separation[..., after, :]",
        "weight * separation[..., after - 1, :] + (1 - weight) * separation[..., after, :]",
        "interpolation in time is turned round",
    ),
    Mistake(
        FITS,
        'return self.libraries[best["steps_per_epoch"]].scatter',
        "return self.scatter",
        "scatter at a clock is that over all clocks",
    ),
    Mistake(
        SIMULATION,
        "np.abs(separation[:, -1]) > limit",
        "separation[:, -1] > limit",
        "a chain that flew off to the right is ok",
    ),
    Mistake(
        SIMULATION,
        "np.abs(separation[:, -1]) > limit",
        "np.abs(separation[:, 0]) > limit",
        "where a chain began says whether it exploded",
    ),
)
