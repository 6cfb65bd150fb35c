"""versions, open, diff and log."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from made.builder import made_up
from made.store import make_cube

import layeratlas
from layeratlas import diff, log, versions
from layeratlas.errors import StoreError
from layeratlas.storage import publish

CUBE = "results/smoke/cubes/phase.zarr.zip"


def moved(tree: xr.DataTree) -> float:
    return float(tree["layers"]["separation"].values[0, 1])


class TestOpen:
    def test_by_number_digest_content_date_and_default(self, project):
        table = versions("phase", project.root)
        assert list(table["version"]) == [1, 2]
        assert list(table["state"]) == ["stored", "current"]
        first, second = table["digest"]
        assert moved(layeratlas.open("phase", project.root)) == 1.25
        for version in ("1", first[:8], table["content_hash"][0], "2031-05-17T08:03"):
            assert moved(layeratlas.open(f"phase@{version}", project.root)) == 1.0, version
        for version in ("2", second, "2031-05-17", "2031-05-17 12:00", "2031-05-17T08:05:00Z"):
            assert moved(layeratlas.open(f"smoke/phase@{version}", project.root)) == 1.25, version

    def test_same_bytes_again_are_no_new_version(self, project):
        make_cube(project, [])
        table = versions("phase", project.root)
        assert list(table["version"]) == [1, 2]
        assert list(table["state"]) == ["current", "stored"]
        assert moved(layeratlas.open("phase", project.root)) == 1.0

    def test_collected_version(self, project):
        first = versions("phase", project.root)["digest"][0]
        (project.root / "store" / "objects" / f"{first}.zarr.zip").unlink()
        assert versions("phase", project.root)["state"][0] == "collected"
        with pytest.raises(StoreError, match=r"version 1 of phase .* no longer in the"):
            layeratlas.open("phase@1", project.root)

    def test_no_current_version(self, project):
        (project.root / CUBE).unlink()
        with pytest.raises(StoreError, match="no current version"):
            layeratlas.open("phase", project.root)
        assert moved(layeratlas.open("phase@2", project.root)) == 1.25

    def test_several_presets(self, project):
        path = project.root / "results/laptop/cubes/phase.zarr.zip"
        path.parent.mkdir(parents=True)
        tree = layeratlas.open("phase@1", project.root).load()
        publish(tree, path)
        with pytest.raises(StoreError, match="exists in the presets laptop, smoke"):
            layeratlas.open("phase", project.root)
        assert moved(layeratlas.open("laptop/phase", project.root)) == 1.0
        assert moved(layeratlas.open("phase", project.root, preset="smoke")) == 1.25
        # A cube that nobody recorded is a version all the same.
        assert versions("laptop/phase", project.root)["record"][0] is None

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("phase@7", r"no version '7'; it has 1 \("),
            ("phase@ffffffffff", "no version"),
            ("phase@yesterday", "no version 'yesterday'"),
            ("phase@1999-01-01", "no version as old as"),
            ("phase@", "names no cube"),
            ("@1", "names no cube"),
            ("phse", "no cube 'phse' .* cubes on record: phase"),
            ("laptop/phase", "no cube 'phase' in preset laptop"),
        ],
    )
    def test_refusals(self, project, name, said):
        with pytest.raises(StoreError, match=said):
            layeratlas.open(name, project.root)

    def test_ambiguous_digest(self, project):
        for tail in "12":
            file = made_up(CUBE, role="cube")
            project.job(
                "assemble_cube",
                [],
                [file.model_copy(update={"digest": "abcdef" + tail * 58, "content_hash": None})],
                experiment="phase",
            )
        with pytest.raises(StoreError, match="phase@abcdef is ambiguous"):
            layeratlas.open("phase@abcdef", project.root)


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


class TestLog:
    def test_order_and_filters(self, recorded):
        table = log(recorded.root)
        assert list(table["started"]) == sorted(table["started"])
        assert len(table) == len(recorded.records())
        assert set(log(recorded.root, rule="train")["rule"]) == {"train"}
        assert len(log(recorded.root, rule="train", experiment="experiment_1")) == 6
        assert list(log(recorded.root, limit=2)["rule"]) == ["draw_figure", "show_figure"]
        assert list(log(recorded.root, figure="f", limit=1)["outputs"]) == [
            ["figures/f.pdf", "figures/f.png"]
        ]

    def test_times(self, recorded):
        everything = len(log(recorded.root))
        assert len(log(recorded.root, since="2031-05-17")) == everything
        assert len(log(recorded.root, until="2031-05-17")) == everything
        assert len(log(recorded.root, until="2031-05-16")) == 0
        assert len(log(recorded.root, since="2031-05-17T08:01", until="2031-05-17T08:02:00Z")) == 2
        assert len(log(recorded.root, since="2031-05-17T10:01+02:00")) == everything - 1
        assert len(log(recorded.root, since="3d")) == everything  # these jobs ran in the future
        with pytest.raises(StoreError, match="is no time"):
            log(recorded.root, since="last week")

    def test_failed_jobs_are_told(self, recorded):
        recorded.job("train", status="failed", error="StoreError: disk full")
        table = log(recorded.root, status="failed")
        assert list(table["error"]) == ["StoreError: disk full"]
