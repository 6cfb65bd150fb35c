"""Killed, crowded and refused publishers: readers never see it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from made.children import exit_code, in_child, large, temporaries, version_of

from layeratlas.errors import StoreError
from layeratlas.storage import (
    file_digest,
    open_datatree,
    publish,
    publishing,
    read_manifest,
    verify,
    write_bytes_atomic,
)
from layeratlas.storage.atomic import folder_lock

# Slow: they fork, which is safe only in a process that has not started threads (run them alone).
pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.slow,
]


KILLS = 40


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
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True
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
