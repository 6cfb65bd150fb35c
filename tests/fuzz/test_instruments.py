"""The instruments see what they are for: faults that are planted."""

from __future__ import annotations

import json
import shutil

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from made.fuzzing.corpus import EXPERIMENTS
from made.fuzzing.documents import ODD_JSON, ODD_YAML, spoiled_trees, taken_apart, written
from made.fuzzing.flips import HARMLESS, MISSED, Flipper, table
from made.fuzzing.judging import faults
from made.fuzzing.kinds import KEPT, KINDS
from made.fuzzing.questions import QUESTIONS
from made.fuzzing.running import fuzz

CLAIMS = "figures/first_order_chain.claims.json"
PLANTED = {
    "raises": "traceback",
    "never_ends": "hang",
    "waits": "hang",
    "dies": "hang",
    "fills_memory": "memory",
    "writes_outside": "outside",
    "reads_outside": "outside",
    "prints_escapes": "unprintable",
    "tells_too_much": "long",
    "names_nothing": "unnamed",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_is_seen(plant, cases):
    content = (cases.project / CLAIMS).read_bytes()
    reply = cases.ask(CLAIMS, content, ("claims",), plant, wall=3 if plant == "waits" else None)
    found = {fault.what for fault in faults(KINDS["claims"], CLAIMS, ("claims",), reply)}
    assert PLANTED[plant] in found


def test_a_question_that_one_bad_file_stops_is_seen(cases):
    content = (cases.project / CLAIMS).read_bytes()
    reply = cases.ask(CLAIMS, content, ("verify",), "raises")
    assert not list(faults(KINDS["claims"], CLAIMS, ("verify",), reply))
    reply = cases.ask(CLAIMS, content, ("verify",), "verify_stops")
    assert {f.what for f in faults(KINDS["claims"], CLAIMS, ("verify",), reply)} == {"stops"}


def test_a_planted_fault_is_counted_with_a_file_to_try_it_with(cases, tmp_path):
    tally = fuzz("claims", cases, tmp_path, 3, 0, "raises", asked=("claims",))
    assert (tally.cases, len(tally.found)) == (3, 3)
    fault, path = tally.found[0]
    assert "KeyError: 'planted'" in fault.told
    assert path.is_file() and str(path) in tally.told()


def test_the_same_number_gives_the_same_cases(cases, tmp_path):
    for name in ("a", "b"):
        fuzz("pins", cases, tmp_path / name, 4, 5, "pins_raise", asked=("pinned",))
    first, second = (sorted((tmp_path / name).iterdir()) for name in "ab")
    assert len(first) == 4
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]


def test_a_checker_that_believes_everything_is_seen(cases):
    flips = Flipper(cases).flip("svg", 3, 0, "believes_everything")
    assert [flip.outcome for flip in flips] == [MISSED] * 3
    assert "svg" in table(flips)


def test_nothing_is_wrong_with_what_is_whole(cases):
    flipper, seen = Flipper(cases), set()
    for name, kind in KINDS.items():
        # Archives of all sorts are asked alike.
        for path in kind.files(cases.project)[:1] if kind.asked not in seen else ():
            seen.add(kind.asked)
            content = (cases.project / path).read_bytes()
            reply = cases.ask(path, content, kind.asked, same_time=True)
            wrong = list(faults(kind, path, kind.asked, reply))
            assert not wrong, f"{name}: {wrong[0]}"
    assert flipper.unflipped("pdf") == HARMLESS


def test_the_project_is_restored(cases):
    before = {p: p.read_bytes() for p in sorted(cases.project.rglob("*")) if p.is_file()}
    cases.ask("store/pins.json", b"{}", ("pin_again", "log"))
    assert {p: p.read_bytes() for p in sorted(cases.project.rglob("*")) if p.is_file()} == before


def test_every_kind_is_there_and_every_question_asked(cases):
    there = {name for name, kind in KINDS.items() if kind.files(cases.project)}
    assert there == {n for n, kind in KINDS.items() if not kind.needs or shutil.which(kind.needs)}
    asked = {name for kind in KINDS.values() for name in (*kind.asked, *kind.stops, *kind.believed)}
    assert asked | {"dry_run"} == set(QUESTIONS)
    assert set(KEPT) < set(KINDS)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4),
                    lambda inner: st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=4), inner, max_size=3)))  # fmt: skip
def test_a_document_taken_apart_is_written_as_it_was(document):
    assert json.loads(written(taken_apart(document))) == document


@settings(max_examples=50, derandomize=True, database=None)
@given(st.data())
def test_what_is_spoiled_is_a_copy(data):
    before = repr((EXPERIMENTS, ODD_JSON, ODD_YAML))
    data.draw(spoiled_trees(EXPERIMENTS["step"], yaml=True))
    assert repr((EXPERIMENTS, ODD_JSON, ODD_YAML)) == before
