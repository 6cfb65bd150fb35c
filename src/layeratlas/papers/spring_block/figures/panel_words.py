"""What the networks' phase diagrams tell of themselves under a figure, panel by panel."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from layeratlas.cubes.population import seeds
from layeratlas.cubes.told import told
from layeratlas.papers.given import Cubes
from layeratlas.papers.spring_block.figures.words import whole
from layeratlas.papers.spring_block.panels import PANELS


def population_told(cubes: Cubes) -> str:
    """How many seeds and images, of which data set, at which preset."""
    shown = {panel.letter: cubes[panel.experiment] for panel in PANELS if panel.experiment in cubes}
    runs = {letter: seeds(cube) for letter, cube in shown.items()}
    images = {letter: whole(cube.attrs.get("n_train")) for letter, cube in shown.items()}
    sources = {letter: _dataset_name(cube) for letter, cube in shown.items()}
    presets = {letter: str(cube.attrs.get("preset", "unstated")) for letter, cube in shown.items()}
    counts = _by_panel({letter: whole(count) for letter, count in runs.items()})
    return (
        f"n\u00a0=\u00a0{counts} seed{'s' if max(runs.values()) > 1 else ''} a cell, "
        f"{_by_panel(images)} training images ({_by_panel(sources)}); "
        f"preset {_by_panel(presets)}."
    )


def told_by_letter(values: Mapping[str, str]) -> str:
    """As "a 0.012, c 0.009"."""
    return ", ".join(f"{letter}\u00a0{value}" for letter, value in values.items())


def _dataset_name(cube: xr.DataTree) -> str:
    """The source of the images, else the name in the recipe."""
    name = told(cube, "dataset").get("name")
    return str(cube.attrs.get("dataset_source") or name or "unstated")


def _by_panel(values: Mapping[str, str]) -> str:
    """One value when all panels share it; otherwise each, with its letters."""
    distinct = list(dict.fromkeys(values.values()))
    if len(distinct) == 1:
        return distinct[0]
    return ", ".join(
        f"{value} ({' '.join(k for k, v in values.items() if v == value)})" for value in distinct
    )
