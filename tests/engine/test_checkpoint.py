"""The file of a state: whole, foreign, or damaged."""

from __future__ import annotations

import os

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layeratlas.engine import checkpoint

ARRAYS = {"slot/theta": np.arange(6, dtype="f4").reshape(2, 3), "done": np.array([True, False])}


def test_a_state_comes_back_as_it_was(tmp_path):
    checkpoint.save(tmp_path / "state.npz", "plan code data", ARRAYS)
    loaded = checkpoint.load(tmp_path / "state.npz", "plan code data")
    assert set(loaded) == set(ARRAYS)
    for name, value in ARRAYS.items():
        np.testing.assert_array_equal(loaded[name], value)
        assert loaded[name].dtype == value.dtype


def test_no_state_and_a_foreign_state_are_none(tmp_path):
    path = tmp_path / "state.npz"
    assert checkpoint.load(path, "mine") is None
    checkpoint.save(path, "theirs", ARRAYS)
    assert checkpoint.load(path, "mine") is None
    np.savez(path, **ARRAYS)
    assert checkpoint.load(path, "mine") is None


def test_a_state_with_a_hidden_entry_is_ignored(tmp_path):
    """As a flipped bit in the zip's directory can leave it: readable, and half of it gone."""
    path = tmp_path / "state.npz"
    checkpoint.save(path, "mine", ARRAYS)
    with np.load(path) as file:
        held = {name: file[name] for name in file.files}
    del held["slot/theta"]
    np.savez(path, **held)
    assert checkpoint.load(path, "mine") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_a_damaged_state_is_ignored(tmp_path, data):
    path = tmp_path / "state.npz"
    checkpoint.save(path, "mine", ARRAYS)
    content = bytearray(path.read_bytes())
    kind = data.draw(st.sampled_from(["cut", "garbage", "flip"]))
    place = data.draw(st.integers(0, len(content) - 1))
    if kind == "cut":
        content = content[:place]
    elif kind == "garbage":
        content = data.draw(st.binary(max_size=200))
    else:
        content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    loaded = checkpoint.load(path, "mine")
    # A flipped bit in a header that nothing reads may leave the state whole; never half of it.
    if loaded is not None:
        assert kind == "flip"
        for name, value in ARRAYS.items():
            np.testing.assert_array_equal(loaded[name], value)


def test_what_is_packed_or_no_file_is_no_state(tmp_path):
    """A packed one may be of any size, and a pipe never ends."""
    path = tmp_path / "state.npz"
    told = {**ARRAYS, "identity": np.array(["mine", *sorted(ARRAYS)])}
    np.savez(path, **told)
    assert checkpoint.load(path, "mine") is not None
    np.savez_compressed(path, **told)
    assert checkpoint.load(path, "mine") is None
    path.unlink()
    os.mkfifo(path)
    assert checkpoint.load(path, "mine") is None
