"""Circles in a graph: the strongly connected components that lead nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def closed_circles(
    starts: Iterable[int], following: Callable[[int], Iterable[int]]
) -> Iterator[list[int]]:
    """The strongly connected components, reachable from `starts`, that no edge leaves.

    `following` gives where the edges of a node lead. Tarjan's algorithm (SIAM J. Comput. 1, 146,
    1972) without recursion: a history may be longer than Python's stack. Linear in nodes and edges.
    """
    number_of: dict[int, int] = {}
    lowest: dict[int, int] = {}
    circle_of: dict[int, int] = {}
    stack: list[int] = []
    for start in starts:
        walk: list[tuple[int, Iterator[int]]] = []
        todo = None if start in number_of else start
        while todo is not None or walk:
            if todo is not None:
                number_of[todo] = lowest[todo] = len(number_of)
                stack.append(todo)
                walk.append((todo, iter(following(todo))))
                todo = None
            node, others = walk[-1]
            for other in others:
                if other not in number_of:
                    todo = other
                    break
                if other not in circle_of:
                    lowest[node] = min(lowest[node], number_of[other])
            if todo is not None:
                continue
            walk.pop()
            if walk:
                user = walk[-1][0]
                lowest[user] = min(lowest[user], lowest[node])
            if lowest[node] == number_of[node]:
                circle: list[int] = []
                while not circle or circle[-1] != node:
                    circle.append(stack.pop())
                    circle_of[circle[-1]] = node
                if all(circle_of[other] == node for each in circle for other in following(each)):
                    yield circle
