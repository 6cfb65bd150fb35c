"""Figures on their way through other programs: what is left of their identity, as tried.

`docs/provenance.md` has the same in a table, which is compared with `WAYS` here. A program that is
not installed is skipped; `sh envs/programs.sh` installs the small ones.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.figures import output, style
from layeratlas.figures.identity import mark_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "provenance.md"
IDENTITIES = {
    name: {"figure": name, "preset": "smoke", "code": "c0de" * 16, "cube a": cube * 32}
    for name, cube in (("f", "12"), ("g", "34"))
}
MARKS = {name: mark_of(identity)[:7] for name, identity in IDENTITIES.items()}

# What is left, as the table of the document says it.
PAGES = "figures and pages"
FIGURES = "figures"
TEXT = "digits, as text"
SIGHT = "digits, to the eye"

PAPER = r"""\documentclass{article}\usepackage{graphicx}\begin{document}
First \includegraphics[width=5cm]{f.pdf}\newpage
Second \includegraphics[width=5cm]{g.pdf} and again \includegraphics[angle=90,width=4cm]{f.pdf}
\end{document}"""
ON_PAGES = {"f": (1, 2), "g": (2,)}


@dataclass(frozen=True)
class Way:
    """What is typed, in a folder with figures f and g and a paper of both; {needs} is the program.

    `gives` is the file that comes out, `figures` are in it, on these pages.
    """

    needs: str
    does: str
    run: str | Callable[[Path], None]
    gives: str
    left: str
    figures: dict[str, tuple[int, ...]]


def by_pypdf(folder: Path) -> None:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.append(folder / "g.pdf")
    writer.append(folder / "f.pdf")
    writer.write(folder / "out.pdf")


def by_pikepdf(folder: Path) -> None:
    import pikepdf

    poster = pikepdf.new()
    page = poster.add_blank_page(page_size=(500, 500))
    for name, low in (("f", 0), ("g", 250)):
        with pikepdf.open(folder / f"{name}.pdf") as figure:
            page.add_overlay(figure.pages[0], pikepdf.Rectangle(0, low, 250, low + 250))
    poster.save(folder / "out.pdf")


# Not of the project's environment: asked in a process of its own, where somebody has them.
BY_PYMUPDF = """
import pymupdf
poster = pymupdf.open()
page = poster.new_page()
for name, low in (("f", 0), ("g", 300)):
    page.show_pdf_page(pymupdf.Rect(0, low, 300, low + 300), pymupdf.open(f"{name}.pdf"))
poster.save("out.pdf", garbage=4, deflate=True)
"""
BY_TYPST = """
import pathlib, typst
pathlib.Path("paper.typ").write_text('#image("f.pdf")\\n#pagebreak()\\n#image("g.pdf")')
typst.compile("paper.typ", output="out.pdf")
"""


def by_pillow(folder: Path) -> None:
    from PIL import Image

    Image.open(folder / "f.png").save(folder / "out.png")


ONE = {"f": (1,)}
BOTH = {"f": (1,), "g": (2,)}
SECOND = {"f": (1,), "g": (1,)}
TEX = "{needs} -interaction=batchmode paper.tex"
PRINT = "{needs} -q -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -o out.pdf"

WAYS = {
    "LaTeX": Way("pdflatex", r"`\includegraphics`", TEX, "paper.pdf", PAGES, ON_PAGES),
    "LuaLaTeX": Way("lualatex", r"`\includegraphics`", TEX, "paper.pdf", PAGES, ON_PAGES),
    "XeLaTeX": Way("xelatex", r"`\includegraphics`", TEX, "paper.pdf", PAGES, ON_PAGES),
    "Typst": Way("python:typst", "`image`", BY_TYPST, "out.pdf", TEXT, BOTH),
    "qpdf, merged": Way(
        "qpdf", "`--pages`", "{needs} --empty --pages f.pdf g.pdf -- out.pdf",
        "out.pdf", PAGES, BOTH),
    "qpdf, cut": Way(
        "qpdf", "`--pages`, a page of the paper", "{needs} made.pdf --pages . 2 -- out.pdf",
        "out.pdf", PAGES, SECOND),
    "qpdf, packed": Way(
        "qpdf", "`--linearize --object-streams=generate`",
        "{needs} --linearize --object-streams=generate made.pdf out.pdf",
        "out.pdf", PAGES, ON_PAGES),
    "pdftk, merged": Way(
        "pdftk", "`cat`", "{needs} f.pdf g.pdf cat output out.pdf", "out.pdf", PAGES, BOTH),
    "pdftk, cut": Way(
        "pdftk", "`burst`, a page of the paper", "{needs} made.pdf burst output page_%d.pdf",
        "page_2.pdf", PAGES, SECOND),
    "pdfunite": Way(
        "pdfunite", "(poppler)", "{needs} f.pdf g.pdf out.pdf", "out.pdf", PAGES, BOTH),
    "pdfseparate": Way(
        "pdfseparate", "(poppler), a page of the paper",
        "{needs} -f 2 -l 2 made.pdf out.pdf", "out.pdf", PAGES, SECOND),
    "mutool, merged": Way(
        "mutool", "`merge`", "{needs} merge -o out.pdf f.pdf g.pdf", "out.pdf", PAGES, BOTH),
    "mutool, cleaned": Way(
        "mutool", "`clean -gggg -z`", "{needs} clean -gggg -z made.pdf out.pdf",
        "out.pdf", PAGES, ON_PAGES),
    "pypdf": Way("python:pypdf", "`append`", by_pypdf, "out.pdf", PAGES, {"g": (1,), "f": (2,)}),
    "pikepdf": Way("python:pikepdf", "`add_overlay`", by_pikepdf, "out.pdf", PAGES, SECOND),
    "PyMuPDF": Way("python:pymupdf", "`show_pdf_page`", BY_PYMUPDF, "out.pdf", PAGES, SECOND),
    "exiftool": Way(
        "exiftool", "`-all=`", "{needs} -q -all= -o out.pdf f.pdf", "out.pdf", PAGES, ONE),
    "Ghostscript, a figure": Way("gs", "`pdfwrite`", f"{PRINT} f.pdf", "out.pdf", FIGURES, ONE),
    "Ghostscript, merged": Way(
        "gs", "`pdfwrite`", f"{PRINT} f.pdf g.pdf", "out.pdf", FIGURES, BOTH),
    "Ghostscript, a paper": Way(
        "gs", "`pdfwrite`", f"{PRINT} made.pdf", "out.pdf", TEXT, ON_PAGES),
    "PostScript": Way(
        "gs", "`ps2write`, then `pdfwrite`",
        "{needs} -q -dBATCH -dNOPAUSE -sDEVICE=ps2write -o f.ps f.pdf && " + f"{PRINT} f.ps",
        "out.pdf", SIGHT, ONE),
    "cairo": Way(
        "pdftocairo", "`-pdf`, as many viewers print",
        "{needs} -pdf made.pdf out.pdf", "out.pdf", TEXT, ON_PAGES),
    "mutool, drawn anew": Way(
        "mutool", "`convert`", "{needs} convert -o out.pdf made.pdf",
        "out.pdf", TEXT, ON_PAGES),
    "Inkscape, PDF": Way(
        "inkscape", "PDF to PDF", "{needs} f.pdf -o out.pdf", "out.pdf", TEXT, ONE),
    "Inkscape, SVG": Way(
        "inkscape", "SVG to SVG", "{needs} f.svg -o out.svg", "out.svg", FIGURES, ONE),
    "Inkscape, plain SVG": Way(
        "inkscape", "`--export-plain-svg`", "{needs} f.svg --export-plain-svg -o out.svg",
        "out.svg", FIGURES, ONE),
    "rsvg-convert": Way(
        "rsvg-convert", "SVG to PDF", "{needs} -f pdf f.svg -o out.pdf", "out.pdf", SIGHT, ONE),
    "ImageMagick": Way(
        "convert", "PNG to PNG", "{needs} f.png -trim out.png", "out.png", FIGURES, ONE),
    "LibreOffice": Way(
        "soffice", "a text with the PNG, to PDF",
        "echo '<img src=\"f.png\" width=\"600\">' > out.html && {needs} --headless "
        '"-env:UserInstallation=file://$PWD/settings" --convert-to odt out.html && {needs} '
        '--headless "-env:UserInstallation=file://$PWD/settings" --convert-to pdf out.odt',
        "out.pdf", SIGHT, ONE),
    "Pillow": Way("python:PIL", "PNG to PNG", by_pillow, "out.png", SIGHT, ONE),
    "pdftoppm": Way(
        "pdftoppm", "PDF to PNG, 300 dpi", "{needs} -png -r 300 -singlefile f.pdf out",
        "out.png", SIGHT, ONE),
    "mutool, PNG": Way(
        "mutool", "PDF to PNG, 300 dpi", "{needs} draw -q -r 300 -o out.png f.pdf",
        "out.png", SIGHT, ONE),
    "Ghostscript, PNG": Way(
        "gs", "PDF to PNG, 300 dpi",
        "{needs} -q -dBATCH -dNOPAUSE -sDEVICE=png16m -r300 -dTextAlphaBits=4 -o out.png f.pdf",
        "out.png", SIGHT, ONE),
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Path:
    """Figures f and g, a paper of both and what stands for LaTeX's PDF of it: made.pdf."""
    folder = tmp_path_factory.mktemp("drawn")
    for name, identity in IDENTITIES.items():
        output.save(plotted(name), folder / name, identity)
    (folder / "paper.tex").write_text(PAPER)
    paper_of(folder)
    return folder


@style.styled
def plotted(name: str):
    figure = style.new_figure(style.COLUMN, 1.5)
    axes = figure.subplots()
    axes.fill_between([0, 1], [1, 2], alpha=0.3)
    axes.set_title(f"A figure {name}")
    style.note(figure, "Mean over 3 seeds.")
    return figure


def paper_of(folder: Path) -> None:
    """Two pages with forms on them, as LaTeX makes, wherever there is no LaTeX."""
    import pikepdf

    paper = pikepdf.new()
    for names in ("f", "gf"):
        page = paper.add_blank_page(page_size=(300, 600))
        for place, name in enumerate(names):
            with pikepdf.open(folder / f"{name}.pdf") as figure:
                low = 300 * place
                page.add_overlay(figure.pages[0], pikepdf.Rectangle(0, low, 300, low + 300))
    paper.save(folder / "made.pdf")


def test_what_the_document_says():
    """The table tells every way, and what is left."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| \S.*? \| (.+?) \|$", DOCUMENT.read_text(), re.M)
    told = {(name, does): left for name, does, left in rows}
    assert told.items() >= {(name, way.does): way.left for name, way in WAYS.items()}.items()


def test_without_the_drawings_own_metadata_a_paper_says_nothing(drawn, tmp_path):
    """The control: what is the document's own does not come along."""
    import pikepdf

    for name in IDENTITIES:
        with pikepdf.open(drawn / f"{name}.pdf") as figure:
            page = figure.pages[0].obj
            del page.Metadata, page.Resources.XObject.LayerAtlas.Metadata
            figure.save(tmp_path / f"{name}.pdf")
        assert output.read_identity(tmp_path / f"{name}.pdf") == IDENTITIES[name]
    paper_of(tmp_path)
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identities(tmp_path / "made.pdf")


@pytest.mark.parametrize("name", WAYS)
def test_what_is_left(drawn, tmp_path, name):
    way = WAYS[name]
    folder = tmp_path / "way"
    shutil.copytree(drawn, folder)
    went(way, folder)
    out = folder / way.gives
    if way.left in (PAGES, FIGURES):
        carried, refused = output.read_identities(out)
        told = {one.identity["figure"]: (one.identity, one.pages) for one in carried}
        assert told == {
            figure: (IDENTITIES[figure], pages if way.left == PAGES else ())
            for figure, pages in way.figures.items()
        }
        assert not refused
        return
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identities(out)
    words = "".join((text_of if way.left == TEXT else seen_in)(out).split())
    assert set(re.findall("LayerAtlas([0-9a-f]{7})", words)) == {MARKS[n] for n in way.figures}


def went(way: Way, folder: Path) -> None:
    kind, _, module = way.needs.partition(":")
    if module:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed")
        if callable(way.run):
            way.run(folder)
        else:
            subprocess.run([sys.executable, "-c", way.run], cwd=folder, check=True)
        return
    program = shutil.which(kind)
    if program is None or (kind == "convert" and not _is_imagemagicks(program)):
        pytest.skip(f"{kind} is not installed")
    assert isinstance(way.run, str)
    # Its own home: LaTeX and Inkscape write caches and settings there.
    mine = os.environ | {"HOME": str(folder), "SELF_CALL": "1"}
    done = subprocess.run(
        way.run.format(needs=program), shell=True, cwd=folder, env=mine,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if kind.endswith("latex") and "not found" in done.stdout + done.stderr:
        pytest.skip(f"{kind} has no graphicx")
    assert done.returncode == 0, done.stdout + done.stderr


def _is_imagemagicks(program: str) -> bool:
    """Others have programs of that name."""
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    return "Version: ImageMagick" in told.stdout


def text_of(pdf: Path) -> str:
    import pypdf

    return " ".join(page.extract_text() for page in pypdf.PdfReader(pdf).pages)


def seen_in(path: Path) -> str:
    """What a reader of letters reads in the picture, or in the first page at 300 dpi."""
    if not (reader := shutil.which("tesseract")):
        pytest.skip("tesseract is not installed")
    if path.suffix == ".pdf":
        if not (rendering := shutil.which("pdftoppm")):
            pytest.skip("pdftoppm is not installed")
        subprocess.run(
            [rendering, "-png", "-r", "300", "-singlefile", path, path.with_suffix("")], check=True
        )
    seen = subprocess.run(
        [reader, path.with_suffix(".png"), "-", "--psm", "11"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return seen.stdout
