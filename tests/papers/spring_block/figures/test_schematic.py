"""The drawing is in vectors and names what it shows."""

from __future__ import annotations

from matplotlib.image import AxesImage

from layeratlas.figures import output


def test_the_schematic_is_vectors_only(draw, tmp_path):
    figure = draw("schematic")
    assert not figure.findobj(AxesImage)
    pdf, _, svg = output.save(figure, tmp_path / "schematic")
    assert b"/Subtype /Image" not in pdf.read_bytes()
    assert b"<image" not in svg.read_bytes()
    words = "".join(text.get_text() for text in figure.axes[0].texts)
    for symbol in ("$d_1$", "$d_L$", "$x_1$", "$x_L$", "$y$", "friction", "noise"):
        assert symbol in words
