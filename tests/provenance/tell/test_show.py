"""Trees and tables for the terminal."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from layeratlas import lineage
from layeratlas.provenance.tell.printing import print_rich
from layeratlas.provenance.tell.show import cell, grid, tree

TEXTS = st.lists(st.text("abc/_.-,[]→", min_size=1, max_size=60), min_size=1, max_size=12).map(
    " ".join
)


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
    for width in (200, 10):
        assert "[red]a[/red]" in printed(grid(table, {"path": "file", "n": "n"}, width))


@given(
    st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=4),
    st.integers(20, 160),
)
def test_words_stay_whole_at_any_width(rows, width):
    columns = {"path": "result", "kind": "kind of it", "reason": "why"}
    table = pd.DataFrame(rows, columns=list(columns))
    console = Console(width=width, highlight=False, markup=False)
    with console.capture() as capture:
        print_rich(grid(table, columns, width), console=console)
    lines = capture.get().splitlines()
    found = Counter(word for line in lines for word in line.split())
    assert Counter(word for row in rows for text in row for word in text.split()) <= found
    longest = max(len(word) for row in rows for text in row for word in text.split())
    # Wider than the terminal only where one word is, after its heading.
    assert max(map(len, lines)) <= max(width, longest + len("  kind of it  "))


def test_a_wide_terminal_shows_a_table_and_a_narrow_one_blocks():
    path = "results/smoke/cubes/phase_diagram_dropout.zarr.zip"
    reason = "settings have changed since: plan.description.grid.dropout [0.28] → [0.2]; " * 2
    table = pd.DataFrame([{"path": path, "kind": "configuration", "reason": reason}])
    columns = {"path": "result", "kind": "kind", "reason": "why"}
    wide = printed(grid(table, columns, 160)).splitlines()
    assert wide[0].split() == ["result", "kind", "why"]
    assert wide[1].startswith(f"{path}  configuration  settings have")
    narrow = printed(grid(table, columns, 80)).splitlines()
    assert narrow[:2] == [path, "  kind  configuration"]
    assert narrow[2].startswith("  why   settings have changed since: ")


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
