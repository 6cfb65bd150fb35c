"""A metric of weights, now and before training: how far each map has moved."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "movement",
        "extensions.movement:movement",
        needs=("weights", "initial_weights"),
        gives="affine",
        long_name="relative change of the weights",
        formula="|W - W_0| / |W|",
    )
)


def movement(w, start):
    return (((w - start) ** 2).sum((1, 2)) / (w**2).sum((1, 2))) ** 0.5
