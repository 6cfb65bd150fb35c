"""Many equal siblings are one node; sizes and times in words."""

from __future__ import annotations

import pytest
from made.builder import Store, made_up, pipeline

from layeratlas import lineage
from layeratlas.provenance.tell.grouping import duration, facts, grouped, title, total


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    """The lineage of a figure of four cubes, each of ten shards."""
    root = tmp_path_factory.mktemp("wide")
    pipeline(root, shards=10, experiments=4)
    return lineage("figures/f.pdf", root)


def test_many_equal_siblings_become_one_node(wide):
    groups = grouped(wide)
    assert len(groups) == 1 + 1 + 4 + 4 + 4 + 1
    assert sorted(i for group in groups for i in group.rows) == list(range(len(wide)))
    for group in groups:
        # A group stands below every group that used it.
        assert all(groups[user].depth < group.depth for user in group.used_by)
        assert len({wide["rule"][i] for i in group.rows}) == 1


def test_as_many_as_asked_stay_on_their_own(wide):
    assert len(grouped(wide, keep=len(wide))) == len(wide)


def test_titles_say_what_it_is_and_how_many(wide):
    titles = [title(wide, group) for group in grouped(wide)]
    assert titles[0] == "figure shown f.pdf"
    assert "cube experiment_0" in titles
    assert titles.count("10 shards") == 4
    assert titles[-1] == "data set mnist_5k 01234567"


def test_facts_of_one_and_of_many(wide):
    groups = {title(wide, group): facts(wide, group) for group in grouped(wide)}
    one = groups["cube experiment_0"]
    assert one[0].startswith("content ")
    assert one[1].startswith("commit ")
    assert one[-1].endswith(", 30 s, on node1")
    assert groups["10 shards"][0] == "10 kB, 5 min 0 s in all"


def test_what_nobody_recorded_is_said(tmp_path):
    store = Store(tmp_path)
    store.job("draw_figure", [made_up("x.csv", role="references")], [made_up("f.pdf")])
    table = lineage(made_up("f.pdf").digest, tmp_path)
    assert facts(table, grouped(table)[1]) == ["no record says how it was made"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.1234, "0.12 s"), (9.4, "9.4 s"), (9.6, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"),
     (185, "3 min 5 s"), (3600, "1 h 0 min"), (7800, "2 h 10 min")],
)  # fmt: skip
def test_durations_in_words(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("sizes", "said"),
    [([], "0 B"), ([999], "999 B"), ([500, 500], "1 kB"), ([12_300_000, None, float("nan")],
     "12.3 MB"), ([5e12], "5 TB")],
)  # fmt: skip
def test_sizes_in_words(sizes, said):
    assert total(sizes) == said
