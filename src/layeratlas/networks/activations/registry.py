"""The table of activations. A new one is one function and one entry, here or of a user."""

from __future__ import annotations

from dataclasses import dataclass

from layeratlas.tables import Table

#: What networks have that name none.
DEFAULT = "leaky_relu"


@dataclass(frozen=True)
class ActivationEntry:
    """One activation φ: `function`, "module:name", takes a tensor and gives φ of each number.

    `slope` says that it takes each member's `negative_slope` too; `fused` that the kernels of the
    hand-written backward passes know it; `written`, "module:name", gives φ and φ′ of arrays of
    numpy and torch alike (`networks.activations.written`), which the passes of some families take
    where there is no batch norm. All others train by autograd. `rises` says that φ never falls,
    so that a maximum of φ is φ of the maximum and pooling may come first.
    """

    name: str
    function: str
    slope: bool = False
    fused: bool = False
    rises: bool = False
    written: str | None = None


_FUNCTIONS = "layeratlas.networks.activations.functions"
_WRITTEN = "layeratlas.networks.activations.written"

ACTIVATIONS: Table[ActivationEntry] = Table("activation")
for _entry in (
    ActivationEntry("leaky_relu", f"{_FUNCTIONS}:leaky_relu", slope=True, fused=True, rises=True),
    # As the former: `negative_slope` is 0 there.
    ActivationEntry("relu", f"{_FUNCTIONS}:leaky_relu", slope=True, fused=True, rises=True),
    ActivationEntry("tanh", f"{_FUNCTIONS}:tanh", rises=True, written=f"{_WRITTEN}:tanh"),
    ActivationEntry("gelu", f"{_FUNCTIONS}:gelu", written=f"{_WRITTEN}:gelu"),
    ActivationEntry("quadratic", f"{_FUNCTIONS}:quadratic", written=f"{_WRITTEN}:quadratic"),
):
    ACTIVATIONS.add(_entry)
