"""Asking why by the name of a claim."""

from __future__ import annotations

import json

import numpy as np
import pytest
from made import turnable

import layeratlas
from layeratlas import papers
from layeratlas.claims.files import to_json
from layeratlas.cli import main
from layeratlas.errors import StoreError
from layeratlas.figures.entry import FigureEntry
from layeratlas.storage import publish


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """`judged(preset, figure)`: a project in which a figure was judged from one cube."""
    monkeypatch.setattr(
        papers, "lookup", lambda name: FigureEntry(name, "", claims="made.turnable:claims")
    )
    values = turnable.numbers(np.random.default_rng(0))
    (tmp_path / "provenance").mkdir()

    def make(preset="laptop", figure="made"):
        folder = tmp_path / "results" / preset
        for part in ("claims", "cubes"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        cube = turnable.cube(values)
        publish(cube, folder / "cubes" / f"{turnable.EXPERIMENT}.zarr.zip")
        found = [
            claim.__class__(**{**vars(claim), "figure": figure})
            for claim in turnable.judge({turnable.EXPERIMENT: cube})
        ]
        text = to_json(found, {"preset": preset, f"cube {turnable.EXPERIMENT}": "0" * 64})
        (folder / "claims" / f"{figure}.json").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.mark.parametrize("name", ["corner", "claim-corner", "made/corner", "made/claim-corner"])
def test_a_claim_is_found_by_its_name(judged, name):
    (why,) = layeratlas.why(name, judged())
    assert why.claim.id == "corner"
    assert why.change is not None
    values = turnable.numbers(np.random.default_rng(0))
    turned = turnable.moved(values, why.change.at, why.change.by)
    assert turnable.verdict("corner", turned) == why.change.becomes


def test_subjects_are_chosen_by_their_beginning(judged):
    assert len(layeratlas.why("corner", judged(), subject="gr")) == 1
    with pytest.raises(StoreError, match="no claim 'corner' of 'b' was judged here"):
        layeratlas.why("corner", judged(), subject="b")


def test_each_figure_that_has_it_is_asked(judged):
    judged()
    assert len(layeratlas.why("corner", judged(figure="other"))) == 2
    assert len(layeratlas.why("other/corner", judged())) == 1


def test_presets_are_told_apart(judged):
    judged("smoke")
    with pytest.raises(StoreError, match="presets laptop, smoke: name one"):
        layeratlas.why("corner", judged())
    assert len(layeratlas.why("corner", judged(), preset="smoke")) == 1


def test_refusals_say_what_there_is(judged, tmp_path):
    with pytest.raises(StoreError, match="no figure was judged"):
        layeratlas.why("corner", tmp_path)
    root = judged()
    with pytest.raises(StoreError, match=r"did you mean 'corner'.*made/corner"):
        layeratlas.why("cornre", root)
    (root / "results/laptop/cubes/grid.zarr.zip").unlink()
    with pytest.raises(StoreError, match=r"grid\.zarr\.zip, which is not here"):
        layeratlas.why("corner", root)


def test_the_command_line_has_both_forms(judged, capsys):
    root = str(judged())
    assert main(["why", "claim-corner", "--root", root]) == 0
    said = capsys.readouterr().out
    assert "made/corner, grid: holds" in said
    assert "Smallest change that turns it: layers/separation of grid at data noise 0" in said
    assert main(["why", "claim-corner", "--root", root, "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)
    (why,) = layeratlas.why("claim-corner", root)
    assert answer["change"]["by"] == why.change.by
    assert answer["claim"]["verdict"] == why.claim.verdict
