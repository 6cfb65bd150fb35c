"""Find the files of a source: in a local folder, in the cache, or on the network.

A file is used only if its checksum is right. A wrong file in the user's own folder is an error:
replacing it quietly by a download would hide that the folder is not what its owner thinks. The
cache belongs to this package, so a damaged file there is fetched again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from layeratlas.datasets.registry import SOURCES
from layeratlas.datasets.source import DataFile, Source
from layeratlas.errors import DatasetError

_CHUNK = 1 << 16
_TIMEOUT = 30  # seconds without an answer or a byte


def locate_files(
    source: Source,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
    progress: bool = True,
) -> dict[str, Path]:
    """{role: path} of verified files of `source`; downloads those that are nowhere.

    Looked for in turn in `data_dir/<folder>/`, `data_dir/`, `cache_dir/<folder>/` (default: the
    user's cache folder), then at the registered addresses. Raises `DatasetError` for a wrong
    checksum in `data_dir`, and for files that are missing and cannot be fetched.
    """
    if not source.files:
        return {}
    data_dir = None if data_dir is None else Path(data_dir).expanduser()
    if data_dir is not None and not data_dir.is_dir():
        raise DatasetError(
            f"The data folder {data_dir} does not exist. Create it, correct the path, or leave it "
            "out to use the cache and downloads."
        )
    cache = _cache_folder(cache_dir)
    found: dict[str, Path] = {}
    missing: dict[str, DataFile] = {}
    for role, file in source.files.items():
        path = _find_local(file, data_dir) or _find_cached(file, cache)
        if path is None:
            missing[role] = file
        else:
            found[role] = path
    if not missing:
        return found

    looked = _looked_in(missing.values(), data_dir, cache)
    names = ", ".join(file.name for file in missing.values())
    those = "it" if len(missing) == 1 else "them"
    folder = next(iter(missing.values())).folder
    if any(not file.urls for file in missing.values()):
        raise DatasetError(
            f"{source.name}: {names} not found (looked in {looked}), and this data set exists only "
            f"as a local file: it cannot be downloaded. Put {those} into <data_dir>/{folder}/."
        )
    if not download:
        raise DatasetError(
            f"{source.name}: {names} not found (looked in {looked}), and downloading is switched "
            f"off. Put {those} into <data_dir>/{folder}/, or allow downloads."
        )
    for role, file in missing.items():
        found[role] = _download(source, file, cache, looked, progress)
    return {role: found[role] for role in source.files}


def _cache_folder(cache_dir: Path | str | None) -> Path:
    if cache_dir is not None:
        return Path(cache_dir).expanduser()
    import pooch

    return Path(pooch.os_cache("layeratlas"))


def _find_local(file: DataFile, data_dir: Path | None) -> Path | None:
    if data_dir is None:
        return None
    in_folder = data_dir / file.folder / file.name
    if in_folder.is_file():
        _check(in_folder, file)
        return in_folder
    direct = data_dir / file.name
    if direct.is_file() and not _is_of_another_source(direct, file):
        _check(direct, file)
        return direct
    return None


def _is_of_another_source(path: Path, file: DataFile) -> bool:
    """Whether this is intact, but the like-named file of another data set.

    MNIST, Fashion-MNIST and KMNIST use the same four names; in a folder without subfolders, the
    file of one of them must not count as a damaged file of the others.
    """
    others = {
        other.checksum
        for source in SOURCES.values()
        for other in source.files.values()
        if other.name == file.name and other.checksum != file.checksum
    }
    return any(_matches(path, checksum) for checksum in others)


def _find_cached(file: DataFile, cache: Path) -> Path | None:
    path = cache / file.folder / file.name
    return path if path.is_file() and _matches(path, file.checksum) else None


def _check(path: Path, file: DataFile) -> None:
    if not _matches(path, file.checksum):
        algorithm, expected = file.checksum.split(":")
        raise DatasetError(
            f"{path} is not the official file: its {algorithm} is {_digest(path, algorithm)}, it "
            f"should be {expected}. It may be incomplete or recompressed. Replace it by the "
            "official file, or delete it to have it downloaded."
        )


def _matches(path: Path, checksum: str) -> bool:
    algorithm, expected = checksum.split(":")
    return _digest(path, algorithm) == expected


def _digest(path: Path, algorithm: str) -> str:
    import pooch

    return pooch.file_hash(str(path), alg=algorithm)


def _looked_in(files: Iterable[DataFile], data_dir: Path | None, cache: Path) -> str:
    folders: list[str] = []
    for file in files:
        if data_dir is not None:
            folders += [str(data_dir / file.folder), str(data_dir)]
        folders.append(str(cache / file.folder))
    return ", ".join(dict.fromkeys(folders))


def _download(source: Source, file: DataFile, cache: Path, looked: str, progress: bool) -> Path:
    """Fetch one file into the cache, trying its addresses in turn."""
    import pooch
    import requests
    from filelock import FileLock

    folder = cache / file.folder
    reasons = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Several jobs may ask for the same file at once: the first fetches, the others wait.
        with FileLock(cache / f".{file.folder}-{file.name}.lock"):
            if path := _find_cached(file, cache):
                return path
            for url in file.urls:
                # pooch writes to a temporary file, moves it only if the checksum is right, and
                # deletes it otherwise: no half of a file ever has the official name.
                try:
                    with _bar(file.name, progress) as bar:
                        path = pooch.retrieve(
                            url,
                            known_hash=file.checksum,
                            fname=file.name,
                            path=folder,
                            downloader=pooch.HTTPDownloader(
                                progressbar=bar,
                                chunk_size=_CHUNK,
                                timeout=_TIMEOUT,
                                # Some servers mark .gz files as compressed transfers, which
                                # would be unpacked on the way and then fail the checksum.
                                headers={"Accept-Encoding": "identity"},
                            ),
                        )
                    return Path(path)
                except requests.RequestException as error:
                    reasons.append(f"{url}: {_brief(error)}")
                except ValueError:
                    reasons.append(f"{url}: wrong checksum, discarded")
    except OSError as error:
        raise DatasetError(
            f"{source.name}: {file.name} could not be written into {folder} "
            f"({error.strerror or error}). Free space, or choose another cache_dir."
        ) from None
    raise DatasetError(
        f"{source.name}: {file.name} not found (looked in {looked}) and not downloaded "
        f"({'; '.join(reasons)}). Check the network, or fetch the file by hand and put it into "
        f"<data_dir>/{file.folder}/."
    )


def _bar(name: str, progress: bool):
    from tqdm import tqdm

    # disable=None: no bar in a log file. delay: none for an address that refuses at once. A total
    # is needed, because pooch asks for the bar's truth value.
    disable = None if progress else True
    return tqdm(desc=name, total=1, unit="B", unit_scale=True, delay=0.5, disable=disable)


def _brief(error: Exception) -> str:
    """One line for a failed request; requests nests the reason several exceptions deep."""
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "timed out"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__
