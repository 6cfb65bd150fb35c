"""How long jobs take together: those that can run start in order, as many as there are places for.

The order is not the scheduler's, nor are times known well; so the answer is "about".
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping
from typing import NamedTuple

#: More jobs than these are not followed one by one.
MOST = 3000


class Task(NamedTuple):
    """Seconds that it will take from now on, the tasks to be done before, whether it needs the GPU
    and whether it is at work."""

    seconds: float
    after: Collection[int] = ()
    gpu: bool = False
    running: bool = False


def makespan(tasks: Mapping[int, Task], places: int, gpus: int = 1) -> float:
    """Seconds until all are done, on so many places, of which each GPU is one at a time.

    What is not among the tasks is done already. Of more than `MOST` tasks the larger of two bounds:
    all of them on places that are never idle, and the longest of them.
    """
    places, gpus = max(1, places), max(1, gpus)
    if not tasks:
        return 0.0
    if len(tasks) > MOST:
        total = sum(task.seconds for task in tasks.values())
        on_gpu = sum(task.seconds for task in tasks.values() if task.gpu)
        return max(total / places, on_gpu / gpus, max(task.seconds for task in tasks.values()))
    waiting = {key: {one for one in task.after if one in tasks} for key, task in tasks.items()}
    follows: dict[int, list[int]] = {}
    for key, before in waiting.items():
        for one in before:
            follows.setdefault(one, []).append(key)
    ready = [key for key, before in waiting.items() if not before]
    # What is at work keeps its place.
    ready.sort(key=lambda key: (not tasks[key].running, key))
    heapq.heapify(heap := [(not tasks[key].running, key) for key in ready])
    busy: list[tuple[float, int]] = []
    now, cards = 0.0, gpus
    while heap or busy:
        put_off = []
        while heap and len(busy) < places:
            item = heapq.heappop(heap)
            task = tasks[item[1]]
            if task.gpu and not cards:
                put_off.append(item)
                continue
            cards -= task.gpu
            heapq.heappush(busy, (now + task.seconds, item[1]))
        for item in put_off:
            heapq.heappush(heap, item)
        if not busy:
            break
        now, done = heapq.heappop(busy)
        cards += tasks[done].gpu
        for key in follows.get(done, ()):
            waiting[key].discard(done)
            if not waiting[key]:
                heapq.heappush(heap, (True, key))
    return now
