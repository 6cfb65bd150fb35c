"""Metrics of what training made of a network."""

from __future__ import annotations

from layeratlas.metrics.metric import Metric

LISTED: tuple[Metric, ...] = (
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
