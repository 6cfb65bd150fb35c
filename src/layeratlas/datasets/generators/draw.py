"""What a generator is given, and may take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Draw:
    """One part of a data set to be drawn: `n` samples, by the generator's own `settings`.

    `rng` draws the samples, from another stream for either part, so that the test set stays what
    it is when the training set grows. `shared` starts alike for both: for what they have in
    common, such as the centres of clouds.
    """

    n: int
    part: Literal["train", "test"]
    settings: Mapping[str, Any]
    rng: np.random.Generator
    shared: np.random.Generator
