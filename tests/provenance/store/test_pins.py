"""Pinned versions stay, with all they were made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.pins import pin, pins, unpin

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
    for content, said in (("[", "cannot be read"), ("[1]", "is no list of pins")):
        Path("store/pins.json").write_text(content)
        with pytest.raises(StoreError, match=rf"pins\.json {said}"):
            collect_garbage()
