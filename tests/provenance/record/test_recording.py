"""Every job leaves a true record, whatever becomes of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from layeratlas.errors import ConfigError, StoreError
from layeratlas.provenance.record import capture
from layeratlas.provenance.record.recording import Recorder
from layeratlas.provenance.store.objects import find_object
from layeratlas.storage import publish
from layeratlas.workflow.frame import job

pytestmark = pytest.mark.usefixtures("quick_capture")


def test_record_of_a_job_that_finished(project, tools):
    data = publish(tools.numbers(1), "results/smoke/datasets/d.zarr.zip")
    Path("ref.csv").write_text("1,2\n")
    snakemake = tools.cube_job(
        "a",
        inputs={
            "manifests": ["results/smoke/datasets/d.json"],
            "measurements": ["results/smoke/datasets/d.zarr.zip"],
            "references": ["ref.csv"],
        },
    )
    with job(snakemake):
        made = publish(tools.numbers(2), snakemake.output.cube, objects="store/objects")
    (record,) = tools.records(project)
    assert record.status == "ok"
    assert record.error is None
    assert record.activity.model_dump() == {
        "rule": "assemble_cube",
        "wildcards": {"experiment": "a"},
        "preset": "smoke",
        "experiment": "a",
        "figure": None,
    }
    (cube,) = record.outputs  # archive and manifest are one
    assert cube.path == "results/smoke/cubes/a.zarr.zip"
    assert (cube.role, cube.digest, cube.content_hash) == ("cube", made.digest, made.content_hash)
    assert cube.size == Path(cube.path).stat().st_size
    assert cube.kept
    dataset, reference = record.inputs
    assert (dataset.role, dataset.content_hash) == ("measurements", data.content_hash)
    assert (reference.role, reference.content_hash) == ("references", None)
    assert reference.digest == hashlib.sha256(b"1,2\n").hexdigest()
    assert record.configuration.value == {"plan": {"name": "a", "seeds": [3, 1]}}
    assert record.seeds == (1, 3)
    assert record.code.fingerprint == "c0de"
    assert record.started < record.ended
    assert record.wall_seconds > 0
    month, name = record.id[:6], f"{record.id}.json"
    assert (project / f"provenance/records/{month[:4]}-{month[4:]}/{name}").is_file()


@pytest.mark.parametrize(
    ("error", "raised", "sentence"),
    [
        (ConfigError("epochs is too large"), SystemExit, "epochs is too large"),
        (ZeroDivisionError("by zero"), ZeroDivisionError, "ZeroDivisionError: by zero"),
        (KeyboardInterrupt(), KeyboardInterrupt, "KeyboardInterrupt"),
    ],
)
def test_record_of_a_job_that_failed(project, tools, error, raised, sentence):
    publish(tools.numbers(1), "in.zarr.zip")
    snakemake = tools.cube_job("a", inputs={"data": "in.zarr.zip"})
    with pytest.raises(raised), job(snakemake):
        publish(tools.numbers(2), snakemake.output.cube)
        raise error
    (record,) = tools.records(project)
    assert record.status == "failed"
    assert record.error == sentence
    assert [state.path for state in record.inputs] == ["in.zarr.zip"]
    assert [state.path for state in record.outputs] == ["results/smoke/cubes/a.zarr.zip"]
    assert sentence in Path("logs/assemble_cube.log").read_text()


def test_a_wrong_setting_leaves_a_record_too(project, tools):
    snakemake = tools.cube_job("a")
    snakemake.config["device"] = "abacus"
    with pytest.raises(SystemExit), job(snakemake):
        raise AssertionError("never gets here")
    assert [record.status for record in tools.records(project)] == ["failed"]


def test_figures_are_kept_by_digest(project, tools):
    outputs = {"figure": [f"figures/f.{kind}" for kind in ("pdf", "png", "svg")]}
    snakemake = tools.job_object("draw_figure", outputs=outputs, wildcards={"figure": "f"})
    with job(snakemake):
        for path in snakemake.output:
            Path(path).parent.mkdir(exist_ok=True)
            Path(path).write_text(path)
    (record,) = tools.records(project)
    assert record.activity.figure == "f"
    for state in record.outputs:
        assert state.role == "figure"
        assert state.kept
        stored = find_object(state.digest)
        # Of its own: a figure edited in place must not take its object along.
        Path(state.path).write_text("edited")
        assert stored.read_text() == state.path
        assert stored.stat().st_mode & 0o222 == 0


def test_code_edited_while_the_job_runs_is_told(project, tools, monkeypatch):
    recorder = Recorder(tools.cube_job("a"))
    monkeypatch.setattr(capture, "was_edited", lambda source: True)
    assert recorder.finish().code.edited


def test_a_store_that_cannot_be_written_fails_the_job_before_its_work(small_disk, tools):
    _, remount = small_disk
    remount("ro")
    snakemake = tools.cube_job("a")
    refusal = r"cannot be written \(Read-only.*Nothing was computed"
    with pytest.raises(SystemExit, match=refusal), job(snakemake):
        raise AssertionError("hours of training")


def test_a_full_disk_in_mid_publish_damages_nothing(small_disk, tools):
    from layeratlas.provenance.store.verify import verify

    disk, _ = small_disk
    snakemake = tools.cube_job("a")
    with job(snakemake):
        publish(tools.numbers(1), snakemake.output.cube, objects="store/objects")
    before = {p: p.read_bytes() for p in disk.rglob("*") if p.is_file() and "logs" not in p.parts}
    noise = tools.numbers(2, noise=10**6)
    refusal = r"No space left on device\. What stood there before"
    with pytest.raises(SystemExit, match=refusal), job(snakemake):
        publish(noise, snakemake.output.cube, objects="store/objects")
    assert {p: p.read_bytes() for p in before} == before
    assert set(verify(root=disk)["status"]) == {"ok"}
    assert sorted(r.status for r in tools.records(disk)) == ["failed", "ok"]
    assert not list(disk.rglob("*.tmp"))


def test_a_disk_that_fills_up_fails_the_job_and_leaves_no_half_record(small_disk, tools):
    disk, _ = small_disk
    snakemake = tools.job_object("train", outputs={"out": "out.txt"})
    refusal = r"could not write provenance.*No space left"
    with pytest.raises(SystemExit, match=refusal), job(snakemake):
        Path("out.txt").write_text("x")
        with pytest.raises(OSError), Path("filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
    assert tools.records(disk) == []
    assert not list((disk / "provenance").rglob("*.json"))
    with pytest.raises(StoreError, match=r"No space left.*Nothing was computed"):
        Recorder(snakemake)
    Path("filler").unlink()
    assert Recorder(snakemake).finish().outputs[0].path == "out.txt"
