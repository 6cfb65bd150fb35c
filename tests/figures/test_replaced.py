"""A figure of another preset is not replaced without a word."""

from __future__ import annotations

import pytest

from layeratlas.figures import output, style
from layeratlas.figures.replaced import preset_shown, told_of_replacing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("figures")
    output.save(style.new_figure(2, 2), here / "diagram", {"preset": "smoke"})
    (here / "table.tex").write_text("% Layer Atlas, preset paper, cubes: 1f\nx\n")
    (here / "other.tex").write_text("x\n")
    (here / "broken.pdf").write_bytes(b"%PDF-1.4 and no more")
    return here


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        *((f"diagram.{form}", "smoke") for form in output.FORMATS),
        ("table.tex", "paper"),
        ("other.tex", None),
        ("broken.pdf", None),
        ("none.pdf", None),
    ],
)
def test_the_preset_of_a_file_is_read(folder, name, preset):
    assert preset_shown(folder / name) == preset


def test_replacing_is_told_once_the_preset_changes(folder):
    path = folder / "diagram.pdf"
    assert told_of_replacing(path, "smoke") == ""
    assert told_of_replacing(folder / "none.pdf", "laptop") == ""
    assert told_of_replacing(path, "laptop") == f"{path} showed preset smoke and shows laptop now"
    told = told_of_replacing(path, "laptop", "results/{preset}/figures/diagram.pdf")
    assert told.endswith("; that of smoke stays in results/smoke/figures/diagram.pdf")
