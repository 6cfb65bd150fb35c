"""Targets, curves, figures and claims of the paper on feature learning as alignment."""

from __future__ import annotations

from ..mistake import Mistake

ROOM = "papers/nfa"
CHAIN, CURVES, LOOKS = f"{ROOM}/chain.py", f"{ROOM}/curves.py", f"{ROOM}/figures/looks.py"
SCALES, DECIDING = f"{ROOM}/claims/init_scales.py", f"{ROOM}/claims/deciding.py"
CENTRED, TARGET = f"{ROOM}/claims/double_centred.py", f"{ROOM}/claims/target_matrices.py"

MISTAKES = (
    Mistake(CHAIN, "return a @ a", "return a", "the target's own matrix is its Hessian"),
    Mistake(
        CHAIN,
        "np.sqrt((a * a).sum(both) * (other * other).sum(both))",
        "np.sqrt((a * a).sum(both) * (a * a).sum(both))",
        "a correlation over one of the norms twice",
    ),
    Mistake(
        CHAIN,
        "found[..., -count:].sum(-1)",
        "found[..., :count].sum(-1)",
        "the share of the smallest eigenvalues",
    ),
    Mistake(
        CHAIN,
        "return loss.where(small).max",
        "return loss.where(small).min",
        "what a loss falls to for what it goes back to",
    ),
    Mistake(
        CHAIN,
        "np.logical_or.accumulate(loss.values < below, axis=axis)",
        "loss.values < below",
        "a loss that went back is not small any more, so that nothing went back",
    ),
    Mistake(
        CURVES,
        '& (array["affine_kind"].values != _NO_LAYER)',
        '& (array["affine_kind"].values != "")',
        "the affine pair of a batch norm is a layer",
    ),
    Mistake(
        CURVES,
        'found.where(~ends, root["epochs_run"] * each.max())',
        'found.where(~ends, root["epochs_run"])',
        "epochs for steps at the end of a run",
    ),
    Mistake(
        LOOKS,
        "known = np.isfinite(values).all(0) & np.isfinite(x)",
        "known = np.isfinite(values).any(0) & np.isfinite(x)",
        "a mean of some seeds beside means of all",
    ),
    Mistake(
        LOOKS,
        "values[:, known].std(0, ddof=1)",
        "values[:, known].std(0, ddof=0)",
        "the spread of few seeds is too small",
    ),
    Mistake(
        DECIDING,
        "return float(values.mean(skipna=False)), count_runs",
        "return float(values.mean()), count_runs",
        "a mean without what is missing",
    ),
    Mistake(
        DECIDING,
        "float(values.max(skipna=False))",
        "float(values.max())",
        "the largest without what is missing",
    ),
    Mistake(
        SCALES,
        'partial(largest, means.diff("init_gain"), _told(means), of=[values])',
        'partial(smallest, means.diff("init_gain"), _told(means), of=[values])',
        "one fall is enough for a number that falls",
    ),
    Mistake(
        SCALES,
        'lambda: _at(uc["slo"] - uc["gd"], 1.0',
        'lambda: _at(uc["gd"] - uc["slo"], 1.0',
        "what gradient descent has above the speed limit",
    ),
    Mistake(
        SCALES,
        "other = begins.roll(layer=1, roll_coords=False)",
        "other = begins.roll(layer=2, roll_coords=False)",
        "a control by the layer's own derivative",
    ),
    Mistake(
        SCALES,
        'small = gap.where(gap["init_gain"] <= THRESHOLD.small, drop=True)',
        'small = gap.where(gap["init_gain"] < THRESHOLD.small, drop=True)',
        "the larger of the small scales is left out",
    ),
    Mistake(
        SCALES,
        "if n >= N_TRAIN:",
        "if n >= 1:",
        "few samples decide",
    ),
    Mistake(
        CENTRED,
        'partial(largest, abs(xr.concat(early, "step")))',
        'partial(largest, xr.concat(early, "step"))',
        "a ratio far below 0 is small",
    ),
    Mistake(
        TARGET,
        "abs(matched.mean(skipna=False) - THRESHOLD.matched)",
        "matched.mean(skipna=False) - THRESHOLD.matched",
        "a correlation far below the paper's is near it",
    ),
)
