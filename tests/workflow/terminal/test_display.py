"""The display, on made-up records of Snakemake and messages of jobs."""

from __future__ import annotations

import io
import logging
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from layeratlas.workflow.terminal.channel import Voice
from layeratlas.workflow.terminal.display import Display, why
from layeratlas.workflow.terminal.plan import Plan, Planned


def record(event: str | None = None, text: str = "", level: int = logging.INFO, **told):
    made = logging.LogRecord("snakemake", level, "", 0, text, (), None)
    made.__dict__.update(told, event=event)
    return made


def planned(number: int, rule: str = "train", seconds: float = 100.0, **more) -> Planned:
    name = f"{rule} logs/{number}.log"
    log = f"logs/{number}.log"
    return Planned(number, rule, f"{rule} a {number}", seconds, name=name, log=log, **more)


class Run:
    """A display of some jobs, and the time it believes."""

    def __init__(self, jobs, **given):
        self.time = 0.0
        self.stream = io.StringIO()
        given = {"live": False, **given}
        self.display = Display(self.stream, now=lambda: self.time, **given)
        self.display.handle(record("workflow_started"))
        if jobs:
            self.display.begin(Plan.of(jobs, 2), "figures/f.pdf at preset smoke")

    @property
    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def begins(self, job: Planned) -> None:
        self.display.handle(
            record("job_info", jobid=job.number, rule_name=job.rule, log=[job.log], reason="")
        )

    def ends(self, job: Planned) -> None:
        self.display.handle(record("job_finished", job_id=job.number))

    def fails(self, job: Planned) -> None:
        told = {"jobid": job.number, "rule_name": job.rule, "log": [job.log]}
        self.display.handle(record("job_error", level=logging.ERROR, **told))

    def voice(self, job: Planned) -> Voice:
        return Voice(self.display._ears.folder, job.name)

    def close(self) -> list[str]:
        self.display.close()
        return self.lines


@pytest.fixture
def run():
    """`run(jobs, **given)`; what is begun is closed."""
    made = []

    def make(jobs, **given) -> Run:
        made.append(Run(jobs, **given))
        return made[-1]

    yield make
    for one in made:
        one.display.close()


def test_before_the_start_it_says_what_will_run_and_about_how_long(run):
    one = run([planned(0, "prepare_dataset", 20.0), planned(1), planned(2)])
    assert one.lines == [
        "figures/f.pdf at preset smoke",
        "  3 jobs: prepare_dataset 1 · train 2",
        "  about 2 minutes, 2 at a time, by their sizes alone",
    ]


def test_without_a_terminal_each_of_few_jobs_is_a_line_with_the_time_left(run):
    jobs = [planned(1), planned(2)]
    one = run(jobs, ending=lambda: ["figures/f.pdf", "3 of 3 claims hold"])
    one.begins(jobs[0])
    one.time = 50
    one.ends(jobs[0])
    one.begins(jobs[1])
    one.time = 100
    one.ends(jobs[1])
    assert one.close()[3:] == [
        # Half as long as expected, so the other is expected to take half, too.
        "[1/2] train a 1: 50 s; about 1 minute left",
        "[2/2] train a 2: 50 s",
        "figures/f.pdf",
        "3 of 3 claims hold",
        "2 jobs in 1 min 40 s.",
    ]


def test_of_many_jobs_lines_come_now_and_then(run):
    jobs = [planned(number, seconds=1.0) for number in range(1000)]
    one = run(jobs)
    for job in jobs:
        one.begins(job)
        one.time += 1
        one.ends(job)
    assert 30 <= len(one.close()) <= 70


def test_snakemakes_talk_is_not_shown_and_its_warnings_are(run):
    one = run([planned(1)])
    before = len(one.lines)
    for event in (None, "resources_info", "run_info", "shellcmd", "progress", "job_started"):
        assert one.display.handle(record(event, "Select jobs to execute..."))
    one.display.handle(record(None, "Restored previous version of x", logging.WARNING))
    assert len(one.lines) == before
    one.display.handle(record(None, "a disk is full\x1b[2J", logging.WARNING))
    assert one.lines[before:] == ["a disk is full\\x1b[2J"]


def test_what_comes_before_the_work_is_snakemakes_own():
    display = Display(io.StringIO(), live=False)
    assert not display.handle(record(None, "Building DAG of jobs..."))
    display.close()
    assert display.stream.getvalue() == ""


def test_a_failed_jobs_sentence_stands_last_with_its_log(run):
    jobs = [planned(1), planned(2), planned(3)]
    one = run(jobs, ending=lambda: ["figures/f.pdf"])
    for job in jobs[:2]:
        one.begins(job)
    one.voice(jobs[0]).say(failed="There is no such data set.")
    one.fails(jobs[0])
    one.display.handle(record("error", "RuleException:\nCalledProcessError …", logging.ERROR))
    one.ends(jobs[1])
    one.display.handle(
        record("error", "At least one job did not complete successfully.", logging.ERROR)
    )
    lines = one.close()
    assert lines[-2:] == ["train a 1: There is no such data set.", "  log: logs/1.log"]
    assert lines[-3].startswith("1 job failed; 1 of 3 jobs done in 0 s. What is finished stays;")
    assert not {"RuleException:", "figures/f.pdf"} & set(lines)


def test_a_job_that_fails_without_a_word_is_told_by_snakemake(run):
    job = planned(1)
    one = run([job])
    one.begins(job)
    one.fails(job)
    one.display.handle(record("error", "MissingOutputException: x", logging.ERROR))
    lines = one.close()
    assert "MissingOutputException: x" in lines
    assert lines[-2].startswith("train a 1: it ended without a word") and "logs/1.log" in lines[-1]


def test_a_job_elsewhere_is_told_by_its_log(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/1.log").write_text("a note\nDatasetError: There is no such data set.\n")
    job = planned(1)
    one = run([job])
    one.begins(job)
    one.fails(job)
    one.display.handle(record("error", "sbatch says much", logging.ERROR))
    lines = one.close()
    assert lines[-2:] == ["train a 1: There is no such data set.", "  log: logs/1.log"]
    assert "sbatch says much" not in lines


def test_a_job_that_is_tried_again_and_ends_well_did_not_fail(run):
    job = planned(1)
    one = run([job])
    one.begins(job)
    one.fails(job)
    one.begins(job)
    one.ends(job)
    assert one.close()[-1] == "1 job in 0 s."


def test_many_failures_are_counted_and_some_are_told(run):
    jobs = [planned(number) for number in range(30)]
    one = run(jobs)
    for job in jobs:
        one.begins(job)
        one.voice(job).say(failed="out of memory")
        one.fails(job)
    lines = one.close()
    assert any(line.startswith("30 jobs failed") for line in lines)
    assert lines[-1] == "and 21 more: their logs say why"


def test_interrupted_it_says_how_to_go_on_and_blames_nobody(run):
    job = planned(1)
    one = run([job])
    one.begins(job)
    one.display.handle(record(None, "Terminating processes on user request, this might …"))
    one.fails(job)
    one.display.handle(record("error", "RuleException: SIGINT", logging.ERROR))
    lines = one.close()
    assert lines[-1].startswith("Stopped: 0 of 1 job done") and "the same command" in lines[-1]
    assert not any("failed" in line or "RuleException" in line for line in lines)


def test_warnings_of_jobs_are_lines_and_may_say_nothing_to_the_terminal(run):
    job = planned(1)
    one = run([job])
    one.begins(job)
    one.voice(job).say(warn="late\x1b[2J")
    one.ends(job)
    assert "train a 1: late\\x1b[2J" in one.close()


def test_a_dry_run_is_a_table_with_reasons(run):
    one = run([], dryrun=True, ending=lambda: ["  about 1 minute"])
    code = "Updated input files: results/smoke/changed/code"
    for number, reason in enumerate(["Missing output files: a", code, code]):
        told = {"jobid": number, "rule_name": "train", "reason": reason}
        one.display.handle(record("job_info", log=[], **told))
    assert one.close() == [
        "3 jobs would run:",
        "  rule     jobs  why",
        "  train       1  not there yet",
        "  train       2  its code has changed",
        "  about 1 minute",
        "This was a dry run: nothing was made.",
    ]


@pytest.mark.parametrize("dryrun", [False, True])
def test_nothing_to_do_is_said_where_it_is_so(run, dryrun):
    one = run([], dryrun=dryrun, ending=lambda: ["figures/f.pdf"])
    one.display.handle(record(None, "Nothing to be done (all requested files are present …)."))
    lines = one.close()
    assert lines[0].startswith("Nothing to be done")
    # Rules that refuse what is asked for end the run, too, and say so themselves.
    assert run([], dryrun=dryrun).close() == []


def test_reasons_are_few_words():
    assert why("Forced execution") == "forced"
    assert why("Missing output files: a; Input files updated by another job: b").count(",") == 1
    assert why("something new") == "asked for"


# --- lines that are redrawn -----------------------------------------------------------------------
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_line_a_running_job_and_one_overall(run, width):
    jobs = [planned(1), planned(2), planned(3)]
    one = run(jobs)
    for job in jobs[:2]:
        one.begins(job)
    voice = one.voice(jobs[0])
    voice.say(done=0, total=1000, unit="network-epochs")
    one.display._listen()
    one.time = 20
    voice.say(done=430)
    one.display._listen()
    one.display._console = Console(width=width, height=24, file=io.StringIO())
    one.display._console.print(one.display.drawn())
    lines = one.display._console.file.getvalue().splitlines()
    one.display._console = None
    assert len(lines) == 3 and max(map(cell_len, lines)) <= width - 3
    assert re.match(r"train a 1\s.*43%.*0:20", lines[0])
    assert ("22 network-epochs/s" in lines[0]) == (width >= 72)
    assert re.match(r"train a 2\s.*0:20", lines[1]) and "%" not in lines[1]
    if width >= 60:
        assert re.match(r"0 of 3 jobs\s.*%.*0:20, about \d+ .* left", lines[2])


def test_no_more_lines_than_fit(run):
    jobs = [planned(number) for number in range(100)]
    one = run(jobs)
    for job in jobs:
        one.begins(job)
    one.display._console = Console(width=80, height=10, file=io.StringIO())
    one.display._console.print(one.display.drawn())
    lines = one.display._console.file.getvalue().splitlines()
    one.display._console = None
    assert len(lines) == 8 and lines[-2].startswith("and 94 more")


def test_messages_that_make_no_sense_break_nothing(run):
    job = planned(1)
    one = run([job])
    one.begins(job)
    voice = one.voice(job)
    voice.say(total="many", done=1, unit=3)
    voice.say(done=None)
    voice.say(total=3)
    Voice(one.display._ears.folder, "somebody else").say(warn="hello")
    one.ends(job)
    assert one.close()[-1] == "1 job in 0 s."
