"""Every file against its record."""

from __future__ import annotations

import random
import shutil
import zipfile
from pathlib import Path

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.store.verify import verify
from layeratlas.storage import content_hash, open_datatree, publish
from layeratlas.workflow.frame import job

pytestmark = pytest.mark.usefixtures("quick_capture")
CUBE = "results/smoke/cubes/a.zarr.zip"
FLIPS = 320


@pytest.fixture
def store(project, tools):
    """A project with a cube in two versions and a figure."""
    snakemake = tools.cube_job("a")
    for version in (1, 2):
        with job(snakemake):
            publish(tools.numbers(version), CUBE, objects="store/objects")
    figure = tools.job_object("draw_figure", outputs={"figure": ["figures/f.pdf"]})
    with job(figure):
        Path("figures").mkdir(exist_ok=True)
        Path("figures/f.pdf").write_text("a figure")
    return project


def problems(**given):
    table = verify(**given)
    return table[table["status"] != "ok"].set_index("path")


def test_all_is_well(store):
    table = verify()
    assert set(table["status"]) == {"ok"}
    assert list(table["kind"]).count("object") == 3
    assert set(table["path"]) >= {CUBE, "figures/f.pdf"}
    assert table["problem"].isna().all()


def test_an_edited_figure(store):
    Path("figures/f.pdf").write_text("a finer figure")
    found = problems()
    assert list(found.index) == ["figures/f.pdf"]
    assert found.loc["figures/f.pdf", "status"] == "changed"
    assert "It was edited or has decayed" in found.loc["figures/f.pdf", "problem"]


def test_missing_files_and_objects(store):
    Path("figures/f.pdf").unlink()
    Path("results/smoke/cubes/a.json").unlink()
    for path in Path("store/objects").glob("*.pdf"):
        path.unlink()
    found = problems()
    assert sorted(found["status"]) == ["changed", "missing", "missing"]
    assert found.loc["figures/f.pdf", "status"] == "missing"
    assert "a.json: cannot be read: No such file" in found.loc[CUBE, "problem"]


def test_a_missing_chunk(store):
    whole = Path(CUBE)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile("x.zip", "w") as new:
        for name in old.namelist():
            if name != "layers/v/c/0/0":
                new.writestr(name, old.read(name))
    Path("x.zip").replace(whole)
    found = problems()
    assert list(found.index) == [CUBE]
    assert found.loc[CUBE, "status"] == "damaged"
    assert "chunk 'layers/v/c/0/0' is missing" in found.loc[CUBE, "problem"]


def test_a_truncated_archive(store):
    content = Path(CUBE).read_bytes()
    Path(CUBE).unlink()  # the object keeps its own
    Path(CUBE).write_bytes(content[: len(content) // 2])
    found = problems()
    assert list(found.index) == [CUBE]
    assert "not a whole zip archive" in found.loc[CUBE, "problem"]


def test_other_versions(store, tools):
    publish(tools.numbers(1), CUBE)
    found = problems()
    assert "is an older version" in found.loc[CUBE, "problem"]
    publish(tools.numbers(3), CUBE)
    assert "made by a job without a record" in problems().loc[CUBE, "problem"]
    publish(tools.numbers(2), CUBE)
    assert problems().empty


def test_files_without_a_record(store, tools):
    publish(tools.numbers(7), "results/smoke/cubes/b.zarr.zip")
    Path("figures/g.svg").write_text("drawn by hand")
    Path("results/smoke/cubes/notes.txt").write_text("not ours to judge")
    found = problems()
    assert dict(found["status"]) == {
        "figures/g.svg": "unrecorded",
        "results/smoke/cubes/b.zarr.zip": "unrecorded",
    }


def test_a_damaged_record_and_object(store):
    record = sorted(Path("provenance/records").rglob("*.json"))[-1]
    record.write_bytes(record.read_bytes()[:-30])
    stored = next(Path("store/objects").glob("*.pdf"))
    stored.chmod(0o644)
    stored.write_text("something else")
    found = problems()
    assert found.loc[record.as_posix(), "status"] == "damaged"
    assert "is not whole JSON" in found.loc[record.as_posix(), "problem"]
    assert found.loc[stored.as_posix(), "status"] == "damaged"
    assert found.loc["figures/f.pdf", "status"] == "unrecorded"
    assert verify(record)["status"].tolist() == ["damaged"]
    assert verify(stored)["status"].tolist() == ["damaged"]


def test_some_paths(store, tmp_path_factory, monkeypatch):
    assert list(verify("results/smoke/cubes/a.json")["path"]) == [CUBE]
    some = verify(["results", "figures/f.pdf"])
    assert list(some[some["kind"] != "receipt"]["path"]) == [CUBE, "figures/f.pdf"]
    assert (some["kind"] == "receipt").sum() == 2
    assert len(verify(".")) == len(verify())
    # A figure sent elsewhere is known by its bytes.
    away = tmp_path_factory.mktemp("away")
    shutil.copy("figures/f.pdf", away / "renamed.pdf")
    monkeypatch.chdir(away)
    (row,) = verify("renamed.pdf", root=store).to_dict("records")
    assert row["status"] == "ok"
    assert row["record"]
    assert verify("figures/f.pdf", root=store)["status"].tolist() == ["ok"]
    with pytest.raises(StoreError, match="neither a file here nor on record"):
        verify("nothing.pdf", root=store)
    with pytest.raises(StoreError, match="no provenance store"):
        verify("renamed.pdf")


def test_no_bit_flips_unseen(store, tools):
    """Every flip is found, and no reader gets a wrong value from it."""
    noise = tools.numbers(5, noise=30_000)
    with job(tools.cube_job("a")):
        publish(noise, CUBE, objects="store/objects")
    original = Path(CUBE).read_bytes()
    true = content_hash(open_datatree(CUBE))
    manifest = Path("results/smoke/cubes/a.json")
    description = manifest.read_bytes()
    chance = random.Random(0)
    refused = 0
    for _ in range(FLIPS):
        flipped = bytearray(original)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        Path(CUBE).unlink()
        Path(CUBE).write_bytes(flipped)
        try:
            with open_datatree(CUBE) as tree:
                assert content_hash(tree) == true, "a wrong value was read"
        except StoreError:
            refused += 1
        assert verify(CUBE)["status"].item() in ("damaged", "changed")
    assert refused > FLIPS * 0.9
    Path(CUBE).write_bytes(original)
    assert verify(CUBE)["status"].item() == "ok"
    for _ in range(60):
        flipped = bytearray(description)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        manifest.write_bytes(flipped)
        assert verify(CUBE)["status"].item() in ("damaged", "changed")
