"""Files of figures: three formats, the same bytes every time, their identity inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pikepdf
import pytest
from matplotlib.figure import Figure
from PIL import Image

from layeratlas.bounded.seals import sealed
from layeratlas.errors import StoreError
from layeratlas.figures import output, style

IDENTITY = {"cube": "sha256:(12)\\ab", "code": "é", "configuration": "c0ffee", "cube a": "12" * 32}


@pytest.fixture
def saved(tmp_path):
    """The three files of an empty figure."""
    return output.save(Figure(), tmp_path / "f", IDENTITY)


@style.styled
def plotted() -> Figure:
    figure = style.new_figure(style.COLUMN, 2)
    axes = figure.subplots()
    axes.plot([1, 2], label="$x$")
    axes.legend()
    return figure


def test_another_process_and_another_day_write_the_same_bytes(tmp_path):
    code = (
        "import sys; from pathlib import Path; from matplotlib.figure import Figure;"
        "from layeratlas.figures import output;"
        "f = Figure(); f.subplots().plot([1, 2], label='$x$'); f.legend();"
        "output.save(f, Path(sys.argv[1]), {'b': '1', 'a': '2'})"
    )
    for seed, epoch in (("1", "0"), ("2", "1700000000")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "SOURCE_DATE_EPOCH": epoch}
        stem = tmp_path / seed / "figure"
        subprocess.run([sys.executable, "-c", code, str(stem)], env=environment, check=True)
    for kind in output.FORMATS:
        one, two = (tmp_path / seed / f"figure.{kind}" for seed in "12")
        assert one.read_bytes() == two.read_bytes(), kind


def test_files_carry_their_identity_and_nothing_volatile(tmp_path):
    paths = output.save(plotted(), tmp_path / "figure", IDENTITY)
    for path in paths:
        assert output.read_identity(path) == IDENTITY
        content = path.read_bytes()
        for word in (b"CreationDate", b"ModDate", b"<dc:date>", str(Path.cwd()).encode()):
            assert word not in content
    pdf = paths[0].read_bytes()
    assert b"/FontFile2" in pdf  # fonts are embedded as TrueType
    assert b"/Type3" not in pdf
    assert b"<text" not in paths[2].read_bytes()  # glyphs are outlines
    with Image.open(paths[1]) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert json.loads(image.text["layeratlas"]) == sealed(IDENTITY)


def test_foreign_files_are_told(tmp_path):
    for kind in output.FORMATS:
        path = tmp_path / f"foreign.{kind}"
        Figure().savefig(path)
        with pytest.raises(StoreError, match="carries no identity"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="one of"):
        output.read_identity(tmp_path / "figure.jpg")


@pytest.mark.parametrize("kind", output.FORMATS)
def test_damaged_and_missing_files_are_told(saved, kind, tmp_path):
    path = next(path for path in saved if path.suffix == f".{kind}")
    whole = path.read_bytes()
    path.write_bytes(b"no figure")
    with pytest.raises(StoreError, match=f"cannot be read as {kind}"):
        output.read_identity(path)
    for content in (b"", whole[:100]):
        path.write_bytes(content)
        with pytest.raises(StoreError, match=r"cannot be read as|carries no identity"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="No such file"):
        output.read_identity(tmp_path / f"nothing.{kind}")


def test_the_pdf_carries_a_file_that_viewers_can_save(saved):
    with pikepdf.open(saved[0]) as document:
        (name,) = document.attachments
        content = document.attachments[name].get_file().read_bytes()
        assert name == "layeratlas.json"
        assert json.loads(content) == sealed(IDENTITY)
        assert json.loads(str(document.docinfo["/Keywords"])) == sealed(IDENTITY)
        check = getattr(document, "check_pdf_syntax", None) or document.check  # before pikepdf 10
        assert check() == []
        del document.attachments[name]
        document.save(saved[0].with_name("stripped.pdf"))
        del document.docinfo["/Keywords"]
        document.save(saved[0].with_name("drawing.pdf"))
        page = document.pages[0].obj
        del page.Metadata, page.Resources.XObject.LayerAtlas.Metadata
        document.save(saved[0].with_name("bare.pdf"))
    for name in ("stripped", "drawing"):
        assert output.read_identity(saved[0].with_name(f"{name}.pdf")) == IDENTITY
    with pytest.raises(StoreError, match="carries no identity"):
        output.read_identity(saved[0].with_name("bare.pdf"))


def test_another_identity_is_another_file(saved, tmp_path):
    other = output.save(Figure(), tmp_path / "other" / "f", IDENTITY | {"cube a": "34" * 32})
    for one, two in zip(saved, other, strict=True):
        assert one.read_bytes() != two.read_bytes()


def test_style_of_the_session_does_not_leak_into_files(tmp_path):
    def saved(folder: str) -> list[bytes]:
        return [p.read_bytes() for p in output.save(plotted(), tmp_path / folder / "figure")]

    plain = saved("plain")
    with mpl.rc_context({"savefig.bbox": "tight", "pdf.fonttype": 3, "pdf.compression": 0}):
        assert saved("styled") == plain


def test_three_formats_are_written_and_nothing_else(tmp_path):
    paths = output.save(plotted(), tmp_path / "new" / "v1.2", IDENTITY)
    assert [path.name for path in paths] == [f"v1.2.{kind}" for kind in output.FORMATS]
    assert sorted(paths) == sorted((tmp_path / "new").iterdir())


def test_panels_stand_at_the_same_places_in_all_formats(monkeypatch):
    figure = style.new_figure(4, 3)
    axes = figure.subplots(1, 2)
    axes[0].set_ylabel("some words")
    engine, done, places = figure.get_layout_engine(), [], []
    lay_out = engine.execute

    def laying_out(figure):
        done.append(figure)
        lay_out(figure)

    monkeypatch.setattr(engine, "execute", laying_out)
    save = figure.savefig

    def saving(*args, **options):
        save(*args, **options)
        places.append([one.get_position().bounds for one in figure.axes])

    monkeypatch.setattr(figure, "savefig", saving)
    output.render(figure, "x", {})
    assert len(places) == 3 and places[0] == places[1] == places[2]
    assert places[0][0] != Figure().subplots(1, 2)[0].get_position().bounds
    assert len(done) == 1
    # The layout is at work again: longer words get more room.
    assert figure.get_layout_engine() is engine
    axes[0].set_ylabel("some words\nin\nlines")
    figure.draw_without_rendering()
    assert axes[0].get_position().x0 > places[0][0][0] + 0.02
