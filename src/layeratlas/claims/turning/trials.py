"""Many changed copies of an array, carried through a computation at once.

What a claim costs is labels, not numbers: xarray takes a hundred times longer than numpy for the
few hundred values behind a verdict. `Trials` stands for an array in a computation and holds B of
them, so that labels are handled once for all B. It follows numpy's protocols (NEP 13, NEP 18), by
which xarray carries it as any other array:

    trials.shape, trials.dtype      of one of them
    trials + 1, np.mean(trials)     `Trials` again, or a plain array where all B came out the same
    float(trials), np.asarray(…)    needs one array: that of `which(b)`, in its block

Outside a block of `which`, what needs one array goes on where all B agree. Where they do not, the
computation may take another way for each: it is an `ApartError`, or, in a block of `watching`, goes
on with the first and notes the `Trials` that were asked for.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

__all__ = ["ApartError", "Trials", "stacked", "watching", "which"]

_WHICH: ContextVar[int | None] = ContextVar("which trial", default=None)
_SEEN: ContextVar[list[Trials] | None] = ContextVar("trials asked for", default=None)


class ApartError(Exception):
    """A computation on `Trials` needs a number in which they differ."""


@contextmanager
def which(trial: int) -> Iterator[None]:
    """In this block `Trials` are the array number `trial`, wherever one array is needed."""
    token = _WHICH.set(trial)
    try:
        yield
    finally:
        _WHICH.reset(token)


@contextmanager
def watching() -> Iterator[list[Trials]]:
    """In this block one array is the first where all are not alike; gives those that were not."""
    seen: list[Trials] = []
    token = _SEEN.set(seen)
    try:
        yield seen
    finally:
        _SEEN.reset(token)


class Trials(NDArrayOperatorsMixin):
    """B arrays of one shape and type, `stack` being (B, …)."""

    __slots__ = ("stack",)
    __array_priority__ = 1000

    def __init__(self, stack: np.ndarray) -> None:
        self.stack = stack

    # --- what one of them looks like ----------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        return self.stack.shape[1:]

    @property
    def ndim(self) -> int:
        return self.stack.ndim - 1

    @property
    def dtype(self) -> np.dtype:
        return self.stack.dtype

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))

    @property
    def nbytes(self) -> int:
        return self.stack.nbytes

    @property
    def T(self) -> Any:  # noqa: N802
        return self.transpose()

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"Trials({len(self.stack)} × {self.dtype}{list(self.shape)})"

    # --- one of them --------------------------------------------------------------------------
    def one(self) -> np.ndarray:
        """The array of `which`, or that of all; ApartError where they differ."""
        if (trial := _WHICH.get()) is not None:
            return self.stack[trial]
        if not _alike(self.stack):
            if (seen := _SEEN.get()) is None:
                raise ApartError
            seen.append(self)
        return self.stack[0]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        # Never the stack itself: nobody may write into the trials of others.
        return np.array(self.one(), dtype=dtype)

    def __float__(self) -> float:
        return float(self.one())

    def __int__(self) -> int:
        return int(self.one())

    def __bool__(self) -> bool:
        return bool(self.one())

    def __index__(self) -> int:
        return operator.index(self.one()[()])

    def item(self, *at: Any) -> Any:
        return self.one().item(*at)

    def tolist(self) -> Any:
        return self.one().tolist()

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    # --- all of them --------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if _WHICH.get() is not None or method != "__call__" or ufunc.signature or "out" in options:
            return self._each(getattr(ufunc, method), inputs, options)
        rank = max(np.ndim(one) for one in inputs)
        plain = [_aligned(one, rank) for one in inputs]
        options = {name: _aligned(value, rank) for name, value in options.items()}
        return stacked(ufunc(*plain, **options))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if _WHICH.get() is None and (quick := _QUICK.get(func)) is not None:
            found = quick(func, *args, **kwargs)
            if found is not NotImplemented:
                return found
        return self._each(func, args, kwargs)

    def _each(self, func: Any, args: Any, kwargs: Any) -> Any:
        """`func` of each trial by itself."""
        if _WHICH.get() is not None:
            return func(*_plain(args), **_plain(kwargs))
        results = []
        for trial in range(len(self.stack)):
            with which(trial):
                results.append(func(*_plain(args), **_plain(kwargs)))
        return _together(results)

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if _WHICH.get() is None and _is_orderly(parts):
            return stacked(self.stack[(slice(None), *parts)])
        return self._each(operator.getitem, (self, key), {})

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise TypeError("Trials are not written into")

    def astype(self, dtype: Any, **options: Any) -> Any:
        return stacked(self.stack.astype(dtype))

    def copy(self, *_: Any, **__: Any) -> Trials:
        return self

    def __copy__(self) -> Trials:
        return self

    def __deepcopy__(self, memo: Any) -> Trials:
        return self

    def reshape(self, *shape: Any, **options: Any) -> Any:
        flat = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        return self._each(np.reshape, (self, flat), options)

    def transpose(self, *axes: Any) -> Any:
        flat = axes[0] if len(axes) == 1 and isinstance(axes[0], tuple | list) else axes
        return np.transpose(self, flat or None)

    def __getattr__(self, name: str) -> Any:
        # Methods of arrays that have a function of the same name: any, argmax, mean, round, …
        if name.startswith("_") or not hasattr(np.ndarray, name) or not hasattr(np, name):
            raise AttributeError(name)
        function = getattr(np, name)
        return lambda *args, **options: function(self, *args, **options)


def stacked(stack: Any) -> Any:
    """`Trials` of a stack (B, …), or the one plain array that all B are; a tuple of such."""
    if isinstance(stack, tuple):
        return tuple(map(stacked, stack))
    return stack[0] if _alike(stack) else Trials(stack)


def _alike(stack: np.ndarray) -> bool:
    first = np.broadcast_to(stack[:1], stack.shape)
    has_nan = stack.dtype.kind in "fc" and bool(np.isnan(stack[0]).any())
    return np.array_equal(first, stack, equal_nan=has_nan)


def _aligned(value: Any, rank: int) -> Any:
    """A stack whose trials have `rank` dims: numpy's broadcasting then leaves the first alone."""
    if not isinstance(value, Trials):
        return value
    stack = value.stack
    return stack.reshape(len(stack), *(1,) * (rank - value.ndim), *value.shape)


def _plain(value: Any) -> Any:
    """A value with the present trial in the place of `Trials`, in tuples, lists and dicts."""
    if isinstance(value, Trials):
        return value.one()
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value))
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _together(results: list[Any]) -> Any:
    """One result of all trials."""
    first = results[0]
    if isinstance(first, tuple | list):
        return type(first)(_together(list(parts)) for parts in zip(*results, strict=True))
    if isinstance(first, np.ndarray | np.generic):
        if len({np.shape(one) for one in results}) > 1:
            raise ApartError
        return stacked(np.stack(results))
    if any(one != first for one in results):
        raise ApartError
    return first


def _is_orderly(parts: tuple[Any, ...]) -> bool:
    """Whether a key means the same after one slice more: none or one array in it, and no number
    beside that."""
    arrays = sum(isinstance(p, np.ndarray) and p.ndim == 1 and p.dtype.kind in "iub" for p in parts)
    numbers = sum(isinstance(p, int | np.integer) and not isinstance(p, bool) for p in parts)
    others = sum(isinstance(p, slice | type(Ellipsis) | None) for p in parts)
    return arrays + numbers + others == len(parts) and arrays <= 1 and not (arrays and numbers)


# --- functions that take all trials at once; the others are called trial by trial ----------------
def _on_first(func: Any, *args: Any, **options: Any) -> Any:
    """What depends on shapes and types alone."""
    with which(0):
        return func(*_plain(args), **_plain(options))


def _elementwise(func: Any, *args: Any) -> Any:
    rank = max(np.ndim(one) for one in args)
    return stacked(func(*(_aligned(one, rank) for one in args)))


def _reduction(func: Any, a: Any, axis: Any = None, **options: Any) -> Any:
    if not isinstance(a, Trials) or any(isinstance(v, Trials) for v in options.values()):
        return NotImplemented
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    options = {name: value for name, value in options.items() if value is not None}
    return stacked(func(a.stack, axis=tuple(k % a.ndim + 1 for k in axes), **options))


def _transposition(func: Any, a: Trials, axes: Any = None) -> Any:
    order = range(a.ndim)[::-1] if axes is None else axes
    return stacked(a.stack.transpose(0, *(k % a.ndim + 1 for k in order)))


_QUICK: dict[Any, Any] = {
    **dict.fromkeys((np.ndim, np.shape, np.size, np.result_type), _on_first),
    np.where: lambda func, *args: _elementwise(func, *args) if len(args) == 3 else NotImplemented,
    **dict.fromkeys(
        (np.sum, np.mean, np.max, np.min, np.any, np.all, np.std, np.var, np.prod, np.nansum,
         np.nanmean, np.nanmax, np.nanmin, np.nanstd, np.nanvar),
        _reduction,
    ),
    np.transpose: _transposition,
}  # fmt: skip
