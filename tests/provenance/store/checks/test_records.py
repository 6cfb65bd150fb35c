"""No bit of a record flips unseen."""

from __future__ import annotations

import json
import random

import pytest

from layeratlas.errors import StoreError
from layeratlas.provenance.store.checks.project import Project
from layeratlas.provenance.store.checks.records import check_record, check_records
from layeratlas.provenance.store.checks.signatures import Signatures
from layeratlas.provenance.store.reading import check_record_file, read_record

FLIPS = 500


def findings(store):
    project = Project(store.root)
    return list(check_records(project, Signatures(project)))


def finding(store, path):
    project = Project(store.root)
    name = path.relative_to(store.root).as_posix()
    return check_record(project, name, Signatures(project))


def test_all_is_well(recorded):
    assert {found.status for found in findings(recorded)} == {"ok"}


def test_no_bit_flips_unseen(recorded):
    chance = random.Random(11)
    paths = recorded.records()
    for _ in range(FLIPS):
        path = chance.choice(paths)
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(StoreError, match=path.name[:20]):
            check_record_file(path)
        # Who reads it takes it for what it says only where it says what was written.
        try:
            read_record(path)
            assert json.loads(bytes(flipped)) == json.loads(whole)
        except StoreError:
            pass
        path.write_bytes(whole)


def without_seal(path):
    document = json.loads(path.read_bytes())
    del document["seal"]
    path.write_text(json.dumps(document))
    return document


def test_an_older_record_is_marked_and_its_settings_still_checked(recorded):
    path = recorded.records()[0]
    document = without_seal(path)
    assert finding(recorded, path).status == "unsealed"
    document["configuration"]["value"]["recipe"] = "another"
    path.write_text(json.dumps(document))
    found = finding(recorded, path)
    assert found.status == "damaged"
    assert "do not fit their hash" in found.problem


def test_a_record_in_anothers_place(recorded):
    first, second = recorded.records()[:2]
    second.write_bytes(first.read_bytes())
    found = finding(recorded, second)
    assert "which has another name" in found.problem
