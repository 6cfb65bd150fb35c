"""Killed, crowded and refused publishers: readers never see it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from layeratlas.errors import StoreError
from layeratlas.storage import (
    content_hash,
    file_digest,
    open_datatree,
    publish,
    publishing,
    read_manifest,
    verify,
    write_bytes_atomic,
    write_json_atomic,
)
from layeratlas.storage.atomic import _host_tag, folder_lock

# Slow: they fork, which is safe only in a process that has not started threads (run them alone).
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.slow,
]
KILLS = 40


def in_child(work) -> int:
    """Run `work` in a forked child and return its pid; the child never comes back here."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def large(version: int) -> xr.DataTree:
    """About 5 MB in three groups; every number says which version it belongs to."""
    noise = np.random.default_rng(0).random((10, 100, 400), dtype="f4") * 0.5
    part = xr.Dataset({"v": (("seed", "epoch", "layer"), noise + np.float32(version))})
    root = xr.Dataset({"mark": ((), version)}, attrs={"version": version})
    return xr.DataTree.from_dict({"/": root, "/a": part, "/b": part, "/c": part})


def version_of(tree: xr.DataTree) -> int:
    """The version of `tree`, which must be one throughout."""
    seen = {int(tree.attrs["version"]), int(tree["mark"])}
    for group in "abc":
        values = tree[group]["v"].values
        seen |= {int(values.min()), int(values.max())}
    assert len(seen) == 1, seen
    return seen.pop()


def temporaries(folder: Path) -> list[str]:
    return [p.name for p in folder.rglob("*") if p.name.endswith(".tmp")]


def test_killed_publishers_leave_one_whole_version(tmp_path):
    path, objects = tmp_path / "cubes" / "a.zarr.zip", tmp_path / "objects"
    versions = [large(1), large(2)]
    start = time.perf_counter()
    for tree in versions:
        publish(tree, path, objects=objects)
    one_publish = (time.perf_counter() - start) / 2
    old = open_datatree(path)

    def publish_forever():
        while True:
            for tree in versions:
                publish(tree, path, objects=objects)

    chance, seen, left = random.Random(0), set(), 0
    for _ in range(KILLS):
        child = in_child(publish_forever)
        deadline = time.perf_counter() + chance.uniform(0, 2.5 * one_publish)
        while time.perf_counter() < deadline:
            with open_datatree(path) as tree:
                seen.add(version_of(tree))
        os.kill(child, signal.SIGKILL)
        assert exit_code(child) == -signal.SIGKILL
        left += bool(temporaries(path.parent))
        with open_datatree(path) as tree:
            seen.add(version_of(tree))
    assert seen == {1, 2}
    assert left > KILLS / 4, "the kills came at moments that matter"
    assert version_of(old) == 2, "an open handle keeps its version"
    old.close()

    publish(versions[0], path, objects=objects)
    assert temporaries(tmp_path) == []
    assert verify(path) == []
    assert len(list(objects.iterdir())) == 2
    for stored in objects.iterdir():
        assert stored.name == f"{file_digest(stored)}.zarr.zip"


def test_concurrent_publishers_of_many_targets(tmp_path, make_cube, no_leftovers):
    objects = tmp_path / "objects"

    def work(i):
        # every second one has the same content, so objects collide too
        publish(make_cube(i % 4), tmp_path / f"{i}.zarr.zip", objects=objects)

    children = [in_child(lambda i=i: work(i)) for i in range(8)]
    assert [exit_code(child) for child in children] == [0] * 8
    assert all(verify(tmp_path / f"{i}.zarr.zip") == [] for i in range(8))
    assert len(list(objects.iterdir())) == 4


def test_concurrent_publishers_of_one_target(tmp_path, make_cube, monkeypatch, no_leftovers):
    path = tmp_path / "a.zarr.zip"

    def work(version):
        chance = random.Random(version)
        # a slow disk: the other publisher gets every chance to come between two renames
        monkeypatch.setattr(
            publishing, "sync_folder", lambda folder: time.sleep(chance.uniform(0, 0.02))
        )
        for _ in range(10):
            publish(make_cube(version), path)
            with folder_lock(tmp_path):
                assert verify(path) == []

    children = [in_child(lambda v=v: work(v)) for v in (1, 2)]
    assert [exit_code(child) for child in children] == [0, 0]
    # file and manifest are of the same publisher
    assert verify(path) == []


def test_objects_keep_every_version(tmp_path, make_cube, no_leftovers):
    path, objects = tmp_path / "a.zarr.zip", tmp_path / "objects"
    first = publish(make_cube(1), path, objects=objects)
    stored = objects / f"{first.digest}.zarr.zip"
    assert not stored.samefile(path), "what is written into a result must not reach its versions"
    assert not stored.stat().st_mode & 0o222
    second = publish(make_cube(2), path, objects=objects)
    assert file_digest(stored) == first.digest
    assert path.stat().st_mode & 0o200, "Snakemake refuses to replace read-only outputs"
    with open_datatree(stored) as tree:
        assert content_hash(tree).root == first.content_hash
    before = stored.stat().st_mtime_ns
    assert publish(make_cube(1), path, objects=objects) == first
    assert stored.stat().st_mtime_ns == before
    assert {p.name for p in objects.iterdir()} == {f"{m.digest}.zarr.zip" for m in (first, second)}


def test_lazy_data_may_come_from_the_file_it_replaces(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    first = publish(make_cube(1), path)
    with open_datatree(path) as tree:
        assert publish(tree, path) == first
        assert publish(tree, path) == first


def test_what_reads_back_wrong_is_not_published(tmp_path, make_cube, monkeypatch, no_leftovers):
    path = tmp_path / "a.zarr.zip"
    publish(make_cube(1), path)
    right = publishing.write_archive

    def wrong(data, target):
        right(make_cube(3), target)
        return content_hash(data)

    monkeypatch.setattr(publishing, "write_archive", wrong)
    with pytest.raises(StoreError, match="/layers/loss"):
        publish(make_cube(2), path)
    with open_datatree(path) as tree:
        assert int(tree["layers/mark"]) == 1
    assert verify(path) == []


def test_read_only_folder(tmp_path, make_cube):
    folder = tmp_path / "folder"
    path = folder / "a.zarr.zip"
    publish(make_cube(1), path)
    for parent in (folder, *tmp_path.parents[:3], tmp_path):
        parent.chmod(0o755)
    folder.chmod(0o555)

    def work():
        if os.geteuid() == 0:
            os.setuid(65534)  # permissions do not bind root
        with pytest.raises(StoreError, match=r"could not write .*a\.zarr\.zip"):
            publish(make_cube(2), path)

    try:
        assert exit_code(in_child(work)) == 0
    finally:
        folder.chmod(0o755)
    assert sorted(p.name for p in folder.iterdir()) == ["a.json", "a.zarr.zip"]
    assert verify(path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts need root")
def test_full_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if (
        not shutil.which("mount")
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", folder], capture_output=True
        ).returncode
    ):
        pytest.skip("no mounts here")
    try:
        path = folder / "a.zarr.zip"
        first = publish(large(1), path, objects=folder / "objects")
        with pytest.raises(StoreError, match="No space left"):
            publish(large(2), path, objects=folder / "objects")
        with pytest.raises(StoreError, match="No space left"):
            write_bytes_atomic(folder / "b.bin", bytes(8 * 2**20))
        assert sorted(p.name for p in folder.iterdir()) == ["a.json", "a.zarr.zip", "objects"]
        assert read_manifest(path) == first
        assert verify(path) == []
        assert temporaries(folder) == []
    finally:
        subprocess.run(["umount", folder], check=True)


def test_stale_temporaries_go_and_living_ones_stay(tmp_path, make_cube):
    path = tmp_path / "a.zarr.zip"
    dead = in_child(lambda: None)
    exit_code(dead)

    stale = tmp_path / f".a.zarr.zip.{_host_tag()}-{dead}-00ff.tmp"
    living = tmp_path / f".a.zarr.zip.{_host_tag()}-{os.getpid()}-00ff.tmp"
    elsewhere = tmp_path / f".a.zarr.zip.00000000-{dead}-00ff.tmp"
    abandoned = tmp_path / ".a.zarr.zip.00000000-1-00ff.tmp"
    other_target = tmp_path / f".b.zarr.zip.{_host_tag()}-{dead}-00ff.tmp"
    for file in (stale, living, elsewhere, abandoned, other_target):
        file.write_bytes(b"x")
    os.utime(abandoned, (0, 0))
    publish(make_cube(1), path)
    assert set(temporaries(tmp_path)) == {living.name, elsewhere.name, other_target.name}


def test_write_json_atomic(tmp_path, no_leftovers):
    path = tmp_path / "new" / "a.json"
    write_json_atomic(path, {"b": np.float64(1.5), "a": [np.int8(1), "ü"]})
    assert path.read_text() == '{\n  "a": [\n    1,\n    "ü"\n  ],\n  "b": 1.5\n}\n'
    with pytest.raises(StoreError, match="'b'"):
        write_json_atomic(path, {"b": float("nan")})
    assert path.read_text().startswith('{\n  "a"')
    write_bytes_atomic(path, b"")
    assert path.read_bytes() == b""


def test_importing_does_not_import_zarr():
    code = "import sys, layeratlas.storage; assert 'zarr' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
