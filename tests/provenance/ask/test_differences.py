"""What differs between two versions of a cube, or between figures."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.builder import made_up
from made.store import make_cube

from layeratlas import diff, versions
from layeratlas.errors import StoreError
from layeratlas.storage import publish

CUBE = "results/smoke/cubes/phase.zarr.zip"


class TestDiff:
    def test_two_versions(self, project):
        table = diff("phase@1", "phase@2", project.root).set_index("name")
        row = table.loc["/layers/separation"]
        assert (row["kind"], row["changed"], row["compared"]) == ("variable", 1, 6)
        assert row["max_abs"] == pytest.approx(0.25)
        assert row["max_rel"] == pytest.approx(0.2)
        epochs = table.loc["assemble_cube: plan.description.settings.epochs"]
        assert (epochs["kind"], epochs["a"], epochs["b"]) == ("settings", 10, 20)
        source = table.loc["assemble_cube: source"]
        assert (source["kind"], source["b"]) == ("code", "b" * 64)
        assert set(table.index) == {
            "/layers/separation",
            "assemble_cube: plan.description.settings.epochs",
            "assemble_cube: source",
        }

    def test_of_equals_is_empty(self, project):
        table = diff("phase@2", project.root / CUBE, project.root)
        assert table.empty
        assert "max_abs" in table.columns

    def test_lost_and_gained_coordinates(self, project):
        make_cube(project, [], slopes=(0.5, 1.0, 2.0), title="another")
        table = diff("phase@1", "phase@3", project.root).set_index("name")
        slope = table.loc["/slope"]
        assert (slope["kind"], slope["lost"], slope["gained"]) == ("coordinate", [0.0], [2.0])
        row = table.loc["/layers/separation"]
        assert (row["changed"], row["compared"], row["max_abs"]) == (4, 4, 2.0)
        assert tuple(table.loc["@title", ["a", "b"]]) == ("a cube", "another")

    def test_before_the_cube_too(self, project):
        """The same assembling of shards that other code trained."""
        shard = made_up("results/smoke/shards/phase/b.zarr.zip")
        project.job("train", [], [shard], source="c" * 64, packages={"numpy": "1.26"})
        make_cube(project, [shard])
        versions_ = versions("phase", project.root)
        project.job(
            "assemble_cube", [shard], [made_up(CUBE, "x", "cube")], experiment="phase"
        )  # fmt: skip
        assert len(versions_) == 2
        (project.root / "store/objects").joinpath(
            f"{made_up(CUBE, 'x', 'cube').digest}.zarr.zip"
        ).write_bytes((project.root / CUBE).read_bytes())
        table = diff("phase@1", made_up(CUBE, "x", "cube").digest, project.root).set_index("name")
        assert table.loc["train: source", "b"] == "c" * 64
        assert tuple(table.loc["train: numpy", ["a", "b"]]) == ("2.4.6", "1.26")

    def test_of_figures_compares_their_cubes(self, project):
        old = versions("phase", project.root).iloc[0]
        cube = project.state(CUBE, "cube").model_copy(
            update={"digest": old["digest"], "content_hash": old["content_hash"]}
        )
        other = project.root / "old.pdf"
        other.write_text("drawn")
        project.job("draw_figure", [cube], [project.state("old.pdf", "figure")], figure="f")
        table = diff(other, project.root / "figures/f.pdf", project.root)
        row = table.set_index("name").loc["/layers/separation"]
        assert (row["cube"], row["changed"]) == ("phase", 1)

    def test_without_records(self, project, tmp_path):
        for number in range(2):
            data = xr.Dataset({"x": ("i", [1.0, np.nan, number]), "t": ("i", ["a", "b", "c"])})
            publish(data, tmp_path / f"{number}.zarr.zip")
        table = diff(tmp_path / "0.zarr.zip", tmp_path / "1.zarr.zip", project.root)
        assert list(table["name"]) == ["/x"]
        assert (table["changed"][0], table["max_abs"][0], table["max_rel"][0]) == (1, 1.0, 1.0)

    def test_nan_on_one_side_and_types(self, project, tmp_path):
        a = xr.Dataset({"x": ("i", [1.0, np.nan]), "n": ("i", [1, 2]), "gone": 1.0, "u": 3})
        b = xr.Dataset({"x": ("i", [np.nan, 1.0]), "n": ("i", [1.0, 2.5]), "u": 3.0})
        publish(a, tmp_path / "a.zarr.zip")
        publish(b, tmp_path / "b.zarr.zip")
        table = diff(tmp_path / "a.zarr.zip", tmp_path / "b.zarr.zip", project.root)
        table = table.set_index("name")
        assert table.loc["/x", "changed"] == 2
        assert np.isnan(table.loc["/x", "max_abs"])
        assert tuple(table.loc["/gone", ["a", "b"]]) == ("there", None)
        assert "int64(i)" in set(table.loc["/n", "a"])
        assert list(table.loc["/n", "max_abs"])[1] == 0.5

    def test_refusals(self, project):
        with pytest.raises(StoreError, match="no version"):
            diff("phase@1", "phase@9", project.root)
        with pytest.raises(StoreError, match="no cube is on record"):
            lone = project.root / "x.pdf"
            lone.write_text("x")
            project.job("draw_figure", [], [project.state("x.pdf", "figure")])
            diff(lone, "phase@1", project.root)
        with pytest.raises(StoreError, match="neither a file"):
            diff("nothing", "phase@1", project.root)
