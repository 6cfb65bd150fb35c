"""Tables: the same cells drawn, as LaTeX and as Markdown."""

from __future__ import annotations

import pytest

from layeratlas.figures import style
from layeratlas.figures.faults import faults
from layeratlas.figures.table import Table, draw

TABLE = Table(
    title="Spreads & rates",
    header=("", "input", r"$S_{L-1}$"),
    groups=[[["MF+µP", r"$1/\sqrt{d}$", "−0.5"], ["50 %", "σ_1", "+0.2"]], [["η", "β √L", "≈ 1"]]],
    note="n = 3 draws, depths 5–40.",
)


def test_markdown_is_a_pipe_table():
    lines = [line for line in TABLE.to_markdown().splitlines() if line.startswith("|")]
    assert lines[1] == "| --- | --- | --- |"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[0] == list(TABLE.header)
    assert cells[2:] == [list(row) for row in TABLE.rows]
    assert TABLE.to_markdown().startswith("**Spreads & rates**\n")


def test_latex_escapes_text_and_leaves_formulas():
    text = TABLE.to_latex()
    assert text.isascii()
    assert r"\caption{Spreads \& rates. n = 3 draws, depths 5--40.}" in text
    assert r"MF+$\mu$P & $1/\sqrt{d}$ & $-$0.5 \\" in text
    assert r"50 \% & $\sigma$\_1 & +0.2 \\" in text
    assert r"$\eta$ & $\beta$ $\surd$L & $\approx$ 1 \\" in text
    assert r"& $S_{L-1}$ \\" in text
    # One line under the header, one between the groups.
    assert text.count(r"\midrule") == 2
    assert text.count(r" \\") == 4


def test_it_is_drawn_with_a_line_above_every_group_and_below():
    figure = draw(TABLE)
    (axes,) = figure.axes
    (drawn,) = axes.tables
    cells = {at: cell.get_text().get_text() for at, cell in drawn.get_celld().items()}
    for i, row in enumerate((TABLE.header, *TABLE.rows)):
        assert [cells[i, j] for j in range(3)] == list(row)
    heights = [line.get_ydata()[0] for line in axes.lines]
    assert heights == pytest.approx([1, 1 - 1 / 4, 1 - 3 / 4, 0])
    assert sum(cell.get_width() for (row, _), cell in drawn.get_celld().items() if row == 0) == (
        pytest.approx(1)
    )


LONG = Table(
    title="Long",
    header=("name", "a long head", "another long head", "the longest head of all", "short"),
    groups=[
        [["one", "1.23 ± 0.04 of it", "4.56 ± 0.07 of it", "$x^2$", "a"], ["", "", "", "", "b"]],
        [["two", "1.23 ± 0.04 of it", "4.56 ± 0.07 of it", "$x^3$", "c"]],
    ],
    note="A note.",
)


def test_what_does_not_fit_beside_stands_below_with_the_names_of_rows():
    wide, narrow = draw(LONG, width=7.0), draw(LONG, width=2.4)
    assert len(wide.axes) == 1
    assert faults(wide) == [] and faults(narrow) == []
    parts = []
    for axes in narrow.axes:
        cells = axes.tables[0].get_celld()
        rows = max(row for row, _ in cells) + 1
        columns = max(column for _, column in cells) + 1
        parts.append([[cells[i, j].get_text().get_text() for j in range(columns)]
                      for i in range(rows)])  # fmt: skip
    assert len(parts) > 1
    assert [head for part in parts for head in part[0][1:]] == list(LONG.header[1:])
    for part in parts:
        names = [row[0] for row in part]
        # A row that says nothing in this part is left out.
        assert names == ["name", "one", *([""] if "b" in part[2] else []), "two"]


def test_texts_of_cells_that_overlap_are_found():
    figure = draw(LONG, width=7.0)
    figure.set_size_inches(3, figure.get_size_inches()[1])
    assert any("overlap" in fault for fault in faults(figure))


def test_words_get_smaller_before_columns_move():
    def drawn(columns: int):
        head = ["words of a head"] * columns
        figure = draw(Table("T", head, [[head]], ""), width=style.PAGE)
        (size,) = {
            cell.get_text().get_fontsize()
            for axes in figure.axes
            for cell in axes.tables[0].get_celld().values()
        }
        return len(figure.axes), size

    assert drawn(7)[0] == drawn(8)[0] == 1 and drawn(9)[0] == 2
    assert drawn(7)[1] > drawn(8)[1] == style.SMALLEST
