"""The verdict of a figure in a few words, from files of claims."""

from __future__ import annotations

import pytest

from layeratlas.claims.claim import Claim
from layeratlas.claims.files import to_json
from layeratlas.errors import UnreadableError
from layeratlas.workflow.report.verdict import NONE, UNDECIDED, UNJUDGED, verdict


def claim(name: str, value: float | None, verdict: str, **more) -> Claim:
    return Claim(name, "f", "", "it is large", "here", value, ">", 1.0, verdict, 3, **more)


HOLDS, FAILS = claim("a", 2.0, "holds"), claim("b", 0.5, "fails")
TIED = claim("c", 1.5, "tie", spread=1.0, is_order=True)
OPEN = claim("d", None, "not applicable", note="one seed")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ([HOLDS], "1 of 1 holds"),
        ([HOLDS, FAILS], "1 of 2 hold"),
        ([HOLDS, FAILS, OPEN], "1 of 2 hold"),
        ([HOLDS, TIED], "1 of 2 hold, 1 tie"),
        ([FAILS, TIED, claim("e", 1.5, "tie", spread=1.0, is_order=True)], "0 of 3 hold, 2 ties"),
        ([OPEN], UNDECIDED),
        ([], NONE),
    ],
)
def test_of_one_file(tmp_path, claims, said):
    (tmp_path / "f.json").write_text(to_json(claims), encoding="utf-8")
    assert verdict([tmp_path / "f.json"]) == said


def test_files_are_counted_together(tmp_path):
    for part, claims in {"a": [HOLDS, FAILS], "b": [HOLDS]}.items():
        (tmp_path / part).mkdir()
        (tmp_path / part / "f.json").write_text(to_json(claims), encoding="utf-8")
    assert verdict([tmp_path / "a/f.json", tmp_path / "b/f.json"]) == "2 of 3 hold"
    assert verdict([tmp_path / "a/f.json", tmp_path / "c/f.json"]) == UNJUDGED
    assert verdict([]) == NONE


def test_what_is_no_file_of_claims_is_refused(tmp_path):
    (tmp_path / "f.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UnreadableError):
        verdict([tmp_path / "f.json"])
