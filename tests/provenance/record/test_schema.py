"""Records: what identifies a file, and that other versions' records can be read."""

from __future__ import annotations

import json

import pytest
from made.builder import made_up, sha
from pydantic import ValidationError

from layeratlas.provenance.record.schema import Code, FileState, Record


def test_content_identifies_a_file_where_it_is_known():
    assert made_up("a.zarr.zip").identity == sha("a.zarr.zip")
    assert made_up("a.pdf").identity == made_up("a.pdf").digest


def test_records_go_to_json_and_back(recorded):
    for path in recorded.records():
        record = Record.model_validate_json(path.read_bytes())
        assert Record.model_validate_json(record.model_dump_json()) == record


def test_keys_of_a_later_version_are_kept_and_missing_ones_have_defaults():
    code = Code.model_validate({"source": sha("0"), "version": "9", "container": "sha256:1"})
    assert code.model_dump()["container"] == "sha256:1"
    # Records from before addresses were told.
    assert code.repository is None
    with pytest.raises(ValidationError):
        FileState(path="a", role="data", digest=sha("0"), size="large")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "../../x"},
        {"id": "20310517T080001Z-000000"},
        {"started": "2031-05-17T08:00:00"},
        {"started": "2031-05-17T10:00:00+02:00"},
        {"started": "soon"},
        {"ended": "2031-05-17T07:59:59+00:00"},
        {"wall_seconds": -1.0},
        {"peak_memory_bytes": 2**63},
        {"configuration": {"hash": "0", "value": {}}},
        {"outputs": [{"path": "a", "role": "b", "digest": "../x", "size": 1}]},
        {"outputs": [{"path": "a", "role": "b", "digest": sha("0"), "size": -1}]},
        {"outputs": [{"path": "a", "role": "b", "digest": sha("0"), "size": 10**30}]},
    ],
    ids=str,
)
def test_what_no_job_can_have_left_is_refused(recorded, change):
    record = json.loads(recorded.records()[0].read_bytes())
    Record.model_validate(record)
    with pytest.raises(ValidationError):
        Record.model_validate(record | change)


def test_a_diff_is_a_digest_before_it_is_part_of_a_path(recorded):
    code = json.loads(recorded.records()[0].read_bytes())["code"]
    with pytest.raises(ValidationError, match="diff"):
        Code.model_validate(code | {"diff": "*"})
