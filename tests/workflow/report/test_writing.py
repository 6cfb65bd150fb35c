"""The report of figures that were made at `smoke`, and what is refused."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from made.browser import Watched
from made.project import Project

from layeratlas import cli
from layeratlas.claims.files import read_claims
from layeratlas.claims.page import page
from layeratlas.errors import ConfigError, StoreError
from layeratlas.papers import FIGURES, TITLES
from layeratlas.workflow.report.verdict import verdict
from layeratlas.workflow.report.writing import PAGE, report_files, write_report

FIGURE = "phase_diagram"
DRAWN = f"results/smoke/figures/{FIGURE}.png"


@pytest.fixture(scope="module")
def made(first_figure, tmp_path_factory) -> Project:
    """The first figure, a drawing, and a page of the claims of both."""
    project = first_figure.copy(tmp_path_factory.mktemp("reported") / "atlas")
    project.make("figures/schematic.pdf")
    claims = read_claims(project.folder / f"figures/{FIGURE}.claims.json").claims
    (project.folder / PAGE).write_text(page(claims, "smoke"), encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def report(made, tmp_path_factory) -> Path:
    """The unpacked report of all that was made."""
    into = tmp_path_factory.mktemp("report")
    files = [f"figures/{FIGURE}.pdf", "figures/schematic.pdf", PAGE]
    report_files(files, into / "report.zip", made.folder, made.folder, "smoke")
    with zipfile.ZipFile(into / "report.zip") as packed:
        packed.extractall(into)
    return into / "report" / "report.html"


@pytest.mark.browser
def test_the_report_shows_every_figure_with_caption_category_and_labels(report, offline, made):
    for name, kind in {FIGURE: "training", "schematic": "drawing"}.items():
        row = row_of(offline, report, TITLES["spring_block"], name)
        judged = made.folder / f"figures/{name}.claims.json"
        said = verdict([judged] if FIGURES[name].claims else [])
        assert row.locator("td").all_inner_texts()[:4] == [name, kind, "smoke", said]
        row.locator("a").last.click()
        caption = offline.page.locator(".prose-invert").inner_text()
        entry = FIGURES[name]
        assert " ".join(caption.split()) == f"{entry.title} {entry.caption}"
        offline.page.locator("td a").first.click()
        picture = offline.page.locator(f"img[src$='{name}.png']")
        picture.wait_for()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 500
    assert (offline.requests, offline.errors) == ([], [])


@pytest.mark.browser
def test_the_report_shows_claims_as_a_table(report, offline):
    row = row_of(offline, report, "Claims", "all")
    assert row.locator("td").all_inner_texts()[:3] == ["all", "claims", "smoke"]
    row.locator("a").first.click()
    shown = offline.page.frame_locator("iframe")
    assert "Claims at preset smoke" in shown.locator("h1").inner_text()
    assert shown.locator("tr[id]").count() > 3
    assert (offline.requests, offline.errors) == ([], [])


def row_of(watched: Watched, report: Path, category: str, name: str) -> Any:
    """The row of a result in the table of its category."""
    watched.page.goto(report.as_uri())
    watched.page.get_by_text(category, exact=True).click()
    row = watched.page.locator("tr", has=watched.page.get_by_text(name, exact=True))
    row.wait_for()
    return row


def test_the_pictures_are_those_that_were_drawn(report, made):
    """To the byte; the pages of the report name each by its path."""
    held = {path.name: path.read_bytes() for path in report.parent.rglob("*.png")}
    drawn = made.folder / "results/smoke/figures"
    assert held == {f"{n}.png": (drawn / f"{n}.png").read_bytes() for n in (FIGURE, "schematic")}
    assert DRAWN in report.read_text(encoding="utf-8")


# --- refused ------------------------------------------------------------------------------------
@pytest.fixture
def copied(first_figure, tmp_path) -> Path:
    return first_figure.copy(tmp_path / "atlas").folder


def test_a_stale_figure_is_named_and_one_that_is_not_is_reported(copied, capsys):
    out = copied / "report.zip"
    drawn = copied / DRAWN
    was = drawn.read_bytes()
    drawn.write_bytes(was + b"\n")
    with pytest.raises(StoreError, match="figure 'phase_diagram' is stale: what it is made from"):
        write_report([FIGURE], copied, "smoke", out)
    assert not out.exists()
    drawn.write_bytes(was)
    assert cli.main(["report", FIGURE, "--root", str(copied), "--preset", "smoke", "--json"]) == 0
    written = Path(json.loads(capsys.readouterr().out)["report"])
    assert written == copied / "atlas/report.zip"
    with zipfile.ZipFile(written) as packed:
        assert "report/report.html" in packed.namelist()


def test_a_changed_setting_makes_it_stale(copied):
    path = copied / "config/experiments/phase_diagram.yaml"
    was = path.read_text(encoding="utf-8")
    path.write_text(was.replace("epochs: 30", "epochs: 31"), encoding="utf-8")
    with pytest.raises(StoreError, match="figure 'phase_diagram' is stale"):
        write_report([FIGURE], copied, "smoke", copied / "report.zip")


def test_a_missing_figure_is_named(copied, capsys):
    (copied / f"figures/{FIGURE}.pdf").unlink()
    sentence = r"figure 'phase_diagram' is missing \(figures/phase_diagram.pdf\).*preset=smoke"
    with pytest.raises(StoreError, match=sentence):
        write_report([FIGURE], copied, "smoke")
    # Without names all figures are asked for, of which the second was never made.
    assert cli.main(["report", "--root", str(copied), "--preset", "smoke"]) == 2
    assert re.search(r"figure 'phase_diagram' \(and \d+ more\) is missing", capsys.readouterr().err)
    assert not (copied / "atlas" / "report.zip").exists()


def test_what_is_no_figure_is_refused(copied):
    with pytest.raises(ConfigError, match=r"no figure 'phase_diagramm'.*did you mean"):
        write_report(["phase_diagramm"], copied, "smoke")
