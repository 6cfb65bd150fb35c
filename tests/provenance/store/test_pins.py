"""Pinned versions stay, with all they were made from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layeratlas.bounded.seals import sealed
from layeratlas.errors import StoreError
from layeratlas.provenance.ask.history import log
from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.pins import pin, pins, unpin
from layeratlas.provenance.store.verify import verify

pytestmark = pytest.mark.usefixtures("quick_capture")


def test_a_pinned_figure_keeps_its_cube(project, run):
    cube, figure = run.cube(1), run.figure("one")
    run.cube(2)
    run.figure("two")
    assert set(collect_garbage()["digest"]) == {cube, figure}
    assert pin(figure[:8], "submitted") == figure
    assert pins() == {figure: "submitted"}
    assert collect_garbage(apply=True).empty
    unpin("submitted")
    assert set(collect_garbage()["digest"]) == {cube, figure}
    with pytest.raises(StoreError, match="nothing is pinned"):
        unpin("submitted")


def test_what_cannot_be_pinned(project, run):
    digest = run.cube(1)
    with pytest.raises(StoreError, match="no object"):
        pin("f" * 10 if not digest.startswith("f") else "e" * 10, "x")
    assert pins() == {}
    for content, said in (
        ("[", "is not whole JSON"),
        ("[1]", "holds no JSON object"),
        ("[" * 200_000, "is nested deeper"),
        ('{"../x": "y"}', "pins '../x' as 'y'"),
        (json.dumps({"a" * 64: 1}), "not a sha256 and a name"),
        (json.dumps(sealed({digest: "x"})).replace('"x"', '"y"'), "does not fit its seal"),
    ):
        Path("store/pins.json").write_text(content)
        with pytest.raises(StoreError, match=rf"pins\.json .*{said}.*nothing is removed"):
            collect_garbage(apply=True)
        assert verify("store/pins.json")["status"].item() == "damaged"
        assert not log().empty


def test_older_pins_have_no_seal(project, run):
    digest = run.cube(1)
    pin(digest, "x")
    assert verify("store/pins.json")["status"].item() == "ok"
    Path("store/pins.json").write_text(json.dumps({digest: "x"}))
    assert pins() == {digest: "x"}
    assert verify("store/pins.json")["status"].item() == "unsealed"
