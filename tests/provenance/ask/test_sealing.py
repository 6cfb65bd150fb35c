"""What is signed: all records, or those behind a result."""

from __future__ import annotations

import pytest
from made.keys import make_key, signers

from layeratlas.errors import StoreError
from layeratlas.provenance.ask.sealing import seal
from layeratlas.provenance.store.reading import RecordWarning
from layeratlas.provenance.store.statements import read_statement

__all__ = ["make_key", "signers"]


def test_all_records_or_those_behind_a_file(project, signers):
    path, count = seal(signers[0], root=project.root)
    assert count == len(project.records()) == len(read_statement(path.with_suffix("")))
    path, count = seal(signers[0], "figures/f.pdf", project.root)
    # Of the cube that was made twice only the version that is drawn.
    assert count == len(project.records()) - 1
    with pytest.raises(StoreError, match="neither a file here"):
        seal(signers[0], "nothing", project.root)


def test_what_cannot_be_read_is_not_signed(project, signers):
    project.records()[0].write_text("{")
    with pytest.warns(RecordWarning, match="is not whole JSON"):
        _, count = seal(signers[0], root=project.root)
    assert count == len(project.records()) - 1


def test_nothing_to_sign(tmp_path, signers):
    (tmp_path / "provenance" / "records").mkdir(parents=True)
    with pytest.raises(StoreError, match="nothing was signed"):
        seal(signers[0], root=tmp_path)
