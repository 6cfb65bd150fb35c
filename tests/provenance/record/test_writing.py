"""Records are written whole, as plain JSON, and never in another's place."""

from __future__ import annotations

import json
import subprocess

import pytest

from layeratlas.bounded.seals import check_seal, seal_of
from layeratlas.errors import StoreError
from layeratlas.provenance.record.recording import Recorder
from layeratlas.provenance.record.writing import (
    check_writable,
    last_record,
    seal_of_lines,
    write_record,
)

pytestmark = pytest.mark.usefixtures("quick_capture")


def test_no_record_is_ever_overwritten(project, tools):
    record = Recorder(tools.cube_job("a")).finish()
    with pytest.raises(StoreError, match="no record is overwritten"):
        write_record(record, project)
    assert tools.records(project) == [record]
    assert not list(project.rglob("*.tmp"))


def test_the_record_is_plain_json(project, tools):
    record = Recorder(tools.cube_job("a")).finish()
    (path,) = (project / "provenance/records").rglob("*.json")
    written = json.loads(path.read_text())
    assert check_seal(written, path)
    del written["seal"]
    assert written == json.loads(record.model_dump_json())
    assert subprocess.run(["grep", "-c", "", str(path)], capture_output=True).stdout > b"10"


def test_what_cannot_be_written_is_told_before_the_work(tmp_path):
    check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match=r"cannot be written.*Nothing was computed"):
        check_writable(tmp_path / "file" / "inside")


def test_a_record_is_a_part_a_line(project, tools):
    record = Recorder(tools.cube_job("a")).finish()
    path = (
        project / "provenance/records" / f"{record.id[:4]}-{record.id[4:6]}" / f"{record.id}.json"
    )
    lines = path.read_text().splitlines()
    assert len(lines) == 3 + len(type(record).model_fields)


def test_the_last_record_is_that_of_the_latest_name(tmp_path):
    """Whatever else lies there: temporaries, notes, empty months, names that are no record's."""
    assert last_record(tmp_path) is None
    records = tmp_path / "provenance" / "records"
    for name in (
        "2026-01/20260131T120000.5Z-ab.json",
        "2026-02/20260201T000000Z-cd.json",
        "2026-02/20260201T000001.000002Z-ef.json",
        "2026-02/.20260202T000001.000002Z-ef.json.0-1-2.tmp",
        "2026-02/zzz.json",
        "2026-03/notes.txt",
        "zzzz/20270201T000001.000002Z-ef.json",
    ):
        (records / name).parent.mkdir(parents=True, exist_ok=True)
        (records / name).write_text("{}")
    (records / "9999-99").write_text("no folder")
    assert last_record(tmp_path) == "20260201T000001.000002Z-ef"


def test_lines_tell_the_seal_of_what_was_written_and_of_nothing_else(project, tools):
    Recorder(tools.cube_job("é ,\n: x")).finish()
    (path,) = (project / "provenance/records").rglob("*.json")
    content = path.read_bytes()
    document = json.loads(content)
    assert seal_of_lines(content) == document["seal"] == seal_of(document)
    for other in (
        content.replace(b"\n", b" "),
        content.replace(b": ", b":  ", 1),
        content + b"\n",
        json.dumps(document).encode(),
    ):
        assert json.loads(other) == document
        assert seal_of_lines(other) != document["seal"]
