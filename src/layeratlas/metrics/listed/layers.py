"""Metrics of layers' features, of the loss around a network, and of one gradient step."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric
from layeratlas.probes.variables import SOURCE, VARIABLES

_SPRING_BLOCK = "Shi, Pan and Dokmanić, Phys. Rev. Lett. 2025, arXiv:2407.19353"


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


LISTED: tuple[Metric, ...] = (
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
)
