"""States of files: taken at the start, and a manifest believed only where it may be."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from layeratlas.figures.identity import comment, mark_of
from layeratlas.figures.output import save
from layeratlas.provenance.record import files
from layeratlas.provenance.record.recording import Recorder
from layeratlas.storage import publish, write_json_atomic

pytestmark = pytest.mark.usefixtures("quick_capture")


def test_inputs_are_what_stood_there_at_the_start(project, tools):
    first = publish(tools.numbers(1), "in.zarr.zip")
    recorder = Recorder(tools.cube_job("a", inputs={"data": "in.zarr.zip"}))
    publish(tools.numbers(2), "in.zarr.zip")
    (state,) = recorder.finish().inputs
    assert (state.digest, state.content_hash) == (first.digest, first.content_hash)


def test_a_manifest_of_another_version_is_not_believed(project, tools, monkeypatch):
    publish(tools.numbers(1), "in.zarr.zip")
    old = Path("in.json").read_bytes()
    new = publish(tools.numbers(2), "in.zarr.zip")
    Path("in.json").write_bytes(old)
    snakemake = tools.cube_job("a", inputs={"data": "in.zarr.zip"})
    (state,) = Recorder(snakemake).finish().inputs
    assert (state.digest, state.content_hash) == (new.digest, new.content_hash)
    # A file too large to be hashed is taken at its manifest's word.
    manifest = publish(tools.numbers(2), "in.zarr.zip").to_dict()
    write_json_atomic("in.json", manifest | {"digest": "0" * 64})
    monkeypatch.setattr(files, "LARGE", 0)
    (state,) = Recorder(snakemake).finish().inputs
    assert state.digest == "0" * 64


def test_files_by_the_names_of_the_rule(project, tools):
    publish(tools.numbers(1), "a.zarr.zip")
    for name in ("b.csv", "c", "twice.csv"):
        Path(name).write_text(name)
    snakemake = tools.job_object(
        inputs={"manifest": "a.json", "data": ["a.zarr.zip", "gone.zarr.zip"], "one": "twice.csv"}
    )
    snakemake.input.extend(["b.csv", "c", "twice.csv"])
    states = list(files.states_of(snakemake.input, project, trust_manifests=False))
    # An archive speaks for its manifest; what has no name is called by its kind; nothing twice.
    assert [(state.role, state.path) for state in states] == [
        ("data", "a.zarr.zip"),
        ("one", "twice.csv"),
        ("csv", "b.csv"),
        ("file", "c"),
    ]
    assert [state.content_hash is not None for state in states] == [True, False, False, False]


def test_a_manifest_without_its_archive_is_a_file(project, tools):
    publish(tools.numbers(1), "a.zarr.zip")
    snakemake = tools.job_object(inputs={"manifest": "a.json"})
    (state,) = files.states_of(snakemake.input, project, trust_manifests=True)
    assert (state.path, state.role) == ("a.json", "manifest")


def test_without_a_manifest_the_data_say_what_they_are(project, tools):
    made = publish(tools.numbers(1), "a.zarr.zip")
    Path("a.json").unlink()
    snakemake = tools.job_object(inputs={"data": "a.zarr.zip"})
    (state,) = files.states_of(snakemake.input, project, trust_manifests=True)
    assert state.content_hash == made.content_hash
    Path("a.zarr.zip").write_bytes(b"half")
    (state,) = files.states_of(snakemake.input, project, trust_manifests=True)
    assert state.content_hash is None


def test_what_stands_in_the_place_of_outputs(project, tools):
    """An archive and its manifest are one; nothing, a folder and what cannot be read are null."""
    made = publish(tools.numbers(1), "results/smoke/cubes/a.zarr.zip")
    Path("f.pdf").write_text("a figure")
    Path("g.pdf").mkdir()
    os.mkfifo("h.pdf")
    outputs = tools.job_object(
        outputs={
            "cube": "results/smoke/cubes/a.zarr.zip",
            "manifest": "results/smoke/cubes/a.json",
            "figure": ["f.pdf", "g.pdf", "h.pdf", "i.pdf"],
        }
    ).output
    assert files.standing(outputs, project) == {
        "results/smoke/cubes/a.zarr.zip": made.digest,
        "f.pdf": hashlib.sha256(b"a figure").hexdigest(),
        "g.pdf": None,
        "h.pdf": None,
        "i.pdf": None,
    }
    # Bytes are asked, not the manifest: that may be another's.
    whole = Path("results/smoke/cubes/a.zarr.zip")
    whole.write_bytes(whole.read_bytes() + b"x")
    assert files.standing(outputs, project)[str(whole)] != made.digest


def test_a_figure_says_its_mark(project):
    identity = {"figure": "f", "cube a": "12" * 32}
    save(Figure((1, 1)), Path("f"), identity)
    Path("table.tex").write_text(f"% {comment(identity)}\n")
    for name in ("f.pdf", "f.png", "f.svg", "table.tex"):
        assert files.mark_in(Path(name)) == mark_of(identity)
    # What is no figure, is broken, or carries two has none.
    Path("f.csv").write_bytes(Path("table.tex").read_bytes())
    Path("broken.pdf").write_bytes(b"x")
    Path("two.tex").write_text(f"% {comment(identity)}\n% {comment(identity | {'figure': 'g'})}\n")
    for name in ("f.csv", "broken.pdf", "two.tex", "nowhere.pdf"):
        assert files.mark_in(Path(name)) is None


def test_a_record_keeps_the_marks_of_what_was_drawn(project, tools):
    snakemake = tools.job_object(outputs={"figure": ["f.pdf"], "data": "f.csv"})
    recorder = Recorder(snakemake)
    save(Figure((1, 1)), Path("f"), {"figure": "f"})
    Path("f.csv").write_text("1")
    marks = {state.path: state.mark for state in recorder.finish().outputs}
    assert marks == {"f.pdf": mark_of({"figure": "f"}), "f.csv": None}
