"""How much the networks of a cube were trained on, and how long: the cube tells, not its preset."""

from __future__ import annotations

import numpy as np
import xarray as xr

from layeratlas.cubes.told import told_setting

__all__ = ["too_small"]


def too_small(cube: xr.DataTree, *, images: int = 0, epochs: float = 0) -> str | None:
    """Why a statement about so many training images, and so long a training, cannot be decided.

    None where there are as many, and where the cube does not tell. Of an axis that varies either,
    the largest counts.
    """
    root = cube.to_dataset()
    found = (
        ("n_train", "training images", images, cube.attrs.get("n_train")),
        ("epochs", "epochs", epochs, told_setting(cube, "training.epochs", default=None)),
    )
    parts, needed = [], []
    for axis, words, least, fixed in found:
        told = root[axis].values.max() if axis in root.dims and axis in root.coords else fixed
        if not isinstance(told, (int, float, np.number)) or told >= least:
            continue
        parts.append(f"{told:g} {words}")
        needed.append(f"at least {least:g}")
    if not parts:
        return None
    return f"trained on too little: {', '.join(parts)}; the statement is about {', '.join(needed)}"
