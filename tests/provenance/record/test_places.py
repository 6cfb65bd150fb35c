"""The project's folder is found by what it holds."""

from __future__ import annotations

import pytest

from layeratlas.provenance.record.places import OBJECTS, RECORDS, nearest_store


@pytest.mark.parametrize("held", [RECORDS, OBJECTS])
def test_the_nearest_folder_with_records_or_versions(tmp_path, held):
    inner = tmp_path / "a" / "b"
    # A package of this name is no store.
    (inner / "provenance").mkdir(parents=True)
    assert nearest_store(inner) is None
    (tmp_path / held).mkdir(parents=True)
    assert nearest_store(inner) == nearest_store(tmp_path) == tmp_path
