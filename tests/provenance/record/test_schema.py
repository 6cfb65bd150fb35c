"""Records: what identifies a file, and that other versions' records can be read."""

from __future__ import annotations

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
    code = Code.model_validate({"source": "0", "version": "9", "container": "sha256:1"})
    assert code.model_dump()["container"] == "sha256:1"
    # Records from before addresses were told.
    assert code.repository is None
    with pytest.raises(ValidationError):
        FileState(path="a", role="data", digest="0", size="large")
