"""The time left follows what has run: finished jobs, and those at work."""

from __future__ import annotations

import pytest

from layeratlas.workflow.terminal.plan import Plan, Planned


@pytest.fixture
def plan() -> Plan:
    """Data set (10 s), four trainings (100 s each), a cube (20 s), on two places."""
    trained = [Planned(n, "train", f"train a {n}/4", 100.0, frozenset({0})) for n in range(1, 5)]
    data = Planned(0, "prepare_dataset", "prepare_dataset digits", 10.0)
    cube = Planned(5, "assemble_cube", "assemble_cube a", 20.0, frozenset(range(1, 5)))
    return Plan.of([data, *trained, cube], places=2)


def finish(job: Planned, start: float, end: float) -> None:
    job.started, job.took = start, end - start


def test_before_the_start_it_is_the_whole(plan):
    assert plan.expected() == plan.left(0.0) == 10 + 2 * 100 + 20
    assert plan.part(0.0) == 0.0 and plan.finished() == 0
    assert plan.rules() == {"prepare_dataset": 1, "train": 4, "assemble_cube": 1}


def test_what_is_finished_is_not_left(plan):
    finish(plan.jobs[0], 0, 10)
    assert plan.left(10.0) == pytest.approx(220)
    plan.jobs[1].started = plan.jobs[2].started = 10.0
    assert plan.left(60.0) == pytest.approx(50 + 100 + 20)
    assert 0 < plan.part(60.0) < 0.5


def test_jobs_that_took_longer_make_the_others_of_their_rule_longer(plan):
    finish(plan.jobs[0], 0, 10)
    finish(plan.jobs[1], 10, 310)
    finish(plan.jobs[2], 10, 310)
    assert plan.left(310.0) == pytest.approx(300 + 20)


def test_progress_counts_before_any_job_is_finished(plan):
    finish(plan.jobs[0], 0, 10)
    for n in (1, 2):
        plan.jobs[n].started = 10.0
        plan.jobs[n].tells(0, 50.0, total=60)
        plan.jobs[n].tells(15, 110.0)
    # 40 s of start, and a quarter in 60 s: 180 more, and 280 for each that follows.
    assert plan.left(110.0) == pytest.approx(180 + 280 + 20)


def test_what_an_earlier_try_did_is_no_speed_of_this_one(plan):
    finish(plan.jobs[0], 0, 10)
    plan.jobs[1].started = 10.0
    plan.jobs[1].tells(0, 20.0, total=60)
    plan.jobs[1].tells(45, 20.0)
    plan.jobs[1].tells(50, 70.0)
    # Five units in fifty seconds, ten to go.
    assert plan.jobs[1].whole(70.0) == pytest.approx(60 + 100)
    assert plan.jobs[1].speed(70.0) == (5, 50)


def test_a_quick_jobs_speed_is_known_though_it_tells_of_itself_all_the_time(plan):
    job = plan.jobs[1]
    job.started = 10.0
    job.tells(0, 20.0, total=600)
    for half in range(1, 20):
        job.tells(5 * half, 20.0 + half / 2)
        assert job.speed(20.0 + half / 2) == (5 * (half - 1), (half - 1) / 2)


def test_too_little_progress_says_nothing(plan):
    finish(plan.jobs[0], 0, 10)
    plan.jobs[1].started = 10.0
    plan.jobs[1].tells(0, 15.0, total=60)
    plan.jobs[1].tells(1, 20.0)
    assert plan.jobs[1].whole(20.0) is None and plan.left(20.0) <= 230
    # What goes on for long does.
    plan.jobs[1].tells(2, 35.0)
    assert plan.jobs[1].whole(35.0) == pytest.approx(25 + 58 * 10)


def test_a_job_that_is_late_is_not_over(plan):
    finish(plan.jobs[0], 0, 10)
    plan.jobs[1].started = 10.0
    assert plan.left(1010.0) > 100 + 20 and plan.part(1010.0) < 1


def test_all_done_is_nothing_left(plan):
    for n, job in plan.jobs.items():
        finish(job, n, n + 1)
    assert plan.left(99.0) == 0 and plan.part(99.0) == 1 and plan.finished() == 6
    assert Plan().left(0) == 0 and Plan().part(0) == 1


def test_how_it_is_known_is_told(plan):
    assert plan.told() == "about 4 minutes, 2 at a time, by their sizes alone"
    for job in plan.jobs.values():
        job.on_record = job.rule == "train"
    assert plan.told().endswith("as such jobs took here before")
