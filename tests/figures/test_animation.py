"""Animations: the same bytes, their identity inside, a file that players read."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from layeratlas.bounded.seals import sealed
from layeratlas.figures import style
from layeratlas.figures.animation import Animation, save


def moving(frames: int = 3) -> Animation:
    figure = style.new_figure(1.5, 1)
    axes = figure.subplots()
    (point,) = axes.plot([0], [0], "o")
    axes.set(xlim=(-1, frames))
    return Animation(figure, lambda frame: point.set_xdata([frame]), frames, rate=10, dpi=40)


def test_frames_loop_and_differ(tmp_path):
    path = save(moving(), tmp_path / "folder" / "a.gif", {})
    with Image.open(path) as image:
        assert image.n_frames == 3
        assert image.info["loop"] == 0
        assert image.info["duration"] == 100
        seen = []
        for frame in range(3):
            image.seek(frame)
            seen.append(np.asarray(image.convert("RGB")))
    assert not (seen[0] == seen[1]).all()
    assert not (seen[1] == seen[2]).all()


# A comment is stored in pieces of 255 bytes.
@pytest.mark.parametrize("length", [0, 200, 255, 256, 700])
def test_the_identity_is_a_comment_of_any_length(tmp_path, length):
    identity = {"cube": "ä" + "0" * length}
    path = save(moving(2), tmp_path / "a.gif", identity)
    with Image.open(path) as image:
        assert json.loads(image.info["comment"]) == sealed(identity)
        assert image.n_frames == 2


def test_saved_twice_is_the_same_bytes(tmp_path):
    one, two = (save(moving(), tmp_path / f"{i}.gif", {"a": "1"}).read_bytes() for i in range(2))
    assert one == two
