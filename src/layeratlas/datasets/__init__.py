"""Data sets: where they come from, how they are pre-processed, what noise they get.

>>> from layeratlas.datasets import DatasetRecipe, prepare
>>> recipe = DatasetRecipe(source="mnist_5k", n_train=2560, size=10)
>>> recipe.n_features
100
>>> dataset = prepare(recipe)                                          # doctest: +SKIP
>>> dataset.train_inputs.dims                                          # doctest: +SKIP
('train_sample', 'channel', 'row', 'column')

Images are (sample, channel, row, column). What stands here is loaded when first asked for: the
workflow reads the table of sources at every start, and must not load numpy for it. Modules of the
package import from the module that has a thing, so that fingerprints of code see what they use.
"""

from __future__ import annotations

from importlib import import_module

_HOMES = {
    "SOURCES": "registry",
    "DataFile": "source",
    "DatasetRecipe": "recipe",
    "RawData": "loading",
    "Source": "source",
    "StaticInputNoise": "noise",
    "StaticLabelNoise": "noise",
    "corrupt_inputs": "noise",
    "corrupt_labels": "noise",
    "draw_static_input_noise": "noise",
    "draw_static_label_noise": "noise",
    "get_source": "registry",
    "load_source": "loading",
    "prepare": "preparation",
    "preprocess": "preprocessing",
    "sample_permutation": "preprocessing",
}
__all__ = list(_HOMES)


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
