"""What a user may type: moved figures, digests, manifests, other layouts; and what is refused."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pikepdf
import pytest
from made.builder import Store, made_up
from made.damage import rewrite
from matplotlib.figure import Figure

from layeratlas import lineage
from layeratlas.errors import StoreError
from layeratlas.figures.identity import mark_of
from layeratlas.figures.output import read_identity, render
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.provenance.tell.grouping import facts, grouped, title
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


BEHIND = ["assemble_cube", "measure", "train", "prepare_dataset"]


def saved_again(project: Store, path: Path, kind: str = "pdf") -> Path:
    """As a program would that touches the file's end."""
    path.write_bytes((project.root / "figures" / f"f.{kind}").read_bytes() + b"\n% seen\n")
    return path


@pytest.mark.parametrize("kind", ["pdf", "svg"])
def test_a_figure_saved_again_is_known_by_its_mark(project, tmp_path, kind):
    table = lineage(saved_again(project, tmp_path / f"other.{kind}", kind), project.root)
    assert table["rule"][0] is None
    assert list(table["rule"][1:]) == ["draw_figure", *BEHIND]
    assert table["settings"][2]["plan"]["description"]["settings"] == {"epochs": 20}
    assert table["mark"][0] == table["mark"][1] == mark_of(identity_of(project))


def test_where_no_record_has_the_mark_it_is_known_by_its_cubes(project, tmp_path):
    """As of figures that were drawn before records kept marks."""
    pdf = saved_again(project, tmp_path / "other.pdf")
    unmarked(project)
    table = lineage(pdf, project.root)
    assert [table["rule"][0], *table["rule"][1:]] == [None, *BEHIND]
    assert table["settings"][1]["plan"]["description"]["settings"] == {"epochs": 20}


def unmarked(project: Store) -> None:
    for path in project.records():
        project.edit(path, lambda said: [file.pop("mark") for file in said["outputs"]])


def identity_of(project: Store) -> dict[str, str]:
    return read_identity(project.root / "figures" / "f.pdf")


@pytest.mark.parametrize("written", ["{}", " {} ", "#{}", "Layer Atlas {}", "layer atlas  #{}"])
@pytest.mark.parametrize("digits", [6, 7, 64])
def test_the_digits_that_a_figure_shows_mean_it(project, written, digits):
    mark = mark_of(identity_of(project))
    for shown in (mark, mark.upper()):
        table = lineage(written.format(shown[:digits]), project.root)
        assert list(table["rule"]) == ["draw_figure", *BEHIND]
        assert table["path"][0] == "results/smoke/figures/f.pdf"
        assert table["mark"][0] == mark


def test_a_figure_drawn_twice_is_the_last_that_was_drawn(project):
    mark = mark_of(identity_of(project))
    again = project.state("results/smoke/figures/f.pdf", "figure")
    record = project.job("draw_figure", [], [again], figure="f")
    table = lineage(mark[:7], project.root)
    assert table["record"].tolist() == [record.id]


class TestPapers:
    """Documents that carry several figures, on and off record."""

    @pytest.fixture
    def paper(self, project, tmp_path) -> Path:
        """Figure f on pages 2 and 3, an unrecorded figure of the same cube on page 3, and one of
        somewhere else on page 4."""
        mine = identity_of(project)
        theirs = {"figure": "theirs", "preset": "smoke", "cube other": "34" * 32}
        paper = pikepdf.new()
        drawn = {"f": mine, "lost": mine | {"figure": "lost"}, "theirs": theirs}
        for names in ((), ("f",), ("f", "lost"), ("theirs",)):
            page = paper.add_blank_page(page_size=(300, 300))
            for name in names:
                content = render(Figure((1, 1)), name, drawn[name])["pdf"]
                with pikepdf.open(io.BytesIO(content)) as figure:
                    page.add_overlay(figure.pages[0])
        paper.save(tmp_path / "paper.pdf", compress_streams=False)
        return tmp_path / "paper.pdf"

    def test_all_figures_are_listed_with_their_pages(self, project, paper):
        table = lineage(paper, project.root)
        assert list(table["role"][:4]) == ["document", "figure", "figure", "figure"]
        first = table[table["depth"] == 1].set_index("path")["pages"].to_dict()
        assert first == {
            "results/smoke/figures/f.pdf": (2, 3),
            "lost": (3,),
            "theirs": (4,),
        }
        # The cube stands once, below both of its figures.
        (cube,) = table.index[table["rule"] == "assemble_cube"]
        assert [table["path"][i] for i in table["used_by"][cube]] == [
            "results/smoke/figures/f.pdf",
            "lost",
        ]

    def test_they_are_told(self, project, paper):
        table = lineage(paper, project.root)
        told = {title(table, group): facts(table, group) for group in grouped(table)}
        assert told["document paper.pdf"] == [
            "its bytes are not on record: known by the figures that it carries"
        ]
        assert told["figure f.pdf"][0] == "on pages 2, 3 of the document"
        assert told["figure f.pdf"][1] == f"mark {mark_of(identity_of(project))[:7]}"
        assert told["figure theirs"][0] == "on page 4 of the document"

    def test_of_a_lie_inside_the_reader_hears(self, project, paper):
        paper.write_bytes(paper.read_bytes().replace(b'"theirs"', b'"others"'))
        with pytest.warns(RecordWarning, match="does not fit its seal"):
            table = lineage(paper, project.root)
        assert "theirs" not in set(table["path"])

    def test_where_no_figure_is_known(self, recorded, paper):
        with pytest.raises(StoreError, match="from other, phase, but no record of"):
            lineage(paper, recorded.root)


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

    def test_digits_that_no_figure_shows(self, project):
        with pytest.raises(StoreError, match="no figure on record shows 000000"):
            lineage("Layer Atlas 0000000", project.root)
        # As a mark they mean figures alone.
        digest = project.state("results/smoke/cubes/phase.zarr.zip", "cube").digest
        with pytest.raises(StoreError, match="no figure on record shows"):
            lineage(f"Layer Atlas {digest}", project.root)

    def test_digits_of_two_figures(self, project):
        mark = mark_of(identity_of(project))
        other = made_up("g.pdf").model_copy(update={"mark": mark[:10] + "0" * 54})
        project.job("draw_figure", [], [other])
        with pytest.raises(StoreError, match=r"beginning of 2 hashes .*g\.pdf.*more digits"):
            lineage(mark[:7], project.root)
        assert lineage(mark[:12], project.root)["path"][0].endswith("f.pdf")

    def test_a_print_that_kept_the_digits_alone(self, recorded, tmp_path):
        pdf = tmp_path / "print.pdf"
        pdf.write_bytes(b"%PDF-1.4 drawn anew")
        with pytest.raises(StoreError, match='it shows "Layer Atlas" and some digits'):
            lineage(pdf, recorded.root)

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
