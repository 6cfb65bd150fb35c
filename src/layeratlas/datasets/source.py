"""What a data set is: its files, checksums, counts, licence and citation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class DataFile:
    """One official file: its name, its folder in a local copy, its checksum and addresses."""

    name: str
    folder: str
    checksum: str
    """`sha256:<hex>` or `md5:<hex>`, of the file as distributed."""
    bases: tuple[str, ...] = ()
    """Addresses to which the file name is appended, tried in turn; empty: no download."""
    unpacked: str | None = None
    """Checksum of what a `.gz` holds, for copies that lie there unpacked; None: not known."""

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(base + self.name for base in self.bases)


class Files(Protocol):
    """What is looked for and fetched: files by role, under the name of what they belong to."""

    @property
    def name(self) -> str: ...
    @property
    def files(self) -> Mapping[str, DataFile]: ...
    @property
    def layouts(self) -> tuple[Mapping[str, DataFile], ...]: ...


@dataclass(frozen=True)
class Source:
    """One data set as its authors distribute it."""

    name: str
    title: str
    reader: str
    """What decodes the files: "module:function", see `layeratlas.datasets.readers`."""
    n_train: int
    """Images of the official training part, or of the whole pool where there is no test part."""
    n_test: int | None
    """Images of the official test part; None where the authors made no split."""
    shape: tuple[int, int, int]
    """(channel, row, column) of an image as loaded, before any pre-processing."""
    n_classes: int
    licence: str
    citation: str
    files: Mapping[str, DataFile] = field(default_factory=dict)
    """Role of a file (what the reader calls it) → file; empty for data inside a package."""
    layouts: tuple[Mapping[str, DataFile], ...] = ()
    """Other files, by role, that hold the same images: people have archives unpacked, or as other
    software wants them. The reader tells them by their roles; the arrays are the same."""
    array_sha256: Mapping[str, str] = field(default_factory=dict)
    """Name of a decoded array → sha256 of its C-order uint8 bytes, where known."""
    part_of: str | None = None
    """Source of whose images these are the first of every class, as many of each
    (`layeratlas.datasets.heads`): they are made of it where their own files are nowhere."""
    package: str | None = None
    """Python package that carries the data, for sources without files."""
    max_value: int = 255
    """Pixel value that becomes 1.0."""
    channels_last: bool = False
    """Whether the stored arrays are (sample, row, column, channel)."""
    note: str = ""

    @property
    def has_official_test(self) -> bool:
        return self.n_test is not None

    def identity(self) -> dict[str, Any]:
        """What determines the arrays, as plain JSON: checksums, reader, counts, shape, scale.

        Not what a reworded entry changes (title, licence, citation, note), nor where files are, in
        which of the layouts, or in those of the source that it is part of.
        """
        return {
            "files": {role: file.checksum for role, file in self.files.items()},
            "array_sha256": dict(self.array_sha256),
            "package": self.package,
            "reader": self.reader,
            "n_train": self.n_train,
            "n_test": self.n_test,
            "shape": list(self.shape),
            "n_classes": self.n_classes,
            "max_value": self.max_value,
            "channels_last": self.channels_last,
        }
