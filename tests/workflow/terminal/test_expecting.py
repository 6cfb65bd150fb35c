"""Times of jobs: from records of this machine where there are any, else from sizes."""

from __future__ import annotations

import json
import socket

import pytest

from layeratlas.provenance.store import index
from layeratlas.workflow.sizes import Size
from layeratlas.workflow.terminal import expecting
from layeratlas.workflow.terminal.expecting import FACTOR, START, Expecting, Past, past_here

HERE = socket.gethostname()


def past(rule, what, sized, *seconds):
    return [Past(rule, what, sized, one, HERE) for one in seconds]


def size(work: float, start: float = 60.0) -> Size:
    return Size(1e6, start + work, start)


def test_without_records_it_is_what_sizes_tell():
    found = Expecting(lambda: []).of("measure", "tiny", size(100))
    assert found == (START["measure"] + 100 * FACTOR, False)


def test_the_same_job_on_record_is_believed_whatever_its_size():
    known = past("train", "tiny", 160, 31.0, 33.0, 500.0) + past("train", "other", 160, 1.0)
    assert Expecting(lambda: known).of("train", "tiny", size(100)) == (33.0, True)


def test_start_and_factor_are_learned_from_other_sizes():
    """Of jobs that take 4 s and a third of the work told, another is told within a second."""
    known = [
        *past("train", "small", 61, 4.0, 4.2, 4.1),
        *past("train", "large", 360, 104.0),
        *past("train", "larger", 660, 205.0),
    ]
    found = Expecting(lambda: known).of("train", "new", size(150))
    assert found.on_record and found.seconds == pytest.approx(54, abs=1)
    # Another rule learns nothing of it.
    assert not Expecting(lambda: known).of("measure", "new", size(150)).on_record


def test_records_of_brief_jobs_alone_tell_the_start():
    known = past("train", "small", 61, 9.0)
    found = Expecting(lambda: known).of("train", "new", size(100))
    assert found.seconds == pytest.approx(9 + 100 * FACTOR)


def test_records_are_asked_once():
    asked = []
    told = Expecting(lambda: asked.append(1) or [])
    for work in (1, 2, 3):
        told.of("train", "tiny", size(work))
    assert asked == [1]


def test_records_of_other_machines_do_not_count(monkeypatch, tmp_path):
    class Rows:
        def __init__(self, root):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def execute(self, query, given):
            return self

        def fetchall(self):
            machines = [json.dumps({"host": HERE}), json.dumps({"host": "other"}), "no JSON"]
            return [
                {"rule": "train", "what": "a", "sized": 61, "seconds": 5.0, "machine": machine}
                for machine in machines
            ]

    monkeypatch.setattr(index, "index_as_it_stands", Rows)
    assert past_here(tmp_path) == [Past("train", "a", 61, 5.0, HERE)]


def test_without_an_index_there_are_none(tmp_path):
    assert past_here(tmp_path) == []


@pytest.mark.slow
def test_what_real_jobs_left_is_found(finished, monkeypatch):
    """The query itself."""
    monkeypatch.chdir(finished.folder)
    with index.open_index("."):
        pass
    found = past_here(".")
    assert {one.rule for one in found} >= {"train", "measure", "assemble_cube"}
    assert all(one.seconds > 0 and one.sized > 0 for one in found)
    monkeypatch.setattr(expecting, "MOST", 0)
    assert past_here(".") == []
