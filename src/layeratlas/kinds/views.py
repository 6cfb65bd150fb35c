"""Which views there are of a data set, and whether they show what metrics are of."""

from __future__ import annotations

import functools
import math
from typing import Any

from layeratlas.errors import ConfigError
from layeratlas.kinds.memory import in_words
from layeratlas.metrics.registry import METRICS, Metric, get_metric
from layeratlas.signals.registry import SIGNALS
from layeratlas.signals.signal import LARGEST_KERNEL

__all__ = ["most_images", "refuse_few", "refuse_views"]


def refuse_views(run: Any, views: Any, where: str) -> None:
    """ConfigError for views of images or statistics that there are not."""
    data = run.dataset
    for name, view in views.items():
        spot = f"{where}: measure.views.{name}"
        if view.batch_norm == "batch_statistics" and run.model.batch_norm is False:
            raise ConfigError(f"{spot}.batch_norm: 'batch_statistics' needs model.batch_norm: true")
        if view.per_class is not None or view.labels != "all":
            _refuse_choice(run, view, spot)
        key, n = _split(view, data)
        if view.images is not None and view.images > n:
            raise ConfigError(
                f"{spot}.images: {view.images} is more than dataset.{key} {n}; use at most {n}, or "
                "null for all"
            )


def refuse_few(run: Any, measure: Any, where: str) -> None:
    """ConfigError for metrics of examples, classes or maps of which a run has too few.

    What only the images tell, such as one class among the first ones, the job of measuring tells.
    """
    for i, metric in _demanding(tuple(measure.metrics), len(METRICS), len(SIGNALS)):
        spot = f"{where}: measure.metrics[{i}]: {metric.name!r}"
        depth = run.model.depth
        if depth is not None and depth < metric.maps:
            raise ConfigError(
                f"{spot} compares affine maps of a network, and model.depth {depth} has {depth}; "
                f"use at least {metric.maps}"
            )
        if metric.images > 1:
            _refuse_few_images(run, measure, metric, spot)
        if metric.whole:
            _refuse_large_kernel(run, measure, spot)


@functools.cache
def _demanding(names: tuple[str, ...], *known: int) -> list[tuple[int, Metric]]:
    """Metrics that not every network and view is enough for, and their places.

    Asked of every run of a grid; `known`: entries of the tables, which users add to.
    """
    metrics = enumerate(map(get_metric, names))
    return [(i, m) for i, m in metrics if m.maps or m.images > 1 or m.whole]


def most_images(view: Any, data: Any) -> int:
    """How many images a view has, where static noise does not choose among them."""
    _, n = _split(view, data)
    each = n if view.per_class is None else view.per_class * data.n_classes
    return min(n, each, n if view.images is None else view.images)


def _split(view: Any, data: Any) -> tuple[str, int]:
    if view.split == "train":
        return "n_train", data.n_train
    return "n_test", data.n_test_samples


def _refuse_few_images(run: Any, measure: Any, metric: Metric, spot: str) -> None:
    data = run.dataset
    if metric.tells_apart and data.target_kind == "classes" and data.n_classes < 2:
        raise ConfigError(
            f"{spot} is held against labels that differ, and dataset.source {data.source!r} has "
            "one class; give data of at least two, or leave it out"
        )
    for what, n in _seen(measure, data).items():
        if n < metric.images:
            raise ConfigError(
                f"{spot} compares examples, and {what} has {n}; give it at least {metric.images} "
                "images"
            )


def _refuse_large_kernel(run: Any, measure: Any, spot: str) -> None:
    """ConfigError for a kernel of all outputs and images that is too large to be kept whole."""
    data, size = run.dataset, 4 if run.dtype == "float32" else 8
    most = math.isqrt(LARGEST_KERNEL // size) // data.n_outputs
    for what, n in _seen(measure, data).items():
        if n > most:
            taken = in_words((n * data.n_outputs) ** 2 * size)
            raise ConfigError(
                f"{spot} keeps a kernel whole, and of {what} {n} images and {data.n_outputs} "
                f"outputs it takes {taken}, more than {in_words(LARGEST_KERNEL)}; use at most "
                f"{most} images, or metrics of maps such as 'alignment', whose kernels go by in "
                "blocks"
            )


def _seen(measure: Any, data: Any) -> dict[str, int]:
    """How many images are looked at, by what says so."""
    if measure.views is None:
        return {"dataset.n_train": data.n_train}
    return {f"measure.views.{k}": most_images(v, data) for k, v in measure.views.items()}


def _refuse_choice(run: Any, view: Any, spot: str) -> None:
    """ConfigError for a view that chooses among images where there is nothing to choose by."""
    data, noise = run.dataset, run.noise
    key = "per_class" if view.per_class is not None else "labels"
    if data.target_kind != "classes":
        raise ConfigError(
            f"{spot}.{key}: dataset.source {data.source!r} has {data.target_kind} for targets, not "
            "classes; give images alone"
        )
    # A grid over static noise may begin at none, where all labels are kept.
    none = view.labels == "changed" and not noise.label_noise
    if view.labels != "all" and (noise.kind != "static" or none):
        raise ConfigError(
            f"{spot}.labels: {view.labels!r} needs labels that static noise changed, and noise is "
            f"{noise.kind} with label_noise {noise.label_noise:g}; give noise: {{kind: static, "
            "label_noise: 0.5}, or 'all'"
        )
    where, n = _split(view, data)
    most = n // data.n_classes
    if view.per_class is not None and view.per_class > most:
        raise ConfigError(
            f"{spot}.per_class: {view.per_class} is more than some class of {data.n_classes} among "
            f"dataset.{where} {n} images has; use at most {most}"
        )
