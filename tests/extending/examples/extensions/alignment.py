"""A metric of cotangents: how far K of a map's outputs and its weights see the same directions."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "weight_alignment",
        "extensions.alignment:weight_alignment",
        needs=("weights", "cotangent_moment"),
        gives="affine",
        long_name="cosine of W^T W and W^T K W",
        formula="tr(W^T W W^T K W) / (|W^T W| |W^T K W|)",
    )
)


def weight_alignment(w, k):
    """`(member,)` of W `(member, fan_out, fan_in)` and K, the second moment of df/dh."""
    a, b = w.swapaxes(1, 2) @ w, w.swapaxes(1, 2) @ k @ w
    return inner(a, b) / (inner(a, a) * inner(b, b)) ** 0.5


def inner(a, b):
    return (a * b).sum((1, 2))
