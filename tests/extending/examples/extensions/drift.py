"""A metric of weights: how far each affine map has moved from where training began."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "drift",
        "extensions.drift:drift",
        needs=("weights", "initial_weights"),
        gives="affine",
        long_name="relative change of the weights since initialisation",
        formula="|W - W_0| / |W_0|",
    )
)


def drift(weights, initial):
    """Weights `(member, fan_out, fan_in)`, now and then, to `(member,)`."""
    moved = ((weights - initial) ** 2).sum((1, 2))
    return (moved / (initial**2).sum((1, 2))) ** 0.5
