"""The index is derived: gone, damaged, old, read-only or contended, every answer is the same."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sqlite3
import warnings

import pytest
from filelock import FileLock
from made.builder import made_up, pipeline

from layeratlas import dependents, lineage, log, versions
from layeratlas.provenance.store import checksum, index, indexing
from layeratlas.provenance.store.reading import RecordWarning, read_records

QUESTIONS = (
    lambda root: lineage("figures/f.pdf", root).to_json(),
    lambda root: dependents("mnist_5k", root).to_json(),
    lambda root: log(root).to_json(),
    lambda root: versions("experiment_0", root).to_json(),
)


def answers(root) -> list[str]:
    return [question(root) for question in QUESTIONS]


def test_deleted_index(recorded):
    before = answers(recorded.root)
    recorded.index.unlink()
    assert answers(recorded.root) == before
    assert recorded.index.exists()


@pytest.mark.parametrize("damage", ["text", "cut", "flip", "empty", "table", "version", "folder"])
def test_damaged_index(recorded, damage):
    before = answers(recorded.root)
    content = recorded.index.read_bytes()
    if damage == "text":
        recorded.index.write_text("not a data base")
    elif damage == "cut":
        recorded.index.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        recorded.index.write_bytes(b"X" * 200 + content[200:])
    elif damage == "empty":
        recorded.index.write_bytes(b"")
    elif damage == "folder":
        recorded.index.unlink()
        recorded.index.mkdir()
    else:
        with sqlite3.connect(recorded.index) as db:
            db.execute("DROP TABLE file" if damage == "table" else "PRAGMA user_version = 99")
    assert answers(recorded.root) == before


@pytest.mark.parametrize("flips", [60, pytest.param(400, marks=pytest.mark.slow)])
def test_no_flipped_bit_in_the_index_is_believed(tmp_path, flips):
    """SQLite itself notices few: the file is compared with its checksum."""
    store = pipeline(tmp_path, shards=1)
    before = answers(tmp_path)
    original, chance = store.index.read_bytes(), random.Random(flips)
    for n in range(flips):
        flipped = bytearray(original)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        store.index.write_bytes(flipped)
        number = n % len(QUESTIONS)
        assert QUESTIONS[number](tmp_path) == before[number]
        assert checksum.fits(store.index)
    assert answers(tmp_path) == before


def test_a_flipped_bit_is_not_believed_where_nothing_can_be_mended(recorded, monkeypatch):
    before = answers(recorded.root)
    flipped = recorded.index.read_bytes().replace(b"experiment_0", b"experiment_1")
    recorded.index.write_bytes(flipped)
    monkeypatch.setattr(FileLock, "acquire", _refuse)
    assert answers(recorded.root) == before
    assert recorded.index.read_bytes() == flipped


def test_a_writer_that_died_before_it_noted_the_checksum(recorded, monkeypatch):
    before = answers(recorded.root)
    recorded.job("train")
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(checksum, "note", _interrupt)
        log(recorded.root)
    assert not checksum.fits(recorded.index)
    assert len(log(recorded.root)) == 1 + len(json.loads(before[2])["record"])
    assert checksum.fits(recorded.index)


def _interrupt(*_, **__):
    raise KeyboardInterrupt


def _refuse(*_, **__):
    raise OSError(30, "Read-only file system")


def test_new_changed_and_removed_records_are_noticed(recorded):
    answers(recorded.root)
    recorded.job("draw_figure", [made_up("results/smoke/cubes/experiment_0.zarr.zip")],
                 [made_up("late.pdf")])  # fmt: skip
    assert "late.pdf" in list(dependents("experiment_0", recorded.root)["path"])
    last = recorded.records()[-1]
    recorded.edit(last, lambda record: record["outputs"][0].update(path="later.pdf"))
    assert "later.pdf" in list(dependents("experiment_0", recorded.root)["path"])
    last.unlink()
    assert "later.pdf" not in list(dependents("experiment_0", recorded.root)["path"])
    incremental = answers(recorded.root)
    recorded.index.unlink()
    assert answers(recorded.root) == incremental


def test_only_new_records_are_read(recorded, monkeypatch):
    answers(recorded.root)
    read = []
    original = indexing.read_record
    monkeypatch.setattr(indexing, "read_record", lambda path: read.append(path) or original(path))
    answers(recorded.root)
    assert read == []
    recorded.job("train")
    answers(recorded.root)
    assert len(read) == 1


@pytest.mark.parametrize("known", [True, False])
def test_where_nothing_can_be_written(recorded, monkeypatch, known):
    before = answers(recorded.root)
    if not known:
        recorded.index.unlink()
    recorded.job("train")

    monkeypatch.setattr(FileLock, "acquire", _refuse)
    assert len(log(recorded.root)) == 1 + len(json.loads(before[2])["record"])
    assert recorded.index.exists() == known


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_folder_without_write_permission(recorded):
    before = answers(recorded.root)
    recorded.index.unlink()
    (recorded.root / "provenance").chmod(0o555)
    try:
        assert answers(recorded.root) == before
    finally:
        (recorded.root / "provenance").chmod(0o755)


def test_lock_held_by_another(recorded, monkeypatch):
    monkeypatch.setattr(index, "LOCK_TIMEOUT", 0.1)
    with FileLock(recorded.index.with_name(".index.lock")):
        assert len(lineage("figures/f.pdf", recorded.root)) > 5


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not whole JSON"),
        ('{"schema_version": 1, "id": "x"', "is not whole JSON"),
        ("\x00\x01", "is not whole JSON"),
        ("[" * 200_000, "nested deeper"),
        ('{"id": 1}', "not a whole record"),
        ('{"schema_version": 99, "deed": {}}', "newer version"),
    ],
)
def test_corrupt_records_are_named_and_passed_over(recorded, content, said):
    before = len(log(recorded.root))
    bad = recorded.records()[0].with_name("bad.json")
    bad.write_text(content)
    for _ in range(2):  # freshly read, and from the index
        with pytest.warns(RecordWarning, match=f"bad.json: .*{said}"):
            assert len(log(recorded.root)) == before
    with pytest.warns(RecordWarning, match="bad.json"):
        assert len(read_records(recorded.root)) == before
    bad.unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        log(recorded.root)


def test_a_mended_record_is_taken_up(recorded):
    path = recorded.records()[0]
    whole = path.read_text()
    path.write_text(whole[:-20])
    with pytest.warns(RecordWarning):
        before = len(log(recorded.root))
    path.write_text(whole)
    assert len(log(recorded.root)) == before + 1


def test_keys_of_a_newer_schema_are_no_obstacle(recorded):
    def later(record):
        record |= {"schema_version": 2, "energy_joules": 12.5}
        record["code"]["container"] = "sha256:0"

    recorded.edit(recorded.records()[0], later)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answers(recorded.root)


def test_temporaries_are_no_records(recorded):
    before = len(log(recorded.root))
    folder = recorded.records()[0].parent
    (folder / ".x.json.ab-1-cd.tmp").write_text("half")
    (folder / ".half.json").write_text("half")
    (folder / "notes.txt").write_text("mine")
    assert len(log(recorded.root)) == before


def test_a_store_without_records(tmp_path):
    (tmp_path / "store" / "objects").mkdir(parents=True)
    assert log(tmp_path).empty
    assert not (tmp_path / "provenance").exists()


def _count(root, times, start, queue):
    for _ in range(times):
        start.wait()
        queue.put(len(log(root)))


def test_several_processes_refresh_at_once(tmp_path):
    store = pipeline(tmp_path, shards=60)
    context = multiprocessing.get_context("spawn")
    start, queue = context.Barrier(5), context.Queue()
    given = (tmp_path, 3, start, queue)
    workers = [context.Process(target=_count, args=given, daemon=True) for _ in range(4)]
    for worker in workers:
        worker.start()
    for _ in range(3):
        start.wait(60)
        assert [queue.get(timeout=30) for _ in workers] == [len(store.records())] * 4
        with sqlite3.connect(store.index) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            assert db.execute("SELECT COUNT(*) FROM record").fetchone()[0] == len(store.records())
        store.index.unlink()
    for worker in workers:
        worker.join()
