"""On which views a metric is measured, and where its numbers stand in a cube."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layeratlas.metrics.registry import Metric
from layeratlas.networks.base import BatchNormMode
from layeratlas.signals.views import View

__all__ = ["Views"]


@dataclass(frozen=True)
class Views:
    """The views of a file, by name, along `dim`.

    A file that names `measure.views` has the dimension `view`. One that lists
    `measure.batch_norm_modes` has that dimension, whose views are of all training images with clean
    labels; there metrics of an evaluation mode see running statistics whatever is listed, those of
    a gradient step the first `step_images` images.
    """

    dim: str
    views: Mapping[str, View]
    step_images: int | None = None

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Views:
        """What `measure` asks for, as plain JSON."""
        if named := asked.get("views"):
            return cls("view", {name: View(**view) for name, view in named.items()})
        modes: Sequence[BatchNormMode] = asked["batch_norm_modes"]
        views: dict[str, View] = {mode: View(batch_norm=mode) for mode in modes}
        return cls("batch_norm_mode", views, asked.get("step_images"))

    @property
    def modes(self) -> tuple[BatchNormMode, ...]:
        """Modes of batch norm, each once."""
        return tuple(dict.fromkeys(view.batch_norm for view in self.views.values()))

    def places(self, metric: Metric) -> list[tuple[int | None, View]]:
        """The views that a metric is measured on, and where along `dim`; None where it has none."""
        few = self.step_images if metric.first_images else None
        if not metric.along(self.dim == "view"):
            return [(None, View(images=few))]
        return [
            (at, view if few is None else replace(view, images=few))
            for at, view in enumerate(self.views.values())
            if metric.sees(view.batch_norm)
        ]

    def dims(self, metric: Metric) -> tuple[str, ...]:
        """`dim`, or nothing for a metric that does not know it."""
        return (self.dim,) if metric.along(self.dim == "view") else ()

    def coordinates(self) -> dict[str, Any]:
        """The coordinate along `dim`, and what each view is."""
        names = np.array(list(self.views), dtype=object)
        if self.dim == "batch_norm_mode":
            told = {
                "long_name": "statistics used by batch norm in evaluation",
                "comment": "Networks without batch norm know running_statistics only.",
            }
            return {self.dim: (self.dim, names, told)}
        found: dict[str, Any] = {self.dim: (self.dim, names, {"long_name": "what was looked at"})}
        for name in ("split", "targets", "batch_norm"):
            values = np.array([getattr(view, name) for view in self.views.values()], dtype=object)
            found[f"view_{name}"] = (self.dim, values, {"long_name": f"{name} of the view"})
        if any(view.chooses for view in self.views.values()):
            chosen = np.array([view.labels for view in self.views.values()], dtype=object)
            found["view_labels"] = (self.dim, chosen, {"long_name": "whose labels noise left them"})
            each = [v.per_class or np.nan for v in self.views.values()]
            told = {"long_name": "images of each class, the first ones; NaN: all", "units": "1"}
            found["view_per_class"] = (self.dim, np.array(each, "f8"), told)
        if any(view.projections is not None for view in self.views.values()):
            draws = [v.projections or np.nan for v in self.views.values()]
            told = {"long_name": "random projections a batch; NaN: none, exact", "units": "1"}
            found["view_projections"] = (self.dim, np.array(draws, "f8"), told)
        if any(view.conv_bias != "kept" for view in self.views.values()):
            told = {"long_name": "whether convolutions were differentiated with their bias"}
            kept = np.array([view.conv_bias for view in self.views.values()], dtype=object)
            found["view_conv_bias"] = (self.dim, kept, told)
        images = [np.nan if v.images is None else v.images for v in self.views.values()]
        told = {"long_name": "images of the view, the first ones; NaN: all", "units": "1"}
        found["view_images"] = (self.dim, np.array(images, "f8"), told)
        return found
