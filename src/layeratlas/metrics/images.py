"""What a data set has for views to look at, which images these are, and whether they suffice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.losses.base import are_numbers
from layeratlas.metrics.metric import Metric
from layeratlas.metrics.views import Views
from layeratlas.signals.views import Seen, View

__all__ = ["Images"]


class Images:
    """What a data set has for views to look at."""

    def __init__(self, dataset: xr.Dataset):
        self._inputs = {split: _flat(dataset[f"{split}_inputs"]) for split in ("train", "test")}
        self._targets = {
            ("train", "clean"): dataset["clean_train_targets"].values,
            ("test", "clean"): dataset["test_targets"].values,
        }
        if "train_targets" in dataset:
            self._targets["train", "trained"] = dataset["train_targets"].values
        self.input_shape = dataset["train_inputs"].shape[1:]
        self.tokens = not are_numbers(dataset["train_inputs"].values)
        self.n_outputs = int(dataset.attrs["n_outputs"])
        self._classes = self.n_outputs
        if not are_numbers(self._targets["train", "clean"]):
            # A single output tells two classes.
            self._classes = max(self._classes, *(int(y.max()) + 1 for y in self._targets.values()))
        self._chosen: dict[View, Seen] = {}

    @property
    def trained_on(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Inputs and targets of training."""
        noisy = self._targets.get(("train", "trained"))
        return None if noisy is None else (self._inputs["train"], noisy)

    def of(self, view: View) -> Seen:
        """The images of a view; StoreError where a class has too few for it."""
        if not view.chooses:
            return self._first(view)
        if view not in self._chosen:
            whole = self._first(replace(view, images=None))
            index = self.chosen(view)
            self._chosen[view] = Seen(view, whole.x[index], whole.targets[index])
        return self._chosen[view]

    def chosen(self, view: View) -> np.ndarray:
        """Indices of a view's images in its split."""
        whole = self._first(replace(view, images=None))
        changed = np.zeros(whole.size, bool)
        if view.labels != "all":
            changed = self._targets["train", "trained"] != self._targets["train", "clean"]
        try:
            return view.chosen(whole.targets, changed, self._classes)
        except ValueError as error:
            raise StoreError(f"a view of {view.split} images: {error}") from None

    def _first(self, view: View) -> Seen:
        x, targets = self._inputs[view.split], self._targets[view.split, view.targets]
        return Seen(view, x[: view.images], targets[: view.images])

    def refuse_few(self, placed: Views, metrics: Sequence[Metric]) -> None:
        """StoreError where a view has too few images for a metric, or targets that are all alike.

        What settings tell is refused when an experiment is planned; these tell only the images.
        """
        for metric in metrics:
            for at, view in placed.places(metric) if metric.images > 1 else ():
                what = f"{metric.name!r} of view {list(placed.views)[at or 0]!r}"
                y = self.of(view).targets
                if len(y) < metric.images:
                    raise StoreError(
                        f"{what}: it compares examples, and the view has {len(y)}; give it at "
                        f"least {metric.images} images"
                    )
                if metric.tells_apart and (y == y[:1]).all():
                    one = f"class {y[0]} alone" if y.dtype.kind in "iu" else "one target"
                    raise StoreError(
                        f"{what}: it is held against labels that differ, and the {len(y)} images "
                        f"of the view have {one}; give the view per_class, or more images"
                    )

    def drawn(self, placed: Views, runs: int) -> xr.Dataset | None:
        """Which images the views that choose among them are of, the same for all runs of a shard.

        None where all are of the first ones.
        """
        if not any(view.chooses for view in placed.views.values()):
            return None
        chosen = [
            self.chosen(view) if view.chooses else np.arange(self.of(view).size)
            for view in placed.views.values()
        ]
        most = max(map(len, chosen))
        samples = np.full((len(chosen), most), np.nan, "f4")
        counts = np.zeros((len(chosen), self._classes), "f4")
        for at, (index, view) in enumerate(zip(chosen, placed.views.values(), strict=True)):
            samples[at, : len(index)] = index
            counts[at] = np.bincount(self.of(view).targets, minlength=self._classes)
        said = {
            "view_sample": (
                ("view", "drawn"),
                samples,
                "images of the view, counted from 0 in the training or test images of the data set",
            ),
            "view_class_count": (("view", "class"), counts, "images of every class in the view"),
        }
        variables = {
            name: (
                ("run", *dims),
                np.broadcast_to(values, (runs, *values.shape)).copy(),
                {"long_name": told, "units": "1"},
            )
            for name, (dims, values, told) in said.items()
        }
        return xr.Dataset(variables, coords=placed.coordinates())


def _flat(images: xr.DataArray) -> np.ndarray:
    flat = np.ascontiguousarray(images.values.reshape(images.shape[0], -1))
    # Tokens are whole numbers, which single precision holds: what is differentiated is real.
    return flat if are_numbers(flat) else flat.astype(np.float32)
