"""The table of metrics: name, function, meaning, what each needs and gives. Light to import.

A new metric is one function and one entry:

    METRICS.add(Metric("spread", "extensions.spread:spread", needs=("features",), gives="layer"))

Its function takes what it `needs`, signals by name in that order (`layeratlas.signals.registry`),
and gives one number for each member, `(member,)`, or, with `dims`, an array `(member, *dims)`. What
`gives` says it is of: each `layer` or `affine` map, for which it is called with that layer's
signals, or the `network`. Where none of its needs is of layers (maps), it is called once and gives
all of them in order. Metrics of a signal that is of one network `alone` have no axis of members.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from layeratlas.probes.variables import SOURCE, VARIABLES
from layeratlas.signals.registry import Of, Signal, used
from layeratlas.tables import Table

__all__ = ["METRICS", "Metric", "get_metric", "run_by"]

_SPRING_BLOCK = "Shi, Pan and Dokmanić, Phys. Rev. Lett. 2025, arXiv:2407.19353"


@dataclass(frozen=True)
class Metric:
    """A number of each layer, affine map or network: its function and meaning (CF attributes).

    `dims` name further dimensions of an array. `seen` says what it is computed from in words; by
    default it lists the signals.
    """

    name: str
    function: str
    needs: tuple[str, ...] = ("features", "targets")
    gives: Of = "layer"
    dims: tuple[str, ...] = ()
    long_name: str = ""
    formula: str = ""
    source: str = ""
    units: str = "1"
    seen: str = ""

    @property
    def signals(self) -> dict[str, Signal]:
        """All signals that it is made of; KeyError for one that is in no table."""
        return used(self.needs)

    @property
    def alone(self) -> bool:
        """Whether it sees one network at a time."""
        return any(signal.alone for signal in self.signals.values())

    @property
    def evaluation(self) -> bool:
        """Whether it is of networks in evaluation mode alone."""
        return any(signal.evaluation for signal in self.signals.values())

    @property
    def first_images(self) -> bool:
        """Whether it sees `measure.step_images` images where no views are asked for."""
        return any(signal.first_images for signal in self.signals.values())

    @property
    def at_start(self) -> bool:
        """Whether it needs the weights before training."""
        return any(signal.at_start for signal in self.signals.values())

    @property
    def targets(self) -> set[str]:
        """The kinds of targets that its signals ask for, such as classes."""
        return {signal.targets for signal in self.signals.values() if signal.targets}

    @property
    def misfit(self) -> str | None:
        """What does not go together, as a part of a sentence: layers' signals of affine maps."""
        for name in self.needs:
            signal = self.signals.get(name)
            if signal and signal.of not in ("network", self.gives):
                return (
                    f"gives a number of each {self.gives} and needs {name!r}, which is of each "
                    f"{signal.of}"
                )
        return None

    def along(self, named: bool) -> bool:
        """Whether it has a number of each view: of `named` ones, or of modes of batch norm."""
        return named or not self.evaluation or self.gives != "network"

    def sees(self, batch_norm: str) -> bool:
        """Whether it is of networks under these statistics of batch norm."""
        return not self.evaluation or batch_norm == "running_statistics"

    def attributes(self) -> dict[str, str]:
        """CF attributes of the variable; what its entry does not tell is left out."""
        told = {
            "long_name": self.long_name or self.name.replace("_", " "),
            "units": self.units,
            "formula": self.formula,
            "references": self.source,
            "comment": f"Computed from {self.seen or ', '.join(self.needs)}.",
        }
        return {name: text for name, text in told.items() if text}


def run_by(metrics: Iterable[Metric]) -> tuple[set[str], set[str]]:
    """Entries that these metrics run, their own and their signals', and what those use besides."""
    entries: set[str] = set()
    uses: set[str] = set()
    for metric in metrics:
        entries.add(metric.function)
        for signal in metric.signals.values():
            entries.add(signal.function)
            uses |= set(signal.uses)
    return entries, uses


def _separation(
    name: str, function: str, needs: tuple[str, ...], long_name: str, formula: str, source: str
) -> Metric:
    return Metric(
        name,
        f"layeratlas.metrics.separation:{function}",
        needs,
        long_name=long_name,
        formula=formula,
        source=source,
        seen="forward features of the training images with clean labels",
    )


def _of_network(name: str, long_name: str, formula: str) -> Metric:
    """A measure of the curvature of the training loss."""
    return Metric(
        name,
        f"layeratlas.metrics.hessian:{name}",
        ("loss", "point", "seed"),
        "network",
        long_name=long_name,
        formula=formula,
        source=_SPRING_BLOCK + ", released code",
        seen="the mean loss on the training images with clean labels, batch norm with running "
        "statistics, dropout off, all parameters",
    )


def _of_step(name: str) -> Metric:
    """A variable of `layeratlas.probes.variables`, here of a network in training."""
    variable = VARIABLES[name]
    return Metric(
        name,
        f"layeratlas.metrics.gradient_step:{name}",
        ("gradient_step",),
        long_name=variable.long_name,
        formula=variable.formula,
        source=SOURCE,
        units=variable.units,
        seen="one gradient step on training images with clean labels (measure.step_images), "
        "batch norm with running statistics, dropout off, double precision; rates eta without the "
        "master step; rms over images and features",
    )


METRICS: Table[Metric] = Table("metric")

for _metric in (
    _separation(
        "data_separation",
        "log_ratio",
        ("between_classes", "within_variance"),
        long_name="data separation D: log ratio of within- to between-class variance",
        formula="ln(tr Sigma_w / tr Sigma_b)",
        source=_SPRING_BLOCK,
    ),
    _separation(
        "data_separation_pseudoinverse",
        "log_of",
        ("within_variance_between",),
        long_name="data separation of He and Su, with the pseudo-inverse of the between-class "
        "covariance",
        formula="ln tr(Sigma_w pinv(Sigma_b))",
        source="He and Su, PNAS 2023, arXiv:2210.17020",
    ),
    _separation(
        "data_separation_within_pseudoinverse",
        "log_within_pseudoinverse",
        ("between_classes", "within_covariance"),
        long_name="log trace of the between-class covariance in units of the within-class one",
        formula="ln tr(Sigma_b pinv(Sigma_w))",
        source=_SPRING_BLOCK + ", released code",
    ),
    _of_network(
        "hessian_top_eigenvalue",
        "largest eigenvalue of the Hessian of the training loss",
        "lambda_max(d2 L / d theta2)",
    ),
    _of_network(
        "hessian_trace",
        "trace of the Hessian of the training loss, by random probes",
        "tr(d2 L / d theta2)",
    ),
    *map(
        _of_step,
        (
            "feature_norm",
            "backward_norm",
            "feature_velocity",
            "backward_feature_angle",
            "contribution",
            "loss_decay",
            "sensitivity",
            "feature_speed_residual",
        ),
    ),
):
    METRICS.add(_metric)


def get_metric(name: str) -> Metric:
    """The metric of that name; KeyError names the nearest one and lists all."""
    return METRICS[name]
