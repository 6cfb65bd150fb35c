"""What a maker gives: training and test part of a data set, clean and not yet standardised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Places:
    """Where files of registered data sets are, and whether they may be fetched."""

    data_dir: Path | str | None = None
    cache_dir: Path | str | None = None
    download: bool = True
    progress: bool = True


@dataclass(frozen=True)
class Parts:
    """Arrays by part; a row is a sample.

    Inputs are float32, or int64 where they are tokens; targets int64 classes `(sample,)`, float32
    vectors `(sample, output)` or int64 tokens `(sample, position)`. An index says where a sample
    stood in its source. `attributes` are of the source: title, license, references and the like.
    """

    train_inputs: np.ndarray
    train_targets: np.ndarray
    test_inputs: np.ndarray
    test_targets: np.ndarray
    train_index: np.ndarray
    test_index: np.ndarray
    where: str = "the source"
    """What test indices count in."""
    where_train: str = "the source"
    attributes: Mapping[str, Any] = field(default_factory=dict)
