"""Arrays of the user's own, for a classification or a regression."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from layeratlas.datasets.own_files import (
    digest,
    digest_of_all,
    place_of,
    remembered,
    shown,
    stamp,
)
from layeratlas.datasets.recipes.base import TargetKind, count_of_test, refuse_counts
from layeratlas.datasets.recipes.own import OwnRecipe
from layeratlas.words import quoted

_MOST_CLASSES = 100_000
_MOST_FEATURES = 10**8


class ArraysContent(TypedDict):
    """What was found in the files."""

    checksum: str
    input_shape: list[int]
    n: int
    n_outputs: int
    n_test: int | None
    target_kind: Literal["classes", "vectors"]


class ArraysRecipe(OwnRecipe[ArraysContent]):
    """Arrays of an `.npz`, or of a folder of `.npy` files; a row is a sample."""

    maker: ClassVar[str] = "layeratlas.datasets.makers.arrays:make"
    sized_by: ClassVar[str] = "path"

    source: Literal["arrays"] = Field("arrays", description="arrays of your own")
    path: str = Field(
        min_length=1,
        description="an .npz, or a folder of .npy files, in the working folder; `~` and `$NAME` "
        "are understood",
    )
    inputs: str = Field("x", description="array of inputs, a row a sample")
    targets: str = Field("y", description="array of targets, a row a sample")
    test_inputs: str | None = Field(
        None, description="array of test inputs; null: tested on rows that are not trained on"
    )
    test_targets: str | None = Field(None, description="array of test targets")
    target: Literal["classes", "vectors"] | None = Field(
        None,
        description="what targets are: `classes` 0, 1, …, or `vectors` of real numbers; null: "
        "whole numbers are classes",
    )

    @model_validator(mode="after")
    def _counts_fit(self) -> ArraysRecipe:
        n, n_test = self.found["n"], self.found["n_test"]
        refuse_counts(shown(self.path), self.n_train, self.n_test, n, n_test, "rows")
        return self

    def _look(self) -> ArraysContent:
        if (self.test_inputs is None) != (self.test_targets is None):
            raise ValueError("test_inputs and test_targets go together; give both or neither")
        path = place_of(self.path)
        names = [
            name
            for name in (self.inputs, self.targets, self.test_inputs, self.test_targets)
            if name is not None
        ]
        for name in names:
            if Path(name).name != name:
                raise ValueError(f"{quoted(name)} is no name of an array")
        files = [path / f"{name}.npy" for name in names] if path.is_dir() else [path]

        def find() -> dict[str, Any]:
            from layeratlas.datasets.own_arrays import look_through

            arrays = {name: look_through(path, name) for name in names}
            sums = [(file.name, digest(file)) for file in files]
            checksum = sums[0][1] if len(files) == 1 else digest_of_all(sums)
            return {"arrays": arrays, "checksum": checksum}

        existing = [file for file in files if file.is_file()]
        found = remembered(f"arrays 1 {names}", stamp(existing or [path]), find)
        return self._judged(found["arrays"], found["checksum"])

    def _judged(self, arrays: dict[str, Any], checksum: str) -> ArraysContent:
        """What the arrays are together: counts, shape of an input, outputs."""
        where = shown(self.path)
        pairs = [(self.inputs, self.targets)]
        if self.test_inputs is not None and self.test_targets is not None:
            pairs.append((self.test_inputs, self.test_targets))
        for inputs, targets in pairs:
            rows, others = arrays[inputs]["shape"][0], arrays[targets]["shape"][0]
            if rows != others:
                raise ValueError(
                    f"{where}: {quoted(inputs, 30)} has {rows} rows and {quoted(targets, 30)} has "
                    f"{others}; each input needs one target"
                )
        shapes = [[tuple(arrays[name]["shape"][1:]) for name in pair] for pair in pairs]
        if shapes[0] != shapes[-1]:
            raise ValueError(
                f"{where}: rows of training and test arrays have the shapes {shapes[0]} and "
                f"{shapes[-1]}; they must be the same"
            )
        shape = shapes[0][0] or (1,)
        if not 1 <= math.prod(shape) <= _MOST_FEATURES:
            raise ValueError(f"{where}: rows of {quoted(self.inputs, 30)} have the shape {shape}")
        kind, n_outputs = self._outputs([arrays[pair[1]] for pair in pairs], shapes[0][1], where)
        return {
            "checksum": checksum,
            "n": arrays[self.inputs]["shape"][0],
            "n_test": arrays[self.test_inputs]["shape"][0] if self.test_inputs else None,
            "input_shape": list(shape),
            "target_kind": kind,
            "n_outputs": n_outputs,
        }

    def _outputs(
        self, targets: list[dict[str, Any]], shape: tuple[int, ...], where: str
    ) -> tuple[Literal["classes", "vectors"], int]:
        whole = all(t["kind"] in "biu" for t in targets)
        kind = self.target or ("classes" if whole and shape in ((), (1,)) else "vectors")
        name = quoted(self.targets, 30)
        if kind == "vectors":
            if len(shape) > 1:
                raise ValueError(
                    f"{where}: rows of {name} have the shape {shape}; a target is a number or a "
                    "vector"
                )
            return kind, shape[0] if shape else 1
        ranges = [t["range"] for t in targets if t["range"]]
        low, high = min(r[0] for r in ranges), max(r[1] for r in ranges)
        if not whole or shape not in ((), (1,)) or low < 0:
            raise ValueError(
                f"{where}: {name} cannot be classes: expected one whole number a row, from 0; got "
                f"{'whole' if whole else 'real'} numbers from {low:g}; for a regression give "
                "target: vectors"
            )
        if high >= _MOST_CLASSES:
            raise ValueError(
                f"{where}: {name} goes up to {high}, and classes are counted from 0 to at most "
                f"{_MOST_CLASSES - 1}; for a regression give target: vectors"
            )
        return kind, int(high) + 1

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of a row of the inputs."""
        return tuple(self.found["input_shape"])

    @property
    def target_kind(self) -> TargetKind:
        """Classes or vectors."""
        return self.found["target_kind"]

    @property
    def n_outputs(self) -> int:
        """One a class, or one a number of a target."""
        return self.found["n_outputs"]

    @property
    def n_test_samples(self) -> int:
        """Rows of the test arrays, or what training leaves."""
        return count_of_test(self.n_train, self.n_test, self.found["n"], self.found["n_test"])
