"""Where people have the files of a data set, in a folder of their own.

Under `<data_dir>`, in turn: the set's folder (`mnist/`), one whose name differs in capitals and
dashes only (`MNIST/`, `FashionMNIST/`), `raw/` in these, as torchvision has it, `<data_dir>`
itself, and `raw/` in it. In each a file by its official name, or without `.gz` where it lies
unpacked, or with the dot that some copies have (`train-images.idx3-ubyte`). A file is used only if
its checksum is right.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from layeratlas.datasets.registry import SOURCES
from layeratlas.datasets.source import DataFile, Files
from layeratlas.errors import DatasetError
from layeratlas.words import listed, printable, quoted, shortened

_MOST_BYTES = 4 << 30  # the largest official file has 2.6 GB
_MOST_ENTRIES = 2000  # of a folder that are looked at


def given_folder(data_dir: Path | str) -> Path:
    """`data_dir` with `~` and `$NAME` replaced; DatasetError where there is no such folder."""
    folder = Path(os.path.expandvars(os.path.expanduser(data_dir)))  # noqa: PTH111  (never raises)
    try:
        if folder.is_dir():
            return folder
        problem = "does not exist" if not folder.exists() else "is no folder"
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({getattr(error, 'strerror', None) or error})"
    named = "" if str(folder) == str(data_dir) else f", given as {quoted(str(data_dir), 60)},"
    raise DatasetError(
        f"The data folder {brief(folder)}{named} {problem}. Create it, correct the path, or leave "
        "it out to use the cache and downloads."
    )


def find_local(source: Files, data_dir: Path) -> dict[str, Path]:
    """{role: path} of the files of `source` in `data_dir`: all of one layout, or the official ones
    that are there.

    DatasetError for a file of the right name and the wrong content: replacing it quietly would hide
    that the folder is not what its owner thinks.
    """
    official = _present(source, source.files, data_dir)
    if len(official) < len(source.files):
        for files in source.layouts:
            found = _present(source, files, data_dir)
            if len(found) == len(files):
                return found
    return official


def what_is_there(data_dir: Path) -> str:
    """Names of what is in `data_dir` and one level deeper, in a few words."""
    names = []
    for entry in _entries(data_dir):
        inner = [f"{entry.name}/{file.name}" for file in _entries(entry)] if _is_dir(entry) else []
        names += inner or [entry.name]
    return listed(names, 60) or "nothing"


def brief(path: Path, parts: int = 3) -> str:
    """The end of a path, fit for a sentence: its last parts where it is long."""
    text = str(path)
    if len(text) > 20 * parts and len(path.parts) > parts:
        text = str(Path("…", *path.parts[-parts:]))
    return shortened(printable(text), 30 * parts)


def matches(path: Path, checksum: str) -> bool:
    """Whether the file has this checksum. DatasetError where it cannot be read."""
    algorithm, expected = checksum.split(":")
    return _digest(path, algorithm) == expected


def _present(source: Files, files: Mapping[str, DataFile], data_dir: Path) -> dict[str, Path]:
    found = {}
    for role, file in files.items():
        if path := _find(source, file, data_dir):
            found[role] = path
    return found


def _find(source: Files, file: DataFile, data_dir: Path) -> Path | None:
    wrong: tuple[Path, str] | None = None
    for folder in _folders(source, file, data_dir):
        for name, checksum in _names(file):
            path = folder / name
            if not _is_file(path):
                continue
            if matches(path, checksum):
                return path
            # Like-named files of several sets may lie in one folder.
            if wrong is None and not _is_of_another_source(path, file):
                wrong = path, checksum
    if wrong is not None:
        raise _refusal(*wrong)
    return None


def _folders(source: Files, file: DataFile, data_dir: Path) -> Iterator[Path]:
    own = data_dir / file.folder
    named = {_plain(file.folder), _plain(source.name), *map(_plain, _folders_of(source))}
    alike = [entry for entry in _entries(data_dir) if _plain(entry.name) in named and entry != own]
    for folder in (own, *alike):
        yield folder
        yield folder / "raw"
        if folder != own:
            yield folder / file.folder
    yield data_dir
    yield data_dir / "raw"


def _folders_of(source: Files) -> set[str]:
    return {file.folder for files in (source.files, *source.layouts) for file in files.values()}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _names(file: DataFile) -> Iterator[tuple[str, str]]:
    """Names under which a file is looked for, each with the checksum it should have."""
    yield file.name, file.checksum
    dotted = re.sub(r"-(?=idx\d-ubyte)", ".", file.name)
    if dotted != file.name:
        yield dotted, file.checksum
    if file.unpacked is not None:
        for name in dict.fromkeys((file.name, dotted)):
            yield name.removesuffix(".gz"), file.unpacked


def _is_of_another_source(path: Path, file: DataFile) -> bool:
    """Whether this is intact, but the like-named file of another data set.

    MNIST, Fashion-MNIST and KMNIST use the same four names; in a folder without subfolders, the
    file of one of them must not count as a damaged file of the others.
    """
    others = {
        checksum
        for source in SOURCES.values()
        for other in source.files.values()
        if other.checksum != file.checksum
        for name, checksum in _names(other)
        if name == path.name
    }
    return any(matches(path, checksum) for checksum in others)


def _refusal(path: Path, checksum: str) -> DatasetError:
    algorithm, expected = checksum.split(":")
    return DatasetError(
        f"{brief(path)} is not the official file: its {algorithm} begins "
        f"{_digest(path, algorithm)[:12]}, it should begin {expected[:12]}. It may be incomplete "
        "or recompressed. Replace it by the official file, or delete it to have it downloaded."
    )


def _digest(path: Path, algorithm: str) -> str:
    import pooch

    try:
        if (size := path.stat().st_size) > _MOST_BYTES:
            raise DatasetError(
                f"{brief(path)} has {size} bytes; no official file has more than {_MOST_BYTES}."
            )
        return pooch.file_hash(str(path), alg=algorithm)
    except OSError as error:
        raise DatasetError(f"{brief(path)} cannot be read: {error.strerror or error}.") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise DatasetError(f"{brief(path)} cannot be read: {error.strerror or error}.") from None


def _is_dir(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _entries(folder: Path) -> list[Path]:
    """What is in a folder, sorted; nothing where it cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False)]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]
