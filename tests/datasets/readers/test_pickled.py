"""Pickles read as data: arrays come out, and nothing that a pickle asks for is run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from made.official_files import pickle_of_python_2

from layeratlas.datasets.readers.pickled import read_pickle


def test_arrays_text_and_numbers():
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 12)
    found = read_pickle(pickle_of_python_2({b"data": pixels, b"labels": [3, 250], b"name": b"x"}))
    np.testing.assert_array_equal(found[b"data"], pixels)
    assert found[b"labels"] == [3, 250] and found[b"name"] == b"x"


class Runs:
    def __init__(self, call, *arguments):
        self.call, self.arguments = call, arguments

    def __reduce__(self):
        return self.call, self.arguments


@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("call", [os.system, eval, exec, Path.touch, np.load, np.fromfile])
def test_nothing_is_run(tmp_path, protocol, call):
    trace = tmp_path / "trace"
    harmful = Runs(call, trace) if call is Path.touch else Runs(call, f"open({str(trace)!r}, 'w')")
    with pytest.raises(pickle.UnpicklingError, match="asks for"):
        read_pickle(pickle.dumps({b"data": harmful}, protocol))
    assert not trace.exists()


@pytest.mark.parametrize(
    "value",
    [
        np.arange(3.0),
        np.array([object()]),
        np.array(["a"]),
        [1],
        7,
    ],
    ids=["floats", "objects", "text", "list", "number"],
)
def test_other_values_are_refused(value):
    whole = value if isinstance(value, int | list) else {b"data": value}
    with pytest.raises(pickle.UnpicklingError):
        read_pickle(pickle_of_python_2(whole))


def test_an_array_that_lies_about_its_size():
    content = pickle_of_python_2({b"data": np.zeros((4, 4), np.uint8)})
    assert content.count(b"K\x04K\x04\x86") == 1
    with pytest.raises(pickle.UnpicklingError, match="not whole"):
        read_pickle(content.replace(b"K\x04K\x04\x86", b"J\xff\xff\xff\x7fK\x04\x86"))
