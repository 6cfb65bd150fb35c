"""lineage and dependents: against a naive twin, for moved figures, for what is unknown."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made.builder import Store, made_up, pipeline, sha

import layeratlas
from layeratlas import dependents, lineage
from layeratlas.errors import StoreError
from layeratlas.provenance.tell.drawing import to_svg
from layeratlas.provenance.tell.grouping import grouped


@st.composite
def graphs(draw) -> list[set[int]]:
    """Job i reads the outputs of earlier jobs: a random acyclic graph."""
    size = draw(st.integers(1, 12))
    return [draw(st.sets(st.integers(0, i - 1), max_size=4)) if i else set() for i in range(size)]


def naive_ancestors(graph: list[set[int]], i: int) -> set[int]:
    found = {i}
    for j in graph[i]:
        found |= naive_ancestors(graph, j)
    return found


def longest_way(graph: list[set[int]], start: int, end: int) -> int | None:
    if start == end:
        return 0
    ways = [w for j in graph[start] if (w := longest_way(graph, j, end)) is not None]
    return 1 + max(ways) if ways else None


@settings(max_examples=25)
@given(graphs())
def test_ancestors_and_descendants_equal_a_naive_recursion(graph):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        files = [made_up(f"f{i}.zarr.zip") for i in range(len(graph))]
        for i, sources in enumerate(graph):
            store.job("make", [files[j] for j in sorted(sources)], [files[i]])
        last = len(graph) - 1
        table = lineage(files[last].digest, store.root)
        expected = naive_ancestors(graph, last)
        assert set(table["path"]) == {f"f{i}.zarr.zip" for i in expected}
        assert len(table) == len(expected)
        for row, (path, depth) in enumerate(zip(table["path"], table["depth"], strict=True)):
            i = int(path[1:].partition(".")[0])
            assert depth == longest_way(graph, last, i)
            users = {int(table["path"][u][1:].partition(".")[0]) for u in table["used_by"][row]}
            assert users == {u for u in expected if i in graph[u]}
            if depth:
                assert table["depth"][table["parent"][row]] == depth - 1
        made = dependents(files[0].digest, store.root)
        downstream = {i for i in range(len(graph)) if 0 in naive_ancestors(graph, i)} - {0}
        assert set(made["path"]) == {f"f{i}.zarr.zip" for i in downstream}


def test_stages_stand_below_each_other(recorded):
    table = lineage("figures/f.pdf", recorded.root)
    depths = table.groupby("rule")["depth"].unique().map(list).to_dict()
    assert depths == {
        "show_figure": [0],
        "draw_figure": [1],
        "assemble_cube": [2],
        "measure": [3],
        "train": [4],
        "prepare_dataset": [5],
    }
    data = table.iloc[-1]
    assert (data["dataset"], data["settings"]["recipe"]["source"]) == ("mnist_5k", "mnist_5k")
    assert table["rule"][data["parent"]] == "train"
    assert len(data["used_by"]) == 24


@pytest.mark.parametrize("kind", ["pdf", "png", "svg"])
def test_a_moved_figure_finds_everything(project, tmp_path, monkeypatch, kind):
    alone = tmp_path / "empty" / f"Figure 3.{kind}"
    alone.parent.mkdir()
    shutil.copy(project.root / "figures" / f"f.{kind}", alone)
    monkeypatch.chdir(alone.parent)
    table = lineage(alone.name, project.root).set_index("rule")
    # Elsewhere it is no more the shown copy than the drawn original.
    rules = ["draw_figure", "assemble_cube", "measure", "train", "prepare_dataset"]
    assert list(table.index) == rules
    cube = table.loc["assemble_cube"]
    assert cube["settings"]["plan"]["description"]["settings"] == {"epochs": 20}
    assert (cube["source"], cube["dirty"]) == ("b" * 64, False)
    assert table.loc["prepare_dataset", "dataset"] == "mnist_5k"


def test_a_figure_saved_again_is_known_by_its_cubes(project, tmp_path):
    pdf = tmp_path / "other.pdf"
    # As a program would that touches the file's end.
    pdf.write_bytes((project.root / "figures" / "f.pdf").read_bytes() + b"\n% seen\n")
    table = lineage(pdf, project.root)
    assert table["rule"][0] is None
    assert list(table["rule"][1:]) == ["assemble_cube", "measure", "train", "prepare_dataset"]
    assert table["settings"][1]["plan"]["description"]["settings"] == {"epochs": 20}


def test_a_root_is_found_from_inside_and_from_the_file(project, tmp_path, monkeypatch):
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(project.root / "results" / "smoke")
    assert len(lineage("figures/f.pdf")) == 5
    monkeypatch.chdir(tmp_path / "outside")
    assert len(lineage(project.root / "figures" / "f.pdf")) == 6
    with pytest.raises(StoreError, match="no provenance store at or above"):
        lineage("abcdef123456")


def test_manifest_digest_and_prefix_mean_the_cube(project):
    state = project.state("results/smoke/cubes/phase.zarr.zip", "cube")
    names = [
        "results/smoke/cubes/phase.json",
        "results/smoke/cubes/phase.zarr.zip",
        state.digest,
        state.content_hash[:10],
    ]
    for name in names:
        table = lineage(name, project.root)
        assert (table["digest"][0], table["rule"][0]) == (state.digest, "assemble_cube")


def test_another_layout_of_the_same_cube_is_known_by_content(project, tmp_path):
    state = project.state("results/smoke/cubes/phase.zarr.zip", "cube")
    copy = tmp_path / "copy.zarr.zip"
    # A comment changes the bytes of a zip and nothing else.
    import zipfile

    shutil.copy(project.root / state.path, copy)
    with zipfile.ZipFile(copy, "a") as archive:
        archive.comment = b"sent by mail"
    assert lineage(copy, project.root)["digest"][0] == state.digest


def test_the_version_read_is_the_one_found(tmp_path):
    """The same content made twice: a reader is linked to the writer it can have seen."""
    store = Store(tmp_path)
    cube = made_up("c.zarr.zip")
    first = store.job("assemble_cube", [], [cube])
    figure = made_up("f.pdf")
    store.job("draw_figure", [cube], [figure])
    store.job("assemble_cube", [], [cube])
    assert lineage(figure.digest, tmp_path)["record"][1] == first.id


def test_input_that_nobody_made_stays_in_the_tree(tmp_path):
    store = Store(tmp_path)
    figure = made_up("f.pdf")
    store.job("draw_figure", [made_up("data/reference/x.csv")], [figure])
    table = lineage(figure.digest, tmp_path)
    assert list(table["path"]) == ["f.pdf", "data/reference/x.csv"]
    assert table["rule"][1] is None


def test_outputs_of_failed_jobs_make_nothing(tmp_path):
    store = Store(tmp_path)
    file = made_up("f.pdf")
    store.job("draw_figure", [], [file], status="failed", error="ValueError: no")
    with pytest.raises(StoreError, match="neither a file here"):
        lineage("f.pdf", tmp_path)
    with pytest.raises(StoreError, match="has a hash that begins"):
        dependents(sha("source"), tmp_path)


class TestRefusals:
    def test_figure_from_elsewhere(self, recorded, project):
        with pytest.raises(StoreError, match="drawn by Layer Atlas from phase, but no record of"):
            lineage(project.root / "figures" / "f.pdf", recorded.root)

    def test_pdf_of_another_program(self, recorded, tmp_path):
        pdf = tmp_path / "letter.pdf"
        pdf.write_bytes(b"%PDF-1.4 nothing of ours")
        with pytest.raises(StoreError, match="carries no identity"):
            lineage(pdf, recorded.root)

    @pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
    def test_broken_figure(self, recorded, tmp_path, suffix):
        figure = tmp_path / f"broken.{suffix}"
        figure.write_bytes(b"\x00\xff")
        with pytest.raises(StoreError, match="broken"):
            lineage(figure, recorded.root)

    def test_changed_result(self, project):
        path = project.root / "results/smoke/figures/f.csv"
        path.write_text("1")
        project.job("draw_figure", [], [project.state("results/smoke/figures/f.csv", "x")])
        path.write_text("2")
        with pytest.raises(StoreError, match="was changed after it was made"):
            lineage(path, project.root)

    def test_unknown_digest_name_and_file(self, recorded, tmp_path):
        with pytest.raises(StoreError, match="no file on record has a digest"):
            lineage("0" * 64, recorded.root)
        with pytest.raises(StoreError, match="neither a file here nor"):
            lineage("no/such/file.pdf", recorded.root)
        other = tmp_path / "other.txt"
        other.write_text("x")
        with pytest.raises(StoreError, match="is in no record"):
            lineage(other, recorded.root)

    def test_ambiguous_prefix(self, tmp_path):
        store = Store(tmp_path)
        one, two = made_up("a"), made_up("b")
        for file, tail in ((one, "1"), (two, "2")):
            digest = "abcdef" + tail * 58
            store.job("make", [], [file.model_copy(update={"digest": digest})])
        with pytest.raises(StoreError, match="give more digits"):
            lineage("abcdef", tmp_path)
        assert lineage("abcdef1", tmp_path)["path"][0] == "a"

    def test_folder_that_is_none(self, tmp_path):
        with pytest.raises(StoreError, match="is no folder"):
            lineage("x", tmp_path / "nowhere")


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


def test_many_equal_siblings_become_one_node(tmp_path):
    pipeline(tmp_path, shards=10, experiments=4)
    table = lineage("figures/f.pdf", tmp_path)
    groups = grouped(table)
    assert len(groups) == 1 + 1 + 4 + 4 + 4 + 1
    assert sorted(i for group in groups for i in group.rows) == list(range(len(table)))
    drawn = to_svg(table)
    assert drawn.count("10 shards") == 4
    assert drawn == to_svg(table)
    from xml.etree import ElementTree

    ElementTree.fromstring(drawn)


def test_names_at_the_top_of_the_package():
    for name in ("lineage", "dependents", "diff", "stale", "log", "versions", "open"):
        assert callable(getattr(layeratlas, name))
    with pytest.raises(AttributeError):
        _ = layeratlas.no_such_name
