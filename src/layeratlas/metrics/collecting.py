"""Values of metrics as they come, run by run, and as labelled arrays in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from layeratlas.errors import LayerAtlasError
from layeratlas.metrics.registry import Metric
from layeratlas.metrics.views import Views
from layeratlas.networks.affine import Affine
from layeratlas.networks.base import Family
from layeratlas.signals.network import Network
from layeratlas.signals.reading import count_of, read
from layeratlas.signals.registry import Of
from layeratlas.signals.views import Seen, View

__all__ = ["Collected"]

_NODES: dict[Of, str] = {"layer": "/layers", "affine": "/affine", "network": "/network"}


class Collected:
    """Values of metrics on some views, NaN where nothing came.

    `lead` are the numbers of runs and moments, `affines` the affine maps that are looked at, by
    default all. `alone` and `several` say which metrics are measured
    on which view, of one network at a time and of any number.
    """

    def __init__(
        self,
        lead: tuple[int, int],
        family: Family,
        views: Views,
        metrics: Sequence[Metric],
        affines: Sequence[Affine] | None = None,
    ):
        self._lead, self._family, self._views = lead, family, views
        self._affines = tuple(family.affines if affines is None else affines)
        self._metrics = {metric.name: metric for metric in metrics}
        self._places = {metric.name: views.places(metric) for metric in metrics}
        self._values = {
            metric.name: np.full((*lead, *self._rest(metric)), np.nan, "f4") for metric in metrics
        }
        self._expected = {
            metric.name: (*(() if metric.alone else ("member",)), *metric.dims)
            for metric in metrics
        }
        self.at_start = any(metric.at_start for metric in metrics)
        self.at_previous = any(metric.at_previous for metric in metrics)
        self.alone = self._by_view(metric for metric in metrics if metric.alone)
        self.several = self._by_view(metric for metric in metrics if not metric.alone)

    def _rest(self, metric: Metric) -> tuple[int, ...]:
        """Lengths of the dimensions after run and moment; a metric's own are empty as yet."""
        views = [len(self._views.views) for _ in self._views.dims(metric)]
        count = count_of(metric.gives, self._family, self._affines)
        of = () if metric.gives == "network" else (count,)
        return (*views, *of, *(0 for _ in metric.dims))

    def _by_view(self, metrics: Iterable[Metric]) -> dict[View, list[Metric]]:
        found: dict[View, list[Metric]] = {}
        for metric in metrics:
            for _, view in self._places[metric.name]:
                found.setdefault(view, []).append(metric)
        return found

    def add(
        self,
        moment: int,
        network: Network,
        view: View,
        metrics: Sequence[Metric],
        seen: Seen,
        logits: dict[View, list] | None = None,
    ) -> None:
        """Measure networks at a moment on a view; `logits` receives what the last layer gave.

        LayerAtlasError where a metric gives another number of dimensions than its entry says.
        """
        told: list = []
        # A slice, for one network: half as dear as a list of rows, and metrics have many numbers.
        first = int(network.rows[0])
        rows = slice(first, first + 1) if network.size == 1 else network.rows
        for name, entity, values in read(network, seen, metrics, told):
            metric = self._metrics[name]
            plain = isinstance(values, np.ndarray | np.generic | float)
            found = np.asarray(values if plain else network.backend.to_numpy(values))
            if entity is None and not metric.alone:
                found = np.moveaxis(found, 0, 1)
            self._make_room(metric, found, entity is None)
            of = () if metric.gives == "network" else (slice(None) if entity is None else entity,)
            own = tuple(slice(n) for n in found.shape[found.ndim - len(metric.dims) :])
            for at, where in self._places[name]:
                if where == view:
                    place = () if at is None else (at,)
                    self._values[name][(rows, moment, *place, *of, *own)] = found
        if logits is not None and told:
            logits[view] = told

    def _make_room(self, metric: Metric, found: np.ndarray, every: bool) -> None:
        """Longer dimensions of a metric's own: maps of a network may differ in size."""
        expected = self._expected[metric.name]
        if found.ndim != len(expected) + every:
            raise LayerAtlasError(
                f"metric {metric.name!r} gave an array of shape {found.shape}; by its entry it is "
                f"({', '.join(expected)})"
            )
        if not metric.dims:
            return
        values = self._values[metric.name]
        own = len(metric.dims)
        more = [max(0, n - m) for n, m in zip(found.shape[-own:], values.shape[-own:], strict=True)]
        if any(more):
            room = [(0, 0)] * (values.ndim - own) + [(0, n) for n in more]
            self._values[metric.name] = np.pad(values, room, constant_values=np.nan)

    def nodes(self, moments: Mapping[str, Any]) -> dict[str, xr.Dataset]:
        """`/layers`, and where metrics give such `/affine` and `/network`; `moments`: coordinates
        of the moments along their dimension, the first of them."""
        moment = next(iter(moments))
        found = {}
        for of, path in _NODES.items():
            variables = self._variables(of, moment)
            if not variables and of != "layer":
                continue
            known = {dim for dims, _, _ in variables.values() for dim in dims}
            coords: dict[str, Any] = dict(moments)
            if of == "layer" or self._views.dim in known:
                coords |= self._views.coordinates()
            coords |= self._entities(of)
            for metric in self._metrics.values():
                if metric.gives == of:
                    shape = self._values[metric.name].shape[-len(metric.dims) :]
                    pairs = zip(metric.dims, shape, strict=True) if metric.dims else ()
                    coords |= {dim: (dim, np.arange(n)) for dim, n in pairs}
            found[path] = xr.Dataset(variables, coords=coords)
        return found

    def _variables(self, of: Of, moment: str) -> dict[str, Any]:
        along = () if of == "network" else (of,)
        return {
            name: (
                ("run", moment, *self._views.dims(metric), *along, *metric.dims),
                self._values[name],
                self._attributes(metric),
            )
            for name, metric in self._metrics.items()
            if metric.gives == of
        }

    def _attributes(self, metric: Metric) -> dict[str, str]:
        told = metric.attributes()
        if self._views.dim == "view":
            told["comment"] = f"Computed from {', '.join(metric.needs)} on each view."
        return told

    def _entities(self, of: Of) -> dict[str, Any]:
        """The coordinates that name layers, or affine maps."""
        if of == "network":
            return {}
        if of == "layer":
            names = self._family.layer_names
            told = {"long_name": "layer, 0 is the network's input", "units": "1"}
            return {
                "layer": ("layer", np.arange(len(names)), told),
                "layer_name": (
                    "layer",
                    np.array(names, dtype=object),
                    {"long_name": "name of the layer"},
                ),
            }
        maps = self._affines
        said: dict[str, tuple[list[Any], Any, str]] = {
            "affine_name": ([m.name for m in maps], object, "name of the affine map"),
            "affine_kind": ([m.kind for m in maps], object, "dense, conv, token or scale"),
            "affine_layer": ([m.layer for m in maps], int, "layer that the map belongs to"),
            "main_path": ([m.main_path for m in maps], bool, "whether it is no shortcut"),
        }
        told = {"long_name": "affine map, as a pass comes to them", "units": "1"}
        return {
            "affine": ("affine", np.arange(len(maps)), told),
            **{
                name: ("affine", np.array(values, dtype=kind), {"long_name": text})
                for name, (values, kind, text) in said.items()
            },
        }
