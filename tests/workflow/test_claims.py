"""The scoreboard and the shown figure: a wrong file of claims is named, and hides no other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import xarray as xr

from layeratlas.claims.claim import judge
from layeratlas.claims.files import to_json
from layeratlas.storage import publish

CLAIMS = Path("results/smoke/claims")


@pytest.fixture
def judged(inside) -> dict[str, str]:
    """Claims of three figures, judged from a cube that stands; the project is the folder."""
    cube = publish(xr.Dataset({"a": 1.0}), Path("results/smoke/cubes/a.zarr.zip"))
    identity = {"preset": "smoke", "cube a": cube.content_hash}
    CLAIMS.mkdir(parents=True)
    for name in "fgh":
        common = {"id": name, "subject": "s", "source": "u", "comparison": "<=", "threshold": 1.0}
        claim = judge(figure=name, statement=f"claim of {name}", value=0.5, n=1, **common)
        (CLAIMS / f"{name}.json").write_text(to_json([claim], identity))
    return identity


@pytest.fixture
def scoreboard(inside, judged, capsys):
    """What the script prints: exit, stdout, stderr."""

    def run():
        files = {"claims": [str(CLAIMS / f"{name}.json") for name in "fgh"]}
        reason = None
        try:
            inside.script("show_claims.py", inside.job("claims", files, {}, {}, {}))
        except SystemExit as stopped:
            reason = stopped.code
        return reason, *capsys.readouterr()

    return run


def test_every_figure_is_on_the_scoreboard(scoreboard):
    reason, out, err = scoreboard()
    assert reason is None and "3 holds" in out and err == ""


@pytest.mark.parametrize("text", ["[" * 100_000, "", '{"claims": [3]}', "edited"])
def test_a_wrong_file_is_named_and_the_others_are_shown(scoreboard, text):
    path = CLAIMS / "g.json"
    if text == "edited":
        text = path.read_text().replace('"value": 0.5', '"value": 1.5')
    path.write_text(text)
    (CLAIMS / "h.json").unlink()
    reason, out, err = scoreboard()
    assert "claim of f" in out and "1 holds" in out
    assert err.count("\n") == 1 and err.startswith("claims: results/smoke/claims/g.json: ")
    assert reason.startswith("claims: results/smoke/claims/h.json: cannot be read")
    assert "Traceback" not in err


def test_claims_of_a_cube_that_is_another_now_are_not_counted_as_current(scoreboard, judged):
    identity = json.dumps(judged["cube a"])
    path = CLAIMS / "g.json"
    document = json.loads(path.read_text().replace(identity, json.dumps("0" * 64)))
    del document["seal"]
    path.write_text(json.dumps(document))
    reason, out, err = scoreboard()
    assert reason is None and "2 holds" in out and "1 of cubes that are others now" in out
    assert err.count("\n") == 1 and "g.json: judged from other versions of a than" in err


def test_a_figure_is_not_shown_with_claims_that_are_not_believed(inside, judged):
    path = CLAIMS / "f.json"
    path.write_text(path.read_text().replace('"value": 0.5', '"value": 1.5'))
    drawn = Path("results/smoke/figures/f.pdf")
    drawn.parent.mkdir()
    drawn.touch()
    files = {"figure": [str(drawn)], "claims": str(path)}
    shown = {"figure": "figures/f.pdf", "claims": "figures/f.claims.json"}
    job = inside.job("show_figure", files, shown, {"preset": "smoke", "code": "0"}, {"figure": "f"})
    with pytest.raises(SystemExit, match=r"show_figure: .*claims/f\.json: .*seal"):
        inside.script("show_figure.py", job)
    assert not Path("figures").exists()
