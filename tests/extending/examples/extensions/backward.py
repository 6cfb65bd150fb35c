"""A metric of cotangents: how strongly the outputs answer to each affine map."""

from layeratlas.metrics.registry import METRICS, Metric

METRICS.add(
    Metric(
        "answer",
        "extensions.backward:answer",
        needs=("cotangents:classes",),
        gives="affine",
        long_name="root mean square of the outputs' derivative by a map's outputs",
        formula="rms(df/dh)",
    )
)


def answer(cotangents):
    """df_o/dh `(member, output, sample, position, fan_out)` to `(member,)`."""
    return (cotangents**2).mean((1, 2, 3, 4)) ** 0.5
