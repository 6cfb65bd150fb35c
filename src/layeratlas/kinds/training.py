"""Training experiments: data set, network, noise and optimiser of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from layeratlas.datasets.recipe import Recipe
from layeratlas.engine.optimizers.registry import OPTIMIZERS
from layeratlas.engine.optimizing import refuse_unfit
from layeratlas.engine.settings import ScalingSettings, TrainingSettings
from layeratlas.errors import ConfigError
from layeratlas.kinds.base import STRICT, Kind, RunSettings, without_negative_zero
from layeratlas.kinds.cost import training_flop
from layeratlas.kinds.inputs import as_image, refuse_inputs
from layeratlas.kinds.memory import Need
from layeratlas.kinds.modules import prove, refuse_unreadable
from layeratlas.kinds.targets import CALIBRATING_LOSSES, refuse_metrics
from layeratlas.kinds.views import refuse_few, refuse_views
from layeratlas.losses.choosing import prove as prove_loss
from layeratlas.losses.choosing import refuse_targets
from layeratlas.networks.activations.registry import ACTIVATIONS, DEFAULT
from layeratlas.networks.module.identity import source_of
from layeratlas.networks.module.settings import ModuleSettings
from layeratlas.networks.scaling_names import BY_FAN_IN, CALIBRATED
from layeratlas.networks.scalings import ScalingError, table
from layeratlas.networks.settings import MLPSettings, ModelSettings, ResidualMLPSettings
from layeratlas.words import listed, quoted, suggestion

# Settings that are vectors inside an ensemble; everything else must agree within a shard.
MEMBER_SETTINGS: dict[str, tuple[str, ...]] = {
    "negative_slope": ("model", "negative_slope"),
    "dropout": ("model", "dropout"),
    "learning_rate": ("training", "learning_rate"),
    "label_noise": ("noise", "label_noise"),
    "input_noise": ("noise", "input_noise"),
    "scaling": ("scaling", "name"),
    "seed": ("seed",),
}


class NoiseSettings(BaseModel):
    """Noise on labels and inputs; `fresh` is redrawn at every step, `static` once and stored."""

    model_config = STRICT

    kind: Literal["fresh", "static"] = Field(
        "fresh", description="`fresh` is redrawn at every step, `static` drawn once and stored"
    )
    label_noise: float = Field(0.0, ge=0, le=1, description="fraction of labels redrawn")
    input_noise: float = Field(
        0.0, ge=0, le=1, description="standard deviation in units of the inputs' own"
    )


class TrainingRun(RunSettings):
    """Everything that determines one trained network's numbers."""

    dataset: Recipe
    model: ModelSettings = MLPSettings()
    noise: NoiseSettings = NoiseSettings()
    training: TrainingSettings = TrainingSettings()
    scaling: ScalingSettings | None = None
    dtype: Literal["float32", "float64"] = Field("float32", description="precision of training")
    seed: int = Field(1, ge=0, lt=2**63)

    @model_validator(mode="after")
    def _possible_together(self) -> TrainingRun:
        batch, n = self.training.batch_size, self.dataset.n_train
        if batch != "full" and batch > n:
            raise ValueError(
                f"training.batch_size {batch} is larger than the training set "
                f"(dataset.n_train {n}); use at most {n}, or 'full'"
            )
        if self.model.batch_norm and (n if batch == "full" else batch) < 2:
            raise ValueError("batch norm needs at least 2 images a batch")
        refuse_inputs(self.dataset, self.model, self.noise)
        for key in ("static_label_noise", "static_input_noise"):
            if value := getattr(self.dataset, key):
                raise ValueError(
                    f"dataset.{key} {value:g}: static noise is asked for under `noise`, e.g. "
                    f"{{kind: static, {key.removeprefix('static_')}: {value:g}}}"
                )
        data, training = self.dataset, self.training
        refuse_targets(training.loss, training.encoding, data.target_kind, data.source)
        if self.scaling is not None:
            self._scalable(self.scaling)
        return self

    def _scalable(self, scaling: ScalingSettings) -> None:
        """ValueError where the scaling is not defined for the network, or not made for the rest."""
        model, name, n = self.model, scaling.name, self.dataset.n_train
        if model.depth is not None and model.depth < 3:
            raise ValueError(
                f"model.depth {model.depth} is too small for a scaling, which tells input, hidden "
                "and output matrices apart; use at least 3"
            )
        if name == CALIBRATED:
            if model.family not in ("mlp", "residual_mlp"):
                raise ValueError(
                    f"scaling.name {name!r} is not defined for model.family {model.family!r}; use "
                    f"one of {', '.join(BY_FAN_IN)}"
                )
            if self.training.loss not in CALIBRATING_LOSSES:
                raise ValueError(
                    f"scaling.name {name!r} is not defined for training.loss "
                    f"{self.training.loss!r}; use {listed(CALIBRATING_LOSSES, 110)}"
                )
            if scaling.calibration_images > n:
                raise ValueError(
                    f"scaling.calibration_images {scaling.calibration_images} is more than "
                    f"dataset.n_train {n}; use at most {n}"
                )
        else:
            beta = model.resolved_branch_scale if isinstance(model, ResidualMLPSettings) else None
            try:
                # Of a module the table is by fan-in alone, whatever its depth.
                depth = 3 if model.depth is None else model.depth
                table(name, depth, 1, 1, 1, beta, architecture=model.family)
            except ScalingError as error:
                raise ValueError(f"scaling.name: {error}") from None
        for key, field in type(model).model_fields.items():
            given = getattr(model, key)
            drawn = "initialization" in key
            if drawn and given != field.get_default(call_default_factory=True):
                raise ValueError(
                    f"model.{key} {given!r} has no effect beside a scaling, which draws the "
                    "weights itself; leave it out"
                )
        activation = getattr(model, "activation", DEFAULT)
        if not ACTIVATIONS[activation].slope and name != "default":
            raise ValueError(
                f"scaling.name {name!r} is made for leaky_relu and relu, not for model.activation "
                f"{activation!r}; use 'default', or model.initialization"
            )
        if name in BY_FAN_IN:
            return
        if model.batch_norm:
            raise ValueError(
                f"model.batch_norm true undoes the scaling {name!r} of the weights; use false, or "
                f"one of the scalings {', '.join(BY_FAN_IN)}"
            )
        if OPTIMIZERS[self.training.optimizer].rates == "element":
            raise ValueError(
                f"training.optimizer {self.training.optimizer!r} does not go with scaling {name!r},"
                " whose learning rates are for gradient descent; use 'sgd' or "
                "'scale_invariant_sgd'"
            )

    def canonical(self) -> dict[str, Any]:
        """Plain JSON in which static noise is part of the data set and `noise` is fresh noise.

        So a run id does not depend on how the noise was asked for, and the engine, which
        redraws noise, never sees noise that must not be redrawn.
        """
        plain = self.plain()
        if getattr(self.model, "activation", None) == "relu":
            # A LeakyReLU of slope 0: the same network.
            del plain["model"]["activation"]
        if isinstance(self.model, ModuleSettings):
            plain["model"]["source"] = source_of(self.model)
        if isinstance(self.model, ResidualMLPSettings):
            # A rule and the number that it gives at this depth are the same network.
            plain["model"]["branch_scale"] = self.model.resolved_branch_scale
        if self.scaling is None:
            # Runs without a scaling keep the ids that they had before there were any.
            del plain["scaling"]
        elif self.scaling.name != CALIBRATED:
            del plain["scaling"]["calibration_images"]
        noise = plain["noise"]
        if noise.pop("kind") == "static":
            plain["dataset"]["static_label_noise"] = noise["label_noise"]
            plain["dataset"]["static_input_noise"] = noise["input_noise"]
            noise["label_noise"] = noise["input_noise"] = 0.0
        return without_negative_zero(plain)


def _prepare(settings: dict[str, Any], where: str) -> dict[str, Any]:
    """`noise.data_noise` stands for label and input noise at once."""
    if "dataset" not in settings:
        raise ConfigError(f"{where}: dataset: missing; e.g. {{source: mnist_5k, n_train: 2560}}")
    if "data_noise" in settings.get("noise", {}):
        noise = dict(settings["noise"])
        value = noise.pop("data_noise")
        if {"label_noise", "input_noise"} & set(noise):
            raise ConfigError(
                f"{where}: noise.data_noise sets label_noise and input_noise at once; "
                "give either it or them"
            )
        settings = {**settings, "noise": noise | {"label_noise": value, "input_noise": value}}
    return settings


def _again(settings: dict[str, Any]) -> dict[str, Any]:
    """Canonical settings as they are asked for: static noise apart from the data set."""
    dataset = dict(settings["dataset"])
    noise = dict(settings.get("noise", {}))
    for name in ("label_noise", "input_noise"):
        if value := dataset.pop(f"static_{name}", None):
            noise |= {"kind": "static", name: value}
    # The text of a module is found again by its name.
    model = {name: value for name, value in settings["model"].items() if name != "source"}
    return {**settings, "dataset": dataset, "noise": noise, "model": model}


def _check(run: TrainingRun, measure: Any, where: str) -> None:
    refuse_unreadable(run.model, where)
    _check_users_code(run, where)
    refuse_metrics(run.dataset, measure.metrics, where)
    refuse_views(run, measure.views or {}, where)
    refuse_few(run, measure, where)
    if "batch_statistics" in measure.batch_norm_modes and run.model.batch_norm is False:
        raise ConfigError(
            f"{where}: measure.batch_norm_modes: 'batch_statistics' needs model.batch_norm: true"
        )
    images, n = measure.step_images, run.dataset.n_train
    if images is not None and images > n:
        raise ConfigError(
            f"{where}: measure.step_images: {images} is more than dataset.n_train {n}; use at "
            f"most {n}, or null for all"
        )


def _check_users_code(run: TrainingRun, where: str) -> None:
    training, data = run.training, run.dataset
    try:
        refuse_unfit(
            training.optimizer,
            training.optimizer_settings,
            lambda: (run.canonical()["model"], data.input_shape, data.n_outputs),
        )
        prove_loss(training.loss, training.loss_settings)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _memory(run: TrainingRun) -> tuple[Need, ...]:
    """The images, one network in training with its gradient, and the weights that are kept."""
    data, model = run.dataset, run.model
    number = 4 if run.dtype == "float32" else 8
    channels, side = as_image(data.input_shape)
    weights = number * model.n_weights(channels, side, data.n_outputs)
    batch = data.n_train if run.training.batch_size == "full" else run.training.batch_size
    features = number * batch * model.n_features(channels, side)
    breadth = "channels" if model.family == "block_cnn" else "width"
    breadth = "settings" if model.depth is None else breadth
    size, sized = (("model", "depth"), ("model", breadth)), ("dataset", data.sized_by)
    images = 4 * (data.n_train + data.n_test_samples) * data.n_features
    return (
        Need("images", images, 0, (sized, ("dataset", "n_train"))),
        Need("features of a minibatch", features, 0, (*size, sized, ("training", "batch_size"))),
        Need("weights", 2 * weights, 0, (*size, sized)),
        Need("weights that are kept", 0, weights, (*size, sized), stored=True),
    )


def _check_among(experiment: Any, known: Mapping[str, Any], where: str) -> None:
    """ConfigError where the networks to measure are those of no experiment that trains any."""
    name = experiment.measure.networks
    if name is None:
        return
    spot = f"{where}: measure.networks"
    if name not in known:
        near = suggestion(name, known)
        raise ConfigError(f"{spot}: there is no experiment {quoted(name)}; {near}".rstrip("; "))
    other = known[name]
    if other.kind != "training" or other.measure.networks is not None:
        raise ConfigError(
            f"{spot}: {quoted(name)} trains no networks of its own; name an experiment that does"
        )


def _steps(run: TrainingRun) -> int:
    """Minibatches of an epoch."""
    batch = run.training.batch_size
    return 1 if batch == "full" else -(-run.dataset.n_train // batch)


TRAINING = Kind(
    name="training",
    settings=TrainingRun,
    sections=("dataset", "model", "noise", "training", "scaling", "dtype"),
    members=MEMBER_SETTINGS,
    horizon=lambda run: ("training.epochs", run.training.epochs),
    moment="epoch",
    stage="train",
    folder="shards",
    shard_size=40,
    measured=True,
    seed="seed of initialisation, shuffling, noise and dropout",
    internal=(
        ("dataset", "static_label_noise"),
        ("dataset", "static_input_noise"),
        ("dataset", "content"),
    ),
    shorthands=(("noise", "data_noise"),),
    prepare=_prepare,
    check=_check,
    prove=prove,
    check_among=_check_among,
    memory=_memory,
    flop=training_flop,
    again=_again,
    steps=_steps,
)
