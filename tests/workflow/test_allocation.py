"""One allocation, Snakemake inside: what the script says, what it refuses, how it ends.

How it ends is tried with stand-ins for SLURM's commands and for Snakemake, which note what is asked
of them; with `slurm`, with the real ones.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from made.slurm import Slurm

from layeratlas.cli import main
from layeratlas.errors import ConfigError
from layeratlas.storage import read_manifest
from layeratlas.workflow.allocation import Allocation, batch_script, progress
from layeratlas.workflow.allocation import main as tell_progress

ROOT = Path(__file__).resolve().parents[2]


def options(text: str) -> dict[str, str]:
    """The options of sbatch in a script."""
    found = re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", text, re.M)
    assert len(found) == text.count("#SBATCH")
    return dict(found)


def sound(text: str, folder: Path) -> None:
    """Refuse what bash cannot parse, or in which shellcheck, if there is one, sees faults."""
    script = folder / "script.sh"
    script.write_text(text, encoding="utf-8")
    subprocess.run(["bash", "-n", script], check=True)
    if shutil.which("shellcheck"):
        told = subprocess.run(
            ["shellcheck", "--severity=warning", script], capture_output=True, text=True
        )
        assert told.returncode == 0, told.stdout


# --- what it says -------------------------------------------------------------------------------
def test_what_is_asked_of_slurm(tmp_path):
    asked = Allocation(
        hours=4,
        cpus=16,
        memory="24G",
        gpus=1,
        partition="long,short",
        account="phys-2",
        again=True,
    )
    text = batch_script(
        asked, ["figures/phase_diagram.pdf"], folder=ROOT, settings=["preset=paper"]
    )
    name = options(text).pop("job-name")
    assert options(text) == {
        "job-name": name,
        "dependency": "singleton",
        "nodes": "1",
        "ntasks": "1",
        "cpus-per-task": "16",
        "mem": "24G",
        "gres": "gpu:1",
        "time": "240",
        "partition": "long,short",
        "account": "phys-2",
        "signal": "B:TERM@300",
        "requeue": "",
        "open-mode": "append",
    }
    assert text.startswith("#!/bin/bash\n#SBATCH")
    assert "-- figures/phase_diagram.pdf &" in text and "--config preset=paper" in text
    assert "\nagain=yes\n" in text and "--workflow-profile profiles/gpu" in text
    sound(text, tmp_path)


def test_what_is_not_asked_for_is_left_to_the_cluster(tmp_path):
    text = batch_script(Allocation(hours=1), folder=ROOT)
    assert not {"mem", "gres", "partition", "account"} & options(text).keys()
    assert "\nagain=no\n" in text
    sound(text, tmp_path)


@pytest.mark.parametrize(
    ("gpus", "profile", "cards"), [(0, "default", 1), (1, "gpu", 1), (4, "gpu", 4)]
)
def test_cards_come_with_their_profile(tmp_path, gpus, profile, cards):
    for folder in (ROOT, tmp_path):
        text = batch_script(Allocation(hours=1, gpus=gpus), folder=folder)
        assert f"--workflow-profile profiles/{profile}" in text
        assert f"--resources gpu={cards} " in text
        assert options(text).get("gres") == (f"gpu:{gpus}" if gpus else None)


@pytest.mark.parametrize(
    ("hours", "minutes", "margin"),
    [(0.05, 3, 60), (0.5, 30, 180), (1.7, 102, 300), (72, 4320, 300)],
)
def test_the_margin_is_a_tenth_of_the_time(hours, minutes, margin):
    asked = Allocation(hours=hours)
    assert (asked.minutes, asked.margin) == (minutes, margin)


def test_allocations_in_one_folder_take_turns(tmp_path):
    names = [
        options(batch_script(Allocation(hours=1), folder=folder))["job-name"]
        for folder in (ROOT, ROOT, tmp_path)
    ]
    assert names[0] == names[1] != names[2]


ODD = 'it\'s; $(touch pwned) `touch pwned` "x" *'


def test_targets_settings_and_folders_are_one_word_each(tmp_path):
    folder = tmp_path / ODD
    folder.mkdir()
    text = batch_script(
        Allocation(hours=1), [ODD], folder=folder, settings=[f"data_dir={ODD}"], python=ODD
    )
    sound(text, tmp_path)
    (line,) = [line for line in text.splitlines() if line.endswith(" &")]
    assert shlex.split(line) == ["--config", f"data_dir={ODD}", "--", ODD, "&"]
    (there,) = [line for line in text.splitlines() if line.startswith("folder=")]
    assert shlex.split(there) == [f"folder={folder}"]
    # It is started in the clone, wherever results go.
    assert f"\ncd -- {ROOT} || exit 1\n" in text
    assert f"--directory {shlex.quote(str(folder))})" in text


@pytest.mark.parametrize(
    "given",
    [
        {"hours": 0},
        {"hours": -1},
        {"hours": float("nan")},
        {"hours": float("inf")},
        {"hours": 0.034},
        {"hours": 10_000},
        {"hours": 1, "cpus": 0},
        {"hours": 1, "gpus": -1},
        {"hours": 1, "gpus": 65},
        {"hours": 1, "memory": "lots"},
        {"hours": 1, "memory": "0G"},
        {"hours": 1, "memory": "16 G"},
        {"hours": 1, "partition": ""},
        {"hours": 1, "partition": "a b"},
        {"hours": 1, "partition": "a,,b"},
        {"hours": 1, "partition": "cpu\n#SBATCH --uid=root"},
        {"hours": 1, "partition": "$(id)"},
        {"hours": 1, "account": "a,b"},
        {"hours": 1, "account": "-x"},
        {"hours": 1, "account": "a;b"},
    ],
)
def test_what_is_refused(given):
    with pytest.raises(ConfigError) as error:
        Allocation(**given)
    option = {"memory": "mem"}.get(list(given)[-1], list(given)[-1])
    assert str(error.value).startswith(f"--{option} ") and "\n" not in str(error.value)


@pytest.mark.parametrize("target", ["", "-f", "--unlock", "a\nb", "a\x1b[2J"])
def test_targets_that_are_none(target):
    with pytest.raises(ConfigError):
        batch_script(Allocation(hours=1), [target], folder=ROOT)


@pytest.mark.parametrize("setting", ["preset", "=paper", "a b=c", "", "preset=a\nb"])
def test_settings_that_are_none(setting):
    with pytest.raises(ConfigError):
        batch_script(Allocation(hours=1), folder=ROOT, settings=[setting])


def test_the_command(capsys, tmp_path):
    given = ["allocation", "--hours", "2", "--cpus", "3", "--config", "preset=smoke", "--again"]
    assert main([*given, "--root", str(ROOT), "figures/x.pdf", "claims"]) == 0
    text = capsys.readouterr().out
    asked = Allocation(hours=2, cpus=3, again=True)
    targets = ["figures/x.pdf", "claims"]
    assert text == batch_script(asked, targets, folder=ROOT, settings=["preset=smoke"])
    assert main([*given, "--root", str(ROOT), "figures/x.pdf", "claims", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"script": text}
    for odd in (["--hours", "-1"], ["--partition", "a b"], ["--root", str(tmp_path / "none")]):
        assert main([*given, *odd]) == 2
        said = capsys.readouterr()
        assert said.out == "" and said.err.count("\n") == 1


# --- an environment in one file -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("environment.sqsh", '\nsquashfuse {file} "$place" || exit 1\n'),
        ("environment.tar", '\ntar --extract --file={file} --directory "$place" || exit 1\n'),
        ("environment.sif", "\npython=(apptainer exec --bind {root} {file} python)\n"),
    ],
)
def test_the_environment_may_be_one_file(tmp_path, name, expected):
    file = tmp_path / name
    file.touch()
    text = batch_script(Allocation(hours=1), folder=ROOT, image=file)
    assert expected.format(file=file, root=ROOT) in text
    sound(text, tmp_path)
    with pytest.raises(ConfigError, match="not there"):
        batch_script(Allocation(hours=1), folder=ROOT, image=tmp_path / f"no{name}")
    (tmp_path / "environment.iso").touch()
    with pytest.raises(ConfigError, match="one file is"):
        batch_script(Allocation(hours=1), folder=ROOT, image=tmp_path / "environment.iso")


def test_a_container_sees_the_card_the_clone_and_the_folder(tmp_path):
    file = tmp_path / "environment.sif"
    file.touch()
    text = batch_script(Allocation(hours=1, gpus=1), folder=tmp_path, image=file)
    binds = f"--nv --bind {tmp_path} --bind {ROOT} {file} python"
    assert f"python=(apptainer exec {binds})" in text


# --- progress -------------------------------------------------------------------------------------
def test_checkpoints_are_progress(tmp_path, capsys):
    state = tmp_path / "results/smoke/shards/tiny/0123456789abcdef.state.npz"
    state.parent.mkdir(parents=True)
    state.touch()
    (state.parent / "0123456789abcdef.plan.json").touch()
    os.utime(state, (1000, 1000))
    assert (progress(999, tmp_path).trainings, progress(1001, tmp_path).trainings) == (1, 0)
    assert tell_progress(["999", str(tmp_path)]) == 0
    assert "1 trainings" in capsys.readouterr().out
    assert tell_progress(["1001", str(tmp_path)]) == 1


# --- how it ends ----------------------------------------------------------------------------------
STAND_IN = r"""#!/bin/bash
echo "$(basename "$0") $*" >>"$TOLD"
case "$(basename "$0") $*" in
    squeue*--format=%A*) eval "$AT_WORK" ;;
    squeue*) echo N/A ;;
    scontrol\ show*)
        echo "JobId=7 JobState=$STATE Restarts=0"
        echo "   StartTime=2031-05-17T11:00:00 EndTime=${MOVED:-Unknown} Deadline=N/A"
        echo "   PreemptEligibleTime=2031-05-17T11:00:00 PreemptTime=$PREEMPTED"
        ;;
    scontrol\ requeue*) exit "$REFUSED" ;;
    python\ -m\ layeratlas.workflow.allocation*) exit "$STUCK" ;;
    python*--unlock) ;;
    python*) eval "$WORK" ;;
esac
"""


@dataclass
class Place:
    """A folder in which the script runs, and what it asked of whom."""

    folder: Path

    def script(self, **asked) -> Path:
        path = self.folder / "script.sh"
        python = str(self.folder / "bin" / "python")
        path.write_text(
            batch_script(
                Allocation(**{"hours": 1, **asked}), ["x"], folder=self.folder, python=python
            ).replace("\nmargin=300\n", "\nmargin=8\n"),
            encoding="utf-8",
        )
        return path

    def start(self, work: str, left: int = 600, again: bool = False, **environment: str):
        """Run it, `left` seconds before the limit, with `work` in the place of Snakemake."""
        given = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "TOLD": str(self.told),
            "WORK": work,
            "STATE": "RUNNING",
            "PREEMPTED": "None",
            "REFUSED": "0",
            "STUCK": "0",
            "AT_WORK": "true",
            "SLURM_JOB_ID": "7",
            "SLURM_CPUS_PER_TASK": "3",
            "SLURM_JOB_END_TIME": str(int(time.time()) + left),
        }
        with (self.folder / "said").open("w", encoding="utf-8") as said:
            return subprocess.Popen(
                ["bash", self.script(again=again)],
                env=given | environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, work: str, *, left: int = 600, again: bool = False, **environment: str):
        """Its exit status and what it said."""
        with self.start(work, left, again, **environment) as process:
            status = process.wait(timeout=60)
        return status, self.said

    def run_told(self, work: str, *, left: int = 60, again: bool = False, **environment: str):
        """Its exit status, with SLURM's signal once Snakemake is at work."""
        with self.start(work, left, again, **environment) as process:
            self.wait_for(lambda: self.asked("ready"))
            os.kill(process.pid, signal.SIGTERM)
            return process.wait(timeout=60)

    @staticmethod
    def wait_for(condition: Callable[[], object]) -> None:
        for _ in range(300):
            if condition():
                return
            time.sleep(0.1)
        raise AssertionError("it did not come to that")

    @property
    def said(self) -> str:
        return (self.folder / "said").read_text(encoding="utf-8")

    @property
    def told(self) -> Path:
        return self.folder / "told"

    def asked(self, what: str) -> list[str]:
        """Calls that begin so."""
        lines = self.told.read_text(encoding="utf-8").splitlines() if self.told.exists() else []
        return [line for line in lines if line.startswith(what)]

    @property
    def note(self) -> Path:
        return self.folder / ".layeratlas" / "allocation"


@pytest.fixture
def place(tmp_path) -> Place:
    (tmp_path / "bin").mkdir()
    for name in ("squeue", "scontrol", "sbatch", "python"):
        (tmp_path / "bin" / name).write_text(STAND_IN, encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)
    return Place(tmp_path)


def test_all_is_done(place):
    status, said = place.run("true", SLURM_MEM_PER_NODE="4000")
    assert status == 0, said
    (line,) = place.asked("python")
    assert line.endswith(
        f"-m snakemake --workflow-profile profiles/default --directory {place.folder} "
        "--cores 3 --resources gpu=1 mem_mb=4000 -- x"
    )
    assert not place.asked("scontrol") and not place.asked("squeue") and not place.note.exists()


def test_it_is_for_slurm(place):
    status, said = place.run("true", SLURM_JOB_ID="")
    assert status != 0 and "sbatch" in said and not place.told.exists()


def test_what_failed_does_not_come_back(place):
    status, said = place.run("exit 3", again=True)
    assert status == 3 and "what failed" in said
    assert (
        not place.asked("scontrol requeue")
        and not place.asked("sbatch")
        and not place.note.exists()
    )


# A Snakemake with a job of its own, which goes on for a while when Snakemake is told.
WAITING = """
echo deadline $LAYERATLAS_DEADLINE
(
    trap 'echo the job was told' TERM
    until [ -e "$TOLD.terms" ]; do sleep 0.1; done
    sleep 1
    echo job done
) &
trap 'echo told >>"$TOLD.terms"' TERM
echo ready >>"$TOLD"
wait; wait
exit 1
"""
# One that ends when it is told to.
ENDING = """trap 'kill $!; exit 1' TERM; sleep 30 & echo ready >>"$TOLD"; wait"""


def test_the_signal_reaches_snakemake_alone_and_its_jobs_end(place):
    terms = Path(f"{place.told}.terms")
    with place.start(WAITING, again=True, left=60) as process:
        place.wait_for(lambda: place.asked("ready"))
        # SLURM's, to the batch shell; and once more.
        os.kill(process.pid, signal.SIGTERM)
        place.wait_for(terms.exists)
        os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=60)
    said = place.said
    assert "job done" in said and "the job was told" not in said
    assert terms.read_text() == "told\n"
    assert process.returncode == 1
    assert place.asked("scontrol requeue") == ["scontrol requeue 7"] and not place.asked("sbatch")
    end = int(re.search(r"deadline (\d+)", said)[1])
    # A quarter of the margin before it.
    assert 0 < end + 2 - time.time() < 60
    assert not place.note.exists()


def test_without_a_signal_the_clock_tells(place):
    status, said = place.run(WAITING, left=12, again=True)
    assert status == 1 and "job done" in said
    assert Path(f"{place.told}.terms").read_text() == "told\n"
    assert place.asked("scontrol requeue")


def test_what_does_not_end_is_given_up_in_time_to_come_back(place):
    # A job of it hears no signal, but one to all.
    work = """(trap 'echo the job was told; exit' TERM; sleep 60 & wait) & trap '' TERM; wait"""
    status, said = place.run(work, left=12, again=True)
    assert status == 128 + signal.SIGKILL, said
    place.wait_for(lambda: "the job was told" in place.said)
    assert place.asked("scontrol requeue")
    # Snakemake's lock was left: so is the note that says whose it is.
    assert place.note.read_text() == "7\n"


@pytest.mark.parametrize(
    ("case", "again", "comes_back"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"STUCK": "1"}, True, False),
        ({"STATE": "COMPLETING"}, True, False),
        ({"STATE": "CANCELLED"}, True, False),
    ],
)
def test_work_comes_back_while_there_is_progress(place, case, again, comes_back):
    assert place.run_told(ENDING, again=again, **case) == 1
    assert bool(place.asked("scontrol requeue")) == comes_back, place.said


@pytest.mark.parametrize(("minutes", "comes_back"), [(1, True), (60, False)])
def test_a_limit_that_was_moved_counts(place, minutes, comes_back):
    moved = time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + 60 * minutes))
    place.run_told(ENDING, left=3600, again=True, MOVED=moved)
    assert bool(place.asked("scontrol requeue")) == comes_back, place.said


def test_where_requeueing_is_refused_the_script_is_handed_in(place):
    place.run_told(ENDING, again=True, REFUSED="1")
    assert place.asked("sbatch") == [f"sbatch {place.folder}/script.sh"]


def test_what_is_preempted_comes_back_by_one_way(place):
    place.run_told(ENDING, left=600, PREEMPTED="2031-05-17T12:00:00", STUCK="1")
    assert place.asked("scontrol requeue") == ["scontrol requeue 7"] and not place.asked("sbatch")
    place.told.unlink()
    # SLURM has requeued it already.
    place.run_told(ENDING, left=600, again=True, STATE="COMPLETING")
    assert not place.asked("scontrol requeue")


@pytest.mark.parametrize("before", ["7", "6"])
def test_a_killed_allocation_leaves_a_lock_that_the_next_takes_away(place, before):
    place.note.parent.mkdir()
    place.note.write_text(f"{before}\n")
    status, said = place.run("true", AT_WORK="echo 7; echo 8")
    assert status == 0, said
    unlock, made = place.asked("python")
    assert unlock.endswith("--unlock") and made.endswith("-- x")
    assert not place.note.exists()


@pytest.mark.parametrize("at_work", ["echo 7; echo 6", "exit 1"])
def test_one_at_a_time_works_in_a_folder(place, at_work):
    place.note.parent.mkdir()
    place.note.write_text("6\n")
    status, said = place.run("true", AT_WORK=at_work)
    assert status == 1 and "job 6 is at work" in said
    assert not place.asked("python") and place.note.read_text() == "6\n"


def test_nothing_starts_when_no_time_is_left(place):
    status, said = place.run("true", left=5)
    assert status == 1 and "before it could start" in said
    assert not place.asked("python") and not place.note.exists()


# --- with SLURM itself ----------------------------------------------------------------------------
@dataclass
class HandedIn:
    """A script in the queue of a cluster."""

    slurm: Slurm
    folder: Path
    job: str

    @classmethod
    def by(cls, slurm: Slurm, folder: Path, asked: Allocation, *targets: str, **settings: str):
        """Printed for a clone and handed in for its node n1, whose CPUs are four."""
        given = [f"{name}={value}" for name, value in {"preset": "smoke", **settings}.items()]
        script = folder / "allocation.sh"
        script.write_text(batch_script(asked, targets, folder=folder, settings=given))
        told = slurm.ask(
            *("sbatch", "--parsable", "--nodelist=n1", f"--output={folder}/slurm-%j.out"),
            str(script),
        )
        return cls(slurm, folder, told.strip())

    @property
    def said(self) -> str:
        path = self.folder / f"slurm-{self.job}.out"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def told(self, name: str) -> str:
        job = self.slurm.ask("scontrol", "show", "job", self.job)
        return re.findall(rf"\b{name}=(\S+)", job)[0]

    def wait_for(self, condition: Callable[[], bool], seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            state = self.told("JobState")
            assert state not in ("FAILED", "TIMEOUT") and time.monotonic() < deadline, self.said
            time.sleep(0.5)


@pytest.mark.slurm
@pytest.mark.slow
def test_one_allocation_makes_the_figure(slurm, project, finished_once):
    before = set(slurm.jobs())
    figure = "figures/maps/tiny/data_separation.pdf"
    asked = Allocation(hours=0.2, cpus=4, memory="6000M", partition="cpu")
    made = HandedIn.by(slurm, project.folder, asked, figure)
    made.wait_for(lambda: made.told("JobState") not in ("PENDING", "RUNNING", "COMPLETING"))
    assert made.told("JobState") == "COMPLETED", made.said
    cube = "results/smoke/cubes/tiny.zarr.zip"
    expected = read_manifest(finished_once.folder / cube).content_hash
    assert read_manifest(project.folder / cube).content_hash == expected
    assert (project.folder / figure).is_file()
    assert set(slurm.jobs()) - before == {made.job}


@pytest.mark.slurm
@pytest.mark.slow
def test_an_allocation_comes_back_after_preemption_and_after_its_time(slurm, project):
    """A long training in allocations of three minutes: one job of SLURM, never two."""
    before = set(slurm.jobs())
    model = {"depth": 3, "width": 256}
    training = {"epochs": 10**7, "batch_size": 32, "early_stop": None}
    project.write(model=model, training=training)
    asked = Allocation(hours=0.05, cpus=4, memory="6000M", partition="cpu", again=True)
    figure = "figures/maps/tiny/data_separation.pdf"
    long = HandedIn.by(slurm, project.folder, asked, figure, save_every="1")
    states = project.folder / "results/smoke/shards/tiny"
    long.wait_for(lambda: any(states.glob("*.state.npz")))
    urgent = ("sbatch", "--parsable", "--partition=urgent", "--nodelist=n1", "--cpus-per-task=4")
    other = slurm.ask(*urgent, "--mem=100", "--output=/dev/null", "--wrap=sleep 3").strip()
    # Preempted, it comes back as the same job and takes Snakemake's lock away.
    long.wait_for(lambda: long.told("Restarts") == "1" and "locked" not in long.said[-400:])
    long.wait_for(lambda: long.told("Restarts") == "1" and long.told("JobState") == "RUNNING")
    # Its time ends: Snakemake is told, the training puts its state down, the job comes back.
    long.wait_for(lambda: long.told("Restarts") == "2")
    assert re.search(r"[1-9]\d* trainings have a later checkpoint", long.said), long.said
    assert "cannot be locked" not in long.said
    assert set(slurm.jobs()) - before == {long.job, other}
    # Cancelled, it stays so; what it left keeps nobody out.
    long.wait_for(lambda: long.told("JobState") == "RUNNING")
    slurm.ask("scancel", long.job)
    long.wait_for(lambda: long.told("JobState") == "CANCELLED")
    project.write()
    again = HandedIn.by(slurm, project.folder, replace(asked, hours=0.2), figure)
    again.wait_for(lambda: again.told("JobState") not in ("PENDING", "RUNNING", "COMPLETING"))
    assert again.told("JobState") == "COMPLETED", again.said
    assert set(slurm.jobs()) - before == {long.job, other, again.job}
