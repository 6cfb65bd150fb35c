"""The list of metrics: name, function, meaning. Light to import.

A new metric is one function and one entry here. `function` is "module:function". A metric of
kind `layer` takes `(features, labels)`, features being one layer's `(member, sample, feature)`;
metrics that start from the same intermediate name the function that computes it as `shares`: it
is then computed once a layer and handed to each as `statistics`. A metric of kind `network` is
one number a run and checkpoint: it takes `(loss, point, *, seed)`, the training loss as a
differentiable function of all parameters, and where the network stands. A metric of kind `step`
is a number a layer again: it takes a `layeratlas.metrics.gradient_step.GradientStep`, what one
gradient step does to the layers, made once a run and checkpoint for all metrics of the kind.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from layeratlas.probes.variables import SOURCE, VARIABLES
from layeratlas.words import listed, quoted, suggestion

_SPRING_BLOCK = "Shi, Pan and Dokmanić, Phys. Rev. Lett. 2025, arXiv:2407.19353"


@dataclass(frozen=True)
class Metric:
    """One number a layer, or a network: its name, meaning (CF attributes) and function."""

    name: str
    function: str
    long_name: str
    formula: str
    source: str
    units: str = "1"
    shares: str | None = None
    kind: Literal["layer", "network", "step"] = "layer"
    needs: str = "forward features of the training images with clean labels"

    def load(self) -> Callable:
        """The function."""
        return _resolve(self.function)

    def load_shared(self) -> Callable | None:
        """The function whose result it shares with other metrics, if any."""
        return None if self.shares is None else _resolve(self.shares)

    def attributes(self) -> dict[str, str]:
        """CF attributes of the variable."""
        return {
            "long_name": self.long_name,
            "units": self.units,
            "formula": self.formula,
            "references": self.source,
            "comment": f"Computed from {self.needs}.",
        }


def _resolve(reference: str) -> Callable:
    module, _, function = reference.partition(":")
    return getattr(importlib.import_module(module), function)


def _of_network(name: str, long_name: str, formula: str) -> Metric:
    """A measure of the curvature of the training loss."""
    return Metric(
        name,
        f"layeratlas.metrics.hessian:{name}",
        long_name,
        formula,
        _SPRING_BLOCK + ", released code",
        kind="network",
        needs="the mean loss on the training images with clean labels, batch norm with running "
        "statistics, dropout off, all parameters",
    )


def _of_step(name: str) -> Metric:
    """A variable of `layeratlas.probes.variables`, here of a network in training."""
    variable = VARIABLES[name]
    return Metric(
        name,
        f"layeratlas.metrics.gradient_step:{name}",
        variable.long_name,
        variable.formula,
        SOURCE,
        variable.units,
        kind="step",
        needs="one gradient step on training images with clean labels (measure.step_images), "
        "batch norm with running statistics, dropout off, double precision; rates eta without the "
        "master step; rms over images and features",
    )


_CLASSES = "layeratlas.metrics.separation:class_statistics"

METRICS: dict[str, Metric] = {
    m.name: m
    for m in (
        Metric(
            "data_separation",
            "layeratlas.metrics.separation:data_separation",
            "data separation D: log ratio of within- to between-class variance",
            "ln(tr Sigma_w / tr Sigma_b)",
            _SPRING_BLOCK,
            shares=_CLASSES,
        ),
        Metric(
            "data_separation_pseudoinverse",
            "layeratlas.metrics.separation:data_separation_pseudoinverse",
            "data separation of He and Su, with the pseudo-inverse of the between-class covariance",
            "ln tr(Sigma_w pinv(Sigma_b))",
            "He and Su, PNAS 2023, arXiv:2210.17020",
            shares=_CLASSES,
        ),
        Metric(
            "data_separation_within_pseudoinverse",
            "layeratlas.metrics.separation:data_separation_within_pseudoinverse",
            "log trace of the between-class covariance in units of the within-class one",
            "ln tr(Sigma_b pinv(Sigma_w))",
            _SPRING_BLOCK + ", released code",
            shares=_CLASSES,
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
    )
}


def get_metric(name: str) -> Metric:
    """The metric of that name; KeyError names the nearest one and lists all."""
    if name not in METRICS:
        near = suggestion(name, METRICS)
        raise KeyError(f"unknown metric {quoted(name)}; {near}known: {listed(METRICS, 110)}")
    return METRICS[name]
