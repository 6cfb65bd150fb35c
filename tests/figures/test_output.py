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

from layeratlas.errors import StoreError
from layeratlas.figures import output, style

IDENTITY = {"cube": "sha256:(12)\\ab", "code": "é", "configuration": "c0ffee"}


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
        assert json.loads(image.text["layeratlas"]) == IDENTITY


def test_foreign_files_are_told(tmp_path):
    for kind in output.FORMATS:
        path = tmp_path / f"foreign.{kind}"
        Figure().savefig(path)
        with pytest.raises(StoreError, match="carries no identity"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="one of"):
        output.read_identity(tmp_path / "figure.gif")


def test_a_damaged_file_is_told(tmp_path):
    for path in output.save(plotted(), tmp_path / "figure", IDENTITY):
        path.write_bytes(b"no figure")
        with pytest.raises(StoreError, match=f"cannot be read as {path.suffix[1:]}"):
            output.read_identity(path)
    with pytest.raises(StoreError, match="No such file"):
        output.read_identity(tmp_path / "missing.png")


def test_a_pdf_whose_attachment_was_dropped_still_tells_its_identity(tmp_path):
    pdf, *_ = output.save(plotted(), tmp_path / "figure", IDENTITY)
    with pikepdf.open(pdf, allow_overwriting_input=True) as document:
        for name in list(document.attachments):
            del document.attachments[name]
        document.save(pdf)
    assert output.read_identity(pdf) == IDENTITY


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
