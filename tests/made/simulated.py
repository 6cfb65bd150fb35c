"""Cubes of the repository's simulations, really simulated, with settings changed where asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from made.experiments import cube_of


def simulated_cube(
    name: str, *, seeds: int | None = None, grid: dict[str, tuple] | None = None, **chain: Any
) -> xr.DataTree:
    """The cube of experiment `name`, preset smoke; `chain` replaces settings of its chain."""
    from layeratlas.chains.simulation import simulate_shard

    return cube_of(name, simulate_shard, seeds=seeds, grid=grid, chain=chain)


def network_trajectories(*, seeds: int = 2, epochs: int = 30) -> xr.DataTree:
    """Made-up networks over time: all begin concave; dropout makes them convex at the end.

    Under batch statistics D_0 is constant; under running statistics everything is shifted by
    what drifts, and must be seen nowhere.
    """
    slope = xr.DataArray([0.0, 0.8], dims="negative_slope", name="negative_slope")
    dropout = xr.DataArray([0.0, 0.28], dims="dropout", name="dropout")
    epoch = xr.DataArray(np.arange(epochs + 1), dims="epoch")
    place = xr.DataArray(np.linspace(0, 1, 8), dims="layer")
    time = epoch / epochs
    end = -0.15 + 0.2 * slope + 1.2 * dropout
    bend = -0.25 + (end + 0.25) * np.sqrt(time)
    fall = 0.5 + 4 * time
    D = 1.3 - fall * (place + 3 * bend * place * (1 - place))
    D = D.expand_dims(seed=np.arange(1, seeds + 1))
    D = xr.concat([D, D.isel(layer=-1) - 5], "layer")
    modes = xr.concat([D + 3 * np.exp(-3 * time), D], "batch_norm_mode")
    modes = modes.assign_coords(
        negative_slope=slope.values,
        dropout=dropout.values,
        epoch=epoch.values,
        layer=np.arange(9),
        batch_norm_mode=["running_statistics", "batch_statistics"],
        layer_name=("layer", ["input", *(f"hidden_{i}" for i in range(1, 8)), "logits"]),
    ).transpose("negative_slope", "dropout", "seed", "epoch", "batch_norm_mode", "layer")
    layers = modes.astype("float32").rename("data_separation").to_dataset()
    status = xr.zeros_like(modes.isel(epoch=0, batch_norm_mode=0, layer=0, drop=True), dtype="int8")
    attributes = {"preset": "smoke", "dataset_source": "digits", "n_train": 640}
    root = xr.Dataset({"status": status}, attrs=attributes)
    return xr.DataTree.from_dict({"/": root, "/layers": layers})


class Simulated:
    """What tests of figures and claims ask for by one fixture; simulations are kept."""

    network_trajectories = staticmethod(network_trajectories)

    def __init__(self) -> None:
        self._cubes: dict[str, xr.DataTree] = {}

    def cube(self, name: str, **changes: Any) -> xr.DataTree:
        if changes:
            return simulated_cube(name, **changes)
        if name == "network_trajectories":
            return network_trajectories()
        if name not in self._cubes:
            # The presets' smallest number of chains is too noisy for claims on means.
            several = {"seeds": 20} if name.startswith("spring_") else {}
            self._cubes[name] = simulated_cube(name, **several)
        return self._cubes[name]

    def cubes(self, figure: str, synthetic) -> dict[str, xr.DataTree]:
        """All cubes of a figure; phase diagrams of networks are the made-up ones."""
        from layeratlas.papers import FIGURES

        networks = synthetic.theory_cubes(synthetic.LAPTOP_GRID, synthetic.LAPTOP_SLOPES, seeds=3)
        return {
            name: networks[name] if name in networks else self.cube(name)
            for name in FIGURES[figure].experiments
        }


@pytest.fixture(scope="session")
def simulated() -> Simulated:
    return Simulated()
