"""Claims on where C-NFC begins, and whether moments of the data tell.

Thresholds are those of the project's specification of the paper (§6, fig03) and of its issue.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import numpy as np
import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.cubes.population import count_runs
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.nfa import reversing
from layeratlas.papers.nfa.claims.deciding import Decided, largest, mean
from layeratlas.papers.nfa.source import PREPRINT

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(pearson=0.97, error=0.03, reach=0.3, exact=1e-3)
#: Samples at which the prediction's own error at finite size is below its tolerance.
N_TRAIN = 1024


def nfa_fig03(cubes: Cubes, references: References) -> list[Claim]:
    """Moments of the data predict where C-NFC begins, over a wide range."""
    ledger = Ledger("nfa_fig03", f"{PREPRINT}, Fig. 3; thresholds: specification §6")
    cube = cubes[reversing.EXPERIMENT]
    found = reversing.correlations(cube)
    means, each = found.mean("draw_seed", skipna=False), reversing.by_run(cube)
    n = int(cube.attrs["n_train"])
    small = None if n >= N_TRAIN else f"n = {n}: at finite size the prediction is off by up to 0.1"
    subject = f"{found.sizes['balance']} balances"
    ledger.decide(
        "correlated",
        subject,
        "Pearson correlation over balances of predicted and observed means over data seeds",
        ">",
        THRESHOLD.pearson,
        partial(_pearson, means["predicted"], means["observed"], each),
    )
    error = abs(means["predicted"] - means["observed"])
    ledger.decide(
        "error",
        subject,
        "|predicted − observed| of means over data seeds: largest over balances",
        "<",
        THRESHOLD.error,
        partial(largest, error, _told(error), of=[each]),
        unless=small,
    )
    ledger.decide(
        "reach",
        subject,
        "range of observed means over balances",
        ">=",
        THRESHOLD.reach,
        lambda: (
            float(means["observed"].max(skipna=False) - means["observed"].min()),
            count_runs(each),
            _told(means["observed"]),
        ),
    )
    ledger.decide(
        "derivative",
        subject,
        "|C-NFC after one step − ρ(F″, G″) of the same network|: largest",
        "<",
        THRESHOLD.exact,
        partial(largest, abs(found["observed"] - found["derivative"]), of=[each]),
    )
    turned = means["predicted"].roll(balance=means.sizes["balance"] // 2, roll_coords=False)
    ledger.decide(
        "another_balance",
        subject,
        "control: |predicted − observed| with predictions of other balances, half the grid away: "
        "mean",
        ">",
        THRESHOLD.error,
        partial(mean, abs(turned - means["observed"]), of=[each]),
    )
    return ledger.claims


def _pearson(a: xr.DataArray, b: xr.DataArray, each: xr.DataArray) -> Decided:
    both = np.isfinite(a.values).all() and np.isfinite(b.values).all() and a.size > 1
    value = float(np.corrcoef(a.values, b.values)[0, 1]) if both else float("nan")
    return value, count_runs(each), ""


def _told(values: xr.DataArray) -> str:
    return ", ".join(
        f"{float(b):g}: {float(v):.3f}"
        for b, v in zip(values["balance"].values, values.values, strict=True)
    )
