"""Trees and tables for the terminal."""

from __future__ import annotations

import pandas as pd
import pytest
from rich.console import Console

from layeratlas import lineage
from layeratlas.provenance.tell.show import cell, grid, tree


def printed(what) -> str:
    console = Console(width=200, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def test_a_tree_says_code_once_and_where_it_changes(project):
    text = printed(tree(lineage("figures/f.pdf", project.root)))
    assert text.count("figure shown f.pdf") == 1
    # The cube came from other code than what stands above and below it.
    assert text.count("source bbbbbbbb") == 1
    assert text.count("commit ") == 3
    assert text.count("environment ") == 1


def test_many_siblings_are_one_line_unless_all_are_asked_for(recorded):
    table = lineage("figures/f.pdf", recorded.root)
    assert printed(tree(table)).count("6 shards") == 2
    every = printed(tree(table, every=True))
    assert "6 shards" not in every
    assert every.count("shard ") >= 12


def test_brackets_are_no_markup():
    table = pd.DataFrame({"path": ["[red]a[/red]"], "n": [1]})
    text = printed(grid(table, {"path": "file", "n": "n"}))
    assert "[red]a[/red]" in text


@pytest.mark.parametrize(
    ("value", "name", "said"),
    [
        (None, "", ""),
        (float("nan"), "", ""),
        (pd.NA, "", ""),
        (True, "", "yes"),
        (False, "", "no"),
        (0.123456, "", "0.1235"),
        ([1, 2.5, None], "", "1, 2.5, "),
        (list(range(9)), "", "0, 1, 2, 3, 4, 5, … (9)"),
        ({"commit": "git is slow", "gpu": None}, "", "commit: git is slow; gpu: "),
        ("2031-05-17T08:00:00.123+00:00", "started", "2031-05-17 08:00:00"),
        ("a" * 64, "digest", "a" * 12),
        ("a" * 64, "path", "a" * 64),
    ],
)
def test_cells(value, name, said):
    assert cell(value, name) == said
