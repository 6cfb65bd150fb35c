"""Receipts: what a job was asked and read decides whether it runs again, never a time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

import pytest
import xarray as xr

from layeratlas.bounded.seals import SEAL, sealed
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.runs.ledger import read_plan
from layeratlas.storage import publish
from layeratlas.workflow import receipts as module
from layeratlas.workflow.jobs import JOBS
from layeratlas.workflow.receipts import (
    CHANGED,
    Receipts,
    check_receipt,
    identity,
    leave,
    receipt_path,
)

RESULTS = Path("results/smoke")


# --- what identifies a file -------------------------------------------------------------------
def test_identity_of_an_archive_is_its_content(tmp_path):
    manifest = publish(xr.Dataset({"a": ("x", [1.0])}), tmp_path / "a.zarr.zip")
    assert identity(tmp_path / "a.json") == manifest.content_hash
    (tmp_path / "a.txt").write_text("text")
    text = identity(tmp_path / "a.txt")
    (tmp_path / "a.txt").write_text("texts")
    assert identity(tmp_path / "a.txt") != text is not None
    # JSON that is no manifest, such as claims, is told by its bytes.
    (tmp_path / "claims.json").write_text('{"claims": []}')
    assert len(identity(tmp_path / "claims.json")) == 64
    assert identity(tmp_path / "nothing.json") is None


@pytest.mark.parametrize(
    "content",
    [b"{", b"{" * 100_000, b"[1]", b'{"format_version": 1}',
     b'{"format_version": 1, "content_hash": 3}', b'{"a": 1' + b"0" * 5000 + b"}"],
)  # fmt: skip
def test_what_looks_like_a_manifest_and_is_none_is_told_by_its_bytes(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    assert identity(tmp_path / "a.json") == hashlib.sha256(content).hexdigest()


def test_what_is_no_file_has_no_content(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    assert [identity(tmp_path / name) for name in ("pipe", "folder", "x" * 5000)] == [None] * 3


# --- one receipt ------------------------------------------------------------------------------
@pytest.fixture
def receipt(tmp_path) -> Path:
    """A receipt as `leave` writes it."""
    held = {"params": {"code": "00ff"}, "inputs": {"a.json": "1" * 64}, "outputs": {}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(sealed(held), indent=1, sort_keys=True))
    return path


def test_a_receipt_is_sealed_and_an_older_one_stays_readable(receipt):
    assert check_receipt(receipt) is True
    text = json.loads(receipt.read_text())
    del text[SEAL]
    receipt.write_text(json.dumps(text))
    assert check_receipt(receipt) is False
    receipt.write_text(json.dumps({**text, SEAL: "0" * 64}))
    with pytest.raises(UnreadableError, match="does not fit its seal"):
        check_receipt(receipt)


def test_every_flipped_bit_of_a_receipt_is_seen(receipt):
    content, true = receipt.read_bytes(), json.loads(receipt.read_text())
    for place in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            receipt.write_bytes(flipped)
            try:
                check_receipt(receipt)
            except UnreadableError:
                continue
            assert json.loads(receipt.read_text()) == true, (place, bit)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "{}", "[" * 100_000, '{"params": {}, "inputs": {}, "outputs": []}',
     '{"params": {"a": 1}, "inputs": {}, "outputs": {}}', '{"params": {}, "inputs": {}}',
     '{"params": {}, "inputs": {}, "outputs": {}, "more": {}}'],
)  # fmt: skip
def test_what_is_no_receipt_is_refused_by_name(receipt, text):
    receipt.write_text(text)
    with pytest.raises(UnreadableError, match=r"a\.json: "):
        check_receipt(receipt)


def test_a_receipt_lies_with_what_it_speaks_of():
    at = {"experiment": "tiny", "key": "0f"}
    assert receipt_path("smoke", "train", at) == RESULTS / "receipts/train/tiny/0f.json"
    # All presets show their figure in one place.
    shown = receipt_path("smoke", "show_figure", {"figure": "phase_diagram"})
    assert shown == Path("results/receipts/show_figure/phase_diagram.json")
    assert receipt_path("laptop", "show_figure", {"figure": "phase_diagram"}) == shown


# --- a finished project -----------------------------------------------------------------------
def reasons(project) -> dict[str, str | None]:
    """Why each job of the tiny project would run again, as a new process sees it."""
    atlas = project.atlas()
    plan = atlas.shards("tiny")[0]
    shard = {"experiment": "tiny", "key": plan.key}
    jobs = {
        "prepare_dataset": {"key": atlas.dataset_key(plan)},
        "train": shard,
        "measure": shard,
        "assemble_cube": {"experiment": "tiny"},
        "draw_map": {"experiment": "tiny", "metric": "data_separation"},
    }
    asked = Receipts(atlas)
    return {rule: asked.reason(rule, at) for rule, at in jobs.items()}


def unsealed(receipt: Path) -> dict:
    """What a receipt says, as those of earlier versions did, to be changed."""
    text = json.loads(receipt.read_text())
    del text[SEAL]
    return text


@pytest.fixture
def here(finished, monkeypatch):
    monkeypatch.chdir(finished.folder)
    return finished


def test_every_finished_job_has_a_receipt(here):
    assert set(reasons(here).values()) == {None}


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("", "no_receipt"),
        ("{", "no_receipt"),
        ("[]", "no_receipt"),
        ('{"params": {}}', "no_receipt"),
        ('{"params": {}, "inputs": {}, "outputs": {}, "seal": "0"}', "no_receipt"),
        ("[" * 100_000, "no_receipt"),
    ],
)
def test_a_damaged_receipt_is_none(here, damage, reason):
    (receipt,) = RESULTS.glob("receipts/train/tiny/*.json")
    receipt.write_text(damage)
    found = reasons(here)
    assert found["train"] == reason
    assert found["prepare_dataset"] is None
    # What was made from it runs again with it.
    assert [found[rule] for rule in ("measure", "assemble_cube", "draw_map")] == ["inputs"] * 3


def test_another_content_counts_and_another_file_of_the_same_does_not(here):
    (manifest,) = RESULTS.glob("measurements/tiny/*.json")
    text = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(text | {"digest": "0" * 64}))
    assert set(reasons(here).values()) == {None}
    manifest.write_text(json.dumps(text | {"content_hash": "0" * 64}))
    found = reasons(here)
    assert found["measure"] == "results"
    assert found["assemble_cube"] == "inputs"
    assert found["train"] is None


def test_settings_and_code_are_told_apart(here):
    here.write(title="Another title")
    assert reasons(here)["assemble_cube"] == "settings"
    here.write()
    (receipt,) = RESULTS.glob("receipts/measure/tiny/*.json")
    text = unsealed(receipt)
    receipt.write_text(json.dumps(text | {"params": text["params"] | {"code": "0" * 16}}))
    assert reasons(here)["measure"] == "code"


def test_what_its_maker_made_since_counts_also_when_it_is_gone(here):
    """A shard re-made with other numbers, then deleted: what came of the old one is out of date."""
    (archive,) = RESULTS.glob("shards/tiny/*.zarr.zip")
    shard = archive.with_name(archive.name.replace(".zarr.zip", ".json"))
    (receipt,) = RESULTS.glob("receipts/train/tiny/*.json")
    text = unsealed(receipt)
    receipt.write_text(json.dumps(text | {"outputs": {shard.as_posix(): "0" * 64}}))
    shard.unlink()
    assert reasons(here)["measure"] == "inputs"


def test_an_archive_of_another_size_is_not_what_was_made(here):
    cube = RESULTS / "cubes/tiny.zarr.zip"
    cube.write_bytes(cube.read_bytes() + b"junk")
    found = reasons(here)
    assert (found["assemble_cube"], found["draw_map"]) == ("results", "inputs")


def test_a_reason_is_never_written_where_a_link_leads(here, tmp_path):
    (mine := tmp_path / "mine").write_text("mine")
    (RESULTS / CHANGED).mkdir(exist_ok=True)
    (RESULTS / CHANGED / "no_receipt").symlink_to(mine)
    at = {"experiment": "tiny", "metric": "data_separation"}
    receipt_path("smoke", "draw_map", at).unlink()
    assert Receipts(here.atlas()).changed("draw_map", at, ["figures/maps/tiny/data_separation.pdf"])
    assert mine.read_text() == "mine"


def test_where_nothing_can_be_written_it_says_so(here, monkeypatch):
    def refuse(*args, **options):
        raise OSError(30, "Read-only file system")

    at = {"experiment": "tiny", "metric": "data_separation"}
    receipt_path("smoke", "draw_map", at).unlink()
    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(StoreError, match=r"changed/no_receipt: cannot be written \(Read-only"):
        Receipts(here.atlas()).changed("draw_map", at, ["figures/maps/tiny/data_separation.pdf"])


def test_what_is_no_longer_there_is_no_reason(here):
    """A data set may be deleted: the networks trained on it stay."""
    for path in RESULTS.glob("datasets/*"):
        path.unlink()
    assert set(reasons(here).values()) == {None}


def test_a_job_that_nobody_asks_for_is_not_as_it_was(here):
    asked = Receipts(here.atlas())
    (receipt,) = RESULTS.glob("receipts/train/tiny/*.json")
    shutil.copy(receipt, receipt.with_name("0123456789abcdef.json"))
    at = {"experiment": "tiny", "key": "0123456789abcdef"}
    assert asked.reason("train", at) == "settings"


# --- a plan that is not believed ----------------------------------------------------------------
def exchange(plan: Path) -> None:
    """Two values of a member exchanged under ids and a key that still fit each other."""
    document = json.loads(plan.read_text())
    del document[SEAL]
    values = document["members"]["dropout"]
    other = next(i for i, value in enumerate(values) if value != values[0])
    values[0], values[other] = values[other], values[0]
    plan.write_text(json.dumps(sealed(document)))


def test_a_plan_with_two_values_exchanged_is_told_once_and_planned_anew(here):
    (plan,) = RESULTS.glob("shards/tiny/*.plan.json")
    exchange(plan)
    done = here.snakemake("figures/maps/tiny/data_separation.pdf", dry=True)
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Warning:")]
    assert plan.name in line and "settings beside it" in line and len(line) <= 400
    # The shard that stands was made by the right plan, which is what is planned anew.
    assert "Nothing to be done" in done.stdout + done.stderr


@pytest.mark.slow
def test_no_two_rows_of_a_cube_are_exchanged(here):
    """Trained with the exchanged plan, as once it was, under the labels of the right one."""
    (plan,) = RESULTS.glob("shards/tiny/*.plan.json")
    manifest = RESULTS / "cubes/tiny.json"
    before = manifest.read_text()
    exchange(plan)
    for folder in ("shards", "measurements", "cubes", "receipts"):
        for path in RESULTS.glob(f"{folder}/**/*.*"):
            if path != plan and path.is_file():
                path.unlink()
    made = here.make(str(manifest))
    assert made.count("Warning: results") == 1
    assert manifest.read_text() == before
    assert read_plan(plan).to_json() == sealed_plan(plan)


def sealed_plan(path: Path) -> dict:
    document = json.loads(path.read_text())
    assert document.pop(SEAL)
    return document


# --- the file that tells Snakemake ------------------------------------------------------------
def test_the_reason_is_a_file_newer_than_the_results(here):
    at = {"experiment": "tiny", "metric": "data_separation"}
    outputs = [f"figures/maps/tiny/data_separation.{kind}" for kind in ("pdf", "png", "svg")]
    assert Receipts(here.atlas()).changed("draw_map", at, outputs) == []
    receipt_path("smoke", "draw_map", at).unlink()
    ahead = time.time() + 3600  # from a machine whose clock is ahead
    os.utime(outputs[0], (ahead, ahead))
    (stamp,) = Receipts(here.atlas()).changed("draw_map", at, outputs)
    assert Path(stamp) == RESULTS / CHANGED / "no_receipt"
    # Newer than the oldest is enough for Snakemake.
    assert Path(stamp).stat().st_mtime > min(Path(path).stat().st_mtime for path in outputs)
    assert max(Path(path).stat().st_mtime for path in (*outputs, stamp)) < time.time()
    # Again, as every job on a cluster does: it must not get newer than results made meanwhile.
    before, text = Path(stamp).stat().st_mtime_ns, Path(stamp).read_text()
    assert Receipts(here.atlas()).changed("draw_map", at, outputs) == [stamp]
    assert Path(stamp).stat().st_mtime_ns == before
    # Nor may its bytes be known: Snakemake would take it for what it has seen.
    assert Path(stamp).read_text() != text
    os.utime(stamp, (ahead, ahead))
    assert Receipts(here.atlas()).changed("draw_map", at, outputs) == [stamp]
    assert Path(stamp).stat().st_mtime < time.time()
    Path(outputs[1]).unlink()
    assert Receipts(here.atlas()).changed("draw_map", at, outputs) == []


def test_a_receipt_leaves_out_why_the_job_ran(here, monkeypatch):
    (stamp := RESULTS / CHANGED / "code").parent.mkdir(parents=True)
    stamp.write_text("")
    (manifest,) = RESULTS.glob("measurements/tiny/*.json")
    cube = str(manifest)

    class Named(list):
        def __init__(self, **values):
            super().__init__(values.values())
            self._values = values

        def items(self):
            return self._values.items()

    class Job:
        rule = "assemble_cube"
        wildcards = Named(experiment="other")
        input = Named(manifests=cube, changed=str(stamp))
        output = Named(cube="x.zarr.zip")
        params = Named(plan="{}", code="0")

    leave(Job, "smoke")
    receipt = json.loads(
        receipt_path("smoke", "assemble_cube", {"experiment": "other"}).read_text()
    )
    assert set(receipt["inputs"]) == {cube} and SEAL in receipt
    assert set(receipt["params"]) == {"plan", "code"} == set(JOBS["assemble_cube"].names)


def test_planning_loads_no_arrays():
    """Receipts are read at every start of the workflow."""
    assert not hasattr(module, "xr")
    assert not hasattr(module, "np")
