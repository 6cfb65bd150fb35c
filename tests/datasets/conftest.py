"""Stand-ins for official files, a folder with the real ones, and a local web server."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import http.server
import os
import struct
import threading
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from layeratlas.datasets.recipe import recipe_of
from layeratlas.datasets.registry import SOURCES

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def official_dir() -> Path:
    """Folder with real files: $LAYERATLAS_DATA_DIR, or shared/data beside the repository."""
    named = os.environ.get("LAYERATLAS_DATA_DIR")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder with official data files; set LAYERATLAS_DATA_DIR to one")
    return folder


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """Replace a registry entry by small files in the same format.

    `stand_in(name, {role: bytes}, n_train=…, …)` puts the files below `tmp_path/data`, registers
    their checksums, and returns that folder. Array checksums of the real data are dropped.
    """

    def make(name: str, contents: dict[str, bytes], *, write: bool = True, bases=(), **changes):
        data_dir = tmp_path / "data"
        data_dir.mkdir(exist_ok=True)
        source = SOURCES[name]
        files = {}
        for role, file in source.files.items():
            content = contents[role]
            checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
            files[role] = dataclasses.replace(file, checksum=checksum, bases=tuple(bases))
            if write:
                path = data_dir / file.folder / file.name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
        changed = dataclasses.replace(source, files=files, **{"array_sha256": {}, **changes})
        monkeypatch.setitem(SOURCES, name, changed)
        return data_dir

    return make


@pytest.fixture(scope="session")
def idx_gz():
    """An array → a gzipped IDX file of it."""

    def write(array: np.ndarray) -> bytes:
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        return gzip.compress(header + array.tobytes(), mtime=0)

    return write


@pytest.fixture
def mnist_like(idx_gz) -> tuple[dict[str, bytes], dict[str, np.ndarray]]:
    """The four files of a tiny MNIST (10 + 4 images), and the arrays in them."""
    rng = np.random.default_rng(0)
    arrays = {}
    for part, n in (("train", 10), ("test", 4)):
        arrays[f"{part}_images"] = rng.integers(256, size=(n, 28, 28), dtype=np.uint8)
        arrays[f"{part}_labels"] = rng.integers(10, size=n, dtype=np.uint8)
    return {role: idx_gz(array) for role, array in arrays.items()}, arrays


@pytest.fixture
def web_server(monkeypatch):
    """A server on this machine: `pages` maps a path to its bytes, `asked` lists the requests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            page = server.pages.get(self.path)
            if page is None:
                self.send_error(404)
                return
            self.send_response(200)
            promised = len(page) + server.held_back
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.pages, server.asked, server.held_back = {}, [], 0
    server.base = f"http://127.0.0.1:{server.server_port}"
    # A short poll: shutdown waits for it, once in every test.
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The working folder of somebody with files and a cache of her own."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("LAYERATLAS_BASE", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def refused():
    """`refused(**recipe)`: the sentence with which a recipe is refused."""

    def sentence(**recipe) -> str:
        with pytest.raises(ValidationError) as caught:
            recipe_of(recipe)
        message = caught.value.errors()[0]["msg"].removeprefix("Value error, ")
        assert message.isprintable() and len(message) <= 250
        return message

    return sentence
