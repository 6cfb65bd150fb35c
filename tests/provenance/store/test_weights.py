"""Weights that are measured may go, and the price of making them again is told."""

from __future__ import annotations

import pytest

from layeratlas.cli import main
from layeratlas.errors import StoreError
from layeratlas.provenance.ask.lineage import lineage
from layeratlas.provenance.ask.staleness import stale
from layeratlas.provenance.store.freed import FREED, freed
from layeratlas.provenance.store.reading import read_records
from layeratlas.provenance.store.verify import verify
from layeratlas.provenance.store.weights import COLUMNS, free_weights
from layeratlas.provenance.tell.grouping import total

SHARD = "results/smoke/shards/phase/aaaaaaaaaaaaaaaa.zarr.zip"
MEASURED = "results/smoke/measurements/phase/aaaaaaaaaaaaaaaa.zarr.zip"


def test_nothing_goes_before_it_is_asked_to(made):
    table = free_weights(made.root)
    (row,) = table.to_dict("records")
    assert tuple(table.columns) == COLUMNS
    place = made.root / SHARD
    assert (row["path"], row["experiment"], row["key"]) == (SHARD, "phase", "a" * 16)
    assert row["size"] == place.stat().st_size and not row["removed"]
    record = next(r for r in read_records(made.root) if r.activity.rule == "train")
    assert row["cpu_seconds"] == record.cpu_seconds and row["wall_seconds"] == record.wall_seconds
    assert place.exists() and not (made.root / FREED).exists()


def test_what_goes_is_noted_and_no_fault(made):
    before = verify(root=made.root).set_index("path")["status"]
    assert before[SHARD] == "ok"
    ill = {*stale(made.root)["path"]}
    behind = lineage(made.root / "figures/f.pdf", made.root)
    assert free_weights(made.root, apply=True)["removed"].tolist() == [True]
    assert not (made.root / SHARD).exists() and SHARD in freed(made.root)
    after = verify(root=made.root).set_index("path")["status"]
    assert after[SHARD] == "freed"
    # Of all else nothing is said that was not said before; the note itself is looked at.
    (note,) = (path for path in after.index if path.startswith(FREED.as_posix()))
    others = after.drop([SHARD, note])
    assert others.equals(before.drop(SHARD)[others.index]) and len(others) == len(before) - 1
    assert after[note] == "ok"
    assert {*stale(made.root)["path"]} == ill
    assert SHARD in {*behind["path"]} and lineage("figures/f.pdf", made.root).equals(behind)
    # Gone is gone: a second time there is nothing.
    assert len(free_weights(made.root, apply=True)) == 0


def test_what_is_not_measured_stays(made):
    (made.root / MEASURED).unlink()
    assert len(free_weights(made.root, apply=True)) == 0
    assert (made.root / SHARD).exists()


def test_what_is_not_as_on_record_stays(made):
    place = made.root / SHARD
    place.write_bytes(place.read_bytes() + b"more")
    assert len(free_weights(made.root, apply=True)) == 0
    assert place.exists()


def test_what_went_without_a_word_is_missing(made):
    """The control: the note makes the difference, and it is of one version."""
    (made.root / SHARD).unlink()
    assert verify(SHARD, root=made.root)["status"].tolist() == ["missing"]


def test_its_manifest_stays_and_is_looked_at(made):
    free_weights(made.root, apply=True)
    manifest = made.root / SHARD.replace(".zarr.zip", ".json")
    text = manifest.read_text()
    # Another's, whole in itself.
    manifest.write_text((made.root / MEASURED.replace(".zarr.zip", ".json")).read_text())
    assert verify(SHARD, root=made.root)["status"].tolist() == ["changed"]
    manifest.unlink()
    assert verify(SHARD, root=made.root)["status"].tolist() == ["damaged"]
    manifest.write_text(text)
    assert verify(SHARD, root=made.root)["status"].tolist() == ["freed"]


def test_where_a_workflow_is_at_work_nothing_goes(made):
    (locks := made.root / ".snakemake" / "locks").mkdir(parents=True)
    (locks / "0.input.lock").touch()
    assert len(free_weights(made.root)) == 1
    with pytest.raises(StoreError, match="a workflow is at work here"):
        free_weights(made.root, apply=True)
    assert (made.root / SHARD).exists() and not (made.root / FREED).exists()


def test_a_measurement_of_another_experiment_does_not_stand_for_its_own(made):
    """Its own is asked for again, and would train the networks for it."""
    record = next(r for r in read_records(made.root) if r.activity.rule == "measure")
    other = MEASURED.replace("/phase/", "/other/")
    (made.root / other).parent.mkdir()
    for ending in (".zarr.zip", ".json"):
        content = (made.root / MEASURED.replace(".zarr.zip", ending)).read_bytes()
        (made.root / other.replace(".zarr.zip", ending)).write_bytes(content)
    made.job("measure", record.inputs, [made.state(other, "measurement")], experiment="other")
    assert len(free_weights(made.root)) == 1
    (made.root / MEASURED).unlink()
    assert len(free_weights(made.root)) == 0


def test_the_price_is_told_before_and_after(made, capsys):
    size = total([(made.root / SHARD).stat().st_size])
    for words, done in ([], "would be freed; --apply removes them"), (["--apply"], "freed"):
        assert main(["store", "gc", "--weights", *words, "--root", str(made.root)]) == 0
        told = " ".join(capsys.readouterr().out.split())
        assert f"weights of 1 shards, {size} {done}. " in told
        # As the records of the jobs say that made them.
        assert "in about 28 s of a core" in told
    assert main(["store", "gc", "--weights", "--root", str(made.root)]) == 0
    assert "no weights to free" in capsys.readouterr().out
