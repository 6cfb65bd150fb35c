"""Claims on scales of initial weights, under gradient descent and under speed limits.

Thresholds are those of the project's specification of the paper (§6, fig04, fig16 and fig17).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import chain, curves
from layeratlas.papers.nfa.claims.deciding import Decided, largest, mean, smallest
from layeratlas.papers.nfa.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(
    ratio_at_1=0.3, ratio_at_2=0.1, slo_spread=0.1, slo_uc=0.9, slo_ratio=0.8, gain=0.1,
    slo_loss=0.02, gd_loss=0.15, top_share=0.2, target=0.1,
    trained=0.5, spike=0.75, first_step=0.02, small_gap=0.05, small=0.25, middle_gain=0.1,
    middle_ratio=0.9, same_start=1e-4,
)  # fmt: skip
#: The smallest training set at which the specification's thresholds were found.
N_TRAIN = 2048


def nfa_fig04(cubes: Cubes, references: References) -> list[Claim]:
    """Large scales hide feature learning under GD; a fast layer shows it at every scale."""
    ledger = Ledger("nfa_fig04", f"{PREPRINT}, Fig. 4; thresholds: specification §6")
    gd, slo = cubes[chain.GD], cubes[chain.SLO]
    small = _too_small(gd)
    uc = {name: _ends(cube, "uc_nfc") for name, cube in (("gd", gd), ("slo", slo))}
    ratio = {name: _ends(cube, "ratio_c_uc") for name, cube in (("gd", gd), ("slo", slo))}
    loss = {
        name: curves.at(curves.evaluated(cube, "train_loss"), "final").sortby("init_gain")
        for name, cube in (("gd", gd), ("slo", slo))
    }
    for name, values in (("uc", uc["gd"]), ("ratio", ratio["gd"])):
        means = values.mean("seed", skipna=False)
        ledger.decide(
            f"gd_{name}_falls",
            "GD, layer 0",
            f"{'UC-NFC' if name == 'uc' else 'ratio of numerators'} at the end falls with the scale"
            ": largest step from one scale to the next, mean over seeds",
            "<",
            0,
            partial(largest, means.diff("init_gain"), _told(means), of=[values]),
            unless=small,
        )
    for scale, threshold in ((1.0, THRESHOLD.ratio_at_1), (2.0, THRESHOLD.ratio_at_2)):
        ledger.decide(
            f"gd_ratio_at_{scale:g}",
            f"GD, layer 0, s = {scale:g}",
            "ratio of centred to uncentred numerator at the end, mean over seeds",
            "<",
            threshold,
            partial(_at, ratio["gd"], scale),
            unless=small or _without(gd, scale),
        )
    means = uc["slo"].mean("seed", skipna=False)
    ledger.decide(
        "slo_spread",
        "SLO, layer 0",
        "UC-NFC at the end, means over seeds: range over scales",
        "<",
        THRESHOLD.slo_spread,
        lambda: (
            float(means.max(skipna=False) - means.min()),
            count_runs(uc["slo"]),
            _told(means),
        ),
        unless=small,
    )
    unless = small or _without(gd, 1.0) or _without(slo, 1.0)
    for id, values, threshold, words in (
        ("slo_uc", uc["slo"], THRESHOLD.slo_uc, "UC-NFC at the end"),
        ("slo_ratio", ratio["slo"], THRESHOLD.slo_ratio, "ratio of numerators at the end"),
    ):
        ledger.decide(
            id,
            "SLO, layer 0, s = 1",
            f"{words}, mean over seeds",
            ">=",
            threshold,
            partial(_at, values, 1.0),
            unless=unless,
        )
    ledger.decide(
        "slo_above_gd",
        "layer 0, s = 1",
        "UC-NFC at the end, SLO − GD, mean over seeds",
        ">=",
        THRESHOLD.gain,
        lambda: _at(uc["slo"] - uc["gd"], 1.0, of=[uc["slo"], uc["gd"]]),
        unless=unless,
    )
    for name, threshold in (("slo", THRESHOLD.slo_loss), ("gd", THRESHOLD.gd_loss)):
        ledger.decide(
            f"{name}_loss",
            name.upper(),
            "training loss at the end: largest over scales and seeds",
            "<",
            threshold,
            partial(largest, loss[name]),
            unless=small,
        )
    for name, cube in (("gd", gd), ("slo", slo)):
        back = chain.rebound(cube, THRESHOLD.trained)
        ledger.decide(
            f"{name}_no_spike",
            name.upper(),
            "training loss after it first was below 0.5: largest over steps, scales and seeds, of "
            "runs that came there",
            "<=",
            THRESHOLD.spike,
            partial(_largest_known, back),
            unless=None if back.notnull().any() else "no run came below 0.5",
        )
    _matrices(ledger, cubes, unless)
    _same_start(ledger, gd)
    return ledger.claims


def _matrices(ledger: Ledger, cubes: Cubes, unless: str | None) -> None:
    """Panels C and D: what SLO leaves in few directions, and in the target's."""
    found = {
        name: chain.matrices(cubes[key], "nfm")
        for name, key in (("gd", chain.GD_MATRICES), ("slo", chain.SLO_MATRICES))
    }
    target = chain.egop_of(cubes[chain.GD_MATRICES])
    for id, of, threshold, words in (
        ("top_share", chain.top_share, THRESHOLD.top_share, "share of tr WᵀW in 5 eigenvalues"),
        (
            "target",
            lambda matrices: chain.correlation(matrices, target),
            THRESHOLD.target,
            "ρ(WᵀW, EGOP of the target)",
        ),
    ):
        numbers = {name: of(matrices) for name, matrices in found.items()}
        ledger.decide(
            f"slo_{id}",
            "layer 0, s = 1",
            f"{words} at the end, SLO − GD, mean over seeds",
            ">=",
            threshold,
            partial(_at, numbers["slo"] - numbers["gd"], 1.0, of=[*numbers.values()]),
            unless=unless,
        )


def _same_start(ledger: Ledger, gd: xr.DataTree) -> None:
    """What the scale does is training's doing: a ReLU net without biases begins alike at each."""
    start = curves.at(curves.curve(gd, "uc_nfc"), "init")
    ledger.decide(
        "same_start",
        "control: GD, before training",
        "UC-NFC: largest range over scales, of all layers and seeds",
        "<",
        THRESHOLD.same_start,
        partial(
            largest,
            start.max("init_gain", skipna=False) - start.min("init_gain", skipna=False),
            of=[start],
        ),
    )


def nfa_fig16(cubes: Cubes, references: References) -> list[Claim]:
    """C-NFC begins where second derivatives say, and small scales leave no gap at the end."""
    ledger = Ledger("nfa_fig16", f"{PREPRINT}; reconstruction: specification §5.2, §6")
    gd = cubes[chain.GD]
    begins = curves.at(curves.curve(gd, "derivative_nfc"), "init").sel(layer=[0, 1])
    first = curves.at(curves.curve(gd, "c_nfc"), "step 1").sel(layer=[0, 1])
    ledger.decide(
        "first_step",
        "layers 0 and 1",
        "|C-NFC after one step − ρ(F″, G″) at initialisation|: largest over scales and seeds",
        "<",
        THRESHOLD.first_step,
        partial(
            largest,
            abs(first - begins),
            f"by scale: {_told(abs(first - begins).max(('seed', 'layer')))}",
        ),
    )
    # Had all networks the same beginning, any of them would do.
    other = begins.roll(layer=1, roll_coords=False)
    ledger.decide(
        "another_layers_derivative",
        "layers 0 and 1",
        "control: the same with ρ(F″, G″) of the other layer: smallest",
        ">",
        THRESHOLD.first_step,
        partial(smallest, abs(first - other)),
    )
    uc, c = (curves.at(curves.curve(gd, n), "final").sel(layer=[0, 1]) for n in ("uc_nfc", "c_nfc"))
    each = abs(uc - c)
    gap = each.mean("seed", skipna=False)
    small = gap.where(gap["init_gain"] <= THRESHOLD.small, drop=True)
    ledger.decide(
        "small_scales",
        f"s ≤ {THRESHOLD.small:g}, layers 0 and 1",
        "|UC-NFC − C-NFC| at the end, mean over seeds: largest",
        "<",
        THRESHOLD.small_gap,
        partial(largest, small, of=[each.sel(init_gain=small["init_gain"])]),
        unless=_too_small(gd) or (None if small.size else "the grid has no such scale"),
    )
    large = gap.where(gap["init_gain"] >= 1, drop=True)
    ledger.decide(
        "large_scales",
        "s ≥ 1, layers 0 and 1",
        "control: |UC-NFC − C-NFC| at the end, mean over seeds: smallest",
        ">",
        THRESHOLD.small_gap,
        partial(smallest, large, of=[each.sel(init_gain=large["init_gain"])]),
        unless=_too_small(gd) or (None if large.size else "the grid has no such scale"),
    )
    return ledger.claims


def nfa_fig17(cubes: Cubes, references: References) -> list[Claim]:
    """The effect of a fast layer is there for layer 1 too."""
    ledger = Ledger("nfa_fig17", f"{PREPRINT}; reconstruction: specification §6")
    gd, slo = cubes[chain.GD], cubes[chain.MIDDLE]
    (scale,) = chain.scales(slo)
    unless = _too_small(slo) or _without(gd, scale)
    ends = {
        name: {
            variable: _ends(cube, variable, layer=1).sel(init_gain=scale)
            for variable in ("uc_nfc", "ratio_c_uc")
        }
        for name, cube in (("gd", gd), ("slo", slo))
        if not _without(cube, scale)
    }
    subject = f"layer 1, s = {scale:g}"
    ledger.decide(
        "slo_above_gd",
        subject,
        "UC-NFC at the end, SLO on layer 1 − GD, mean over seeds",
        ">=",
        THRESHOLD.middle_gain,
        lambda: mean(
            ends["slo"]["uc_nfc"] - ends["gd"]["uc_nfc"],
            of=[one["uc_nfc"] for one in ends.values()],
        ),
        unless=unless,
    )
    ledger.decide(
        "ratio",
        subject,
        "SLO on layer 1: ratio of centred to uncentred numerator at the end, mean over seeds",
        ">=",
        THRESHOLD.middle_ratio,
        lambda: mean(ends["slo"]["ratio_c_uc"]),
        unless=unless,
    )
    ledger.decide(
        "ratio_gd",
        subject,
        "control: GD: ratio of centred to uncentred numerator at the end, mean over seeds",
        "<",
        THRESHOLD.middle_ratio,
        lambda: mean(ends["gd"]["ratio_c_uc"]),
        unless=unless,
    )
    return ledger.claims


def _ends(cube: xr.DataTree, variable: str, layer: int = 0) -> xr.DataArray:
    """(init_gain, seed) at the end, scales ascending."""
    found = curves.at(curves.curve(cube, variable), "final").sel(layer=layer, drop=True)
    return found.sortby("init_gain")


def _at(values: xr.DataArray, scale: float, of: Sequence[xr.DataArray] = ()) -> Decided:
    here, *behind = (one.sel(init_gain=scale, drop=True) for one in (values, *of))
    return mean(here, of=behind)


def _largest_known(values: xr.DataArray) -> Decided:
    known = values.notnull()
    return float(values.max()), int(known.sum()), f"{int(known.sum())} of {values.size} runs"


def _told(means: xr.DataArray) -> str:
    return ", ".join(
        f"s = {float(s):g}: {float(value):.3g}"
        for s, value in zip(means["init_gain"].values, means.values, strict=True)
    )


def _without(cube: xr.DataTree, scale: float) -> str | None:
    return None if scale in chain.scales(cube) else f"the grid has no s = {scale:g}"


def _too_small(cube: xr.DataTree) -> str | None:
    """Why a small preset cannot decide what needs the paper's regime."""
    n = int(cube.attrs["n_train"])
    if n >= N_TRAIN:
        return None
    return f"{n} samples: with fewer than {N_TRAIN} large scales fit noise (specification §6)"
