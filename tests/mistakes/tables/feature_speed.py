"""Reductions, closed forms and claims of the paper on feature speed."""

from __future__ import annotations

from ..mistake import Mistake

ROOM = "papers/feature_speed"
REDUCTIONS, THEORY = f"{ROOM}/reductions.py", f"{ROOM}/theory.py"
TRAININGS, ORDERS = f"{ROOM}/trainings.py", f"{ROOM}/orders.py"
ANGLES, TABLES = f"{ROOM}/claims/angles.py", f"{ROOM}/claims/tables.py"

MISTAKES = (
    Mistake(
        THEORY,
        "(n - 1) * (2 * n - 1) / (6 * n)",
        "(n - 1) * (2 * n - 1) / (3 * n)",
        "the sum of squares is doubled",
    ),
    Mistake(
        THEORY,
        "_free(np.asarray(n, float), 2.0)",
        "_free(np.asarray(n, float), 1.0)",
        "ReLU's factors have the moment of linear ones",
    ),
    Mistake(
        THEORY,
        "both_on = 0.25 + np.arcsin(",
        "both_on = 0.25 + np.arccos(",
        "masks are on together with the wrong probability",
    ),
    Mistake(THEORY, "2 * fine - coarse", "fine", "the limit is not extrapolated"),
    Mistake(
        THEORY,
        "v[i] = a2 * v[i - 1] + b2 * ((i - 1) ** 2 + 2 * p[i - 1])",
        "v[i] = a2 * v[i - 1] + b2 * ((i - 1) ** 2 + p[i - 1])",
        "the recursion lacks a 2",
    ),
    Mistake(
        THEORY,
        "1 / (np.asarray(cos_theta) * width",
        "np.asarray(cos_theta) / (width",
        "sensitivity falls with the angle",
    ),
    Mistake(
        THEORY,
        '"S": (0.5, -0.5), "loss"',
        '"S": (-0.5, 0.5), "loss"',
        "NTK's exponents are exchanged",
    ),
    Mistake(
        REDUCTIONS,
        "sel(depth=depths, layer=depths - 1)",
        "sel(depth=depths, layer=depths)",
        "the output for the last hidden layer",
    ),
    Mistake(
        REDUCTIONS,
        "((away * y).sum(dim, skipna=False) / (away**2).sum(dim))",
        "((away * y).sum(dim, skipna=False) / (y**2).sum(dim))",
        "the slope of x against y",
    ),
    Mistake(
        REDUCTIONS,
        "away = log_x - log_x.mean(dim)",
        "away = log_x",
        "the line is fitted through the origin",
    ),
    Mistake(
        REDUCTIONS,
        'c = np.sqrt(depth) * mean["branch_scale"]',
        'c = depth * mean["branch_scale"]',
        "c is L β",
    ),
    Mistake(
        REDUCTIONS,
        "array.isel(derivative=known.index(derivative), drop=True)",
        "array.isel(derivative=0, drop=True)",
        "exact velocities whatever is asked",
    ),
    Mistake(
        TRAININGS,
        "middle - left * (x[i + 1] - x[i - 1]) / 2 / (right - left)",
        "middle + left * (x[i + 1] - x[i - 1]) / 2 / (right - left)",
        "the vertex lies on the other side",
    ),
    Mistake(
        TRAININGS,
        "np.where(np.isfinite(values), values, np.inf)",
        "np.where(np.isfinite(values), values, 1e-300)",
        "a diverged run has the least loss",
    ),
    Mistake(
        TRAININGS,
        "i in (0, len(y) - 1)",
        "i == 0",
        "the last value of the grid is an optimum inside",
    ),
    Mistake(
        TRAININGS,
        "loss = loss.sortby(dim)",
        "pass",
        "neighbours are those of the file",
    ),
    Mistake(
        TRAININGS,
        "loss.where(finished)",
        "loss",
        "diverged runs keep their loss",
    ),
    Mistake(ORDERS, '"loss": -quantity', '"loss": quantity', "loss decay has the wrong sign"),
    Mistake(ORDERS, "C = depth * C", "C = C", "contributions are not times L"),
    Mistake(
        ORDERS,
        'C.sel(layer=slice(2, depth - 1)).median("layer")',
        'C.sel(layer=slice(2, depth)).median("layer")',
        "the output counts among hidden layers",
    ),
    Mistake(
        ORDERS,
        'median.sel(width=median["width"].max())',
        'median.sel(width=median["width"].min())',
        "exponents at the smallest width",
    ),
    Mistake(
        ANGLES,
        "fs.cos_theory(beta, depth - 2)[layers - 2] - 1)",
        "fs.cos_theory(beta, depth - 2)[layers - 3] - 1)",
        "closed forms are off by a layer",
    ),
    Mistake(
        ANGLES,
        "np.maximum.accumulate(by_layer, axis=-1) - by_layer",
        "np.maximum.accumulate(by_layer, axis=0) - by_layer",
        "falls are sought across branch rules",
    ),
    Mistake(
        ANGLES,
        'float(last.sel(branch_rule=upper).min("seed")',
        'float(last.sel(branch_rule=upper).max("seed")',
        "gaps between draws count their overlap",
    ),
    Mistake(
        TABLES,
        "abs(got / (want * factor) - 1)",
        "got / (want * factor) - 1",
        "a constant may be as small as it likes",
    ),
    Mistake(
        f"{ROOM}/claims/conditioning.py",
        'fs.quantity(cube, "kernel_moment_1") / np.sqrt(',
        'fs.quantity(cube, "kernel_moment_1") / (',
        "M₁/M₂ for M₁/√M₂",
        ("papers/feature_speed/claims/test_all.py",),
    ),
    Mistake(
        f"{ROOM}/claims/sensitivities.py",
        "product = S * stds * fs.quantity",
        "product = S / stds * fs.quantity",
        "the cross-check divides by σ_L",
        ("papers/feature_speed/claims/test_all.py",),
    ),
    Mistake(
        f"{ROOM}/claims/transfer.py",
        'found = abs(float(slopes.sel(scaling="fsc").mean("seed", skipna=False)))',
        'found = float(abs(slopes.sel(scaling="fsc")).mean("seed", skipna=False))',
        "the mean of moduli for the modulus of the mean",
    ),
    Mistake(
        f"{ROOM}/claims/transfer.py",
        'found = abs(float(slopes.sel(scaling="fsc").mean("seed", skipna=False)))',
        'found = abs(float(slopes.sel(scaling="fsc").mean("seed")))',
        "seeds whose optimum is not inside are left out",
    ),
    Mistake(
        f"{ROOM}/claims/training.py",
        'speed.sel(scaling=others).min("scaling", skipna=False)',
        'speed.sel(scaling=others).max("scaling", skipna=False)',
        "NTK is compared with the fastest other",
    ),
    Mistake(
        f"{ROOM}/claims/intervals.py",
        'f"{id}-high", subject, told, "<=", high',
        'f"{id}-high", subject, told, ">=", high',
        "above both ends counts as between them",
    ),
)
