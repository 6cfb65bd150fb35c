"""Leftovers: everything that a killed job leaves is told and goes, and nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.leftovers import STATE_LIFETIME, leftovers
from layeratlas.storage.lease import lease, lease_path
from layeratlas.temporaries import temporary_name


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A project without anything, a folder for temporaries of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "provenance" / "records" / "2031-05").mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="module")
def dead() -> str:
    """The end of a temporary's name that a process gave which is gone."""
    code = "from layeratlas.temporaries import *; print(temporary_name(Path('x')).name[3:])"
    run = [sys.executable, "-c", code]
    return subprocess.run(run, check=True, capture_output=True, text=True).stdout.strip()


def found(here: Path) -> dict[str, str]:
    return {left.path.relative_to(here).as_posix(): left.kind for left in leftovers(here)}


def test_temporaries_wherever_the_project_writes(here, dead):
    names = [
        f"results/laptop/cubes/.a.zarr.zip.{dead}",
        f"results/laptop/receipts/train/a/.0f.json.{dead}",
        f"figures/maps/a/.b.pdf.{dead}",
        f"store/objects/.{'0' * 64}.zarr.zip.{dead}",
        f"provenance/records/2031-05/.c.json.{dead}",
        f"provenance/records/.probe.{dead}",
        f"export/.a.zarr.{dead}/new/zarr.json",
        f"crates/.a.crate.zip.{dead}",
        f".mine.zip.{dead}",
        f"src/layeratlas/__pycache__/.fingerprints.cpython-311.json.{dead}",
        f"tmp/layeratlas.{dead}/index",
    ]
    for name in names:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_bytes(b"12")
    living = temporary_name(here / "results/laptop/cubes/a.zarr.zip")
    own = [living, here / "results/notes.tmp", here / "figures/.hidden", here / f"other/.a.{dead}"]
    for path in own:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    folder = f"export/.a.zarr.{dead}"
    told = {folder if name.startswith(folder) else name for name in names}
    told = {name.removesuffix("/index") for name in told}
    assert found(here) == dict.fromkeys(told, "temporary")
    assert set(collect_garbage()["kind"]) == {"temporary"}
    table = collect_garbage(apply=True)
    assert len(table) == len(names) and table["freed"].sum() == 2 * len(names)
    assert collect_garbage().empty and all(path.exists() for path in own)


def test_a_state_that_nothing_will_go_on_from(here):
    folder = here / "results/smoke/shards/tiny"
    receipts = here / "results/smoke/receipts/train/tiny"
    for path in (folder, receipts):
        path.mkdir(parents=True)
    np.savez(buffer := io.BytesIO(), a=np.zeros(3))
    states = {}
    for key in ("going", "again", "ended", "broken", "old"):
        states[key] = folder / f"{key}.state.npz"
        states[key].write_bytes(buffer.getvalue())
        # Rows of a training in progress, of no form that could be told.
        states[f"{key}.weights"] = folder / f"{key}.state.weights"
        states[f"{key}.weights"].write_bytes(b"rows")
    states["broken"].write_bytes(b"PK no more")
    now = states["old"].stat().st_mtime
    for key in ("old", "old.weights"):
        os.utime(states[key], (now, now - 2 * STATE_LIFETIME))
    for key, shift in (("again", -9), ("ended", 9)):
        (receipts / f"{key}.json").touch()
        os.utime(receipts / f"{key}.json", (now, now + shift))
    (folder / "folder.state.npz").mkdir()
    kept = {"going", "again", "going.weights", "again.weights", "broken.weights"}
    expected = {
        f"results/smoke/shards/tiny/{states[key].name}" for key in states.keys() - kept
    }  # fmt: skip
    assert found(here) == dict.fromkeys(expected, "training state")


def test_copies_that_snakemake_made_of_results_that_stand(here):
    for name in ("results/a.json", ".snakemake/backups/results/a.json"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).touch()
    (here / ".snakemake/backups/results/only_copy.json").touch()
    locks = here / ".snakemake/locks"
    locks.mkdir()
    (locks / "0.output.lock").touch()
    assert found(here) == {}, "it may be at work"
    (locks / "0.output.lock").unlink()
    assert found(here) == {".snakemake/backups/results/a.json": "backup"}


def test_parts_of_compiled_code(here):
    folder = here / "src/layeratlas/runs/__pycache__"
    folder.mkdir(parents=True)
    for name in ("a.cpython-311.pyc", "a.cpython-311.pyc.1403", "k-9.py311.nbi.tmp.00ff",
                 "k-9.py311.1.nbc.tmp.00ff", "k-9.py311.1.nbc"):  # fmt: skip
        (folder / name).touch()
    assert found(here) == {}, "somebody may be writing it"
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    assert {Path(name).name for name in found(here)} == {
        "a.cpython-311.pyc.1403", "k-9.py311.nbi.tmp.00ff", "k-9.py311.1.nbc.tmp.00ff",
    }  # fmt: skip


def test_one_that_cannot_be_removed_is_named(here, dead, monkeypatch):
    from layeratlas.errors import StoreError
    from layeratlas.provenance.store import garbage

    (here / "results").mkdir()
    (here / f"results/.a.{dead}").touch()

    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(garbage, "discard", refuse)
    with pytest.raises(StoreError, match=r"\.a\..*cannot be removed: Permission denied"):
        collect_garbage(apply=True)


def test_leases_of_the_dead_go_where_nobody_is_at_work(here, dead):
    """That of a living process stays, and all while a Snakemake may be starting jobs."""
    folder = here / "results" / "smoke" / "shards" / "a"
    folder.mkdir(parents=True)
    holder = "-".join(dead.removesuffix(".tmp").split("-")[:4])
    gone = lease_path(folder / "gone.zarr.zip")
    gone.write_text(holder)
    with lease(folder / "held.zarr.zip"):
        name = gone.relative_to(here).as_posix()
        assert found(here) == {name: "lease"}
        locks = here / ".snakemake" / "locks"
        locks.mkdir(parents=True)
        (locks / "0.input.lock").touch()
        assert found(here) == {}
