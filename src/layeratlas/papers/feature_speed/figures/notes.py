"""What the notes under figures tell of their cubes."""

from __future__ import annotations

import xarray as xr

from layeratlas.papers.feature_speed.reductions import setting

__all__ = ["count", "data", "finite_step", "reduced"]


def count(n: int, what: str) -> str:
    """`1 draw`, `2 draws`."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def finite_step(cube: xr.DataTree) -> str:
    """Size of the step of a probe."""
    return f"{setting(cube, 'probe.step'):g}"


def reduced(cube: xr.DataTree) -> str:
    """What the reader must know of a reduced cube."""
    return "Preset smoke: reduced sizes." if cube.attrs.get("preset", "") == "smoke" else ""


def data(cube: xr.DataTree) -> str:
    """What a training was on."""
    images = cube.attrs.get("n_train")
    told = "unstated" if images is None else f"{int(images):,}".replace(",", "\u2009")
    return f"{told} training images ({cube.attrs.get('dataset_source', 'unstated')})"
