"""What a user may type: moved figures, digests, manifests, other layouts; and what is refused."""

from __future__ import annotations

import shutil

import pytest
from made.builder import Store, made_up
from made.damage import rewrite

from layeratlas import lineage
from layeratlas.errors import StoreError
from layeratlas.storage import file_digest


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
    # Put together again, members lie in another order and have other dates.
    shutil.copy(project.root / state.path, copy)
    rewrite(copy, lambda name, content: content)
    assert file_digest(copy) != state.digest
    assert lineage(copy, project.root)["digest"][0] == state.digest


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


def test_a_root_is_found_from_inside_and_from_the_file(project, tmp_path, monkeypatch):
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(project.root / "results" / "smoke")
    assert len(lineage("figures/f.pdf")) == 5
    monkeypatch.chdir(tmp_path / "outside")
    assert len(lineage(project.root / "figures" / "f.pdf")) == 6
    with pytest.raises(StoreError, match="no provenance store at or above"):
        lineage("abcdef123456")
