"""What every check asks: the records of a project, and digests of files, each read once."""

from __future__ import annotations

import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from layeratlas.errors import StoreError, UnreadableError
from layeratlas.provenance.record.places import RECORDS
from layeratlas.provenance.store.freed import freed
from layeratlas.provenance.store.inside import relative
from layeratlas.provenance.store.order import in_order
from layeratlas.provenance.store.reading import check_record_file, newest_records, record_files
from layeratlas.storage import file_digest

if TYPE_CHECKING:
    from layeratlas.provenance.record.schema import Record


class Project:
    """`records` that can be read, in order; `unreadable` is {path: what is wrong}.

    `seals` is {path: whether the record there has one}, `newest` {path of a result: the last
    successful record that wrote it}, `freed` {path of an archive that was given up: its digest}.
    """

    def __init__(self, root: Path):
        self.root = root
        records: list[tuple[str, Record]] = []
        self.unreadable: dict[str, str] = {}
        self.seals: dict[str, bool] = {}
        for name, _, _ in record_files(root):
            path = (RECORDS / name).as_posix()
            try:
                record, self.seals[path] = check_record_file(root / path)
                records.append((name, record))
            except StoreError as error:
                self.unreadable[path] = str(error)
        self.records = in_order(records)
        self.newest = newest_records(self.records)
        self.freed: dict[str, str] = {}
        # A note that cannot be read is told of where such files are checked.
        with suppress(StoreError):
            self.freed = freed(root)
        self._digests: dict[tuple[int, int], str] = {}

    def digest(self, place: Path) -> str:
        """sha256; a published file and its object share their bytes, which are read once."""
        try:
            state = place.stat()
        except OSError as error:
            raise UnreadableError(place, f"cannot be read: {error.strerror or error}") from error
        if not stat.S_ISREG(state.st_mode):
            raise UnreadableError(place, "is no regular file")
        key = (state.st_dev, state.st_ino)
        if key not in self._digests:
            self._digests[key] = file_digest(place)
        return self._digests[key]

    def relative(self, place: Path) -> str:
        """The path as a record has it; of a file elsewhere the whole one."""
        return relative(self.root, place)
