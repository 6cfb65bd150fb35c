"""Links between files: against a naive recursion, and to the writer that a reader can have seen."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from made.builder import Store, made_up

from layeratlas import dependents, lineage


@st.composite
def graphs(draw) -> list[set[int]]:
    """Job i reads the outputs of earlier jobs: a random acyclic graph."""
    size = draw(st.integers(1, 12))
    return [draw(st.sets(st.integers(0, i - 1), max_size=4)) if i else set() for i in range(size)]


def naive_ancestors(graph: list[set[int]], i: int) -> set[int]:
    found = {i}
    for j in graph[i]:
        found |= naive_ancestors(graph, j)
    return found


def longest_way(graph: list[set[int]], start: int, end: int) -> int | None:
    if start == end:
        return 0
    ways = [w for j in graph[start] if (w := longest_way(graph, j, end)) is not None]
    return 1 + max(ways) if ways else None


@settings(max_examples=25)
@given(graphs())
def test_ancestors_and_descendants_equal_a_naive_recursion(graph):
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        files = [made_up(f"f{i}.zarr.zip") for i in range(len(graph))]
        for i, sources in enumerate(graph):
            store.job("make", [files[j] for j in sorted(sources)], [files[i]])
        last = len(graph) - 1
        table = lineage(files[last].digest, store.root)
        expected = naive_ancestors(graph, last)
        assert set(table["path"]) == {f"f{i}.zarr.zip" for i in expected}
        assert len(table) == len(expected)
        for row, (path, depth) in enumerate(zip(table["path"], table["depth"], strict=True)):
            i = int(path[1:].partition(".")[0])
            assert depth == longest_way(graph, last, i)
            users = {int(table["path"][u][1:].partition(".")[0]) for u in table["used_by"][row]}
            assert users == {u for u in expected if i in graph[u]}
            if depth:
                assert table["depth"][table["parent"][row]] == depth - 1
        made = dependents(files[0].digest, store.root)
        downstream = {i for i in range(len(graph)) if 0 in naive_ancestors(graph, i)} - {0}
        assert set(made["path"]) == {f"f{i}.zarr.zip" for i in downstream}


def test_the_version_read_is_the_one_found(tmp_path):
    """The same content made twice: a reader is linked to the writer it can have seen."""
    store = Store(tmp_path)
    cube = made_up("c.zarr.zip")
    first = store.job("assemble_cube", [], [cube])
    figure = made_up("f.pdf")
    store.job("draw_figure", [cube], [figure])
    store.job("assemble_cube", [], [cube])
    assert lineage(figure.digest, tmp_path)["record"][1] == first.id
