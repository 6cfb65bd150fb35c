"""Cubes are opened where they lie on the web: few requests, all checks, and xarray as ever."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from made.crafted import members_of, patched, write_members
from made.ranges import serving

import layeratlas
from layeratlas.errors import StoreError
from layeratlas.storage import content_hash, open_datatree, publish
from layeratlas.storage.ziparchive import ZipArchive

MOST_REQUESTS, MOST_BYTES = 4, 64_000
"""Before the first value of a variable: what a slow link and a busy server bear."""


def large_cube() -> xr.DataTree:
    """48 cells, 10 seeds, 62 variables in three groups, described as the project's are."""
    chance = np.random.default_rng(0)
    grid = {"dropout": np.linspace(0, 0.3, 12), "negative_slope": np.linspace(0, 1, 4)}
    grid["seed"] = np.arange(10)
    dims, shape = tuple(grid), tuple(map(len, grid.values()))

    def described(n: int) -> dict[str, object]:
        return {
            "long_name": f"data separation of layer features, {n}",
            "units": "1",
            "formula": "D_l = log(tr(S_W) / tr(S_B)), S_W and S_B within and between classes",
            "references": "Shi, Pan and Dokmanić, Phys. Rev. Lett. 2025, eq. 1, arXiv:2407.19353",
        }

    def group(name: str, dim: str, size: int, variables: int) -> xr.Dataset:
        values = {
            f"{name}_{n}": (
                (*dims, dim),
                chance.normal(size=(*shape, size)).astype("f4"),
                described(n),
            )
            for n in range(variables)
        }
        return xr.Dataset(values, coords={dim: np.arange(size)})

    root = xr.Dataset({"status": (dims, np.zeros(shape, "i1"))}, coords=grid)
    root.attrs = {"title": "Noise–nonlinearity phase diagram", "settings": "x" * 2000}
    return xr.DataTree.from_dict(
        {
            "/": root,
            "/layers": group("separation", "layer", 9, 40),
            "/training": group("loss", "epoch", 30, 20),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    publish(large_cube(), folder / "large.zarr.zip")
    return folder


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_few_requests_before_the_first_chunk(folder):
    """The server answers 429 after ten requests, and wants the next one at once."""
    with serving(folder, busy_after=10) as server:
        cube = layeratlas.open_cube(f"{server.address}/large.zarr.zip")
        assert cube.groups == ("/", "/layers", "/training")
        assert cube["training"].coords["epoch"].size == 30
        assert "formula" in cube["layers/separation_7"].attrs
        assert len(server.sent) <= MOST_REQUESTS
        assert server.bytes_sent <= MOST_BYTES, server.sent
        opened = len(server.sent)
        one = cube["layers/separation_7"].isel(seed=0).load()
        assert len(server.sent) == opened + 1
        with layeratlas.open_cube(folder / "large.zarr.zip") as here:
            assert one.identical(here["layers/separation_7"].isel(seed=0).load())
            assert content_hash(cube) == content_hash(here)
        # One a variable would be 62, and a busy server would be met six times.
        assert len(server.sent) < 30
        cube.close()
        with pytest.raises(StoreError, match="closed"):
            cube["layers/separation_39"].isel(seed=0).load()


def test_every_answer_may_come_second(folder):
    """A server that is busy after every second request is read to the same values."""
    with serving(folder, busy_after=2) as server, open_datatree(folder / "large.zarr.zip") as here:
        cube = layeratlas.open_cube(f"{server.address}/large.zarr.zip")
        assert content_hash(cube) == content_hash(here)
        assert sum(status == 429 for _, status, _ in server.sent) >= 3


def test_xarray_alone_opens_it(folder):
    with serving(folder) as server:
        address = f"{server.address}/large.zarr.zip"
        with xr.open_datatree(address) as tree:
            assert tree.groups == ("/", "/layers", "/training")
        with xr.open_dataset(f"{address}?download=1", group="layers", chunks={}) as layers:
            mean = layers["separation_3"].mean("seed").compute()
        assert mean.dims == ("dropout", "negative_slope", "layer")


def test_files_of_earlier_versions_open(folder, tmp_path):
    """Metadata one by one, where the writer put each: more requests, the same values."""
    path = tmp_path / "old.zarr.zip"
    members = members_of(folder / "large.zarr.zip")
    write_members(path, members)
    with serving(tmp_path) as server, open_datatree(folder / "large.zarr.zip") as here:
        cube = layeratlas.open_cube(f"{server.address}/old.zarr.zip")
        assert content_hash(cube) == content_hash(here)
        assert len(server.sent) > MOST_REQUESTS  # why newer ones are laid out otherwise


def test_a_handle_travels_and_refuses_another_version(folder, tmp_path, make_cube):
    publish(make_cube(1), tmp_path / "a.zarr.zip")
    with serving(tmp_path) as server:
        archive = ZipArchive(f"{server.address}/a.zarr.zip")
        sent = pickle.dumps(archive)
        assert pickle.loads(sent).identity == archive.identity
        publish(make_cube(2), tmp_path / "a.zarr.zip")
        with pytest.raises(StoreError, match="was replaced since it was opened elsewhere"):
            pickle.loads(sent)


def test_a_cube_that_is_replaced_while_it_is_read(folder, tmp_path):
    (tmp_path / "a.zarr.zip").write_bytes((folder / "large.zarr.zip").read_bytes())
    with serving(tmp_path) as server:
        cube = layeratlas.open_cube(f"{server.address}/a.zarr.zip")
        other = large_cube()
        other["layers/separation_0"][:] = 1
        publish(other, tmp_path / "a.zarr.zip")
        with pytest.raises(StoreError, match="was replaced since it was opened"):
            cube["layers/separation_0"].load()


def test_what_is_no_cube(folder, tmp_path):
    whole = (folder / "large.zarr.zip").read_bytes()
    (tmp_path / "text.zarr.zip").write_text("text")
    (tmp_path / "cut.zarr.zip").write_bytes(whole[:-100])
    with zipfile.ZipFile(tmp_path / "other.zarr.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with serving(tmp_path) as server:
        for name, what in {
            "text": "is not a whole zip archive of a cube",
            "cut": "is not a whole zip archive of a cube",
            "other": r"without zarr\.json",
            "none": "is not there",
        }.items():
            with pytest.raises(StoreError, match=what) as error:
                layeratlas.open_cube(f"{server.address}/{name}.zarr.zip")
            assert str(error.value).startswith(f"{server.address}/{name}.zarr.zip: ")
    for scheme in ("s3", "ftp", "file"):
        with pytest.raises(StoreError, match=f"http or https, not of {scheme}"):
            layeratlas.open_cube(f"{scheme}://example.org/a.zarr.zip")


def test_metadata_that_its_copy_in_the_root_is_not(folder, tmp_path):
    """Nobody reads the member itself: its size and checksum in the directory give it away."""
    members = members_of(folder / "large.zarr.zip", consolidated=True)
    name = "layers/separation_0/zarr.json"
    changed = {
        "another": members | {name: members[name].replace(b"features", b"FEATURES")},
        "more": members | {"layers/more/zarr.json": members["layers/zarr.json"]},
        "fewer": {key: content for key, content in members.items() if key != name},
    }
    with serving(tmp_path) as server:
        for case, found in changed.items():
            write_members(tmp_path / f"{case}.zarr.zip", found)
            with pytest.raises(StoreError, match=r"zarr\.json"):
                layeratlas.open_cube(f"{server.address}/{case}.zarr.zip")


def test_a_damaged_chunk_is_named(folder, tmp_path):
    path = tmp_path / "a.zarr.zip"
    path.write_bytes((folder / "large.zarr.zip").read_bytes())

    def flip(content: bytearray, archive: zipfile.ZipFile) -> None:
        content[archive.getinfo("layers/separation_0/c/0/0/0/0").header_offset + 99] ^= 1

    patched(flip)(path)
    with serving(tmp_path) as server:
        cube = layeratlas.open_cube(f"{server.address}/a.zarr.zip")
        with pytest.raises(StoreError, match="checksum of member 'layers/separation_0/c/0/0/0/0'"):
            cube["layers/separation_0"].load()
        cube["layers/separation_1"].load()
