"""UC-NFC of networks before training, beside what spectra and signal propagation say of it.

Beyond the paper (specification §5.6; `initialisation` has the theory).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.cubes.told import told_setting
from layeratlas.infinite_width.relu import Rectifier
from layeratlas.papers.nfa import curves, initialisation

__all__ = ["CHAIN", "FAMILIES", "Start", "at_every_gain", "over_gains", "starts"]

CHAIN = "nfa_initialisation_chain"
#: Families of networks by experiment.
FAMILIES = {
    "nfa_initialisation": "MLP",
    "nfa_initialisation_digits": "MLP",
    CHAIN: "MLP",
    "nfa_initialisation_cnn": "CNN",
    "nfa_vgg_cifar10": "VGG-11",
    "nfa_gpt": "decoder",
}
#: What networks read, in print.
_DATA = {
    "fashion_mnist": "Fashion-MNIST",
    "chain_monomial": "chain monomials",
    "cifar10": "CIFAR-10",
    "cifar10_subset": "CIFAR-10",
    "tiny_shakespeare": "tiny Shakespeare",
}


@dataclass(frozen=True)
class Start:
    """One network before training: UC-NFC `measured`, and with K `turned`, (seed, layer).

    `family` is as "MLP, digits". `mean_field` and `finite_width` (layer,) are predictions from
    cosines of inputs and sizes, None where there is no recursion; `alike` is the latter were all
    inputs one: the control.
    """

    family: str
    width: int | None
    measured: xr.DataArray
    turned: xr.DataArray
    mean_field: np.ndarray | None = None
    finite_width: np.ndarray | None = None
    alike: np.ndarray | None = None

    @property
    def subject(self) -> str:
        """As "MLP, digits, width 256"."""
        return self.family if self.width is None else f"{self.family}, width {self.width}"

    def off(self, told: np.ndarray | None) -> np.ndarray:
        """|told − measured mean| by layer; NaN of a layer that any seed has no number of."""
        mean = self.measured.mean("seed", skipna=False).values
        return np.abs(mean - (math.nan if told is None else told))


def starts(cubes: Mapping[str, xr.DataTree]) -> list[Start]:
    """Every network of the cubes, by family and width; of gains the one nearest to 1."""
    found = []
    for experiment, family in FAMILIES.items():
        if experiment not in cubes:
            continue
        cube = cubes[experiment]
        family = f"{family}, {_data(cube)}"
        values = {name: _start(cube, name) for name in ("uc_nfc", "expected_rotated_nfc")}
        if "width" not in values["uc_nfc"].dims:
            measured, turned = (_plain(v) for v in values.values())
            found.append(Start(family, None, measured, turned))
            continue
        ranks = {
            name: _start(cube, name) for name in ("nfm_effective_rank", "cotangent_effective_rank")
        }
        cosines = _cosines(cube)
        for width in values["uc_nfc"]["width"].values:
            at = {"width": width}
            measured, turned = (_plain(v.sel(at)) for v in values.values())
            feature, cotangent = (_plain(v.sel(at)).mean("seed").values for v in ranks.values())
            told = _told(int(width), feature, cotangent, cosines)
            found.append(Start(family, int(width), measured, turned, *told))
    return found


def at_every_gain(cube: xr.DataTree) -> xr.DataArray:
    """UC-NFC of each network and layer, (init_gain, seed, layer)."""
    return _start(cube, "uc_nfc", every_gain=True)


def over_gains(cube: xr.DataTree) -> xr.DataArray:
    """Largest less smallest UC-NFC over gains of initial weights, of each network and layer."""
    found = at_every_gain(cube)
    return found.max("init_gain", skipna=False) - found.min("init_gain", skipna=False)


def _told(
    width: int, feature: np.ndarray, cotangent: np.ndarray, cosines: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Predictions of a perceptron: r_F is that of the weights, which no data enters."""
    if not np.isfinite([*feature, *cotangent]).all() or not np.isfinite(cosines).any():
        gone = np.full(len(feature), math.nan)
        return gone, gone, gone
    # K of the read-out is the identity: its rank is the number of outputs.
    sizes = np.array([*[width] * (len(feature) - 1), round(float(cotangent[-1]))])
    samples = round((1 + math.sqrt(1 + 8 * cosines.size)) / 2)

    def of(form, pairs: np.ndarray) -> np.ndarray:
        return initialisation.turned(feature, form(Rectifier(), pairs, samples, sizes), sizes)

    return (
        of(initialisation.mean_field_ranks, cosines),
        of(initialisation.finite_width_ranks, cosines),
        of(initialisation.finite_width_ranks, np.ones_like(cosines)),
    )


def _cosines(cube: xr.DataTree) -> np.ndarray:
    """Of all pairs of inputs, which all networks of a cube share."""
    found = _start(cube, "forward_cosines").transpose(..., "pair").values
    every = found.reshape(-1, found.shape[-1])
    # Of the first that is there: all NaN where none is.
    return every[np.isfinite(every).any(1).argmax()]


def _start(cube: xr.DataTree, variable: str, *, every_gain: bool = False) -> xr.DataArray:
    found = curves.at(curves.curve(cube, variable), "init")
    if "init_gain" in found.dims and not every_gain:
        gains = found["init_gain"].values.astype(float)
        found = found.isel(init_gain=int(np.abs(np.log(gains)).argmin()), drop=True)
    return found.isel({d: 0 for d in found.dims if d == "learning_rate"}, drop=True)


def _plain(values: xr.DataArray) -> xr.DataArray:
    """(seed, layer), layers from 1 as in signal propagation."""
    kept = values.transpose("seed", "layer")
    return kept.assign_coords(layer=kept["layer"] + 1)


def _data(cube: xr.DataTree) -> str:
    source = str(told_setting(cube, "dataset.source", default="unstated data"))
    return _DATA.get(source, source)
