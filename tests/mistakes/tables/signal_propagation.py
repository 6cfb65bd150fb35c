"""Profiles, shapes, equilibria and claims of the paper on signal propagation."""

from __future__ import annotations

from ..mistake import Mistake

ROOM = "papers/signal_propagation"
SHAPE, PROFILES = f"{ROOM}/shape.py", f"{ROOM}/profiles.py"
EQUILIBRIUM, DEPTHS = f"{ROOM}/equilibrium.py", f"{ROOM}/depths.py"
PEAKS, PANELS = f"{ROOM}/peaks.py", f"{ROOM}/panels.py"
HIERARCHY, SCALING = f"{ROOM}/claims/hierarchy.py", f"{ROOM}/claims/depth_scaling.py"

MISTAKES = (
    Mistake(
        SHAPE,
        "others = values.sum(0) - values",
        "others = values.sum(0) + 0 * values",
        "a seed helps to choose the layer that it is judged at",
    ),
    Mistake(
        SHAPE, "return known and u.min() > 1 and", "return known and", "one seed may be against it"
    ),
    Mistake(
        SHAPE,
        "max(profile[0], profile[-1])",
        "min(profile[0], profile[-1])",
        "prominence above the lower end",
    ),
    Mistake(SHAPE, "if self.seeds < LEAST_SEEDS", "if self.seeds < 1", "one seed decides"),
    Mistake(
        SHAPE,
        "np.exp(-((place[:, None] - place) ** 2) / (2 * length**2))",
        "np.exp(-((place[:, None] - place) ** 2) / length**2)",
        "noise is rougher than it is said to be",
    ),
    Mistake(
        SHAPE,
        "return (-2 * math.log(rho)) ** -0.5",
        "return (-math.log(rho)) ** -0.5",
        "seeds are taken for smoother than they are",
    ),
    Mistake(
        SHAPE, "(null >= self.unimodal_r2)", "(null <= self.unimodal_r2)", "p of the other tail"
    ),
    Mistake(
        SHAPE,
        "falling = _isotonic_errors(values[::-1])[::-1]",
        "falling = _isotonic_errors(values)[::-1]",
        "the end of a profile is fitted by its beginning",
    ),
    Mistake(
        SHAPE,
        "error += own + apart * apart * count * size / (count + size)",
        "error += own + apart * apart",
        "blocks that are pooled lose part of their error",
    ),
    Mistake(
        PROFILES,
        'order.sizes["layer"] + 1)',
        'order.sizes["layer"] + 1) - 1',
        "layers count from 0",
    ),
    Mistake(
        PROFILES, '_NO_LAYER = "scale"', '_NO_LAYER = "scales"', "batch norm counts as a layer"
    ),
    Mistake(
        PROFILES,
        "plain = plain.where(came(cube, record))",
        "plain = plain",
        "runs that did not come to the mark count",
    ),
    Mistake(
        EQUILIBRIUM,
        '        1 - found["forward"],',
        '        found["forward"],',
        "correlation for information",
    ),
    Mistake(
        DEPTHS,
        "np.maximum(2.0, share * depths)",
        "np.maximum(2.0, depths)",
        "whole networks are allowed",
    ),
    Mistake(
        PEAKS,
        "Judged(one, True) if one.shape.seeds else Judged(other, False)",
        "Judged(other, True)",
        "networks are read at their end",
    ),
    Mistake(PANELS, "if name in cubes]", "if name]", "experiments without a cube are drawn"),
    Mistake(
        HIERARCHY,
        '(trained.profiles - start.profiles).mean("seed")',
        'trained.profiles.mean("seed")',
        "the rise is counted from nothing",
    ),
    Mistake(
        SCALING,
        "lambda: (value, fit.points, note)",
        "lambda: (theory.value, fit.points, note)",
        "the exponent of the theory is judged",
    ),
    Mistake(
        f"{ROOM}/shifts.py",
        'return mark.where(came, profile(cube, variable, view, "final")), came',
        "return mark, came",
        "a run that missed the mark is dropped",
    ),
    Mistake(
        f"{ROOM}/shifts.py",
        "sorted(found[L], key=lambda one: one.c0)",
        "found[L]",
        "values of c0 stand in the order of files",
    ),
    Mistake(
        f"{ROOM}/noise_grid.py",
        "math.nan if slope == 1 else ",
        "",
        "a linear network has a crossing",
    ),
    Mistake(
        f"{ROOM}/difficulty.py",
        "(self.steps > 0) & (self.steps <= self.steps.max() / 2)",
        "(self.steps > 0) & (self.steps <= self.steps.max())",
        "the first half is the whole of training",
    ),
    Mistake(
        f"{ROOM}/toy.py",
        "y = label - label.mean()",
        "y = label",
        "a correlation that is not centred",
    ),
    Mistake(
        "signals/tangent/spectrum.py",
        "found.append(vectors.T[::-1])",
        "found.append(vectors.T)",
        "the smallest of the kept eigenvalues comes first",
    ),
    Mistake(
        "metrics/spectra.py",
        "np.exp(-(shares * logs).sum(-1))",
        "-(shares * logs).sum(-1)",
        "an entropy and not a rank",
    ),
)
