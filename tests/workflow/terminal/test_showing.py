"""What a user sees: the real Snakemake on the tiny experiment, on a terminal and without one."""

from __future__ import annotations

import io
import os
import re
import subprocess

import pytest
from made.screen import on_terminal

from layeratlas.workflow.terminal.showing import CHOICE, is_live

MAP = "figures/maps/tiny/data_separation.pdf"
#: Words of Snakemake's own that nobody should see.
TALK = ("Building DAG", "Select jobs", "Job stats", "Finished jobid", "resources:", "jobid:",
        "Complete log", "RuleException", "Provided cores", "SNAKEMAKE")  # fmt: skip
#: Of Snakemake's command line, before any logger is there.
SAID_BY_SNAKEMAKE = "Using workflow specific profile"
PLANTED = "raise ValueError('planted')"


def environment(project, **given) -> dict[str, str]:
    usual = {key: text for key, text in os.environ.items() if key != CHOICE}
    source = str(project.folder / "src")
    return {**usual, "PYTHONPATH": source, **given}


def piped(project, *arguments: str, **given) -> subprocess.CompletedProcess:
    """Snakemake without a terminal; of the arguments the last is the target."""
    command = project.command(arguments[-1], options=arguments[:-1])
    return subprocess.run(
        command, cwd=project.folder, capture_output=True, text=True, timeout=600,
        env=environment(project, **given),
    )  # fmt: skip


def own(text: str) -> list[str]:
    """Lines of the display: all but the one that Snakemake prints before any logger is there."""
    return [line for line in text.splitlines() if SAID_BY_SNAKEMAKE not in line]


def break_drawing(project) -> None:
    path = project.folder / "scripts" / "draw_map.py"
    text = path.read_text(encoding="utf-8")
    start = "with job(snakemake) as this:\n"
    noise = "    import sys\n\n    print('noise', file=sys.stderr)\n"
    assert start in text
    path.write_text(text.replace(start, f"{start}{noise}    {PLANTED}\n"), encoding="utf-8")


# --- without a terminal ---------------------------------------------------------------------------
@pytest.fixture(scope="module")
def ran(clone):
    """The whole of the tiny experiment without a terminal: what was said, and the clone."""
    return piped(clone, MAP), clone


@pytest.fixture
def finished(ran, tmp_path):
    """A clone in which all that is done; to be changed at will."""
    return ran[1].copy(tmp_path / "project")


def test_plain_lines_where_there_is_no_terminal(ran):
    done, project = ran
    lines = own(done.stderr)
    assert done.returncode == 0 and done.stdout == ""
    assert lines[0] == f"{MAP} at preset smoke"
    assert lines[1] == (
        "  5 jobs: prepare_dataset 1 · train 1 · measure 1 · assemble_cube 1 · draw_map 1"
    )
    assert re.fullmatch(
        r"  about \d+ (seconds|minutes?), 2 at a time, by their sizes alone", lines[2]
    )
    finished = [line for line in lines if re.match(r"\[\d/5\] ", line)]
    assert [line.split()[1] for line in finished] == [
        "prepare_dataset", "train", "measure", "assemble_cube", "draw_map",
    ]  # fmt: skip
    assert all("left" in line for line in finished[:-1])
    assert lines[-2] == f"{MAP} (also .png, .svg)"
    assert re.fullmatch(r"5 jobs in (\d+ min )?\d+ s\.", lines[-1])
    assert not any(word in done.stderr for word in TALK) and "\x1b" not in done.stderr
    # Nothing of it went to the jobs' logs, which are there and empty.
    logs = list((project.folder / "results/smoke/logs").rglob("*.log"))
    assert all(not path.read_text().strip() for path in logs)


def test_where_all_is_there_it_says_so_and_where(ran):
    again = own(piped(ran[1], MAP).stderr)
    assert again[0].startswith("Nothing to be done") and again[-1] == f"{MAP} (also .png, .svg)"


def test_a_dry_run_says_what_would_run_why_and_how_long_it_took_before(finished):
    finished.edit("metrics/separation.py", "\n_TOUCHED = 1\n")
    done = piped(finished, "-n", MAP)
    lines = own(done.stdout)
    assert done.returncode == 0
    assert lines[0] == "3 jobs would run:"
    reasons = dict(re.findall(r"^  (\w+) +1  (.+)$", done.stdout, re.M))
    assert reasons == {
        "measure": "its code has changed",
        "assemble_cube": "what it reads is made first",
        "draw_map": "what it reads is made first",
    }
    assert lines[-2].endswith("as such jobs took here before")
    assert lines[-1] == "This was a dry run: nothing was made."
    assert max(map(len, lines)) <= 80


def test_a_failed_jobs_sentence_is_the_last_with_its_log(finished):
    break_drawing(finished)
    log = "results/smoke/logs/draw_map/tiny-data_separation.log"
    done = piped(finished, "--show-failed-logs", MAP)
    assert done.returncode == 1
    assert own(done.stderr)[-2:] == [
        "draw_map tiny data_separation: ValueError: planted", f"  log: {log}",
    ]  # fmt: skip
    assert not any(word in done.stderr for word in TALK)
    # What libraries print, and where it broke, is in the log, once; Snakemake's option shows it.
    told = (finished.folder / log).read_text()
    assert "noise" in told and told.count("Traceback") == 1 and PLANTED in told
    assert done.stderr.count("  noise\n") == 1 and done.stderr.count(PLANTED) == 1


def test_snakemakes_own_words_under_verbose(finished):
    finished.edit("figures/maps.py", "\n_TOUCHED = 1\n")
    done = piped(finished, "-n", "--verbose", MAP)
    told = done.stdout + done.stderr
    assert done.returncode == 0 and "Building DAG of jobs..." in told
    assert "rule draw_map:" in told and "would run:" not in told


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("--list", "draw_map"),
        ("--quiet=all", ""),
        pytest.param("--lint", "good condition", marks=pytest.mark.slow),
        pytest.param("--dag", "digraph", marks=pytest.mark.slow),
        pytest.param("--summary", MAP, marks=pytest.mark.slow),
    ],
)
def test_what_is_no_run_is_as_ever(ran, option, expected):
    done = piped(ran[1], option, MAP)
    told = done.stdout + "\n".join(own(done.stderr))
    assert done.returncode == 0 and "would run:" not in told
    assert expected in told if expected else not told


def test_what_is_refused_is_said_once_and_last(ran):
    done = piped(ran[1], "figures/nope.pdf")
    assert done.returncode == 1
    (line,) = own(done.stderr)
    assert line.startswith("Error: There is no figure 'nope.pdf'.")


# --- on a terminal --------------------------------------------------------------------------------
def on(project, *arguments: str, **given):
    return on_terminal(project.command(*arguments), project.folder, environment(project), **given)


def test_one_line_a_job_and_one_overall_on_a_terminal_and_what_failed_last(finished):
    finished.write(training={"epochs": 5000, "batch_size": 32, "early_stop": None})
    break_drawing(finished)
    screen = on(finished, MAP)
    assert screen.code == 1 and not screen.cursor_hidden
    lines = [line for line in screen.lines if "default" not in line and "arguments" not in line]
    assert lines[0] == f"{MAP} at preset smoke"
    assert lines[1] == "  4 jobs: train 1 · measure 1 · assemble_cube 1 · draw_map 1"
    # What was redrawn is gone; what failed stays.
    assert lines[3] == "draw_map tiny data_separation failed"
    assert lines[-2] == "draw_map tiny data_separation: ValueError: planted"
    assert lines[-1] == "  log: results/smoke/logs/draw_map/tiny-data_separation.log"
    assert not any(word in screen.raw.decode() for word in (*TALK, "Traceback", "noise"))
    # While it ran: the job at work, its rate, and the whole with the time left.
    seen = [state.splitlines() for state in screen.seen]
    running = [state for state in seen if any(re.match(r"train tiny .*\d+%", x) for x in state)]
    assert running, "the training's line was seen"
    assert any(re.search(r"network-epochs/s +\d+:\d\d$", x) for state in running for x in state)
    whole = [x for state in running for x in state if re.match(r"\d of 4 jobs ", x)]
    assert any(re.search(r"\d:\d\d, about .* left$", x) for x in whole)
    # A state may be of a moment in which lines are being rewritten, but none has two of a kind.
    for state in running:
        assert len([x for x in state if x.startswith("train tiny")]) == 1


@pytest.mark.slow
def test_ctrl_c_leaves_the_terminal_as_it_was_and_says_how_to_go_on(finished):
    finished.write(training={"epochs": 1_000_000, "batch_size": 32, "early_stop": None})
    at_work = re.compile(r"^train tiny .* \d+%.*/s", re.M)
    screen = on(finished, MAP, press=(lambda shown: bool(at_work.search(shown)), b"\x03"))
    assert screen.code == 1 and not screen.cursor_hidden
    last = " ".join(screen.lines[-2:])
    assert "Stopped: 0 of 4 jobs done" in last
    assert last.endswith("What is finished stays; the same command goes on from there.")
    assert not re.search(r"^train tiny", screen.text, re.M), "no line of what was redrawn is left"
    assert not any(word in screen.text for word in (*TALK, "Traceback", "failed"))
    log = next(
        path.read_text()
        for path in (finished.folder / "results/smoke/logs/train").rglob("*.log")
        if path.read_text()
    )
    assert "it goes on from its checkpoint" in log


# --- which way ------------------------------------------------------------------------------------
class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "live"),
    [
        (Terminal(), {"TERM": "xterm"}, True), (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {}, False), (io.StringIO(), {"TERM": "xterm"}, False),
        (io.StringIO(), {CHOICE: "live"}, True),
        (Terminal(), {"TERM": "xterm", CHOICE: "lines"}, False),
    ],
)  # fmt: skip
def test_lines_are_redrawn_where_they_can_be(stream, environment, live):
    assert is_live(stream, environment) == live
