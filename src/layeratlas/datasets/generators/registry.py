"""The table of generators: the project's own entries, and those of its users."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from layeratlas.datasets.generators.entry import GeneratorEntry
from layeratlas.runs.settings import LATER
from layeratlas.tables import Table

GENERATORS: Table[GeneratorEntry] = Table("data set")

_ALIGNMENT = "Beaglehole, Mitliagkas, Agarwala, Feature learning as alignment, arXiv:2402.05271"
_BARATIN = (
    "Baratin, George, Laurent, Hjelm, Lajoie, Vincent, Lacoste-Julien, Implicit Regularization "
    "via Neural Feature Alignment, AISTATS 2021"
)
_HERE = "layeratlas.datasets.generators"

for _entry in (
    GeneratorEntry(
        "chain_monomial",
        f"{_HERE}.chain_monomial:draw",
        input_shape=("dimension",),
        n_outputs=1,
        settings={
            "dimension": (int, Field(32, ge=1, le=10**6, description="entries d of an input")),
            "period": (int, Field(5, ge=3, le=10**6, description="factors r of the cycle")),
        },
        check=f"{_HERE}.chain_monomial:check",
        title="chain monomial task",
        references=_ALIGNMENT,
    ),
    GeneratorEntry(
        "alignment_reversing",
        f"{_HERE}.alignment_reversing:draw",
        input_shape=("dimension",),
        n_outputs=1,
        settings={
            "dimension": (int, Field(1024, ge=2, le=10**6, description="entries d of an input")),
            "balance": (float, Field(0.5, gt=0, le=1, description="fraction γ of samples with "
                                     "target 1")),
            "epsilon": (float, Field(0.5, gt=0, description="variance ε₁ of the second half of "
                                     "their entries")),
            "tau": (float, Field(1.0, gt=0, description="mean variance τ of an entry of the "
                                 "others")),
            "variant": (Annotated[Literal["low_rank", "inverse"], LATER], Field(
                "low_rank", description="how the others are drawn")),
            "width": (Annotated[int, LATER], Field(
                1024, ge=1, le=10**6, description="inverse: hidden units of the network")),
            "network_seed": (Annotated[int, LATER], Field(
                1, ge=0, description="inverse: seed of its run")),
            "ridge": (Annotated[float, LATER], Field(
                1e-3, gt=0, description="inverse: δ, in mean eigenvalues of M A² M")),
        },
        check=f"{_HERE}.alignment_reversing:check",
        title="alignment reversing data set",
        references=_ALIGNMENT,
    ),
    GeneratorEntry(
        "gaussian_mixture",
        f"{_HERE}.gaussian_mixture:draw",
        input_shape=("dimension",),
        n_outputs="classes",
        target_kind="classes",
        settings={
            "dimension": (int, Field(20, ge=1, le=10**6, description="entries d of an input")),
            "classes": (int, Field(3, ge=2, le=10**5, description="clouds, K")),
            "separation": (float, Field(3.0, ge=0, description="root mean square distance of a "
                                        "centre from the origin, in spreads of a cloud")),
        },
        title="mixture of Gaussian clouds",
    ),
    GeneratorEntry(
        "disc",
        f"{_HERE}.disc:draw",
        input_shape=(2,),
        n_outputs="outputs",
        target_kind="classes",
        settings={
            "outputs": (int, Field(2, ge=1, le=2, description="2: one a class; 1: the sign of a "
                                   "single one tells")),
            "test_grid": (Annotated[bool, LATER], Field(False, description="test samples on a "
                                                        "square grid instead of drawn")),
        },
        fits=f"{_HERE}.square_grid:fits",
        title="disc in a square",
        references=_BARATIN,
    ),
):  # fmt: skip
    GENERATORS.add(_entry)
