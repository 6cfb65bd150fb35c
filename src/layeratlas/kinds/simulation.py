"""Simulation experiments: spring–block chains (spring–block specification, §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from layeratlas.chains.stability import first_order_limit, second_order_limit
from layeratlas.kinds.base import STRICT, Kind, RunSettings
from layeratlas.kinds.cost import simulation_flop
from layeratlas.kinds.memory import Need
from layeratlas.runs.settings import LATER
from layeratlas.runs.status import EXPLOSION_LIMIT

# Beyond these a step's own arithmetic overflows or vanishes.
_LEAST, _MOST = 1e-12, 1e12


class _Chain(BaseModel):
    model_config = STRICT

    length: int = Field(7, ge=1, le=10_000, description="blocks L; block l stands for layer l")
    steps: int = Field(10_000, ge=1, le=10**9, description="steps of the integrator")
    stiffness: float = Field(1.0, ge=_LEAST, le=_MOST, description="k of every spring")
    target: float = Field(1.0, ge=-_MOST, le=_MOST, description="y, where the last spring is fixed")
    friction_right: float = Field(
        0.1, ge=0, le=_MOST, description="μ→, against motion to the right"
    )
    friction_left: float = Field(0.1, ge=0, le=_MOST, description="μ←, against motion to the left")
    noise_strength: float = Field(
        0.0, ge=0, le=_MOST, description="ε̄ (first order), ε (second order)"
    )
    explosion_limit: Annotated[float, LATER] = Field(
        EXPLOSION_LIMIT,
        gt=0,
        le=1e300,
        description="a chain that ends with a block farther from y is `exploded`, not ok",
    )


class FirstOrderChain(_Chain):
    """Overdamped, noise inside the friction threshold (§3.2)."""

    order: Literal["first"] = Field("first", description="overdamped")
    step_size: float = Field(0.01, ge=_LEAST, le=_MOST, description="η; noise is defined with it")

    @model_validator(mode="after")
    def _stable(self) -> FirstOrderChain:
        limit = first_order_limit(self.length, self.stiffness)
        if self.step_size >= limit:
            raise ValueError(
                f"step_size {self.step_size:g} is too large for stability; it must be below "
                f"2/(k λ_max) = {limit:.6g}"
            )
        return self


class SecondOrderChain(_Chain):
    """With inertia and sign friction (§3.3); defaults are those of the authors' notebook."""

    order: Literal["second"] = Field("second", description="with inertia")
    steps: int = Field(14_000, ge=1, le=10**9, description="steps of the integrator")
    stiffness: float = Field(0.1, ge=_LEAST, le=_MOST, description="k of every spring")
    friction_right: float = Field(0.003, ge=0, le=_MOST, description="μ→ of the sign friction")
    friction_left: float = Field(0.004, ge=0, le=_MOST, description="μ← of the sign friction")
    noise_strength: float = Field(0.003, ge=0, le=_MOST, description="ε, per √time")
    noise_decay: float = Field(0.001, ge=0, le=_MOST, description="λ of ε exp(−λ t)")
    mass: float = Field(1.0, ge=_LEAST, le=_MOST, description="m of every block")
    damping: float = Field(1.0, ge=_LEAST, le=_MOST, description="γ")
    step_size: float = Field(0.05, ge=_LEAST, le=_MOST, description="dt")
    common_noise: bool = Field(
        True, description="all blocks get the same noise, the sum of L independent Wieners"
    )

    @model_validator(mode="after")
    def _stable(self) -> SecondOrderChain:
        limit = second_order_limit(self.length, self.stiffness, self.mass, self.damping)
        if self.step_size >= limit:
            raise ValueError(
                f"step_size {self.step_size:g} is too large for stability; it must be below "
                f"{limit:.6g}"
            )
        return self


def _order(settings: Any) -> Any:
    """The order that settings name; the first where they name none."""
    if isinstance(settings, Mapping):
        return settings.get("order", "first")
    return getattr(settings, "order", None)


ChainSettings = Annotated[
    Annotated[FirstOrderChain, Tag("first")] | Annotated[SecondOrderChain, Tag("second")],
    Discriminator(_order),
]


class SimulationRun(RunSettings):
    """Everything that determines one chain's motion."""

    chain: ChainSettings = FirstOrderChain()
    seed: int = Field(1, ge=0, lt=2**63)


def _prepare(settings: dict[str, Any], where: str) -> dict[str, Any]:
    """The order of a chain defaults to first."""
    return {**settings, "chain": {"order": "first", **settings.get("chain", {})}}


def _memory(run: SimulationRun) -> tuple[Need, ...]:
    """Positions of every block at every kept step, and of the second order velocities."""
    chain = run.chain
    each = 8 * (chain.length + 1) * (1 if chain.order == "first" else 2)
    return (Need("the motion of the blocks", 0, each, (("chain", "length"),)),)


_MEMBERS = (
    "stiffness", "target", "friction_right", "friction_left", "noise_strength", "step_size",
    "noise_decay", "mass", "damping",
)  # fmt: skip

SIMULATION = Kind(
    name="simulation",
    settings=SimulationRun,
    sections=("chain",),
    members={name: ("chain", name) for name in _MEMBERS} | {"seed": ("seed",)},
    horizon=lambda run: ("chain.steps", run.chain.steps),
    moment="step",
    stage="simulate",
    folder="simulations",
    shard_size=2000,
    measured=False,
    seed="seed of the shaking",
    recorded=("spring_separation", "status"),
    prepare=_prepare,
    memory=_memory,
    flop=simulation_flop,
)
