"""Versions of a cube, and opening any of them."""

from __future__ import annotations

import pytest
import xarray as xr
from made.builder import made_up
from made.store import make_cube

import layeratlas
from layeratlas import versions
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
        for version in ("1", first[:8], table["content_hash"][0], "2023-05-17T08:03"):
            assert moved(layeratlas.open(f"phase@{version}", project.root)) == 1.0, version
        for version in ("2", second, "2023-05-17", "2023-05-17 12:00", "2023-05-17T08:05:00Z"):
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
