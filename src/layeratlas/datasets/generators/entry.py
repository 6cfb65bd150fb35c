"""What a generator declares: a data source that is a function of settings and a seed.

A generator is one function and one entry, here or in a user's file:

    def draw(draw):                                    # a `Draw`: n, settings, rng, shared, part
        x = draw.rng.standard_normal((draw.n, draw.settings["dimension"]))
        return x, np.sin(x[:, 0])

    GENERATORS.add(GeneratorEntry("wave", "extensions.wave:draw", input_shape=("dimension",),
                                  n_outputs=1, settings={"dimension": 8}))

It may as well read a file. In an experiment: `dataset: {source: wave, n_train: 500, n_test: 100,
settings: {dimension: 4}}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class GeneratorEntry:
    """One generator.

    `function`, "module:name", takes a `layeratlas.datasets.generators.draw.Draw` and gives inputs
    `(sample, *input_shape)` and targets: whole numbers `(sample,)` for classes, real ones
    `(sample,)` or `(sample, output)` for vectors, whole ones `(sample, position)` for tokens.
    `settings` declares what is its own (`layeratlas.runs.settings.own_settings`). Shape and outputs
    are known before anything is drawn: a number, or the name of the setting that has it. `check`,
    if there is one, takes the settings and raises ValueError for those that do not go together;
    `fits` takes besides how many samples of training and of test are asked for.
    """

    name: str
    function: str
    input_shape: tuple[int | str, ...]
    n_outputs: int | str
    target_kind: Literal["classes", "vectors", "tokens"] = "vectors"
    input_kind: Literal["real", "tokens"] = "real"
    settings: Mapping[str, Any] = field(default_factory=dict)
    check: str = ""
    fits: str = ""
    title: str = ""
    references: str = ""
