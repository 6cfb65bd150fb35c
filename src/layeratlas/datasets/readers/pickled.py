"""Pickles of arrays, read as data: to load one the usual way runs what its author wrote into it.

Dictionaries, lists, text, bytes and numbers are what they are. An array of numpy comes as the bytes
it is made of. Whatever else a pickle asks for is refused before it is looked up.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any

import numpy as np

_MODULES = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_NAMES = ("_reconstruct", "ndarray", "dtype")


def read_pickle(content: bytes) -> dict[Any, Any]:
    """The dictionary that a pickle of Python 2 holds, text as bytes; its arrays as uint8.

    pickle.UnpicklingError for anything but plain values and arrays of bytes; and whatever else
    `pickle` raises for what is no pickle.
    """
    found = _Reader(io.BytesIO(content), encoding="bytes").load()
    if not isinstance(found, dict):
        raise pickle.UnpicklingError("it holds no dictionary")
    return {key: item.array() if isinstance(item, _Stand) else item for key, item in found.items()}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in _MODULES and name in _NAMES:
            return _Stand
        raise pickle.UnpicklingError(f"it asks for {module}.{name}, and only arrays are read")


class _Stand:
    """In the place of an array or of its type: what it was called with, and its state."""

    def __init__(self, *given: Any):
        self.given, self.state = given, ()

    def __setstate__(self, state: Any) -> None:
        self.state = state if isinstance(state, tuple) else ()

    def array(self) -> np.ndarray:
        # numpy's state of an array: version, shape, type, whether columns come first, bytes.
        match self.state:
            case (int(), tuple(shape), _Stand(given=(b"u1" | "u1", *_)), False | 0, bytes(data)):
                if all(type(n) is int for n in shape) and math.prod(shape) == len(data):
                    return np.frombuffer(data, dtype=np.uint8).reshape(shape)
        raise pickle.UnpicklingError("it holds an array that is not of bytes, or not whole")
