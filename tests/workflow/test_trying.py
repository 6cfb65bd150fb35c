"""An experiment in this process gives the numbers of the pipeline, and leaves nothing behind."""

from __future__ import annotations

import pytest
import xarray as xr
from made.documents import as_yaml
from made.project import TINY

import layeratlas
from layeratlas.cubes.comparing import compare_cubes
from layeratlas.errors import ConfigError
from layeratlas.workflow.trying import try_out


def test_numbers_are_those_of_the_pipeline(first_figure, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name = "phase_diagram_data_noise"
    made = layeratlas.open_cube(first_figure.folder / f"results/smoke/cubes/{name}.zarr.zip")
    tried = try_out(name, experiments=first_figure.folder / "config/experiments")
    assert compare_cubes(made, tried).moved == []
    assert compare_cubes(tried, made).moved == []
    # The control: one number in one cell.
    other = made.load().copy(deep=True)
    other["evaluation"]["test_accuracy"][0] += 1
    assert len(compare_cubes(other, tried).moved) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "experiments").mkdir()
    return tmp_path / "experiments"


def test_one_of_ones_own(folder):
    (folder / "mine.yaml").write_text(as_yaml(TINY))
    cube = try_out("mine", experiments=folder)
    assert dict(cube.sizes) == {"dropout": 2, "negative_slope": 2, "seed": 1}
    assert int((cube["status"] == 0).sum()) == 4


def test_chains_and_probes(folder):
    chain = {"title": "c", "kind": "simulation", "chain": {"steps": 50}, "seeds": 2,
             "grid": {"noise_strength": [0, 0.1]}}  # fmt: skip
    (folder / "chain.yaml").write_text(as_yaml(chain))
    cube = try_out("chain", experiments=folder)
    assert isinstance(cube, xr.DataTree) and cube.sizes["seed"] == 2


def test_what_cannot_be_tried_is_refused(folder):
    for name in ("mine", "other"):
        (folder / f"{name}.yaml").write_text(as_yaml(TINY))
    (folder / "both.yaml").write_text(
        as_yaml({"title": "r", "kind": "reduction",
                 "reduction": {"function": "difference", "of": ["mine", "other"]}})
    )  # fmt: skip
    with pytest.raises(ConfigError, match=r"no experiment 'mne'; did you mean 'mine'"):
        try_out("mne", experiments=folder)
    with pytest.raises(ConfigError, match=r"made of other cubes: snakemake results/smoke/cubes"):
        try_out("both", experiments=folder)
