"""Reading arrays in blocks gives what numpy reads at once, whatever their layout."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layeratlas.datasets import own_arrays
from layeratlas.datasets.own_arrays import look_through, names_in, rows_of

DTYPES = ("<f8", ">f4", "<f2", "<i8", ">i2", "|u1", "|b1")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.data(),
    st.sampled_from(DTYPES),
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=7),
    st.booleans(),
    st.booleans(),
    st.integers(1, 90),
)
def test_rows(tmp_path, data, dtype, shape, column_major, archive, block):
    array = np.random.default_rng(0).integers(0, 100, size=shape).astype(dtype)
    array = np.asarray(array, order="F" if column_major else "C")
    index = data.draw(
        st.lists(st.integers(0, shape[0] - 1), max_size=9).map(lambda i: np.array(i, int))
    )
    path = tmp_path / "a.npz"
    if archive:
        np.savez_compressed(path, a=array)
    else:
        path = tmp_path
        np.save(tmp_path / "a.npy", array)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(own_arrays, "_BLOCK", block)
        rows, every, found = rows_of(path, "a", index), rows_of(path, "a"), look_through(path, "a")
    np.testing.assert_array_equal(rows, array[index])
    np.testing.assert_array_equal(every, array)
    assert every.dtype == array.dtype.newbyteorder("=")
    assert found["shape"] == list(shape)
    assert found["range"] == [array.min(), array.max()]


def test_names(tmp_path):
    np.savez(tmp_path / "d.npz", b=np.ones(2), a=np.ones(3))
    np.save(tmp_path / "c.npy", np.ones(2))
    assert names_in(tmp_path / "d.npz") == ["a", "b"] and names_in(tmp_path) == ["c"]


def test_the_row_of_a_nan_is_found_in_any_block(tmp_path, monkeypatch):
    monkeypatch.setattr(own_arrays, "_BLOCK", 40)
    array = np.zeros((12, 3), np.float32)
    array[9, 1] = np.inf
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(ValueError, match="first in row 9 "):
        look_through(tmp_path, "a")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("spoilt", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_in_any_type(tmp_path, dtype, spoilt):
    np.save(tmp_path / "a.npy", np.array([0, 1, spoilt, 2], dtype))
    with pytest.raises(ValueError, match="first in row 2 "):
        look_through(tmp_path, "a")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no array of numpy"),
        (b"\x93NUMPY\x09\x00", "is no array of numpy"),
        (b"\x93NUMPY\x01\x00\x06\x00junk{}", "is no array of numpy"),
    ],
)
def test_what_is_no_array(tmp_path, content, said):
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        look_through(tmp_path, "a")


def header(text: str) -> bytes:
    return b"\x93NUMPY\x01\x00" + (len(text) + 1).to_bytes(2, "little") + text.encode() + b"\n"


@pytest.mark.parametrize(
    ("shape", "said"),
    [("(3, 2)", "ends before its last row"), ("(4611686018427387904,)", "more than can be read"),
     ("(-3,)", "more than can be read")],
)  # fmt: skip
def test_a_header_promises_what_is_not_there(tmp_path, shape, said):
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"
    (tmp_path / "a.npy").write_bytes(header(text) + b"\0" * 40)
    with pytest.raises(ValueError, match=said):
        look_through(tmp_path, "a")
