"""A metric of features: over how many directions the features of a layer are spread."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "participation",
        "extensions.spread:participation",
        needs=("features",),
        gives="layer",
        long_name="participation ratio of the features' covariance C",
        formula="(tr C)^2 / tr C^2",
    )
)


def participation(features):
    """Features `(member, sample, feature)`, of numpy or torch, to `(member,)`."""
    centred = features - features.mean(1)[:, None]
    gram = centred @ centred.swapaxes(1, 2)
    return (centred**2).sum((1, 2)) ** 2 / (gram**2).sum((1, 2))
