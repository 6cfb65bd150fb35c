"""Data sets: where they come from, how they are pre-processed, what noise they get.

>>> from layeratlas.datasets import DatasetRecipe, prepare
>>> recipe = DatasetRecipe(source="mnist_5k", n_train=2560, size=10)
>>> recipe.n_features
100
>>> dataset = prepare(recipe)                                          # doctest: +SKIP
>>> dataset.train_images.dims                                          # doctest: +SKIP
('train_sample', 'channel', 'row', 'column')

Images are (sample, channel, row, column). Importing this package costs numpy and pydantic only:
torch, xarray and the file readers are imported where they are used.
"""

from __future__ import annotations

from layeratlas.datasets.loading import RawData, load_source
from layeratlas.datasets.noise import (
    StaticInputNoise,
    StaticLabelNoise,
    corrupt_inputs,
    corrupt_labels,
    draw_static_input_noise,
    draw_static_label_noise,
)
from layeratlas.datasets.preparation import prepare
from layeratlas.datasets.preprocessing import preprocess, sample_permutation
from layeratlas.datasets.recipe import DatasetRecipe
from layeratlas.datasets.registry import SOURCES, get_source
from layeratlas.datasets.source import DataFile, Source

__all__ = [
    "SOURCES",
    "DataFile",
    "DatasetRecipe",
    "RawData",
    "Source",
    "StaticInputNoise",
    "StaticLabelNoise",
    "corrupt_inputs",
    "corrupt_labels",
    "draw_static_input_noise",
    "draw_static_label_noise",
    "get_source",
    "load_source",
    "prepare",
    "preprocess",
    "sample_permutation",
]
