"""Parsers of the official file formats, one a module: paths in, decoded uint8 arrays out.

A reader takes {role: path} and returns {array name: array} with `train_images` (sample, channel,
row, column), or channels last where the source says so, `train_labels` counted from 0, and the
same for `test_…` where the source has a test part. None of them executes anything found in a file.
A source names its reader as "module:function" (`layeratlas.datasets.source.Source.reader`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

Paths = Mapping[str, Path]
Arrays = dict[str, np.ndarray]
Reader = Callable[[Paths], Arrays]
