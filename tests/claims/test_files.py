"""Claims as JSON: deterministic, and the same when read back."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layeratlas.bounded.seals import SEAL, sealed
from layeratlas.claims.claim import FAILS, HOLDS, NOT_APPLICABLE, TIE, WITHIN, with_spread
from layeratlas.claims.files import from_json, read_claims, to_json
from layeratlas.errors import LONGEST, UnreadableError

IDENTITY = {"code": "abc", "cube": "def"}


def test_the_order_of_identities_does_not_matter(claimed):
    found = [claimed(0.4), claimed(0.6, id="2")]
    assert to_json(found, IDENTITY) == to_json(found, dict(reversed(IDENTITY.items())))
    document = json.loads(to_json(found, IDENTITY))
    assert document["identity"] == IDENTITY
    assert document["count"] == {HOLDS: 1, TIE: 0, FAILS: 1, NOT_APPLICABLE: 0}


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=4))
def test_what_is_written_comes_back_and_is_written_the_same(claimed, values):
    found = [claimed(value, id=str(i)) for i, value in enumerate(values)]
    text = to_json(found, IDENTITY)
    again = from_json(text).claims
    assert to_json(again, IDENTITY) == text
    for one, two in zip(found, again, strict=True):
        assert one.verdict == two.verdict
        if one.value is None:
            assert two.value is None
        else:
            assert math.isclose(one.value, two.value, rel_tol=1e-7)


def test_tables_are_kept_where_there_are_any_and_gaps_are_null(claimed):
    row = {"dropout": 0.1, "reproduced": math.nan}
    with_table, without = claimed(0.4, table=[row]), claimed(0.4, id="2")
    records = json.loads(to_json([with_table, without]))["claims"]
    assert records[0]["table"] == [{"dropout": 0.1, "reproduced": None}]
    assert "table" not in records[1]
    (again,) = from_json(to_json([with_table])).claims
    assert again.table == ({"dropout": 0.1, "reproduced": None},)


def test_what_ties_and_spreads_stand_on_comes_back(claimed):
    found = [
        with_spread(claimed(0.25), 0.125),
        with_spread(claimed(0.5, id="2", is_order=True), 0.25),
        claimed(1.0, id="3", comparison="==", threshold=1.0, orders=(1.0, 3.0)),
    ]
    assert from_json(to_json(found)).claims == found
    plain = json.loads(to_json([claimed(0.25)]))["claims"][0]
    assert not {"spread", "orders", "is_order", "table"} & plain.keys()


def test_a_file_of_before_there_were_ties_is_read(file):
    document = unsealed(file)
    document["claims"] = document["claims"][:3]
    document["count"] = {HOLDS: 1, FAILS: 2, NOT_APPLICABLE: 0}
    file.write_text(json.dumps(document))
    judged = read_claims(file)
    assert [claim.verdict for claim in judged.claims] == [HOLDS, FAILS, FAILS]
    assert {claim.spread for claim in judged.claims} == {None}


def test_a_claim_told_twice_is_refused_but_where_earlier_versions_wrote_it(file):
    document = unsealed(file)
    document["claims"] = [document["claims"][0]] * 2
    document["count"] = {HOLDS: 2, TIE: 0, FAILS: 0, NOT_APPLICABLE: 0}
    file.write_text(json.dumps(document))
    with pytest.raises(UnreadableError, match="two claims '1' of 's' in figure 'f'"):
        read_claims(file)
    del document["count"][TIE]
    file.write_text(json.dumps(document))
    assert len(read_claims(file).claims) == 2


def test_verdicts_are_reached_before_rounding(claimed):
    (record,) = json.loads(to_json([claimed(0.5 + 1e-12)]))["claims"]
    assert (record["value"], record["verdict"]) == (0.5, FAILS)


# --- what of a file is believed ---------------------------------------------------------------
@pytest.fixture
def file(claimed, tmp_path) -> Path:
    """Claims of figure f: one holds, one fails, one was not computed, two are ties."""
    found = [
        claimed(0.4),
        claimed(0.6, id="2"),
        claimed(math.nan, id="3", table=[{"a": 1.0}]),
        claimed(0.4, id="4", orders=(0.3, 0.7)),
        with_spread(claimed(0.4, id="5", is_order=True), 0.1),
    ]
    path = tmp_path / "f.json"
    path.write_text(to_json(found, {"code": "abc", "cube a": "1" * 64, "cube b": "2" * 64}))
    return path


def unsealed(path: Path) -> dict:
    """What a file says, as those of earlier versions did, to be changed."""
    document = json.loads(path.read_text())
    del document[SEAL]
    return document


def test_a_file_is_sealed_and_an_older_one_stays_readable(file):
    judged = read_claims(file)
    assert judged.is_sealed and [claim.verdict for claim in judged.claims] == [
        HOLDS, FAILS, FAILS, TIE, TIE,
    ]  # fmt: skip
    document = unsealed(file)
    file.write_text(json.dumps(document))
    assert dataclasses.replace(judged, is_sealed=False) == read_claims(file)
    file.write_text(json.dumps({**document, SEAL: "0" * 64}))
    with pytest.raises(UnreadableError, match="does not fit its seal"):
        read_claims(file)
    shown = file.with_name("f.claims.json")
    shown.write_text(json.dumps(document))
    assert read_claims(shown).claims == judged.claims


def changed(place: int, **values):
    def change(document):
        document["claims"][place] |= values

    return change


def without(*names):
    def change(document):
        for name in names:
            del document["claims"][0][name]

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (changed(0, value=0.6), "'holds', which its value 0.6 <= 0.5 does not"),
        (changed(1, value=0.4), "'fails', which its value 0.4 <= 0.5 does not"),
        (changed(0, threshold=0.3), "does not"),
        (changed(0, comparison=">"), "does not"),
        (changed(0, value=None), "does not"),
        (changed(0, verdict=NOT_APPLICABLE), "does not"),
        (changed(0, verdict=TIE), "'tie', which its value 0.4 <= 0.5 does not"),
        (changed(1, verdict=TIE), "does not"),
        (changed(2, verdict=TIE), "does not"),
        (changed(3, verdict=HOLDS), "does not"),
        (changed(3, verdict=FAILS), "does not"),
        (changed(3, orders=[0.3]), "does not"),
        (changed(4, verdict=HOLDS), "does not"),
        (changed(4, spread=0.01), "does not"),
        (changed(4, is_order=False), "does not"),
        (changed(4, id="4"), "holds two claims '4' of 's' in figure 'f'"),
        (changed(3, orders=["0.3"]), "no file of claims"),
        (changed(3, orders=0.3), "no file of claims"),
        (changed(4, spread="0.1"), "no file of claims"),
        (changed(4, is_order=1), "no file of claims"),
        (changed(2, verdict=HOLDS), "does not"),
        (changed(2, verdict=NOT_APPLICABLE), "counts other verdicts"),
        (changed(0, verdict="true"), "no file of claims"),
        (changed(0, comparison="!="), "no file of claims"),
        (changed(0, value="0.4"), "no file of claims"),
        (changed(0, n=1.5), "no file of claims"),
        (changed(0, n=True), "no file of claims"),
        (changed(0, note=None), "no file of claims"),
        (changed(0, table=[3]), "no file of claims"),
        (changed(0, more=1), "no file of claims"),
        (changed(0, figure="g"), "holds a claim of figure 'g'"),
        (without("n"), "no file of claims"),
        (lambda document: document["count"].update(holds=2), "counts other verdicts"),
        (lambda document: document.update(count=3), "counts other verdicts"),
        (lambda document: document.update(claims={}), "no list of claims"),
        (lambda document: document.update(claims=[3]), "no file of claims"),
        (lambda document: document["claims"].pop(), "counts other verdicts"),
        (lambda document: document.update(identity=[]), "judged from"),
        (lambda document: document.update(identity={"a": 1}), "judged from"),
        (lambda document: document.update(more=1), "no file of claims"),
        (lambda document: document.pop("count"), "no file of claims"),
    ],
)
def test_what_does_not_follow_is_not_believed(file, change, reason):
    """Sealed anew, as somebody does who edits by program."""
    document = unsealed(file)
    change(document)
    for text in (json.dumps(document), json.dumps(sealed(document))):
        file.write_text(text)
        with pytest.raises(UnreadableError) as caught:
            read_claims(file)
        assert reason in str(caught.value) and "f.json" in str(caught.value)
        assert len(str(caught.value)) < LONGEST


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"claims": 1e999}', "\ud800"])
def test_what_is_no_json_is_one_sentence(file, text):
    file.write_text(text, errors="surrogatepass")
    with pytest.raises(UnreadableError, match=r"f\.json: "):
        read_claims(file)


@pytest.mark.parametrize("comparison", ["<=", ">=", "<", ">", "=="])
@given(
    st.floats(-1, 1) | st.sampled_from([0.5, 0.5 + 1e-12, 0.5 - 1e-12]),
    st.floats(-1, 1) | st.just(0.5),
)
def test_rounding_makes_no_claim_unbelievable(claimed, comparison, value, threshold):
    claim = claimed(value, threshold=threshold, comparison=comparison)
    assert from_json(to_json([claim])).claims[0].verdict == claim.verdict


@pytest.mark.parametrize("comparison", ["<=", ">=", "<", ">"])
@given(
    value=st.floats(-1, 1),
    spread=st.sampled_from([0.0, 0.1, 1 / 3]) | st.floats(0, 1),
    threshold=st.floats(-1, 1) | st.sampled_from([0.0, 1 / 3]),
    edge=st.booleans(),
)
def test_rounding_makes_no_order_unbelievable(claimed, comparison, value, spread, threshold, edge):
    value = threshold + WITHIN * spread if edge else value
    claim = claimed(value, threshold=threshold, comparison=comparison, is_order=True)
    claim = with_spread(claim, spread)
    assert from_json(to_json([claim])).claims[0].verdict == claim.verdict


@given(st.lists(st.floats(-1, 1) | st.sampled_from([0.5, 0.5 + 1e-12]), min_size=1, max_size=3))
def test_rounding_makes_no_tie_unbelievable(claimed, values):
    for comparison in ("<=", ">=", "<", ">"):
        claim = claimed(values[0], comparison=comparison, orders=values)
        assert from_json(to_json([claim])).claims[0].verdict == claim.verdict


def test_claims_of_cubes_that_are_others_now_are_told(file):
    judged = read_claims(file)
    assert judged.older({"a": "1" * 64, "b": "2" * 64, "c": "3" * 64}) == []
    assert judged.older({"a": "1" * 64}) == [], "what is gone is not another"
    assert judged.older({"a": "0" * 64, "b": "2" * 64}) == ["a"]


def test_no_flipped_bit_is_believed(file):
    content, true, dice = file.read_bytes(), read_claims(file), random.Random(3)
    for _ in range(1000):
        flipped = bytearray(content)
        flipped[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        file.write_bytes(flipped)
        with contextlib.suppress(UnreadableError):
            assert read_claims(file) == true
