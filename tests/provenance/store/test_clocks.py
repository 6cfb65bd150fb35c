"""Machines whose clocks are wrong: which version stands is asked of what follows from what."""

from __future__ import annotations

import json
import shutil
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from layeratlas import lineage, log, stale, versions
from layeratlas.errors import StoreError
from layeratlas.provenance.record import recording
from layeratlas.provenance.record.schema import Record
from layeratlas.provenance.record.writing import write_record
from layeratlas.provenance.store.garbage import collect_garbage
from layeratlas.provenance.store.objects import objects
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.provenance.store.verify import verify
from layeratlas.workflow.frame import job

pytestmark = pytest.mark.usefixtures("quick_capture")
CUBE = "results/smoke/cubes/a.zarr.zip"
HOUR = timedelta(hours=1)
WRONG = {
    "an hour behind": -HOUR,
    "a year behind": -366 * 24 * HOUR,
    "an hour ahead": HOUR,
    "in the year 9998": timedelta(days=365 * 7971),
    "in 1970": datetime(1970, 1, 2, tzinfo=UTC) - datetime.now(UTC),
}


@pytest.fixture
def clock(monkeypatch):
    """Set the clock of the machine that the next jobs run on."""

    def set_to(shift: timedelta) -> None:
        class Shifted(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + shift

        monkeypatch.setattr(recording, "datetime", Shifted)

    return set_to


def newest(project, tools) -> Record:
    """The record of the cube's second version."""
    (record,) = (r for r in tools.records(project) if r.outputs[0].path == CUBE and
                 r.outputs[0].digest == verify(CUBE)["found"].item())  # fmt: skip
    return record


@pytest.mark.filterwarnings("ignore::layeratlas.provenance.store.reading.RecordWarning")
@pytest.mark.parametrize(
    ("wrong", "which", "removed"),
    [
        *((wrong, which, False) for wrong in WRONG for which in ("first", "second")),
        ("an hour behind", "second", True),
        ("in the year 9998", "first", True),
    ],
)
def test_what_was_made_last_stands(project, run, tools, clock, wrong, which, removed):
    clock(WRONG[wrong] if which == "first" else timedelta(0))
    first = run.cube(1)
    old_figure = run.figure("one")
    if removed:
        shutil.rmtree("results")
    clock(WRONG[wrong] if which == "second" else timedelta(0))
    second = run.cube(2)
    clock(timedelta(0))
    figure = run.figure("two")
    assert set(verify()["status"]) == {"ok"}
    made = newest(project, tools)
    assert verify(CUBE)["record"].item() == made.id
    table = versions("a")
    assert list(table["digest"]) == [first, second]
    assert list(table["state"]) == ["stored", "current"]
    told = lineage("figures/f.pdf")
    assert list(told["record"])[1] == made.id
    assert lineage(CUBE)["record"][0] == made.id
    assert set(stale()[lambda t: t["path"] == CUBE]["record"]) == {made.id}
    assert set(collect_garbage(apply=True)["digest"]) == {first, old_figure}
    assert set(objects()["digest"]) == {second, figure}
    # Known by its name alone, when it is gone.
    Path(CUBE).unlink()
    assert lineage(CUBE)["record"][0] == made.id


def test_a_foreign_record_of_the_year_9999_does_not_win(project, run, tools):
    """One that nothing links to what is here: say, of another clone."""
    run.cube(1)
    (mine,) = tools.records(project)
    document = mine.model_dump(mode="json")
    document |= {
        "id": "99991231T235959.000000Z-abcdef012345",
        "started": "9999-12-31T23:59:59+00:00",
        "ended": "9999-12-31T23:59:59+00:00",
        "after": None,
        "replaced": {},
    }
    document["outputs"][0] |= {"digest": "f" * 64, "content_hash": "e" * 64, "kept": False}
    write_record(Record.model_validate(document), project)
    said = r"time of 1 record is not believed \(9999-12/99991231T235959.000000Z-abcdef012345.json"
    with pytest.warns(RecordWarning, match=said):
        (row,) = verify(CUBE).to_dict("records")
    assert (row["status"], row["record"]) == ("ok", mine.id)
    with pytest.warns(RecordWarning, match=said) as caught:
        assert list(versions("a")["record"])[-1] == mine.id
    assert len(caught) == 1
    with pytest.warns(RecordWarning, match=said):
        assert len(log()) == 2


def test_believable_times_give_no_warning(project, run, clock):
    run.cube(1)
    clock(timedelta(hours=20))
    run.cube(2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verify()
        versions("a")


def test_records_without_evidence_are_ordered_by_time(project, run, tools):
    """As before: of jobs of earlier versions nothing else is known."""
    first, second = run.cube(1), run.cube(2)
    for path in Path("provenance/records").rglob("*.json"):
        document = json.loads(path.read_text())
        for name in ("after", "replaced", "seal"):
            del document[name]
        path.write_text(json.dumps(document))
    assert list(versions("a")["digest"]) == [first, second]
    assert set(verify(CUBE)["status"]) == {"ok"}


def test_what_a_job_found_is_on_record(project, run, tools):
    first = run.cube(1)
    with pytest.raises(SystemExit), job(tools.cube_job("a")):
        raise StoreError("no")
    run.cube(2)
    one, failed, two = sorted(tools.records(project), key=lambda record: record.id)
    assert (one.after, one.replaced) == (None, {CUBE: None})
    assert (failed.status, failed.after, failed.replaced) == ("failed", one.id, {CUBE: first})
    assert (two.after, two.replaced) == (failed.id, {CUBE: first})
