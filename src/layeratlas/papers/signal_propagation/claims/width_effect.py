"""Claims on how far seeds differ, by width.

Thresholds are those of the project's specification of the paper (§5, F11). How the height of the
hierarchy changes with width is reported and not judged: learning rates are the same at every width.
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import xarray as xr

from layeratlas.claims.claim import Claim
from layeratlas.claims.ledger import Ledger
from layeratlas.papers.given import Cubes, References
from layeratlas.papers.signal_propagation.source import PUBLISHED
from layeratlas.papers.signal_propagation.width import (
    EXPERIMENT,
    equilibrium_layers,
    heights,
    peak_layers,
)

#: Every number that decides a claim.
THRESHOLD = SimpleNamespace(spread=1.0)
#: Widths that are compared: that of the first, all from the second on.
_NARROW, _WIDE = 64, 256


def width_effect(cubes: Cubes, references: References) -> list[Claim]:
    """Wide networks differ less from seed to seed than narrow ones."""
    ledger = Ledger("width_effect", f"{PUBLISHED}; thresholds: specification §5")
    cube = cubes[EXPERIMENT]
    height = heights(cube)
    told = "max A_l of the mean profile, not judged: " + ", ".join(
        f"{float(h):.3f} at {w:g}" for h, w in zip(height, height["width"].values, strict=True)
    )
    for id, statement, layers in (
        ("equilibrium_spread", "equilibrium layer at initialisation", equilibrium_layers(cube)),
        ("peak_spread", "layer of the peak at running loss 0.1", peak_layers(cube)),
    ):
        spread = layers.std("seed", ddof=1)
        counted = layers.notnull().sum("seed")
        widths = [int(w) for w in spread["width"].values]
        wide = [w for w in widths if w >= _WIDE]
        ledger.decide(
            id,
            f"widths from {_WIDE} on against {_NARROW}",
            f"sd over seeds of the {statement} over that at width {_NARROW}: largest",
            "<",
            THRESHOLD.spread,
            partial(_ratio, spread, wide, counted, told),
            unless=_unless(widths, wide, counted),
        )
    return ledger.claims


def _unless(widths: list[int], wide: list[int], counted: xr.DataArray) -> str | None:
    if _NARROW not in widths or not wide:
        return f"needs width {_NARROW} and one from {_WIDE} on; has {widths}"
    if int(counted.sel(width=[_NARROW, *wide]).min()) < 2:
        return "fewer than 2 seeds at a width came to running loss 0.1"
    return None


def _ratio(
    spread: xr.DataArray, wide: list[int], counted: xr.DataArray, told: str
) -> tuple[float, int, str]:
    values = spread.sel(width=wide) / spread.sel(width=_NARROW)
    at = zip(spread.values, spread["width"].values, strict=True)
    listed = ", ".join(f"{one:.2f} at {width:g}" for one, width in at)
    runs = int(counted.sel(width=[_NARROW, *wide]).sum())
    return float(values.max(skipna=False)), runs, f"sd: {listed}; {told}"
