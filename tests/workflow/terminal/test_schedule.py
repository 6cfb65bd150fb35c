"""How long jobs take together, against bounds and against cases worked out by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from layeratlas.workflow.terminal import schedule
from layeratlas.workflow.terminal.schedule import Task, makespan


def test_by_hand():
    assert makespan({}, 4) == 0
    chain = {1: Task(2), 2: Task(3, {1}), 3: Task(4, {2})}
    assert makespan(chain, 4) == 9
    assert makespan({n: Task(1) for n in range(7)}, 3) == 3
    # The last one waits for both, the third place is idle.
    assert makespan({1: Task(5), 2: Task(1), 3: Task(2, {1, 2})}, 3) == 7
    # What is done already is waited for by nobody.
    assert makespan({3: Task(2, {1, 2})}, 3) == 2


def test_jobs_on_a_gpu_take_turns():
    tasks = {n: Task(2, gpu=True) for n in range(4)} | {9: Task(8)}
    assert makespan(tasks, 8, gpus=1) == 8
    assert makespan({**tasks, 10: Task(2, gpu=True)}, 8, gpus=1) == 10
    assert makespan({**tasks, 10: Task(2, gpu=True)}, 8, gpus=2) == 8


def test_what_is_at_work_keeps_its_place():
    assert makespan({1: Task(9), 5: Task(3, running=True)}, 1) == 12
    assert makespan({1: Task(9, {5}), 5: Task(3, running=True)}, 2) == 12


TASKS = st.lists(
    st.tuples(st.floats(0, 100), st.sets(st.integers(0, 19)), st.booleans()), max_size=20
)


@given(TASKS, st.integers(1, 6))
def test_never_shorter_than_what_no_order_can_beat(drawn, places):
    tasks = {
        n: Task(seconds, {one for one in after if one < n}, gpu)
        for n, (seconds, after, gpu) in enumerate(drawn)
    }
    found = makespan(tasks, places)
    ends: dict[int, float] = {}
    for n, task in tasks.items():
        ends[n] = task.seconds + max((ends[one] for one in task.after), default=0.0)
    total = sum(task.seconds for task in tasks.values())
    on_gpu = sum(task.seconds for task in tasks.values() if task.gpu)
    assert found >= max([total / places, on_gpu, *ends.values()]) - 1e-6
    assert found <= total + 1e-6


def test_of_very_many_it_is_a_bound(monkeypatch):
    tasks = {n: Task(1.0 + n % 3, {n - 1} if n else ()) for n in range(40)}
    monkeypatch.setattr(schedule, "MOST", 10)
    assert makespan(tasks, 4) == sum(task.seconds for task in tasks.values()) / 4
