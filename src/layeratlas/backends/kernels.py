"""What a kernel is: one step of arithmetic in two ways, and who compiles the fused one.

A *fused* kernel loops over members and works on one member's C-contiguous slab at a time, so a
member's bits do not depend on its neighbours or on how many there are. Reductions may be
re-associated by the compiler (`reassoc`), but only as a function of the array's length. NaN and
infinity keep their IEEE meaning: divergence must stay visible. Its *plain* twin does the same in
stacked torch operations, written for clarity: the path to the GPU, and what `tests/backends`
compares with.

Shapes: member `e`, sample `n`, feature `d`, parameter tensor `t`. A fused kernel says its
arguments by letters:

    r  real slab (member, sample, feature)      l  labels or indices (member, sample)
    m  matrix (member, parameter), any view     o  offsets or blocks (tensor,)
    d  data (sample, feature)                   k  random keys (member, 2)
    f  flat (member, width)                     w  random words
    v  one float64 a member                     i  integer
    q  rates (member, tensor) float64           x  number

It is compiled for one explicit signature a dtype. Left to itself numba would make a second version
for contiguous arguments, which a view of a one-member buffer happens to be, and the two versions
may round differently.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

# "nnan" and "ninf" are left out on purpose: a diverged member must show itself.
_FAST = {"reassoc", "contract", "arcp", "nsz"}

Kernel = Callable[..., None]


@dataclass(frozen=True)
class Fused:
    """A kernel to be compiled: its Python text and the letters of its arguments."""

    function: Callable[..., None]
    arguments: str

    def compiled(self, dtype: str) -> Kernel:
        """The kernel for float32 or float64; compiled once, and kept on disk."""
        return _compiled(self.function, self.arguments, dtype)


def fused(arguments: str) -> Callable[[Callable[..., None]], Fused]:
    """Decorator of a fused kernel; nothing is compiled, nor numba imported, before it is used."""
    return lambda function: Fused(function, arguments)


def inline(function: Callable) -> Callable:
    """Decorator of what fused kernels of the same file share; see `backends.fused.words`."""
    from numba import njit

    return njit(inline="always", fastmath=_FAST, error_model="numpy")(function)


class Compiled:
    """The fused kernels of a module, by name, compiled at first use.

    So that a fresh clone's first job waits only for what it uses.
    """

    def __init__(self, module: ModuleType, dtype: str):
        self._module, self._dtype = module, dtype

    def __getattr__(self, name: str) -> Kernel:
        kernel = getattr(self._module, name, None)
        if not isinstance(kernel, Fused):
            raise AttributeError(f"{self._module.__name__} has no kernel {name!r}")
        compiled = kernel.compiled(self._dtype)
        setattr(self, name, compiled)
        return compiled


@functools.cache
def compiled_module(module: ModuleType, dtype: str) -> Compiled:
    """`Compiled`, one a module and dtype."""
    return Compiled(module, dtype)


def names(module: ModuleType) -> tuple[str, ...]:
    """Every fused kernel of a module."""
    return tuple(name for name, value in vars(module).items() if isinstance(value, Fused))


@functools.cache
def _compiled(function: Callable[..., None], arguments: str, dtype: str) -> Kernel:
    from numba import types

    from layeratlas.runs.compiling import cached_njit

    real: Any = {"float32": types.float32, "float64": types.float64}[dtype]
    kinds = {
        "r": types.Array(real, 3, "C"),
        "m": types.Array(real, 2, "A"),
        "d": types.Array(real, 2, "C"),
        "f": types.Array(real, 2, "C"),
        "v": types.Array(types.float64, 1, "C"),
        "q": types.Array(types.float64, 2, "C"),
        "l": types.Array(types.int64, 2, "C"),
        "o": types.Array(types.int64, 1, "C"),
        "k": types.Array(types.uint32, 2, "C"),
        "w": types.Array(types.uint32, 1, "C"),
        "i": types.int64,
        "x": types.float64,
    }
    signature = types.void(*(kinds[letter] for letter in arguments))
    # Python's division-by-zero check is an early exit, which forbids vectorising a loop.
    return cached_njit(signature, fastmath=_FAST, error_model="numpy", nogil=True)(function)
