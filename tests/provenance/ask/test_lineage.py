"""The ancestors of a file, stage below stage."""

from __future__ import annotations

from made.builder import Store, altered, made_up

from layeratlas import lineage
from layeratlas.provenance.tell.grouping import facts, grouped


def test_stages_stand_below_each_other(recorded):
    table = lineage("figures/f.pdf", recorded.root)
    depths = table.groupby("rule")["depth"].unique().map(list).to_dict()
    assert depths == {
        "show_figure": [0],
        "draw_figure": [1],
        "assemble_cube": [2],
        "measure": [3],
        "train": [4],
        "prepare_dataset": [5],
    }
    data = table.iloc[-1]
    assert (data["dataset"], data["settings"]["recipe"]["source"]) == ("mnist_5k", "mnist_5k")
    assert table["rule"][data["parent"]] == "train"
    assert len(data["used_by"]) == 24


def test_input_that_nobody_made_stays_in_the_tree(tmp_path):
    store = Store(tmp_path)
    figure = made_up("f.pdf")
    store.job("draw_figure", [made_up("data/reference/x.csv")], [figure])
    table = lineage(figure.digest, tmp_path)
    assert list(table["path"]) == ["f.pdf", "data/reference/x.csv"]
    assert table["rule"][1] is None


def test_what_the_job_could_not_find_out_is_told(project):
    altered(project, -1, {"commit": None, "unread": {"commit": "git is not installed"}})
    table = lineage("figures/f.pdf", project.root)
    assert table["unread"].tolist()[0] == {"commit": "git is not installed"}
    assert table["unread"].tolist()[1] is None
    assert "commit not known" in "".join(facts(table, grouped(table)[0]))
