"""A folder of images of the user's own."""

from __future__ import annotations

import functools
from typing import ClassVar, Literal

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from layeratlas.datasets.own_files import place_of, remembered, shown, stamp
from layeratlas.datasets.recipes.base import TargetKind, count_of_test, refuse_counts
from layeratlas.datasets.recipes.own import OwnRecipe


class FolderContent(TypedDict):
    """What was found in the files."""

    channels: int
    checksum: str
    classes: list[str]
    input_shape: list[int]
    n: int
    n_test: int | None


class FolderRecipe(OwnRecipe[FolderContent]):
    """Images in a folder that has a subfolder a class; classes are numbered by name."""

    maker: ClassVar[str] = "layeratlas.datasets.makers.folder:make"
    sized_by: ClassVar[str] = "size"

    source: Literal["folder"] = Field("folder", description="images of your own")
    path: str = Field(min_length=1, description="a folder with a subfolder of images a class")
    test_path: str | None = Field(
        None, description="another such folder to test on; null: images not trained on"
    )
    size: int | None = Field(
        None,
        ge=1,
        le=10_000,
        description="Side in pixels to which images are resized (bilinear); null: as they come, "
        "if all are of one size.",
    )
    antialias: bool = Field(True, description="Low-pass filter before shrinking.")
    grayscale: bool = Field(False, description="Turn RGB into one channel.")

    @model_validator(mode="after")
    def _counts_fit(self) -> FolderRecipe:
        n, n_test = self.found["n"], self.found["n_test"]
        refuse_counts(shown(self.path), self.n_train, self.n_test, n, n_test, "images")
        return self

    def _look(self) -> FolderContent:
        from layeratlas.datasets.own_images import classes_in, look_through

        paths = [self.path] if self.test_path is None else [self.path, self.test_path]
        listings = [classes_in(place_of(path)) for path in paths]
        classes = [[name for name, _ in listing] for listing in listings]
        if classes[0] != classes[-1]:
            odd = sorted(set(classes[0]) ^ set(classes[1]))
            raise ValueError(
                f"{shown(paths[0])} and {shown(paths[1])} have not the same classes: {odd[0]!r} "
                "is in one of them only"
            )
        found = []
        for listing in listings:
            files = [file for _, images in listing for file in images]
            look = functools.partial(look_through, listing)
            found.append(remembered(f"folder 1 {len(listing)}", stamp(files), look))
        sizes = [tuple(size) for one in found for size in one["sizes"]]
        if self.size is None and len(set(sizes)) > 1:
            first, other = sorted(set(sizes))[:2]
            raise ValueError(
                f"{shown(self.path)} has images of {first[0]} × {first[1]} and of {other[0]} × "
                f"{other[1]} pixels; give the size to which all are brought, e.g. size: 32"
            )
        channels = max(one["channels"] for one in found)
        side = (self.size, self.size) if self.size is not None else sizes[0]
        counts = [sum(len(images) for _, images in listing) for listing in listings]
        return {
            "n": counts[0],
            "n_test": counts[1] if len(counts) > 1 else None,
            "classes": classes[0],
            "channels": channels,
            "input_shape": [1 if self.grayscale else channels, *side],
            "checksum": " ".join(one["checksum"] for one in found),
        }

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(channel, row, column)."""
        return tuple(self.found["input_shape"])

    @property
    def target_kind(self) -> TargetKind:
        """A class."""
        return "classes"

    @property
    def n_outputs(self) -> int:
        """One a class."""
        return len(self.found["classes"])

    @property
    def n_test_samples(self) -> int:
        """Images of the test folder, or what training leaves."""
        return count_of_test(self.n_train, self.n_test, self.found["n"], self.found["n_test"])
