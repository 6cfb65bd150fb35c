"""Alignment of the network's kernel on easy and on difficult training images, along training.

Baratin et al. (arXiv 2008.00938): difficult images are those whose label was drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from layeratlas.papers.signal_propagation import moments

__all__ = ["CLEAN", "DIFFICULT", "EASY", "EXPERIMENT", "TEST", "Along", "along"]

EXPERIMENT = "baratin_easy_difficult"
#: Views: labels kept; labels changed, as trained on; the same images with their true labels.
EASY, DIFFICULT, CLEAN, TEST = "train", "difficult", "difficult_clean", "test"


@dataclass(frozen=True)
class Along:
    """Numbers at the logged iterations, iteration 0 first.

    `steps` (record,); `alignment[view]` and `null[view]` (seed, record); `train` and `test`
    accuracy (seed, record), of all images with their clean labels.
    """

    steps: np.ndarray
    alignment: dict[str, np.ndarray]
    null: dict[str, np.ndarray]
    train: np.ndarray
    test: np.ndarray

    @property
    def views(self) -> list[str]:
        """The views that the cube has, easy ones first."""
        return list(self.alignment)

    @property
    def first_half(self) -> np.ndarray:
        """Which records are in the first half of training, in iterations, 0 left out."""
        return (self.steps > 0) & (self.steps <= self.steps.max() / 2)

    @property
    def runs(self) -> int:
        """Runs of which any alignment is known."""
        return int(np.isfinite(self.alignment[EASY]).any(1).sum())

    def ahead(self, view: str = EASY, behind: str = DIFFICULT) -> np.ndarray:
        """A of one view less that of another, mean over seeds, (record,)."""
        return np.nanmean(self.alignment[view] - self.alignment[behind], axis=0)


def along(cube: xr.DataTree) -> Along:
    """The only noise level of the cube, at all logged iterations."""
    records = moments.logged(cube)
    order = np.argsort(moments.of_one_point(moments.steps(cube, records)).mean(0))
    names = [records[k] for k in order]
    values: dict[str, dict[str, np.ndarray]] = {"alignment": {}, "alignment_null": {}}
    for name, found in values.items():
        for view in (EASY, DIFFICULT, CLEAN, TEST):
            every = moments.of_network(cube, f"network_{name}", view, names)
            found[view] = moments.of_one_point(every)
    accuracy = [
        moments.of_one_point(moments.evaluated_along(cube, f"{split}_accuracy", names))
        for split in ("train", "test")
    ]
    return Along(
        steps=np.nanmean(moments.of_one_point(moments.steps(cube, names)), axis=0),
        alignment=values["alignment"],
        null=values["alignment_null"],
        train=accuracy[0],
        test=accuracy[1],
    )
