"""What was made from a data set, a cube, a file, code or an environment."""

from __future__ import annotations

import pytest
from made.builder import Store, made_up, pipeline, sha

from layeratlas import dependents, lineage
from layeratlas.errors import StoreError


class TestDependents:
    def test_of_a_data_set_by_name_key_and_digest(self, recorded):
        by_name = dependents("mnist_5k", recorded.root)
        assert by_name.attrs["kind"] == "data set"
        assert len(by_name) == 1 + 2 * (6 + 6 + 1) + 2 + 2
        by_key = dependents("0123456789abcdef", recorded.root)
        assert list(by_key["path"]) == list(by_name["path"])
        by_digest = dependents(by_name["digest"][0], recorded.root)
        assert set(by_digest["path"]) == set(by_name["path"][1:])

    def test_of_a_data_set_that_nobody_recorded_preparing(self, recorded):
        for path in recorded.records():
            if "prepare_dataset" in path.read_text():
                path.unlink()
        assert len(dependents("mnist_5k", recorded.root)) == 2 * (6 + 6 + 1) + 2 + 2

    def test_of_a_cube(self, recorded):
        table = dependents("experiment_1", recorded.root)
        assert table.attrs["kind"] == "cube"
        assert set(table["rule"]) == {"draw_figure", "show_figure"}

    def test_of_code_commit_and_environment(self, tmp_path):
        store = pipeline(tmp_path, shards=2)
        odd = made_up("odd.zarr.zip")
        own = {"source": "a" * 64, "commit": "c" * 40, "packages": {"numpy": "1"}}
        record = store.job("train", [], [odd], **own)
        for what, kind in (
            ("aaaaaaa", "package source"),
            ("cccccccc", "commit"),
            (record.environment.hash, "environment"),
        ):
            table = dependents(what, tmp_path)
            assert (table.attrs["kind"], list(table["path"])) == (kind, ["odd.zarr.zip"])

    def test_of_a_file_by_path_also_when_it_is_gone(self, project):
        path = "results/smoke/shards/phase/aaaaaaaaaaaaaaaa.zarr.zip"
        there = dependents(path, project.root)
        (project.root / path).unlink()
        gone = dependents(path, project.root)
        assert list(there["path"]) == list(gone["path"])
        assert set(there["rule"]) == {"measure", "assemble_cube", "draw_figure", "show_figure"}

    def test_of_nothing(self, recorded):
        with pytest.raises(StoreError, match="data sets: mnist_5k; cubes: experiment_0"):
            dependents("cifar", recorded.root)
        with pytest.raises(StoreError, match="has a hash that begins"):
            dependents("0" * 12, recorded.root)


def test_outputs_of_failed_jobs_make_nothing(tmp_path):
    store = Store(tmp_path)
    file = made_up("f.pdf")
    store.job("draw_figure", [], [file], status="failed", error="ValueError: no")
    with pytest.raises(StoreError, match="neither a file here"):
        lineage("f.pdf", tmp_path)
    with pytest.raises(StoreError, match="has a hash that begins"):
        dependents(sha("source"), tmp_path)
