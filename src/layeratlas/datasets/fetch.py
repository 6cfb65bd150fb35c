"""Find the files of a source: in a local folder, in the cache, or on the network.

A file is used only if its checksum is right. A wrong file in the user's own folder is an error:
replacing it quietly by a download would hide that the folder is not what its owner thinks. The
cache belongs to this package, so a damaged file there is fetched again.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from layeratlas.datasets.corpora import CORPORA
from layeratlas.datasets.folders import brief, find_local, given_folder, matches, what_is_there
from layeratlas.datasets.registry import get_source
from layeratlas.datasets.source import DataFile, Files
from layeratlas.errors import DatasetError
from layeratlas.words import listed, shortened

_CHUNK = 1 << 16
_TIMEOUT = 30  # seconds without an answer or a byte


def locate_files(
    source: Files,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
    progress: bool = True,
) -> dict[str, Path]:
    """{role: path} of verified files of `source`; downloads those that are nowhere.

    Looked for in turn in `data_dir` (see `layeratlas.datasets.folders`), in `cache_dir/<folder>/`
    (default: the user's cache folder), then at the registered addresses. The roles are those of
    `source.files`, or of one of `source.layouts` that `data_dir` holds. Raises `DatasetError` for a
    wrong checksum in `data_dir`, and for files that are missing and cannot be fetched.
    """
    if not source.files:
        return {}
    own = None if data_dir is None else given_folder(data_dir)
    cache = _cache_folder(cache_dir)
    found = {} if own is None else find_local(source, own)
    if found and not found.keys() <= source.files.keys():
        return found
    for role, file in source.files.items():
        if role not in found and (path := _find_cached(file, cache)):
            found[role] = path
    missing = {role: file for role, file in source.files.items() if role not in found}
    if missing:
        sought = _sought(source, list(missing.values()), own, cache)
        folder = next(iter(missing.values())).folder
        those = f"Put {'it' if len(missing) == 1 else 'them'} into <data_dir>/{folder}/"
        if any(not file.urls for file in missing.values()):
            raise DatasetError(
                f"{sought}, and this data set exists only as a local file: it cannot be "
                f"downloaded. {those}."
            )
        if not download:
            raise DatasetError(
                f"{sought}, and downloading is switched off. {those}, or allow downloads."
            )
        for role, file in missing.items():
            found[role] = _download(source, file, cache, own, progress)
    return {role: found[role] for role in source.files}


def are_here(
    source: Files, data_dir: Path | str | None = None, cache_dir: Path | str | None = None
) -> bool:
    """Whether `locate_files` needs no network for `source`; DatasetError as there."""
    found = {} if data_dir is None else find_local(source, given_folder(data_dir))
    if found and not found.keys() <= source.files.keys():
        return True
    cache = _cache_folder(cache_dir)
    return all(role in found or _find_cached(file, cache) for role, file in source.files.items())


def is_obtainable(
    name: str,
    data_dir: Path | str | None = None,
    cache_dir: Path | str | None = None,
    download: bool = True,
) -> bool:
    """Whether there is a way to the data set `name`: its files, or a download of them or of the set
    that it is part of.

    True where a folder is wrong, which the job that loads it tells better. DatasetError for an
    unknown name.
    """
    source = CORPORA.get(name) or get_source(name)
    given = (data_dir, cache_dir)
    try:
        if are_here(source, *given):
            return True
    except DatasetError:
        return True
    if download and all(file.urls for file in source.files.values()):
        return True
    whole = getattr(source, "part_of", None)
    return whole is not None and is_obtainable(whole, *given, download)


def _cache_folder(cache_dir: Path | str | None) -> Path:
    if cache_dir is not None:
        return Path(os.path.expandvars(os.path.expanduser(cache_dir)))  # noqa: PTH111
    import pooch

    try:
        return Path(pooch.os_cache("layeratlas"))
    except RuntimeError:  # without a home
        return Path("~/.cache/layeratlas")


def _find_cached(file: DataFile, cache: Path) -> Path | None:
    path = cache / file.folder / file.name
    try:
        return path if path.is_file() and matches(path, file.checksum) else None
    except (OSError, DatasetError):  # not ours to read: as good as not there
        return None


def _sought(source: Files, files: list[DataFile], own: Path | None, cache: Path) -> str:
    """What was not found, where it was looked for, and what is in the user's folder instead."""
    names = listed((file.name for file in files), 60)
    places = brief(cache / files[0].folder, 2)
    if own is not None:
        places = f"{brief(own, 2)}, which holds {what_is_there(own)}; {places}"
    return f"{source.name}: {names} not found (looked in {places})"


def _download(source: Files, file: DataFile, cache: Path, own: Path | None, progress: bool) -> Path:
    """Fetch one file into the cache, trying its addresses in turn."""
    import pooch
    import requests
    from filelock import FileLock

    if str(cache).startswith("~"):
        raise DatasetError(f"{source.name}: {cache} is nobody's home folder. Name a cache_dir.")
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
                    reasons.append(f"{_server(url)}: {_brief(error)}")
                except ValueError:
                    reasons.append(f"{_server(url)}: wrong checksum, discarded")
    except OSError as error:
        raise DatasetError(
            f"{source.name}: {file.name} could not be written into {brief(folder)} "
            f"({error.strerror or error}). Free space, or choose another cache_dir."
        ) from None
    said = listed(reasons, 160 if own is None else 80)
    raise DatasetError(
        f"{_sought(source, [file], own, cache)} and not downloaded ({said}). "
        f"Fetch it by hand and put it into <data_dir>/{file.folder}/."
    )


def _server(url: str) -> str:
    parts = urlsplit(url)
    return shortened(f"{parts.netloc}{parts.path.rpartition('/')[0]}", 40)


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
