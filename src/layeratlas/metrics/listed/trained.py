"""Metrics of how far training took a network."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric

_SCRIPTS = "Lou, Mingard and Hayou, ICML 2022, arXiv:2110.11749, released scripts"

LISTED: tuple[Metric, ...] = (
    Metric(
        "parameter_movement",
        "layeratlas.metrics.trained:parameter_movement",
        ("parameter_square", "initial_parameter_square"),
        "affine",
        long_name="square of a map's parameters, weights and bias, against that before training",
        formula="|theta_l|^2 / |theta_l(0)|^2",
        source=_SCRIPTS,
        seen="the weights alone",
    ),
    Metric(
        "residual_label_cosine",
        "layeratlas.metrics.trained:residual_label_cosine",
        ("residual_sums", "view"),
        "network",
        tells_apart=True,
        long_name="cosine of the residual with the labels about their mean",
        formula="SIM = <w, Y - mean Y> / (|w| |Y - mean Y|), w = softmax(f) - Y of cross-entropy",
        source=_SCRIPTS,
        seen="what the network gives of each image of a view, dropout off",
    ),
    Metric(
        "predictions",
        "layeratlas.metrics.trained:predictions",
        ("logits",),
        "network",
        ("sample", "output"),
        long_name="what the network gives of each image",
        formula="f",
        source="Baratin et al., AISTATS 2021, arXiv:2008.00938",
        seen="what the network gives of each image of a view, dropout off",
    ),
)
