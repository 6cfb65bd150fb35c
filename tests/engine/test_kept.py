"""Weights in a file are those in memory, whatever is read, and whatever a job left behind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layeratlas.engine.kept import KeptInFile, KeptInMemory
from layeratlas.errors import StoreError

SHAPE = (4, 3, (5, 2))


@pytest.fixture(params=["float32", "float64"])
def both(request, tmp_path):
    kept = KeptInFile(tmp_path / "x.weights", *SHAPE, request.param)
    yield kept, KeptInMemory(*SHAPE, request.param)
    kept.discard()
    assert not list(tmp_path.iterdir())


def fill(*stores, seed=1):
    draw = np.random.default_rng(seed)
    for record, members in ((0, [0, 1, 2, 3]), (2, [3, 1]), (1, [2])):
        rows = draw.standard_normal((len(members), 5)), draw.standard_normal((len(members), 2))
        for kept in stores:
            kept.keep(np.array(members), record, *rows)


def test_what_is_kept_reads_alike(both):
    fill(*both)
    for kept in both:
        kept.drop(np.array([3]), 2)
    for name in ("theta", "statistics"):
        of_file, of_memory = (getattr(kept, name) for kept in both)
        assert of_file.shape == of_memory.shape and of_file.dtype == of_memory.dtype
        np.testing.assert_array_equal(of_file[...], of_memory[...])
        assert np.isnan(of_file[3, 2]).all() and np.isnan(of_file[0, 1]).all()


INDEX = st.one_of(
    st.integers(-2, 1),
    st.slices(3).filter(lambda s: s.step is None or s.step > 0),
)


@settings(max_examples=60)
@given(key=st.tuples(INDEX, INDEX, INDEX))
def test_parts_are_those_of_the_array(tmp_path_factory, key):
    kept = KeptInFile(tmp_path_factory.mktemp("kept") / "x", *SHAPE, "float64")
    twin = KeptInMemory(*SHAPE, "float64")
    fill(kept, twin)
    np.testing.assert_array_equal(kept.theta[key], twin.theta[key])
    np.testing.assert_array_equal(kept.theta[key[:2]], twin.theta[key[:2]])
    kept.close()


def test_a_later_job_goes_on_with_the_rows_that_its_state_tells_of(both, tmp_path):
    kept, twin = both
    fill(kept, twin)
    told = {name: array.copy() for name, array in kept.to_arrays().items()}
    # Written after the last state, by a job that was then killed.
    kept.keep(np.array([0]), 1, np.ones((1, 5)), np.ones((1, 2)))
    later = KeptInFile(tmp_path / "x.weights", *SHAPE, kept.dtype)
    assert later.restore(told)
    np.testing.assert_array_equal(later.theta[...], twin.theta[...])
    later.close()


@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_rows_that_are_not_what_was_told_of_are_not_gone_on_with(both, tmp_path, damage):
    kept, _ = both
    fill(kept)
    told = kept.to_arrays()
    path = tmp_path / "x.weights"
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    else:
        content[3] ^= 1
        path.write_bytes(content if damage == "changed" else content[:-1])
    later = KeptInFile(path, *SHAPE, kept.dtype)
    assert not later.restore(told)
    assert not later.restore({})
    assert np.isnan(later.theta[...]).all()
    later.close()


def test_a_file_that_cannot_be_is_refused_in_words(tmp_path):
    (tmp_path / "x").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="could not write"):
        KeptInFile(tmp_path / "x", *SHAPE, "float32")
