"""Cubes whose claims turn by a known change: perturbed grids, claims on them, and a naive twin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from scipy import stats

from layeratlas.claims.claim import COMPARE, FAILS, HOLDS, TIE, WITHIN, Claim
from layeratlas.claims.ledger import Ledger

NOISES, SLOPES, SEEDS, LAYERS = (0.0, 0.1, 0.3, 0.7), (0.0, 0.4, 1.0), (1, 2, 3), 5
#: Id → comparison and threshold.
DECIDES = {
    "corner": ("<=", -0.1),
    "signs": ("==", 1),
    "rank": (">=", 0.6),
    "steps": ("<", -0.1),
    "order": (">", 0.0),
}
EXPERIMENT = "grid"


def numbers(random: np.random.Generator, scatter: float = 0.1) -> np.ndarray:
    """(noise, slope, seed, layer): curves that bend with noise and slope, and chance."""
    rank = np.linspace(0, 1, len(NOISES))[:, None, None, None]
    slope = np.array(SLOPES)[None, :, None, None]
    x = np.linspace(0, 1, LAYERS)
    bend = -0.3 + 0.7 * rank + 0.3 * slope
    cells = random.normal(0, 0.15, (len(NOISES), len(SLOPES), 1, LAYERS))
    runs = random.normal(0, scatter, (len(NOISES), len(SLOPES), len(SEEDS), LAYERS))
    return 1 - 4 * x - 4 * bend * x * (1 - x) + cells + runs


def cube(values: np.ndarray, lost: tuple[int, ...] | None = None) -> xr.DataTree:
    """The numbers as a cube; the run at `lost` (noise, slope, seed) diverged."""
    dims = ("data_noise", "negative_slope", "seed")
    coords = {"data_noise": list(NOISES), "negative_slope": list(SLOPES), "seed": list(SEEDS)}
    status = np.zeros(values.shape[:3], dtype="int8")
    if lost is not None:
        status[lost] = 1
    root = xr.Dataset({"status": (dims, status)}, coords, {"axes": " ".join(dims[:2])})
    layers = xr.Dataset({
        "separation": ((*dims, "layer"), values, {"units": "1"}),
        "unread": ((*dims, "layer"), values + 1),
    }).assign_coords(layer=np.arange(values.shape[-1]))  # fmt: skip
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


def judge(cubes: Mapping[str, xr.DataTree]) -> list[Claim]:
    """Claims of five kinds on a grid: a number, a count, ranks, a largest step, an order."""
    tree = cubes[EXPERIMENT]
    runs = tree["layers/separation"].where(tree["status"] == 0)
    mean = runs.mean("seed")
    index = (mean.isel(layer=0) + mean.isel(layer=-1)) / 2 - mean.mean("layer")
    largest = mean.diff("layer")
    ledger = Ledger("made", "nobody")

    def signs() -> tuple[float, int, str]:
        row = np.sign(index.isel(negative_slope=0).values)
        return float((row[1:] != row[:-1]).sum()), row.size, ""

    def rank() -> tuple[float, int, str]:
        rows = index.transpose("negative_slope", "data_noise").values
        ranks = [float(stats.spearmanr(NOISES, row)[0]) for row in rows]
        return float(np.min(ranks)), rows.size, ""

    found = {
        "corner": lambda: (float(index[0, 0]), 1, ""),
        "signs": signs,
        "rank": rank,
        "steps": lambda: (float(largest.max()), largest.size, ""),
        "order": lambda: (float(index[2, 1]) - float(index[1, 1]), 2, ""),
    }
    for id, value in found.items():
        comparison, threshold = DECIDES[id]
        is_order = id == "order"
        ledger.decide(id, "grid", "it is so", comparison, threshold, value, is_order=is_order)
    return ledger.claims


def claims(cubes: Mapping[str, xr.DataTree], references: object) -> list[Claim]:
    """`judge`, as figures call it."""
    return judge(cubes)


def verdicts(id: str, values: np.ndarray) -> np.ndarray:
    """The verdict of a claim on each of many grids (trial, noise, slope, seed, layer), in plain
    numpy, of runs that are all ok."""
    mean = values.mean(3)
    index = (mean[..., 0] + mean[..., -1]) / 2 - mean.mean(-1)
    comparison, threshold = DECIDES[id]
    is_open = np.zeros(len(values), dtype=bool)
    if id == "order":
        each = (values[..., 0] + values[..., -1]) / 2 - values.mean(-1)
        apart = each[:, 2, 1] - each[:, 1, 1]
        number = apart.mean(-1)
        is_open = abs(number) <= WITHIN * apart.std(-1, ddof=1) / np.sqrt(apart.shape[-1])
    elif id == "corner":
        number = index[:, 0, 0]
    elif id == "signs":
        number = (np.diff(np.sign(index[:, :, 0])) != 0).sum(-1)
    elif id == "rank":
        places = np.arange(len(NOISES)) - (len(NOISES) - 1) / 2
        ranks = index.argsort(1).argsort(1)
        number = np.einsum("n,tns->ts", places, ranks).min(-1) / (places**2).sum()
    else:
        number = np.diff(mean, axis=-1).max((1, 2, 3))
    # Rank correlations of four numbers are tenths: rounding must not decide 0.6 >= 0.6.
    given = COMPARE[comparison](np.round(number, 12), threshold)
    return np.where(is_open, TIE, np.where(given, HOLDS, FAILS))


def verdict(id: str, values: np.ndarray) -> str:
    return str(verdicts(id, values[None])[0])


def naive(id: str, values: np.ndarray, ratio: float = 1.03) -> float | None:
    """The smallest change that turns a claim, in standard deviations over seeds: every cell and
    layer, up and down, by every factor `ratio`; found within that factor, from above."""
    base, least = verdict(id, values), None
    unit = values.std(2, ddof=1)
    most = 2 * np.ptp(values.mean(2))
    for at in np.ndindex(*unit.shape):
        steps = np.geomspace(1e-3, 1e3, int(np.log(1e6) / np.log(ratio)))
        steps = steps[(steps * unit[at] <= most) & (steps < (least or np.inf))]
        for sign in (1, -1):
            stack = np.repeat(values[None], len(steps), 0)
            stack[:, at[0], at[1], :, at[2]] += (sign * steps * unit[at])[:, None]
            turned = np.flatnonzero(verdicts(id, stack) != base)
            if turned.size:
                least = min(float(steps[turned[0]]), least or np.inf)
    return least


def moved(values: np.ndarray, at: Mapping[str, float], by: float) -> np.ndarray:
    """The numbers with `by` added to all seeds of one cell and layer."""
    changed = values.copy()
    cell = NOISES.index(at["data_noise"]), SLOPES.index(at["negative_slope"])
    changed[(*cell, slice(None), at["layer"])] += by
    return changed
