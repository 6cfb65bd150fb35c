"""Whether a result would be made the same today, as its crate says it."""

from __future__ import annotations

import pandas as pd
import pytest
from made.crates import CUBE, FIGURE, graph

from layeratlas.provenance.ask.staleness import COLUMNS
from layeratlas.provenance.crate import standing as module
from layeratlas.provenance.crate.export import export_crate
from layeratlas.provenance.crate.history import trace
from layeratlas.provenance.crate.root import STALE
from layeratlas.provenance.crate.standing import Standing, standing


@pytest.fixture
def found(project, monkeypatch):
    """Let `stale` find (kind, reason) of the job that made the figure, and of another."""
    history = trace(project.root / FIGURE, project.root)

    def find(*reasons: tuple[str, str], record: str = history.maker.id):
        rows = [
            dict.fromkeys(COLUMNS) | {"path": FIGURE, "kind": kind, "reason": why, "record": record}
            for kind, why in reasons
        ]
        table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
        monkeypatch.setattr(module, "stale_against", lambda present, preset: table)
        return trace(project.root / FIGURE, project.root)

    return find


def test_what_would_be_made_the_same_stands(found):
    assert standing(found()) == Standing()
    assert Standing().words() == "" and not Standing().is_stale


@pytest.mark.parametrize("kind", ["code", "configuration", "data", "changed"])
def test_what_would_be_another_is_stale(found, kind):
    stands = standing(found((kind, "it has changed")))
    assert stands.is_stale
    assert stands.words() == (
        f"Stale: another result would be made today. {FIGURE}: it has changed."
    )


@pytest.mark.parametrize("kind", ["gone", "uncommitted", "unknown_code", "accepted", "ancestor"])
def test_how_it_was_made_makes_nothing_stale(found, kind):
    assert standing(found((kind, "it has changed"))) == Standing()


def test_what_is_stale_elsewhere_is_not_of_this_crate(found):
    assert standing(found(("code", "it has changed"), record="another")) == Standing()


def test_that_nobody_knows_is_said(found):
    stands = standing(found(("unchecked", "no experiments")))
    assert not stands.is_stale
    assert stands.words() == "Whether it is stale is not known: no experiments."


def test_of_many_reasons_three_are_told(found):
    stands = standing(found(*(("code", f"reason {n}") for n in range(5)), ("code", "reason 1")))
    assert stands.words().count("reason") == 3
    assert stands.words().endswith("; and 2 more such differences.")
    # On a terminal one has to do.
    assert stands.words(1).endswith(f"{FIGURE}: reason 0; and 4 more such differences.")
    assert stands.words(4).endswith("; and 1 more such difference.")


def test_a_result_that_was_made_again_since_is_stale(found, project):
    history = found()
    (project.root / FIGURE).write_bytes(b"another")
    assert standing(history).reasons == (f"{FIGURE} has been made again or changed since",)
    (project.root / FIGURE).unlink()
    assert standing(history) == Standing()


def test_a_stale_figure_is_exported_as_such(found, project, tmp_path):
    def exported(name: str) -> tuple[dict, list[str]]:
        told: list[str] = []
        crate = export_crate(FIGURE, tmp_path / name, project.root, tell=told.append)
        return graph(crate), [line for line in told if "Stale" in line]

    found(("code", "it has changed"))
    stale, told = exported("stale")
    assert len(told) == 1 and told[0].startswith(FIGURE)
    for entity in (stale["./"], stale[FIGURE]):
        assert entity["creativeWorkStatus"] == STALE
        assert f"{FIGURE}: it has changed." in entity["description"]
    assert "Stale: another" in (tmp_path / "stale" / "README.md").read_text()
    found()
    fresh, told = exported("fresh")
    assert told == []
    assert "creativeWorkStatus" not in fresh["./"] | fresh[FIGURE] | fresh[CUBE]
    assert "Stale" not in fresh["./"]["description"]
