"""What the page tells is what the pipeline published."""

from __future__ import annotations

import json

import pytest
from made.pages import small_atlas

from layeratlas.claims.page import anchor
from layeratlas.errors import StoreError, UnreadableError
from layeratlas.storage import file_digest, read_manifest


@pytest.fixture(scope="module")
def contents(made):
    return made.contents()


def test_figures_by_paper_with_caption_and_summary(contents):
    (paper,) = contents["papers"]
    assert (paper["name"], paper["figures"]) == ("spring_block", ["phase_diagram"])
    figure = contents["figures"]["phase_diagram"]
    assert (
        figure["told"] == "1 of 2 claims hold, 1 departs from the paper"
    )  # The title of a caption is the figure's.
    assert [line[0]["text"] for line in figure["caption"]] == ["Red: ", "Grey: accuracy."]


def test_experiments_say_what_their_bytes_are(made, contents):
    for name, path in made.cubes.items():
        told = contents["experiments"][name]
        manifest = read_manifest(path.with_name(f"{name}.json"))
        assert told["digest"] == file_digest(path) == manifest.digest
        assert told["content_hash"] == manifest.content_hash
        assert told["size"] == path.stat().st_size
        assert told["axes"] == [name.removeprefix("phase_diagram_"), "negative_slope"]
        origin = contents["origins"]["files"][told["origin"]]
        assert origin["digest"] == told["digest"]


def test_claims_lead_to_their_maps(contents):
    first, last = contents["claims"]
    assert first["experiments"] == ["phase_diagram_data_noise"]
    assert last["experiments"] == ["phase_diagram_data_noise", "phase_diagram_dropout"]
    assert first["shown"] == "-0.2" and first["needs"] == "<= -0.1"
    assert first["runs"] == "2 runs"
    assert first["verdict"] == "holds" and last["verdict"] == "fails"


def test_claims_have_the_addresses_of_the_scoreboard(made, contents):
    from layeratlas.claims.files import read_claims

    claims = read_claims(made.drawn["phase_diagram"].claims).claims
    assert [claim["anchor"] for claim in contents["claims"]] == [anchor(claim) for claim in claims]


def test_all_of_it_is_json(contents):
    assert json.loads(json.dumps(contents, allow_nan=False)) == contents


def test_a_cube_of_other_bytes_is_refused(tmp_path):
    made = small_atlas(tmp_path)
    path = made.cubes["phase_diagram_dropout"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is not what phase_diagram_dropout\.json"):
        made.contents()


def test_claims_that_were_edited_are_refused(tmp_path):
    made = small_atlas(tmp_path)
    path = made.drawn["phase_diagram"].claims
    path.write_text(path.read_text().replace('"fails"', '"holds"'))
    with pytest.raises(UnreadableError):
        made.contents()
