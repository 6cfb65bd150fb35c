"""Probe experiments: one gradient step at random initialisation (feature speed specification)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from layeratlas.kinds.base import STRICT, Kind, RunSettings, without_negative_zero
from layeratlas.kinds.cost import probe_flop
from layeratlas.kinds.memory import Need
from layeratlas.networks.scaling_names import CALIBRATED
from layeratlas.networks.scalings import SCALINGS, SETTINGS, ScalingError, branch_scale, table
from layeratlas.networks.settings import WIDEST, family_of
from layeratlas.probes.variables import VARIABLES

if TYPE_CHECKING:  # a checker knows no list of words that another module keeps
    ScalingName = str
    Setting = str
else:
    ScalingName = Literal[(*SCALINGS, CALIBRATED)]
    Setting = Literal[SETTINGS]


class _Probed(BaseModel):
    model_config = STRICT

    depth: int = Field(30, ge=3, le=100_000, description="weight matrices L, read-out included")
    width: int = Field(200, ge=1, le=WIDEST, description="units m of each hidden feature")
    n_inputs: int = Field(10, ge=1, le=WIDEST, description="inputs d")
    n_outputs: int = Field(1, ge=1, le=WIDEST, description="outputs k")
    negative_slope: float = Field(
        0.0, ge=0.0, le=1.0, description="LeakyReLU slope below zero: 0 ReLU, 1 linear"
    )


class ProbedMLP(_Probed):
    """f_1 = W_1 x, f_l = W_l φ(f_{l−1}), no biases (Eq. 10)."""

    family: Literal["mlp"] = Field("mlp", description="kind of network")
    output_activation: bool = Field(
        True,
        description="whether the read-out sees φ(f_{L−1}) (Eq. 10); the paper's figures have false",
    )


class ProbedResidualMLP(_Probed):
    """f_l = √(1 − β²) f_{l−1} + β W_l φ(f_{l−1}), f_L = W_L f_{L−1}, no biases (Eq. 12)."""

    family: Literal["residual_mlp"] = Field("residual_mlp", description="kind of network")
    branch_scale: float | str = Field(
        "1/sqrt(L)", description="β, a number or a rule such as `1/L` or `0.5/sqrt(L)`"
    )


class ProbeScaling(BaseModel):
    """Initial spread and learning rates by layer (`layeratlas.networks.scalings`)."""

    model_config = STRICT

    name: ScalingName | None = Field(
        None,
        description="spread and rate of every layer, by rule of size; fsc_auto: calibrated on the "
        "probe's input; null: σ = 1/√d, √(2/m), 1/m",
    )
    setting: Setting = Field("dense", description="dense: ∣x∣ = √d, ∣b_L∣ = 1/√k; sparse: both 1")


class ProbeSettings(BaseModel):
    """The input, the loss and the step."""

    model_config = STRICT

    trained: Literal["hidden", "all"] = Field(
        "hidden", description="layers that move; hidden freezes the first and the last matrix"
    )
    learning_rates: Literal["balanced", "scaling"] = Field(
        "balanced",
        description="balanced: η_l = 1/(L ∣G_l∣²), every contribution 1/L; scaling: the table's",
    )
    step: float | None = Field(
        None,
        ge=1e-12,
        le=1e6,
        description="size of a finite step, beside the exact velocity; null: none",
    )
    input: Literal["normal", "sphere", "by_setting"] = Field(
        "normal",
        description="normal: N(0, 1/d); sphere: ∣x∣ = 1; by_setting: ∣x∣ = √d where dense, "
        "one-hot where sparse",
    )
    samples: int = Field(1, ge=1, le=10_000, description="inputs of the batch")
    loss: Literal["square", "linear"] = Field(
        "square",
        description="square: ∣f_L − y∣²/(2 k); linear: prescribed gradient b_L in a random "
        "direction, its norm by the scaling's setting",
    )
    target: float | Literal["normal"] = Field(
        1.0, description="y of every output; normal: N(0, 1), drawn with the input"
    )
    input_seed: int | None = Field(
        None, ge=0, lt=2**63, description="one input and target for all runs; null: the run's own"
    )
    conditioning: bool = Field(
        False,
        description="moments of the backward-to-feature kernels and conditioning of the Jacobians, "
        "O(L m³)",
    )


ProbedModel = Annotated[
    Annotated[ProbedMLP, Tag("mlp")] | Annotated[ProbedResidualMLP, Tag("residual_mlp")],
    Discriminator(family_of),
]


class ProbeRun(RunSettings):
    """Everything that determines what one gradient step does to one network."""

    model: ProbedModel = ProbedMLP()
    scaling: ProbeScaling = ProbeScaling()
    probe: ProbeSettings = ProbeSettings()
    seed: int = Field(1, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _defined(self) -> ProbeRun:
        name, model = self.scaling.name, self.model
        beta = getattr(model, "branch_scale", None)
        if beta is not None:
            beta = branch_scale(beta, model.depth)
        if name is None or name == CALIBRATED:
            if name is None and self.probe.learning_rates == "scaling":
                raise ScalingError(
                    "probe.learning_rates 'scaling' needs scaling.name, e.g. 'fsc'; or 'balanced'"
                )
            return self
        table(
            name, model.depth, model.width, model.n_inputs, model.n_outputs, beta,
            architecture=model.family, setting=self.scaling.setting,
            negative_slope=model.negative_slope,
        )  # fmt: skip
        return self

    def canonical(self) -> dict[str, Any]:
        """Plain JSON that is hashed into the run's id; a branch rule has become its number."""
        plain = self.plain()
        model = plain["model"]
        if "branch_scale" in model:
            model["branch_scale"] = branch_scale(model["branch_scale"], model["depth"])
        return without_negative_zero(plain)


def _memory(run: ProbeRun) -> tuple[Need, ...]:
    """One draw of weights, the features and gradients of the batch, and what is recorded."""
    model, samples = run.model, run.probe.samples
    depth, width, d, k = model.depth, model.width, model.n_inputs, model.n_outputs
    weights = 2 * (d * width + (depth - 2) * width**2 + width * k)  # drawn in 16 bits
    if run.probe.conditioning:
        weights += 8 * width**2
    size, inputs = (("model", "depth"), ("model", "width")), ("model", "n_inputs")
    return (
        Need("weights", weights, 0, (*size, inputs)),
        Need("features and gradients", 16 * samples * (d + (depth - 1) * width + k), 0,
             (*size, ("probe", "samples"))),
        Need("the numbers recorded of each layer", 0, 8 * len(VARIABLES) * (depth + 1), size[:1]),
    )  # fmt: skip


PROBE = Kind(
    name="probe",
    settings=ProbeRun,
    sections=("model", "scaling", "probe"),
    members={
        "depth": ("model", "depth"),
        "width": ("model", "width"),
        "n_inputs": ("model", "n_inputs"),
        "n_outputs": ("model", "n_outputs"),
        "branch_scale": ("model", "branch_scale"),
        "scaling": ("scaling", "name"),
        "setting": ("scaling", "setting"),
        "seed": ("seed",),
    },
    horizon=lambda run: ("probe", 0),
    moment="moment",
    stage="probe",
    folder="probes",
    shard_size=500,
    measured=False,
    seed="seed of the weights, the input and the target",
    together=("depth", "width", "n_inputs", "n_outputs", "seed"),
    recorded=(*VARIABLES, "status", "n_layers"),
    memory=_memory,
    flop=probe_flop,
    sized_by=("depth", "width", "n_inputs", "n_outputs"),
)
