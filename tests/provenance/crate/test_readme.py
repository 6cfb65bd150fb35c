"""The README of a crate: how it runs, what has to be brought, what is in it."""

from __future__ import annotations

from made.crates import CUBE, FIGURE

from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.crate.readme import readme


def test_a_figure_is_drawn_again_or_made_from_the_beginning(project):
    history = trace(project.root / FIGURE, project.root)
    text = readme(history, ("figures/f.pdf",), ("Bring data.",), "Title", "About.")
    assert text.startswith("# Title\n\nAbout.\n\n## How it runs")
    commands = [line.strip() for line in text.splitlines() if "make figures" in line]
    assert commands == [
        "make figures/f.pdf",
        "rm -r figures results/smoke/figures && make figures/f.pdf",
        "rm -r figures results/smoke/figures results/smoke/cubes && make figures/f.pdf",
    ]
    assert "Bring data." in text
    assert f"- `{FIGURE}`" in text and f"- `{CUBE}`" in text


def test_a_cube_has_nothing_drawn(project):
    history = trace(project.root / CUBE, project.root)
    commands = [
        line.strip()
        for line in readme(history, (CUBE,), (), "Title", "About.").splitlines()
        if line.strip().startswith(("make", "rm"))
    ]
    assert commands == [f"make {CUBE}", f"rm -r results/smoke/cubes && make {CUBE}"]


def test_a_crate_that_does_not_run_promises_nothing(project):
    text = readme(trace(project.root / CUBE, project.root), (), ("Bring data.",), "T", "A.")
    assert "make" not in text.replace("made", "") and "Bring data." not in text
