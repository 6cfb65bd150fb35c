"""Records that were signed: by whom, and whether they are what was signed."""

from __future__ import annotations

import json

import pytest
from made.keys import make_key, signers

from layeratlas.errors import StoreError
from layeratlas.provenance.store.statements import statements, write_statement
from layeratlas.provenance.store.verify import verify

__all__ = ["make_key", "signers"]


@pytest.fixture
def signed(recorded, signers):
    """A store whose first three records ada signed."""
    names = [f"{path.parent.name}/{path.name}" for path in recorded.records()[:3]]
    write_statement(recorded.root, names, signers[0])
    return recorded


def rows(store, allowed=None):
    table = verify(store.root / "provenance", store.root, allowed).set_index("path")
    return table.rename(lambda path: path.rpartition("/")[2])


def test_who_signed_is_told(signed, signers):
    table = rows(signed, signers[1])
    assert set(table["status"]) == {"ok"}
    assert (table["signer"] == "ada@example.org").sum() == 3 + 1
    assert rows(signed)["signer"].isna().all()


def test_an_altered_record_is_a_finding_however_it_was_sealed(signed, signers):
    path = signed.records()[1]
    signed.edit(path, lambda record: record["machine"].update(host="another"))
    signed.records()[2].unlink()
    for allowed in (None, signers[1]):
        table = rows(signed, allowed)
        assert table.loc[path.name, "status"] == "changed"
        assert "is not what was signed" in table.loc[path.name, "problem"]
        assert list(table["status"]).count("missing") == 1


def test_an_altered_statement_is_a_finding(signed, signers):
    (statement,) = statements(signed.root)
    document = json.loads(statement.read_bytes())
    signed.edit(statement, lambda said: said["records"].popitem())
    found = rows(signed, signers[1])
    assert found.loc[f"{statement.name}.sig", "status"] == "damaged"
    assert found["signer"].isna().all()
    del document["seal"]
    statement.write_text(json.dumps(document))
    assert rows(signed).loc[statement.name, "status"] == "damaged"


def test_a_statement_without_its_signature_is_a_finding(signed):
    (statement,) = statements(signed.root)
    statement.with_name(f"{statement.name}.sig").unlink()
    assert rows(signed).loc[statement.name, "status"] == "missing"


def test_a_key_that_is_not_believed_is_a_finding(signed, make_key, tmp_path):
    others = tmp_path / "others"
    others.write_text(f"eve@example.org {make_key('eve').with_suffix('.pub').read_text()}")
    found = rows(signed, others)
    assert list(found["status"]).count("damaged") == 1
    assert found["signer"].isna().all()
    with pytest.raises(StoreError, match="no file of allowed signers"):
        rows(signed, tmp_path / "nobody")
