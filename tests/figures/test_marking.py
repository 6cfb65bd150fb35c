"""The visible mark: in the note, on one line, read by people and by programs, and once only."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.figure import Figure

from layeratlas.figures import output, style
from layeratlas.figures.identity import mark_text
from layeratlas.figures.marking import MARK, mark

IDENTITY = {"figure": "f", "cube a": "12" * 32}
SHOWN = mark_text(IDENTITY).replace(" ", "\N{NO-BREAK SPACE}")


@style.styled
def plotted(note: str | None = None, width: float = style.COLUMN) -> Figure:
    figure = style.new_figure(width, 2)
    figure.subplots().plot([1, 2])
    if note is not None:
        style.note(figure, note)
    return figure


def note_of(figure: Figure) -> str:
    (text,) = [artist for artist in figure.texts if artist.get_gid() == style.NOTE]
    return text.get_text()


@pytest.mark.parametrize("note", [None, "Mean over 3 seeds.", "A longer note. " * 12])
def test_it_ends_the_note_on_one_line(note):
    figure = plotted(note)
    mark(figure, IDENTITY)
    assert note_of(figure).splitlines()[-1].endswith(SHOWN)
    assert note is None or " ".join(note_of(figure).split("\n")).startswith(note.strip())


def test_the_layout_makes_room():
    figure = plotted("Mean over 3 seeds.")
    mark(figure, IDENTITY)
    figure.draw_without_rendering()
    (caption,) = figure.texts
    renderer = figure.canvas.get_renderer()
    box = caption.get_window_extent(renderer)
    below = figure.axes[0].get_tightbbox(renderer).y0
    assert box.y0 >= 0
    assert box.y1 <= below
    assert box.x1 <= figure.bbox.x1
    assert caption.get_fontsize() >= 6


def test_saved_again_it_shows_its_last_identity_once():
    figure = plotted("Mean over 3 seeds.")
    for identity in (IDENTITY, IDENTITY, {"figure": "g"}):
        mark(figure, identity)
    assert note_of(figure).count("Layer") == 1
    assert note_of(figure).endswith(mark_text({"figure": "g"})[-7:])
    mark(figure, {})
    assert "Layer" not in note_of(figure)
    assert note_of(figure) == "Mean over 3 seeds."


def test_a_figure_of_another_layout_shows_it_in_its_corner():
    figure = Figure()
    figure.subplots()
    for _ in range(2):
        mark(figure, IDENTITY)
    (text,) = figure.texts
    assert (text.get_gid(), text.get_text(), text.get_fontsize()) == (MARK, SHOWN, 6)
    mark(figure, {})
    assert not figure.texts


def test_it_is_text_in_the_file(tmp_path):
    output.save(plotted("Mean over 3 seeds."), tmp_path / "f", IDENTITY)
    output.save(plotted("Mean over 3 seeds."), tmp_path / "plain")
    assert mark_text(IDENTITY) in " ".join(pdf_text(tmp_path / "f.pdf").split())
    assert "Layer Atlas" not in pdf_text(tmp_path / "plain.pdf")


def pdf_text(path: Path) -> str:
    from pypdf import PdfReader

    return PdfReader(path).pages[0].extract_text()
