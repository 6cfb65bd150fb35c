"""The frame around scripts: a log, plain errors, a record, and a receipt where all went well."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from snakemake.iocontainers import InputFiles, Log, OutputFiles, Params, ResourceList, Wildcards
from snakemake.iocontainers import Snakemake as ScriptObject

from layeratlas.errors import DatasetError
from layeratlas.provenance.record import capture, source
from layeratlas.provenance.store.reading import read_records
from layeratlas.workflow.frame import job
from layeratlas.workflow.receipts import SINCE


def named(container, values: dict):
    made = container(fromdict=values) if values else container()
    return made


@pytest.fixture
def script(tmp_path, monkeypatch):
    """`script(rule)`: the `snakemake` object of a job in an empty project."""
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("read")

    def build(rule: str = "unpack_cube", code: str = "0" * 16) -> ScriptObject:
        return ScriptObject(
            named(InputFiles, {"manifest": "in.txt"}),
            named(OutputFiles, {"made": "export/tiny.txt"}),
            named(Params, {"preset": "smoke", "code": code}),
            named(Wildcards, {"experiment": "tiny"}),
            1,
            named(ResourceList, {}),
            named(Log, {"log": "logs/job.log"}),
            {"preset": "smoke", "verbose": False},
            rule,
            None,
        )

    return build


RECEIPT = Path("results/receipts/unpack_cube/tiny.json")


def made() -> None:
    Path("export").mkdir(exist_ok=True)
    Path("export/tiny.txt").write_text("made")


def test_a_job_that_ends_well_leaves_a_record_and_a_receipt(script):
    with job(script()) as this:
        assert not RECEIPT.exists()
        this.note("half way")
        made()
    (record,) = read_records(".")
    assert record.status == "ok"
    receipt = json.loads(RECEIPT.read_text())
    assert set(receipt["params"]) == {"preset", "code"}
    assert list(receipt["inputs"]) == ["in.txt"]
    assert Path("logs/job.log").read_text() == "half way\n"


def test_an_error_of_ours_is_one_sentence(script, capsys):
    with pytest.raises(SystemExit) as caught, job(script()):
        raise DatasetError("There is no such data set.")
    assert caught.value.code == "unpack_cube: There is no such data set."
    (record,) = read_records(".")
    assert (record.status, record.error) == ("failed", "There is no such data set.")
    assert not RECEIPT.exists()


def test_a_job_told_to_end_leaves_a_record_and_no_lease(script):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as caught, job(script()):
        assert Path("export/.tiny.txt.lease").exists()
        os.kill(os.getpid(), signal.SIGTERM)
    assert caught.value.code == "ended by SIGTERM"
    (record,) = read_records(".")
    assert (record.status, record.error) == ("failed", "ended by SIGTERM")
    assert not RECEIPT.exists() and not Path("export").exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_work_that_can_be_put_down_hears_it_instead(script):
    with job(script()) as this, this.stopping() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.asked()
        made()
    assert RECEIPT.exists()


@pytest.mark.parametrize(
    ("change", "since", "again"),
    [
        ("nothing", "0", False),
        # Done before the workflow began: it has its reasons, or was forced.
        ("nothing", "9e9", True),
        ("nothing", None, True),
        ("input", "0", True),
        ("result", "0", True),
        ("code", "0", True),
    ],
)
def test_what_another_has_done_meanwhile_is_not_repeated(script, monkeypatch, change, since, again):
    """A killed controller's job, or a scheduler's that took a living node for lost."""
    with job(script()):
        made()
    if change == "input":
        Path("in.txt").write_text("another")
    if change == "result":
        Path("export/tiny.txt").unlink()
    second = script(code=("1" if change == "code" else "0") * 16)
    monkeypatch.delenv(SINCE, raising=False)
    if since is not None:
        monkeypatch.setenv(SINCE, since)
    worked = []
    try:
        with job(second):
            worked.append(True)
            made()
    except SystemExit as ended:
        assert ended.code == 0
    assert bool(worked) is again
    assert len(read_records(".")) == 1 + len(worked)
    assert not Path("export/.tiny.txt.lease").exists()


def test_any_other_error_keeps_its_traceback(script):
    with pytest.raises(ZeroDivisionError), job(script()):
        1 / 0  # noqa: B018
    assert "Traceback" in Path("logs/job.log").read_text()
    assert not RECEIPT.exists()


def test_what_an_earlier_job_left_stays_when_the_next_fails(script):
    with job(script()):
        made()
    before = RECEIPT.read_bytes()
    with pytest.raises(ZeroDivisionError), job(script()):
        1 / 0  # noqa: B018
    assert RECEIPT.read_bytes() == before


def test_a_rule_of_somebody_elses_needs_no_receipt(script):
    with job(script("a_rule_of_mine")):
        made()
    assert len(list(read_records("."))) == 1
    assert not Path("results").exists()


def test_what_a_job_cannot_find_out_about_itself_is_in_its_log(script, monkeypatch):
    why = {"commit": "git is not installed"}
    monkeypatch.setattr(capture, "git_state", lambda: source.GitState(unread=why))
    with job(script()):
        made()
    assert Path("logs/job.log").read_text() == "commit could not be read: git is not installed.\n"
    (record,) = read_records(".")
    assert record.code.unread == why
    assert Path("store/objects", f"{record.code.kept}.tar").is_file()
