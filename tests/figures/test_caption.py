"""Captions as plain text, and as LaTeX that compiles where there is a LaTeX."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from layeratlas import papers
from layeratlas.figures.caption import caption_tex, caption_text

NOTE = "n\u00a0=\u00a03 seeds, 60\u2009000 samples: 50 % of $x_1$ ± 2, α → ∞ & more_words."


def test_plain_text_is_one_paragraph_a_line():
    assert caption_text("A title", "What it shows.", NOTE).splitlines() == [
        "A title.",
        "What it shows.",
        "n = 3 seeds, 60 000 samples: 50 % of $x_1$ ± 2, α → ∞ & more_words.",
    ]
    assert caption_text("A title", "What.", "") == "A title.\nWhat.\n"


def test_tex_is_quoted_outside_of_formulas():
    text = caption_tex("A title", "What it shows.", NOTE, "my_figure")
    assert text == (
        "\\caption[A title]{\\textbf{A title.} What it shows. "
        "n~=~3 seeds, 60\\,000 samples: 50 \\% of $x_1$ $\\pm$ 2, "
        "$\\alpha$ $\\to$ $\\infty$ \\& more\\_words.}\n\\label{fig:my_figure}\n"
    )


def test_captions_and_notes_of_all_figures_are_ascii_in_tex():
    """What LaTeX's oldest engines can read."""
    for name, entry in papers.FIGURES.items():
        caption_tex(entry.title, entry.caption, "", name).encode("ascii")
    drawings = Path(papers.__file__).parent.glob("*/figures/*.py")
    letters = {letter for path in drawings for letter in path.read_text("utf-8")}
    assert len(letters) > 120
    for letter in sorted(letters):
        caption_tex("A title", "", f"a{letter}b", "name").encode("ascii")
    assert caption_tex("T", "ε\u0304", "", "n") == (
        "\\caption[T]{\\textbf{T.} $\\bar{\\epsilon}$}\n\\label{fig:n}\n"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex here")
def test_latex_takes_them(tmp_path):
    captions = [
        caption_tex(entry.title, entry.caption, NOTE, name)
        for name, entry in papers.FIGURES.items()
    ]
    body = "\\clearpage\n".join(f"\\begin{{figure}}x{text}\\end{{figure}}" for text in captions)
    (tmp_path / "all.tex").write_text(
        f"\\documentclass{{article}}\\usepackage{{amssymb}}\\begin{{document}}{body}\\end{{document}}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
