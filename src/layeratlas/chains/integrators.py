"""Simulating chains: checked settings in, `y − x_l` at the recorded steps out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layeratlas.chains.stability import first_order_limit, second_order_limit
from layeratlas.runs.streams import keys

# Chains stepped together: state and noise of a block of them stay in the first-level cache.
_BLOCK = 128


def first_order(
    *,
    length: int,
    steps: int,
    record: Sequence[int],
    seeds: Sequence[int],
    friction_right,
    friction_left,
    noise,
    stiffness=1.0,
    target=1.0,
    step_size=0.01,
    device: str = "cpu",
    progress=lambda chain_steps: None,
) -> np.ndarray:
    """Overdamped chain with asymmetric friction, noise inside the threshold (spec. §3.2).

        F_l = k (x_{l+1} − 2 x_l + x_{l−1}),  z_l = F_l + ε̄ ξ_l,  x_l += η σ(z_l)

    from rest at 0, all blocks from the old state. `length` L blocks; `seeds` one a chain; the
    settings are numbers or `(chain,)`; `device`: `cpu` (numba) or one of torch, such as `cuda`.
    Returns y − x_l, float64 `(chain, record, L + 1)`.
    Raises ValueError for negative friction or noise, stiffness ≤ 0, or a step of
    η ≥ 2/(k λ_max) at which the explicit scheme is unstable (the bound is named).
    """
    n = len(seeds)
    k, y, eta, right, left, eps = _vectors(
        n, stiffness, target, step_size, friction_right, friction_left, noise
    )
    _check_physics(k, right, left, eps)
    limit = np.array([first_order_limit(length, s) for s in k])
    _check_step("step_size", eta, limit)
    kept = _recorded(record, steps)
    words = keys(seeds, "springs")
    if device != "cpu":
        from layeratlas.chains import torch_integrators as torch_chains

        given = {
            "target": y, "stiffness": k, "step_size": eta, "friction_right": right,
            "friction_left": left, "noise": eps,
        }  # fmt: skip
        return torch_chains.first_order(words, given, length, steps, kept, device, progress)
    out = np.empty((n, len(kept), length + 1))
    from layeratlas.chains import kernels

    for start in range(0, n, _BLOCK):
        part = slice(start, min(start + _BLOCK, n))
        size = part.stop - part.start
        x = np.zeros((length + 2, size))
        x[-1] = y[part]
        got = _record_start(kept, x, length, size)
        kernels.first_order(
            x, np.ascontiguousarray(words[part].T), k[part], eta[part], right[part], left[part],
            eps[part], bool(eps[part].any()), 0, steps, kept, got,
        )  # fmt: skip
        out[part] = got.transpose(2, 0, 1)
        progress(size * steps)
    return out


def second_order(
    *,
    length: int,
    steps: int,
    record: Sequence[int],
    seeds: Sequence[int],
    friction_right,
    friction_left,
    noise,
    noise_decay=0.0,
    stiffness=0.1,
    mass=1.0,
    damping=1.0,
    target=1.0,
    step_size=0.05,
    common_noise: bool = True,
    device: str = "cpu",
    progress=lambda chain_steps: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Chain with inertia and sign friction (spec. §3.3), Euler–Maruyama.

        dx = v dt,  m dv = [k Δx − γ v − m fric(v)] dt + m ε e^{−λ t} dW

    `common_noise`: every block gets the same noise, the sum of L independent Wieners, as in the
    authors' notebook; otherwise each block its own. `device` and errors as of `first_order`.
    Returns y − x_l and v_l, float64 `(chain, record, L + 1)` each.
    """
    n = len(seeds)
    k, m, gamma, y, dt, right, left, eps, decay = _vectors(
        n, stiffness, mass, damping, target, step_size, friction_right, friction_left, noise,
        noise_decay,
    )  # fmt: skip
    _check_physics(k, right, left, eps)
    if (m <= 0).any() or (gamma <= 0).any():
        raise ValueError("mass and damping must be positive")
    limit = np.array([second_order_limit(length, *p) for p in zip(k, m, gamma, strict=True)])
    _check_step("step_size", dt, limit)
    kept = _recorded(record, steps)
    words = keys(seeds, "springs")
    if device != "cpu":
        from layeratlas.chains import torch_integrators as torch_chains

        given = {
            "target": y, "stiffness": k, "step_size": dt, "friction_right": right,
            "friction_left": left, "noise": eps, "noise_decay": decay, "mass": m, "damping": gamma,
        }  # fmt: skip
        return torch_chains.second_order(
            words, given, length, steps, kept, common_noise, device, progress
        )
    out = np.empty((n, len(kept), length + 1))
    speed = np.empty_like(out)
    from layeratlas.chains import kernels

    for start in range(0, n, _BLOCK):
        part = slice(start, min(start + _BLOCK, n))
        size = part.stop - part.start
        x = np.zeros((length + 2, size))
        x[-1] = y[part]
        v = np.zeros((length + 2, size))
        got = _record_start(kept, x, length, size)
        velocity = np.zeros_like(got)
        kernels.second_order(
            x, v, np.ascontiguousarray(words[part].T), k[part], m[part], gamma[part],
            right[part], left[part], eps[part], decay[part], dt[part], common_noise,
            bool(eps[part].any()), 0, steps, kept, got, velocity,
        )  # fmt: skip
        out[part] = got.transpose(2, 0, 1)
        speed[part] = velocity.transpose(2, 0, 1)
        progress(size * steps)
    return out, speed


def _vectors(n: int, *settings) -> list[np.ndarray]:
    return [np.ascontiguousarray(np.broadcast_to(np.asarray(s, float), (n,))) for s in settings]


def _recorded(record: Sequence[int], steps: int) -> np.ndarray:
    steps_to_keep = np.unique(np.asarray(record, np.int64))
    if not len(steps_to_keep) or steps_to_keep[0] < 0 or steps_to_keep[-1] > steps:
        raise ValueError(f"record: expected steps from 0 to {steps}, got {list(record)}")
    return steps_to_keep


def _record_start(record: np.ndarray, x: np.ndarray, length: int, size: int) -> np.ndarray:
    got = np.empty((len(record), length + 1, size))
    if record[0] == 0:
        got[0] = x[-1] - x[: length + 1]
    return got


def _check_physics(k, right, left, eps) -> None:
    if (k <= 0).any():
        raise ValueError(f"stiffness must be positive; got {k.min():g}")
    for name, values in (("friction_right", right), ("friction_left", left), ("noise", eps)):
        if (values < 0).any() or not np.isfinite(values).all():
            raise ValueError(f"{name} must be a number ≥ 0; got {values.min():g}")


def _check_step(name: str, step: np.ndarray, limit: np.ndarray) -> None:
    bad = (step <= 0) | (step >= limit)
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(
            f"{name} must be positive and below {limit[i]:.6g}, where the explicit scheme becomes "
            f"unstable; got {step[i]:g}"
        )


__all__ = ["first_order", "second_order"]
